// Started with --expose-gc and the name of a case: prints how many bytes the process holds after what a hostile server or many lives of a
// client did to it, above what it held before.
import net, { type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MQTTClient } from '../../generated/typescript/src/index.ts'

const CONNACK = Buffer.from('20020000', 'hex')

const serve = async (onConnect: (socket: Socket) => void): Promise<net.Server> => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => onConnect(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}
const portOf = (server: net.Server) => (server.address() as AddressInfo).port

const held = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    gc!()
    await sleep(20)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** What the server sends for a second after CONNACK, as fast as it is taken or piece by piece. */
const flooded = async (piece: () => Buffer, pause: number) => {
  let sent = 0
  const server = await serve((socket) => {
    socket.write(CONNACK)
    const send = () => {
      if (socket.destroyed) return
      const bytes = piece()
      sent += bytes.length
      if (socket.write(bytes) || pause > 0) setTimeout(send, pause)
      else socket.once('drain', send)
    }
    send()
  })
  const client = new MQTTClient('c1', '127.0.0.1', { port: portOf(server) })
  const before = await held()
  await client.connect()
  const stream = client.messages()
  void stream.next()
  await sleep(1000)
  // what this process, as the server, could not get rid of is not the client's
  const own = [...(await new Promise<number>((done) => server.getConnections((_, n) => done(n))).then((n) => Array(n)))].length
  const after = await held()
  if (sent === 0 || own === 0 || client.status !== 0) throw new Error(`sent ${sent}, status ${client.status}`)
  return after - before
}

const message = Buffer.concat([Buffer.from('30e8070001', 'hex'), Buffer.alloc(998, 'x')])
const many = Buffer.concat(Array.from({ length: 64 }, () => message))
let begun = false
const cases: Record<string, () => Promise<number>> = {
  stream: () => flooded(() => many, 0),
  announced: () =>
    flooded(() => {
      if (begun) return Buffer.alloc(100, 'x')
      begun = true
      return Buffer.from('30ffffff7f000161', 'hex')
    }, 10),
  dribble: () =>
    flooded(() => {
      if (begun) return Buffer.from('x')
      begun = true
      return Buffer.from('30ffff7f', 'hex')
    }, 5),
  lives: async () => {
    const server = await serve((socket) => socket.write(CONNACK))
    const silent = await serve(() => {})
    const states: ((client: MQTTClient) => unknown)[] = [
      () => {},
      (client) => void client.connect(),
      (client) => client.connect(),
      async (client) => {
        await client.connect()
        void client.publish('a', 'x', { qos: 1 })
        void client.subscribe('a', { qos: 1 }, () => {})
        void client.messages().next()
      },
    ]
    const live = async (i: number) => {
      const port = i % 10 === 0 ? portOf(silent) : portOf(server)
      const client = new MQTTClient(`c${i}`, '127.0.0.1', { port, keepalive: 60 })
      if (port === portOf(silent)) void client.connect()
      else await states[i % states.length](client)
      if (i % 3 === 0) client.close()
      await client.disconnect()
    }
    for (let i = 0; i < 100; i++) await live(i)
    const before = await held()
    for (let i = 0; i < 1000; i++) await live(i)
    return (await held()) - before
  },
}

process.stdout.write(String(await cases[process.argv[2]]()))
process.exit()
