// The embedded client, minified, with its Node adapter against Mosquitto over TCP and TLS: every call of the API, each profile, and the
// example.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Adapter, MQTTClient as Client, Options } from '../generated/embedded-js/full/umqtt.cjs'
import { type Mosquitto, startMosquitto } from './support/brokers.ts'
import { type Certs, makeCerts } from './support/certs.ts'
import { missing } from './support/missing.ts'
import { root } from './support/targets.ts'

const require = createRequire(import.meta.url)
const folder = join(root, 'generated/embedded-js')
const adapter = require(join(folder, 'adapters/node.cjs')) as Adapter
const load = (file: string) => (require(join(folder, file)) as { MQTTClient: typeof Client }).MQTTClient

const until = async (condition: () => boolean, what = 'it') => {
  const deadline = performance.now() + 5000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what}: not so after 5 s`)
    await sleep(5)
  }
}
/** A call as a promise of [error, result]. */
const done = <T>(call: (callback: (error: number, result?: T) => void) => unknown): Promise<[number, T | undefined]> =>
  new Promise((resolve) => call((error, result) => resolve([error, result])))

describe.skipIf(missing('mosquitto', 'openssl'))('with Mosquitto', () => {
  let certs: Certs
  let broker: Mosquitto
  const clients: Client[] = []
  let ticks: NodeJS.Timeout
  beforeAll(async () => {
    certs = makeCerts()
    broker = await startMosquitto({ tls: { server: certs.server, ca: certs.ca } })
    ticks = setInterval(() => {
      for (const client of clients) client.check_msg()
    }, 20)
  })
  afterAll(async () => {
    clearInterval(ticks)
    for (const client of clients) client.disconnect()
    await broker.remove()
    certs.remove()
  })
  const make = (profile: string, id: string, options: Partial<Options> = {}) => {
    const MQTTClient = load(`${profile}/umqtt.min.cjs`)
    const client = new MQTTClient(id, '127.0.0.1', { adapter, port: broker.port, keepalive: 60, ...options })
    clients.push(client)
    const heard: string[] = []
    client.set_callback((topic, message) => heard.push(`${topic} ${Buffer.from(message)}`))
    return { client, heard }
  }

  it.each(['full', 'std', 'tiny'])('%s: a message there and back', async (profile) => {
    const { client, heard } = make(profile, `ejs-${profile}`)
    expect(client.get_mqttsta()).toBe(-1)
    expect(await done<boolean | number>((cb) => client.connect(true, cb))).toEqual([0, 0])
    expect(client.get_mqttsta()).toBe(0)
    expect(await done((cb) => client.subscribe(`${profile}/#`, 0, cb))).toEqual([0, [0]])
    expect(await done((cb) => client.publish(`${profile}/°C`, '21.5 温度 😀', false, 0, cb))).toEqual([0, undefined])
    await until(() => heard.length === 1)
    expect(heard).toEqual([`${profile}/°C 21.5 温度 😀`])
    if (profile !== 'tiny') expect(await done((cb) => client.unsubscribe(`${profile}/#`, cb))).toEqual([0, undefined])
    expect(client.ping()).toBe(0)
    client.disconnect()
    expect(client.get_mqttsta()).toBe(-1)
  })

  it('every QoS, large and empty payloads, bytes and lists', async () => {
    const { client, heard } = make('full', 'ejs-qos')
    await done((cb) => client.connect(true, cb))
    const filters: [string, number][] = [
      ['q/0', 0],
      ['q/1', 1],
      ['q/2', 2],
    ]
    expect(await done((cb) => client.subscribe(filters, undefined, cb))).toEqual([0, [0, 1, 2]])
    for (const [topic, qos] of filters) {
      expect(await done((cb) => client.publish(topic, new Uint8Array(0), false, qos, cb))).toEqual([0, undefined])
      expect(await done((cb) => client.publish(topic, 'x'.repeat(100_000), false, qos, cb))).toEqual([0, undefined])
    }
    await until(() => heard.length === 6)
    expect(heard.map((h) => h.length)).toEqual([4, 100_004, 4, 100_004, 4, 100_004])
    expect(
      await done((cb) =>
        client.unsubscribe(
          filters.map(([filter]) => filter),
          cb,
        ),
      ),
    ).toEqual([0, undefined])
  })

  it('what is wrong is refused with its number, and the rule', async () => {
    const { client } = make('full', 'ejs-wrong')
    const calls: [number, number | undefined][] = []
    const note = (error: number, rule?: unknown) => calls.push([error, rule as number])
    expect(client.publish('t', 'x', false, 1, note)).toBe(256)
    await done((cb) => client.connect(true, cb))
    expect(client.publish('a/+', 'x', false, 0, note)).toBe(263)
    expect(client.publish('\ud800', 'x', false, 0, note)).toBe(263)
    expect(client.subscribe('a#', 0, note as never)).toBe(263)
    expect(calls.map(([error]) => error)).toEqual([256, 263, 263, 263])
    expect(new Set(calls.slice(1).map(([, rule]) => rule)).size).toBe(3)
    const { client: odd } = make('full', 'ejs-odd', { keepalive: 70_000 })
    expect((await done((cb) => odd.connect(true, cb)))[0]).toBe(263)
  })

  it('a will, a retained message, wait_msg, and an error in the callback', async () => {
    const { client, heard } = make('full', 'ejs-watch')
    await done((cb) => client.connect(true, cb))
    await done((cb) => client.subscribe('will/#', 1, cb))
    const waiting = done((cb) => client.wait_msg(cb))
    const { client: mortal } = make('full', 'ejs-mortal')
    expect(mortal.set_last_will('will/mortal', 'gone', true, 1)).toBe(0)
    await done((cb) => mortal.connect(true, cb))
    mortal.close()
    expect((await waiting)[0]).toBe(0)
    expect(heard).toEqual(['will/mortal gone'])
    const errors: number[] = []
    client.error_register_cb((error) => errors.push(error))
    client.set_callback(() => {
      throw new Error('thrown on purpose')
    })
    await done((cb) => client.publish('will/x', 'y', false, 1, cb))
    await until(() => errors.length === 1)
    expect(errors).toEqual([269])
    client.close()
    expect((await done((cb) => client.wait_msg(cb)))[0]).toBe(256)
  })

  it('publishing in the callback at every QoS, and two clients in each other’s callbacks', async () => {
    const one = make('full', 'ejs-one').client
    const two = make('full', 'ejs-two').client
    for (const client of [one, two]) {
      await done((cb) => client.connect(true, cb))
      await done((cb) => client.subscribe('ping/#', 2, cb))
    }
    const seen: string[] = []
    one.set_callback((topic) => {
      seen.push(`one ${topic}`)
      if (topic === 'ping/a') for (const qos of [0, 1, 2]) two.publish(`ping/b${qos}`, '', false, qos)
    })
    two.set_callback((topic) => {
      seen.push(`two ${topic}`)
      if (topic === 'ping/b2') one.publish('ping/c', '', false, 2)
    })
    await done((cb) => one.publish('ping/a', '', false, 1, cb))
    await until(() => seen.length === 10, seen.join())
    expect(seen.filter((s) => s.endsWith('c'))).toHaveLength(2)
  })

  it('is connected again after the broker was gone, and subscribed', { timeout: 20_000 }, async () => {
    const { client, heard } = make('full', 'ejs-again', { reconnect_delay: 50 })
    const events: string[] = []
    client.progress_register_cb((event) => events.push(String(event)))
    await done((cb) => client.connect(true, cb))
    await done((cb) => client.subscribe('again/#', 1, cb))
    await broker.restart()
    await until(() => events.length === 3, events.join())
    expect(client.get_mqttsta()).toBe(0)
    await done((cb) => client.publish('again/x', 'here', false, 1, cb))
    await until(() => heard.length === 1)
    expect(events).toEqual(['connect', 'lost', 'connect'])
  })

  it('TLS: with the CA, and not without', async () => {
    const tls = { port: broker.tlsPort, ssl: true }
    const { client, heard } = make('full', 'ejs-tls', {
      ...tls,
      ssl_params: { ca: readFileSync(certs.ca, 'utf8'), server_hostname: 'localhost' },
    })
    expect((await done((cb) => client.connect(true, cb)))[0]).toBe(0)
    await done((cb) => client.subscribe('tls', 0, cb))
    client.publish('tls', 'secret')
    await until(() => heard.length === 1)
    const { client: stranger } = make('full', 'ejs-stranger', tls)
    expect((await done((cb) => stranger.connect(true, cb)))[0]).toBe(265)
  })

  it('TLS: with a certificate of the client whose key is encrypted', async () => {
    const strict = await startMosquitto({ tls: { server: certs.server, ca: certs.ca, requireClientCert: true } })
    const [ca, cert, key] = [certs.ca, certs.client.cert, certs.client.key].map((file) => readFileSync(file, 'utf8'))
    const ssl_params = { ca, cert, key, passphrase: certs.client.passphrase, server_hostname: 'localhost' }
    const { client } = make('full', 'ejs-own', { port: strict.tlsPort, ssl: true, ssl_params })
    expect((await done((cb) => client.connect(true, cb)))[0]).toBe(0)
    client.disconnect()
    await strict.remove()
  })

  it('the example of the document', async () => {
    const command = [join(folder, 'examples/node.cjs'), '127.0.0.1', String(broker.port), 'ejs-example', '4']
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 20_000 })
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(':')[1].trim().split(' ')[0]),
    ).toEqual(['HaaSRegister', 'HaaSUser', 'HaaSRegister', 'HaaSUser'])
  })
})
