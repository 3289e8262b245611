// The examples of the TypeScript client, run as their first lines say, and the demo that shows the first of them.
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MQTTClient } from '../generated/typescript/src/index.ts'
import { type EmbeddedBroker, missing, startAedes } from './support/brokers.ts'
import { makeCerts } from './support/certs.ts'
import { root } from './support/targets.ts'

let broker: EmbeddedBroker
beforeAll(async () => {
  broker = await startAedes()
})
afterAll(() => broker.remove())

const command = (name: string, args: unknown[]) => ['--import', 'tsx', `generated/typescript/examples/${name}.ts`, ...args.map(String)]
const run = async (name: string, ...args: unknown[]) =>
  (await promisify(execFile)(process.execPath, command(name, args), { cwd: root, timeout: 30_000 })).stdout

describe('examples', () => {
  test('the sensor publishes its readings, and says when it sleeps', async () => {
    await using watcher = new MQTTClient('watcher', '127.0.0.1', { port: broker.port })
    await watcher.connect()
    const seen: string[] = []
    await watcher.subscribe('sensors/#', { qos: 1 }, (topic, payload) => seen.push(`${topic} ${new TextDecoder().decode(payload)}`))
    await run('sensor', '127.0.0.1', broker.port, 's1', 2)
    expect(seen).toEqual([
      'sensors/s1/state here',
      'sensors/s1/temperature 20.0 °C',
      'sensors/s1/temperature 20.5 °C',
      'sensors/s1/state asleep',
    ])
  })

  test('the lamp answers its commands', async () => {
    await using owner = new MQTTClient('owner', '127.0.0.1', { port: broker.port })
    await owner.connect()
    await owner.subscribe('lamps/l1/answer', { qos: 1 })
    const child = spawn(process.execPath, command('commands', ['127.0.0.1', broker.port, 'l1', 2]), { cwd: root })
    const ended = new Promise((done) => child.on('exit', done))
    const answers = owner.messages()
    const again = setInterval(() => void owner.publish('lamps/l1/bright', '7', { qos: 1 }), 200)
    const first = await answers.next()
    clearInterval(again)
    expect(new TextDecoder().decode(first.value!.payload)).toBe('bright 7')
    await owner.publish('lamps/any/state', '?', { qos: 1 })
    expect(new TextDecoder().decode((await answers.next()).value!.payload)).toMatch(/lamps\/any\/state: on|bright 7/)
    expect(await ended).toBe(0)
  })

  test('the ledger gets each booking once, in order', async () => {
    const said = await run('kept-session', '127.0.0.1', broker.port, 'k1')
    expect(said.trim().split('\n')).toEqual(['the session was kept', 'booked one', 'booked two', 'booked three'])
  })

  test.skipIf(missing('openssl'))('TLS is spoken where the server is trusted, and only there', async () => {
    const certs = makeCerts()
    const secure = await startAedes({ tls: { cert: readFileSync(certs.server.cert), key: readFileSync(certs.server.key) } })
    expect(await run('tls', 'localhost', secure.tlsPort, certs.ca)).toBe('published\n')
    await expect(run('tls', 'localhost', secure.tlsPort, certs.otherCa)).rejects.toMatchObject({
      stderr: expect.stringContaining('not to be trusted'),
    })
    await secure.remove()
    certs.remove()
  })
})

test('the demo shows six messages, each packet explained, and ends', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'test/tools/demo.ts', '--server', `127.0.0.1:${broker.port}`],
    {
      cwd: root,
      timeout: 30_000,
    },
  )
  expect(stdout.match(/says: From Topic: HaaS(Register|User) {2}Message:/g)).toHaveLength(6)
  expect(stdout).toMatch(/CONNECT +"HaaS-typescript" asks for a clean session/)
  expect(stdout).toContain('DISCONNECT  leaves on purpose')
  expect(stdout).toContain('The listener heard 6 messages.')
})

test.skipIf(missing('g++', 'python3'))('the demo of all clients shows each of them say the same', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'test/tools/demo.ts', '--all'], {
    cwd: root,
    timeout: 110_000,
  })
  for (const client of ['typescript', 'cpp', 'embedded-js', 'micropython']) {
    expect(stdout.match(new RegExp(`^${client} says: From Topic: `, 'gm')), client).toHaveLength(6)
    expect(stdout).toMatch(new RegExp(`${client} ──▶ broker +DISCONNECT`))
  }
  expect(stdout).toContain('The listener heard 24 messages.')
})
