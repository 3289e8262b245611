// `npm run demo [-- --all] [-- --server mqtt://host]`: generates the clients, starts a broker inside this process (or uses yours), and lets
// the example of the umqtt document run on it while a second client listens. Each packet is explained as it passes.
// A target joins `--all` by a `demo:` command in its target.yaml; server, port and client id are appended.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { MQTTClient } from '../../generated/typescript/src/index.ts'
import { run as generate } from '../../generator/run.ts'
import { startAedes } from '../support/brokers.ts'
import { demoCommands, root } from '../support/targets.ts'
import { type BrokerAddress, startTap } from './demo-tap.ts'

const USAGE = 'usage: npm run demo [-- --all] [-- --server mqtt://host[:port]]'
const MINUTE = 60_000

const print = (line: string) => process.stdout.write(`${line}\n`)

const readOptions = () => {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false }, server: { type: 'string' } } })
  return values
}

const addressOf = (server: string): BrokerAddress => {
  const url = new URL(server.includes('://') ? server : `mqtt://${server}`)
  const secure = url.protocol === 'mqtts:'
  return { host: url.hostname, port: Number(url.port) || (secure ? 8883 : 1883), secure }
}

/** Runs one example on the tapped wire, its own words between the packets. */
const runExample = async (broker: BrokerAddress, target: string, command: string[]) => {
  print(`\n── ${target}: ${command.join(' ')}`)
  const tap = await startTap(broker, target, print)
  const child = spawn(command[0], [...command.slice(1), '127.0.0.1', String(tap.port), `HaaS-${target}`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => print(`${target} says: ${line}`))
  const timer = setTimeout(() => child.kill(), MINUTE)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  tap.close()
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code ?? 'a signal: it took longer than a minute'}`)
}

const main = async () => {
  const { all, server } = readOptions()
  if ((await generate(root, {})) !== 0) return 1
  const embedded = server === undefined ? await startAedes() : undefined
  const broker = embedded ? { host: '127.0.0.1', port: embedded.port, secure: false } : addressOf(server!)
  print(`broker: ${embedded ? `aedes, in this process, port ${broker.port}` : server}`)
  const scheme = broker.secure ? 'mqtts' : 'mqtt'
  await using listener = new MQTTClient(`umqtt-demo-${process.pid}`, `${scheme}://${broker.host}:${broker.port}`)
  let heard = 0
  await listener.connect()
  const hear = (topic: string, payload: Uint8Array) => {
    heard += 1
    print(`listener hears: ${topic}: ${new TextDecoder().decode(payload)}`)
  }
  for (const topic of ['HaaSRegister', 'HaaSUser']) await listener.subscribe(topic, { qos: 0 }, hear)
  const commands = demoCommands()
  for (const [target, command] of commands) if (all || target === 'typescript') await runExample(broker, target, command)
  print(`\nThe listener heard ${heard} messages.`)
  await listener.disconnect()
  await embedded?.remove()
  return 0
}

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n${USAGE}\n`)
  return 1
})
