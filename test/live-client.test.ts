// The Node client with real brokers, aedes and Mosquitto, in both versions: messages at every QoS, retained ones, wills, sessions kept and
// not, and a broker killed in the middle of ten thousand messages. TLS is live-tls.test.ts's.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientOptions, MQTTClient, type QoS, type Version } from '../generated/typescript/src/index.ts'
import { type Broker, missing, startAedes, startMosquitto } from './support/brokers.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const brokers: [string, boolean, () => Promise<Broker>][] = [
  ['aedes', false, () => startAedes()],
  [
    'mosquitto',
    missing('mosquitto'),
    () => startMosquitto({ persistence: true, config: ['max_queued_messages 0', 'max_inflight_messages 0'] }),
  ],
]
const versions: Version[] = [4, 3]

/** Waits until it is so, for 5 s at most. */
const until = async (condition: () => boolean, what: () => unknown = () => 'nothing') => {
  const deadline = performance.now() + 5000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still not so after 5 s: ${JSON.stringify(what())}`)
    await sleep(5)
  }
}

let count = 0
const unique = (name: string) => `${name}${++count}`

for (const [name, skip, start] of brokers) {
  describe.skipIf(skip).each(versions)(`${name}, version %i`, (version) => {
    let broker: Broker
    beforeAll(async () => {
      broker = await start()
    })
    afterAll(() => broker.remove())
    const make = (id: string, options: ClientOptions = {}) =>
      new MQTTClient(id, '127.0.0.1', { port: broker.port, version, keepalive: 60, reconnectDelay: 20, ...options })

    test('messages arrive at every QoS, whatever they hold', async () => {
      await using client = make(unique('all'))
      await client.connect()
      const seen: [string, number, number][] = []
      client.setCallback((topic, payload, { qos }) => seen.push([topic, payload.length, qos]))
      await client.subscribe(unique('温度/+').replace(/\d+$/, ''), { qos: 2 })
      const sizes = [0, 1, 127, 128, 16_384, 1 << 20]
      for (const qos of [0, 1, 2] as QoS[])
        for (const size of sizes) await client.publish('温度/°C', new Uint8Array(size).fill(qos), { qos })
      await until(
        () => seen.length === 3 * sizes.length,
        () => seen,
      )
      expect(seen).toEqual([0, 1, 2].flatMap((qos) => sizes.map((size) => ['温度/°C', size, qos])))
    })

    test('a retained message reaches who subscribes later, and its handler', async () => {
      const topic = unique('kept/')
      await using sender = make(unique('sender'))
      await sender.connect()
      await sender.publish(topic, 'still here', { retain: true, qos: 1 })
      await using late = make(unique('late'))
      await late.connect()
      const seen: string[] = []
      await late.subscribe(topic, { qos: 1 }, (_, payload, { retain }) => seen.push(`${text(payload)} ${retain}`))
      await until(() => seen.length === 1)
      expect(seen).toEqual(['still here true'])
      await sender.publish(topic, '', { retain: true, qos: 1 })
    })

    test('the will is published for who is gone without a word, and only then (G05)', async () => {
      await using watcher = make(unique('watcher'))
      await watcher.connect()
      const seen: string[] = []
      await watcher.subscribe('will/+', { qos: 1 }, (topic) => seen.push(topic))
      for (const end of ['disconnect', 'close'] as const) {
        const client = make(unique('mortal'))
        client.setLastWill(`will/${end}`, 'gone', { qos: 1 })
        await client.connect()
        await client[end]()
      }
      await until(() => seen.length > 0)
      expect(seen).toEqual(['will/close'])
    })

    test('a session kept has what came meanwhile, a clean one has not', async () => {
      const topic = unique('meanwhile/')
      const id = unique('sleeper')
      await using sender = make(unique('sender'))
      await sender.connect()
      const seen: string[] = []
      for (const cleanSession of [false, true]) {
        const sleeper = make(id)
        sleeper.setCallback((_, payload) => seen.push(text(payload)))
        await sleeper.connect({ cleanSession })
        await sleeper.subscribe(topic, { qos: 2 })
        await sleeper.disconnect()
        await sender.publish(topic, `clean ${cleanSession}`, { qos: 2 })
        const { sessionPresent } = await sleeper.connect({ cleanSession })
        expect(sessionPresent).toBe(version === 4 && !cleanSession)
        if (cleanSession) await sleep(50)
        else await until(() => seen.length === 1)
        await sleeper.disconnect()
      }
      expect(seen).toEqual(['clean false'])
      const end = make(id)
      await end.connect({ cleanSession: true })
      await end.disconnect()
    })

    test('subscriptions come back with their QoS when the broker was gone (G07)', async () => {
      await using client = make(unique('back'))
      await client.connect()
      const seen: number[] = []
      const topic = unique('back/')
      await client.subscribe(topic, { qos: 1 }, (_, __, { qos }) => seen.push(qos))
      await broker.restart()
      await until(() => client.status === 0)
      await client.publish(topic, 'x', { qos: 2 })
      await until(() => seen.length === 1)
      expect(seen).toEqual([1])
    })

    test('a loop that publishes for each message does not stall over 10,000', async () => {
      await using client = make(unique('loop'))
      await client.connect()
      const topic = unique('loop/')
      await client.subscribe(topic, { qos: 1 })
      const stream = client.messages()
      const first = stream.next()
      for (let i = 0; i < 50; i++) void client.publish(topic, String(i), { qos: 1 })
      await first
      let seen = 1
      for await (const message of stream) {
        if (++seen === 10_000) break
        await client.publish(topic, message.payload, { qos: 1 })
      }
      expect(seen).toBe(10_000)
    }, 60_000)
  })
}

describe.skipIf(missing('mosquitto')).each([1, 2] as QoS[])('ten thousand messages at QoS %i', (qos) => {
  test('survive the broker killed in their middle, in order, at QoS 2 once', async () => {
    const broker = await startMosquitto({ config: ['max_queued_messages 0'] })
    const options = { port: broker.port, reconnectDelay: 20, maxQueue: 20_000 }
    const sender = new MQTTClient('sender', '127.0.0.1', options)
    await sender.connect({ cleanSession: false })
    const total = 10_000
    let done = 0
    const all = Array.from({ length: total }, (_, i) =>
      sender.publish('many', String(i), { qos }).then(() => {
        done += 1
      }),
    )
    const killed: number[] = []
    while (done < total - 1000) {
      const before = done
      await until(
        () => done > before + 2000 || done > total - 1000,
        () => done,
      )
      if (done > total - 1000) break
      await broker.kill()
      killed.push(done)
      await sleep(30)
      await broker.restart()
    }
    await Promise.all(all)
    expect(done).toBe(total)
    expect(killed.length).toBeGreaterThan(1)
    await sender.disconnect()
    await broker.remove()
  }, 120_000)

  test('arrive in order and none is lost when the broker keeps its sessions', async () => {
    // Beyond its limit Mosquitto 2.0.11, started again, takes messages whose PUBREC it had for ones it never sent (with 0 all of them).
    const broker = await startMosquitto({ persistence: true, config: ['max_queued_messages 0', 'max_inflight_messages 20000'] })
    const options = { port: broker.port, reconnectDelay: 20, maxQueue: 20_000 }
    const total = 10_000
    const receiver = new MQTTClient('receiver', '127.0.0.1', options)
    const seen: number[] = []
    receiver.setCallback((_, payload) => seen.push(Number(text(payload))))
    await receiver.connect({ cleanSession: false })
    await receiver.subscribe('many', { qos })
    const sender = new MQTTClient('sender', '127.0.0.1', options)
    await sender.connect({ cleanSession: false })
    const all = Promise.all(Array.from({ length: total }, (_, i) => sender.publish('many', String(i), { qos })))
    for (const mark of [2000, 5000]) {
      await until(
        () => seen.length > mark,
        () => seen.length,
      )
      await broker.stop()
      await sleep(30)
      await broker.restart()
    }
    await all
    await until(
      () => seen.at(-1) === total - 1 && new Set(seen).size === total,
      () => [seen.length, new Set(seen).size],
    )
    const firsts = seen.filter((n, at) => seen.indexOf(n) === at)
    expect(firsts).toEqual(Array.from({ length: total }, (_, i) => i))
    if (qos === 2) expect(seen).toHaveLength(total)
    await sender.disconnect()
    await receiver.disconnect()
    await broker.remove()
  }, 120_000)
})
