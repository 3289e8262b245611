// `npm run demo [-- --all] [-- --firmware] [-- --server mqtt://host]`: generates the clients, starts a broker inside this process (or uses yours), and lets
// the example of the umqtt document run on it while a second client listens. Each packet is explained as it passes.
// `--firmware` boots the C++ firmware on an emulated board, whose UART is the connection. A target joins `--all` by a `demo:` command in its target.yaml; server, port and client id are appended.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { MQTTClient } from '../../generated/typescript/src/index.ts'
import { run as generate } from '../../generator/run.ts'
import { startAedes } from '../support/brokers.ts'
import { demoCommands, root } from '../support/targets.ts'
import { missingBoards } from './boards.ts'
import { type BrokerAddress, startTap } from './demo-tap.ts'
import { bootFirmware, buildFirmware } from './firmware.ts'

const USAGE = 'usage: npm run demo [-- --all] [-- --firmware] [-- --server mqtt://host[:port]]'
const MINUTE = 60_000

const print = (line: string) => process.stdout.write(`${line}\n`)

const readOptions = () => {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({ options: { all: flag, firmware: flag, server: { type: 'string' } } })
  return values
}

const addressOf = (server: string): BrokerAddress => {
  const url = new URL(server.includes('://') ? server : `mqtt://${server}`)
  const secure = url.protocol === 'mqtts:'
  return { host: url.hostname, port: Number(url.port) || (secure ? 8883 : 1883), secure }
}

/** Runs one example on the tapped wire, its own words between the packets. */
const runExample = async (broker: BrokerAddress, target: string, title: string, start: (port: number) => ChildProcess) => {
  print(`\n── ${target}: ${title}`)
  const tap = await startTap(broker, target, print)
  const child = start(tap.port)
  createInterface({ input: child.stdout! }).on('line', (line) => print(`${target} says: ${line}`))
  const timer = setTimeout(() => child.kill(), MINUTE)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  tap.close()
  if (code !== 0) throw new Error(`${title} ended with ${code ?? 'a signal: it took longer than a minute'}`)
}

const startCommand =
  (target: string, [program, ...words]: string[]) =>
  (port: number) =>
    spawn(program, [...words, '127.0.0.1', String(port), `HaaS-${target}`], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })

const runFirmware = async (broker: BrokerAddress) => {
  const elf = await buildFirmware(join(root, 'build/demo-firmware'))
  await runExample(broker, 'rv32imc', 'generated/cpp/firmware on an emulated rv32imc board', (port) => bootFirmware(elf, port))
}

const main = async () => {
  const { all, firmware, server } = readOptions()
  if (firmware && missingBoards('rv32imc')) return 1
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
  for (const [target, command] of commands)
    if (all || (target === 'typescript' && !firmware)) await runExample(broker, target, command.join(' '), startCommand(target, command))
  if (firmware) await runFirmware(broker)
  print(`\nThe listener heard ${heard} messages.`)
  await listener.disconnect()
  await embedded?.remove()
  return 0
}

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n${USAGE}\n`)
  return 1
})
