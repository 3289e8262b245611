// One measurement in a process of its own, printed: what a thousand idle clients or bare sockets take of RSS, in KB each, or messages in flight
// of heap, in bytes each. The server is a process, too, so that only the client's side counts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MQTTClient } from '../../../../generated/typescript/src/index.ts'

const SERVER = `
  const server = require('net').createServer((s) => s.on('error', () => {}).once('data', () => s.write(Buffer.from('20020000', 'hex'))).resume())
  server.listen(0, '127.0.0.1', 4096, () => console.log(server.address().port))`
const CLIENTS = 1000
const MESSAGES = 60_000

const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
const port = Number((await once(server.stdout, 'data'))[0])

const settled = async (): Promise<NodeJS.MemoryUsage> => {
  for (let i = 0; i < 4; i++) {
    gc!()
    await sleep(50)
  }
  return process.memoryUsage()
}

const kept: unknown[] = []
const client = async (): Promise<MQTTClient> => {
  const made = new MQTTClient('c', '127.0.0.1', { port, keepalive: 600, maxInflight: 65_535 })
  await made.connect()
  return made
}
const socket = async (): Promise<net.Socket> => {
  const made = net.connect({ port, host: '127.0.0.1', noDelay: true }).on('data', () => {})
  await once(made, 'connect')
  made.write(Buffer.from('100d00044d51545404020000000163', 'hex'))
  return made
}
const many = async (make: () => Promise<unknown>): Promise<number> => {
  for (let i = 0; i < 50; i++) kept.push(await make())
  const before = await settled()
  for (let i = 0; i < CLIENTS / 50; i++) kept.push(...(await Promise.all(Array.from({ length: 50 }, make))))
  return ((await settled()).rss - before.rss) / CLIENTS / 1000
}
const inflight = async (): Promise<number> => {
  const made = await client()
  const payload = new Uint8Array(20)
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) void made.publish('dev/12345678/temp', payload, { qos: 1 })
  }
  publish(1000)
  const before = await settled()
  publish(MESSAGES)
  return ((await settled()).heapUsed - before.heapUsed) / MESSAGES
}

const cases: Record<string, () => Promise<number>> = { idle: () => many(client), socket: () => many(socket), inflight }
process.stdout.write(String(await cases[process.argv[2]]()))
server.kill()
process.exit()
