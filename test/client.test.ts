// The Node client against a scripted server, byte by byte: when promises settle, what a turn writes, who is told what. What the session
// decides is the scenarios' concern; brokers are live-client.test.ts's.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Dial, ErrorCode, MQTTClient, MqttError } from '../generated/typescript/src/index.ts'
import { startScript } from './support/brokers-script.ts'
import { CONNACK, hex, outcome, pair, publish } from './support/scripted-client.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('connecting', () => {
  test('sends the canonical CONNECT and tells session present', async () => {
    const server = await startScript()
    const client = new MQTTClient('c1', `mqtt://127.0.0.1:${server.port}`, { keepalive: 60 })
    const connecting = client.connect({ cleanSession: false })
    const peer = await server.peer(0)
    expect(hex(await peer.packet())).toBe('100e00044d5154540400003c00026331')
    expect(client.getMqttsta()).toBe(1)
    await peer.send('20020100')
    expect(await connecting).toEqual({ sessionPresent: true })
    expect(client.status).toBe(0)
    await client.disconnect()
    await server.close()
  })

  test('a refusal carries its number, and nothing retries', async () => {
    const server = await startScript(async (peer) => {
      await peer.packet()
      await peer.send('20020005')
    })
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port, reconnectDelay: 1 })
    await expect(client.connect()).rejects.toMatchObject({ code: ErrorCode.NOT_AUTHORIZED, name: 'MqttError' })
    await sleep(50)
    expect(client.status).toBe(-1)
    expect(server.peers).toHaveLength(1)
    await server.close()
  })

  test('a port nobody listens on is a network error with the system’s cause', async () => {
    const server = await startScript()
    await server.close()
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
    await expect(client.connect()).rejects.toMatchObject({ code: ErrorCode.NETWORK_ERROR, cause: { code: 'ECONNREFUSED' } })
  })

  test('a second connect() ends the first', async () => {
    const server = await startScript()
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
    const first = client.connect()
    await (await server.peer(0)).packet()
    const second = client.connect()
    await expect(first).rejects.toMatchObject({ code: ErrorCode.ABORTED })
    const peer = await server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    await second
    await client.disconnect()
    await server.close()
  })

  test('a signal ends it, with its reason', async () => {
    const server = await startScript()
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
    await expect(client.connect({ signal: AbortSignal.abort('no') })).rejects.toMatchObject({ code: ErrorCode.ABORTED, cause: 'no' })
    expect(server.peers).toHaveLength(0)
    const controller = new AbortController()
    const connecting = client.connect({ signal: controller.signal })
    await server.peer(0)
    controller.abort('later')
    await expect(connecting).rejects.toMatchObject({ code: ErrorCode.ABORTED, cause: 'later' })
    await (await server.peer(0)).ended()
    await server.close()
  })

  test('servers are tried in turn, also when one is lost', async () => {
    const [down, one, two] = [await startScript(), await startScript(), await startScript()]
    await down.close()
    const urls = [down, one, two].map(({ port }) => `mqtt://127.0.0.1:${port}`)
    const client = new MQTTClient('c1', urls, { reconnectDelay: 1 })
    const connecting = client.connect()
    const peer = await one.peer(0)
    await peer.packet()
    await peer.send(CONNACK)
    await connecting
    const again = once(client, 'connect')
    await one.close()
    const next = await two.peer(0)
    await next.packet()
    await next.send(CONNACK)
    await again
    await client.disconnect()
    await two.close()
  })

  test('credentials are asked before every CONNECT', async () => {
    const server = await startScript()
    let asked = 0
    const credentials = async () => ({ user: 'u', password: `p${++asked}` })
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port, reconnectDelay: 1, credentials })
    const connecting = client.connect()
    for (const n of [1, 2]) {
      const peer = await server.peer(n - 1)
      expect(text(await peer.packet())).toContain(`p${n}`)
      await peer.send(CONNACK)
      if (n === 1) {
        await connecting
        peer.close()
      }
    }
    await client.disconnect()
    await server.close()
  })

  test('credentials that fail end the connect with their cause', async () => {
    const cause = new Error('vault closed')
    const client = new MQTTClient('c1', '127.0.0.1', { credentials: () => Promise.reject(cause) })
    await expect(client.connect()).rejects.toMatchObject({ code: ErrorCode.NETWORK_ERROR, cause })
    const wrong = new MQTTClient('c1', '127.0.0.1', { credentials: () => ({ password: 'p' }) })
    await expect(wrong.connect()).rejects.toMatchObject({ cause: { rule: 'password_without_username' } })
  })

  test('a URL brings its login along', async () => {
    const server = await startScript()
    const client = new MQTTClient('c1', `mqtt://us%20er:pa%40ss@127.0.0.1:${server.port}`)
    const connecting = client.connect()
    const packet = text(await (await server.peer(0)).packet())
    expect(packet).toContain('us er')
    expect(packet).toContain('pa@ss')
    client.close()
    await outcome(connecting)
    await server.close()
  })

  test.each([
    ['http://host', {}, undefined],
    ['host', { keepalive: 70_000 }, 'keepalive'],
    ['host', { version: 5 as 4 }, 'version'],
    ['host', { password: 'x' }, 'password_without_username'],
  ])('%s %j is refused at once', (server, options, rule) => {
    expect(() => new MQTTClient('c1', server, options)).toThrow(MqttError)
    try {
      new MQTTClient('c1', server, options)
    } catch (error) {
      expect(error).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, rule })
    }
  })

  test('any transport will do', async () => {
    const written: string[] = []
    const dial: Dial = (address, events) => {
      expect(address).toMatchObject({ host: 'somewhere', port: 1883 })
      queueMicrotask(() => events.opened())
      return {
        write: (bytes, done) => {
          written.push(hex(bytes))
          done()
          if (bytes[0] === 0x10) events.received(Buffer.from(CONNACK, 'hex'))
        },
        buffered: 0,
        pause: () => {},
        resume: () => {},
        end: () => events.closed(),
        hold: () => {},
      }
    }
    const client = new MQTTClient('c1', 'somewhere', { transport: dial })
    await client.connect()
    await client.publish('a', 'b')
    await client.disconnect()
    expect(written).toEqual(['100e00044d5154540402000000026331', '3004000161' + '62', 'e000'])
  })
})

describe('publishing', () => {
  test('settles when written, acknowledged, completed', async () => {
    await using p = await pair()
    await p.client.publish('a', 'q0')
    const q1 = p.client.publish('a', 'q1', { qos: 1 })
    const q2 = p.client.publish('a', 'q2', { qos: 2 })
    expect(hex(await p.peer.packet())).toBe(publish('q0'))
    expect(hex(await p.peer.packet())).toBe(publish('q1', 1, 1))
    expect(hex(await p.peer.packet())).toBe(publish('q2', 2, 2))
    expect(await outcome(q1)).toBe('pending')
    await p.peer.send('40020001')
    await q1
    await p.peer.send('50020002')
    expect(hex(await p.peer.packet())).toBe('62020002')
    expect(await outcome(q2)).toBe('pending')
    await p.peer.send('70020002')
    await q2
  })

  test('a turn is one write, however many packets', async () => {
    let writes = 0
    const { dial } = await import('../generated/typescript/src/transport.ts')
    const counting: Dial = (address, events) => {
      const link = dial(address, events)
      const write = link.write.bind(link)
      link.write = (bytes, done) => {
        writes += 1
        write(bytes, done)
      }
      return link
    }
    await using p = await pair({ transport: counting })
    writes = 0
    const all = Array.from({ length: 15 }, (_, i) => p.client.publish('a', String(i), { qos: (i % 3) as 0 }))
    void p.client.subscribe('b')
    await all[0]
    expect(writes).toBe(1)
    writes = 0
    p.client.setCallback(() => void p.client.publish('b', 'c'))
    await p.peer.send(publish('1') + publish('2', 1, 9) + publish('3', 2, 10))
    await sleep(20)
    expect(writes).toBe(1)
  })

  test('promises nobody awaits end no process', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    const client = new MQTTClient('c1', '127.0.0.1', { port: 1 })
    void client.publish('a', 'b')
    void client.publish('a/#', 'b', { qos: 1 })
    void client.subscribe('a')
    void client.unsubscribe('a')
    void client.waitMsg()
    void client.connect()
    void client.connect({ signal: AbortSignal.abort() })
    await sleep(50)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
    await client.disconnect()
  })

  test.each([
    ['', 'x', {}, 'topic_empty'],
    ['a/+', 'x', {}, 'topic_wildcard'],
    ['a\0', 'x', {}, 'nul_character'],
    ['a', 'x', { qos: 3 as 2 }, 'bad_qos'],
    ['a', 'x', { qos: 1.5 as 2 }, 'bad_qos'],
    ['a', 5 as unknown as string, {}, undefined],
    [undefined as unknown as string, 'x', {}, undefined],
  ])('%j %j %j is refused', async (topic, message, options, rule) => {
    await using p = await pair()
    await expect(p.client.publish(topic, message, options)).rejects.toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, rule })
  })

  test('without a connection QoS 0 is refused, QoS 1 waits for it', async () => {
    await using p = await pair()
    p.peer.close()
    await once(p.client, 'lost')
    await expect(p.client.publish('a', 'x')).rejects.toMatchObject({ code: ErrorCode.NOT_CONNECTED })
    const later = p.client.publish('a', 'x', { qos: 1 })
    const peer = await p.server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    expect(hex(await peer.packet())).toBe(publish('x', 1, 1))
    await peer.send('40020001')
    await later
  })

  test('what is in flight is sent again with DUP, and settles then', async () => {
    await using p = await pair()
    const q1 = p.client.publish('a', 'x', { qos: 1 })
    await p.peer.packet()
    p.peer.close()
    const peer = await p.server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    expect(hex(await peer.packet())).toBe(publish('x', 1, 1).replace(/^32/, '3a'))
    await peer.send('40020001')
    await q1
  })

  test('a signal or a time ends the wait, not the message', async () => {
    await using p = await pair()
    const controller = new AbortController()
    const signalled = p.client.publish('a', 'x', { qos: 1, signal: controller.signal })
    const timed = p.client.publish('a', 'y', { qos: 1, timeout: 20 })
    controller.abort('enough')
    await expect(signalled).rejects.toMatchObject({ code: ErrorCode.ABORTED, cause: 'enough' })
    await expect(timed).rejects.toMatchObject({ code: ErrorCode.ACK_TIMEOUT })
    p.peer.close()
    const peer = await p.server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    expect(hex(await peer.packet())).toBe(publish('x', 1, 1).replace(/^32/, '3a'))
    expect(hex(await peer.packet())).toBe(publish('y', 1, 2).replace(/^32/, '3a'))
  })

  test('who awaits each publish has one message in memory, however slow the server (B28)', async () => {
    await using p = await pair()
    p.peer.stopReading()
    const payload = new Uint8Array(10 << 20)
    let written = 0
    let publishing = true
    const all = (async () => {
      for (let i = 0; i < 20 && publishing; i++) {
        await p.client.publish('a', payload)
        written += 1
      }
    })()
    await sleep(300)
    expect(written).toBeLessThan(20)
    expect(p.client.bufferedBytes).toBeLessThan(11 << 20)
    publishing = false
    p.peer.readOn()
    await all
  }, 15_000)

  test('QoS 0 whose bytes never left is not settled as written', async () => {
    await using p = await pair()
    p.peer.stopReading()
    const payload = new Uint8Array(32 << 20)
    const written = p.client.publish('a', payload)
    expect(await outcome(written)).toBe('pending')
    expect(p.client.bufferedBytes).toBeGreaterThan(1 << 20)
    p.peer.reset()
    await expect(written).rejects.toMatchObject({ code: ErrorCode.CONNECTION_LOST })
  })
})

describe('receiving', () => {
  test('callback, event, handlers of the filter, stream and waiter all get it', async () => {
    await using p = await pair()
    const seen: string[] = []
    p.client.setCallback((topic, payload, message) => seen.push(`callback ${topic} ${text(payload)} ${message.qos}`))
    p.client.on('message', (topic) => seen.push(`event ${topic}`))
    const subscribed = p.client.subscribe('+', { qos: 1 }, (topic) => seen.push(`handler ${topic}`))
    const other = p.client.subscribe('b', { qos: 1 }, () => seen.push('wrong handler'))
    await p.peer.send('9003000101' + '9003000201')
    await subscribed
    await other
    const next = p.client.messages().next()
    const waiting = p.client.waitMsg()
    await p.peer.send(publish('x', 1, 7))
    expect(await next).toMatchObject({ done: false, value: { topic: 'a', packetId: 7 } })
    expect(await waiting).toMatchObject({ topic: 'a' })
    expect(seen).toEqual(['callback a x 1', 'event a', 'handler a'])
  })

  test('granted QoS and refusals are seen for each filter; a refused one has no handler', async () => {
    await using p = await pair()
    const seen: string[] = []
    const subscribed = p.client.subscribe(
      [
        ['a', 1],
        ['b', 2],
      ],
      {},
      (topic) => seen.push(topic),
    )
    await p.peer.send('900400018001')
    expect(await subscribed).toEqual({ granted: [128, 1] })
    await p.peer.send(`${publish('x')}300400016279`)
    await sleep(20)
    expect(seen).toEqual(['b'])
    const refused = p.client.subscribe('c')
    await p.peer.send('9003000280')
    await expect(refused).rejects.toMatchObject({ code: ErrorCode.SUBSCRIBE_FAILURE })
  })

  test('acknowledgements keep the order of arrival, however slow a handler (C09)', async () => {
    await using p = await pair()
    p.client.setCallback(async (_, payload) => {
      if (text(payload) === '1') await sleep(100)
    })
    await p.peer.send(publish('1', 1, 1) + publish('2', 1, 2))
    expect(hex(await p.peer.packet(80))).toBe('40020001')
    expect(hex(await p.peer.packet(80))).toBe('40020002')
  })

  test('a handler that throws or rejects: acknowledged, and told', async () => {
    await using p = await pair()
    const errors: MqttError[] = []
    p.client.errorRegisterCb((error) => errors.push(error))
    const cause = new Error('mine')
    p.client.setCallback(() => {
      throw cause
    })
    await p.peer.send(publish('1', 1, 1))
    expect(hex(await p.peer.packet())).toBe('40020001')
    p.client.setCallback(() => Promise.reject(cause))
    await p.peer.send(publish('1', 1, 2))
    expect(hex(await p.peer.packet())).toBe('40020002')
    await sleep(10)
    expect(errors).toMatchObject([
      { code: ErrorCode.CALLBACK_FAILED, cause },
      { code: ErrorCode.CALLBACK_FAILED, cause },
    ])
    expect(p.client.status).toBe(0)
  })

  test('what a stream does not ask for is not acknowledged, and reading goes on for what is pending', async () => {
    await using p = await pair()
    const stream = p.client.messages()
    const first = stream.next()
    await p.peer.send(publish('1', 1, 1) + publish('2', 1, 2) + publish('3', 2, 3))
    expect(text((await first).value!.payload)).toBe('1')
    expect(hex(await p.peer.packet())).toBe('40020001')
    const mine = p.client.publish('b', 'x', { qos: 1 })
    expect(hex(await p.peer.packet())).toBe('32060001620001' + '78')
    await p.peer.send('40020001')
    await mine
    await stream.next()
    expect(hex(await p.peer.packet())).toBe('40020002')
    await stream.next()
    expect(hex(await p.peer.packet())).toBe('50020003')
    await stream.return?.()
    await p.peer.send(publish('4', 1, 4))
    expect(hex(await p.peer.packet())).toBe('40020004')
  })

  test('a stream ends with the client, or fails with it', async () => {
    await using p = await pair({ reconn: false })
    const stream = p.client.messages()
    const next = stream.next()
    p.peer.close()
    await expect(next).rejects.toMatchObject({ code: ErrorCode.CONNECTION_LOST })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await using q = await pair()
    const ended = q.client.messages().next()
    await q.client.disconnect()
    expect(await ended).toEqual({ done: true, value: undefined })
  })

  test('a message in one segment with the answer before it is for whoever asks once the answer came', async () => {
    await using p = await pair()
    const subscribing = p.client.subscribe('a', { qos: 1 })
    await p.peer.packet()
    await p.peer.send(['9003000101', publish('1', 1, 1), publish('2', 1, 2), publish('3', 1, 3)].join(''))
    await subscribing
    expect(text((await p.client.waitMsg()).payload)).toBe('1')
    expect(text((await p.client.waitMsg()).payload)).toBe('2')
    for await (const message of p.client.messages()) {
      expect(text(message.payload)).toBe('3')
      break
    }
    for (const id of ['1', '2', '3']) expect(hex(await p.peer.packet())).toBe(`4002000${id}`)
  })

  test('what a kept session brings with CONNACK is for a callback that is set after connect()', async () => {
    const server = await startScript(async (peer) => {
      await peer.packet()
      await peer.send(`20020100${publish('1', 1, 1)}`)
    })
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
    await client.connect({ cleanSession: false })
    const payloads: string[] = []
    client.setCallback((_, payload) => payloads.push(text(payload)))
    expect(hex(await (await server.peer(0)).packet())).toBe('40020001')
    expect(payloads).toEqual(['1'])
    await client.disconnect()
    await server.close()
  })

  test('what nobody asks for is acknowledged all the same', async () => {
    await using p = await pair()
    await p.peer.send(publish('1', 1, 1) + publish('2', 2, 2))
    expect(hex(await p.peer.packet())).toBe('40020001')
    expect(hex(await p.peer.packet())).toBe('50020002')
    const waiting = p.client.waitMsg()
    await p.peer.send(publish('3'))
    expect(text((await waiting).payload)).toBe('3')
  })

  test('waitMsg: a deadline, a signal, no connection', async () => {
    await using p = await pair()
    await expect(p.client.waitMsg({ timeout: 10 })).rejects.toMatchObject({ code: ErrorCode.ACK_TIMEOUT })
    await expect(p.client.waitMsg({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: ErrorCode.ABORTED })
    const waiting = p.client.waitMsg()
    await p.client.disconnect()
    await expect(waiting).rejects.toMatchObject({ code: ErrorCode.NOT_CONNECTED })
    await expect(p.client.waitMsg()).rejects.toMatchObject({ code: ErrorCode.NOT_CONNECTED })
  })
})

describe('the end of a connection', () => {
  test('a broken rule is named with its clause and place', async () => {
    await using p = await pair({ reconn: false })
    const failed = once(p.client, 'error') as Promise<[MqttError]>
    await p.peer.send('3003000123')
    const [error] = await failed
    expect(error).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR, rule: 'topic_wildcard', offset: 2, clauses: ['MQTT-3.3.2-2'] })
    expect(error.message).toContain('topic_wildcard at byte 2 (MQTT-3.3.2-2)')
    expect(p.client.lastError).toBe(error)
    expect(p.client.status).toBe(-1)
    await p.peer.ended()
  })

  test('with reconn the error callback is left alone, and progress is told', async () => {
    await using p = await pair()
    const told: string[] = []
    p.client.errorRegisterCb(() => told.push('error'))
    p.client.on('lost', (error) => told.push(`lost ${error.code}`))
    p.client.on('reconnecting', (delay) => told.push(`reconnecting ${delay <= 20}`))
    p.client.on('connect', ({ sessionPresent }) => told.push(`connect ${sessionPresent}`))
    p.peer.close()
    const peer = await p.server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    await once(p.client, 'connect')
    expect(told).toEqual(['lost 264', 'reconnecting true', 'connect false'])
  })

  test('disconnect() sends DISCONNECT, settles all, and resolves when the socket is gone', async () => {
    await using p = await pair()
    const waits = [p.client.publish('a', 'x', { qos: 1 }), p.client.subscribe('a')]
    const ended = p.client.disconnect()
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: ErrorCode.ABORTED })
    expect(p.client.status).toBe(-1)
    await ended
    await p.peer.ended()
    expect(hex(p.peer.received()).endsWith('e000')).toBe(true)
    await p.client.disconnect()
  })

  test('disconnect({ drain }) waits for what is in flight, but not for ever', async () => {
    await using p = await pair()
    const sent = p.client.publish('a', 'x', { qos: 1 })
    const ended = p.client.disconnect({ drain: 1000 })
    await p.peer.packet()
    expect(await outcome(ended)).toBe('pending')
    await p.peer.send('40020001')
    await sent
    await ended
    await using q = await pair()
    const lost = q.client.publish('a', 'x', { qos: 1 })
    await q.client.disconnect({ drain: 20 })
    await expect(lost).rejects.toMatchObject({ code: ErrorCode.ABORTED })
  })

  test('close() keeps what is in flight for the next connect()', async () => {
    await using p = await pair()
    const sent = p.client.publish('a', 'x', { qos: 1 })
    await p.peer.packet()
    p.client.close()
    await p.peer.ended()
    expect(hex(p.peer.received()).endsWith('e000')).toBe(false)
    expect(await outcome(sent)).toBe('pending')
    const connecting = p.client.connect()
    const peer = await p.server.peer(1)
    await peer.packet()
    await peer.send(CONNACK)
    await connecting
    await peer.packet()
    await peer.send('40020001')
    await sent
  })

  test('await using disconnects', async () => {
    const server = await startScript()
    {
      await using client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
      const connecting = client.connect()
      const peer = await server.peer(0)
      await peer.packet()
      await peer.send(CONNACK)
      await connecting
    }
    await server.peers[0].ended()
    expect(hex(server.peers[0].received()).endsWith('e000')).toBe(true)
    await server.close()
  })
})

describe('time', () => {
  test('pings after ¾ keepalive of silence; no answer ends the connection', async () => {
    await using p = await pair({ keepalive: 1, pingTimeout: 200 })
    expect(hex(await p.peer.packet(1000))).toBe('c000')
    await p.peer.send('d000')
    expect(hex(await p.peer.packet(1000))).toBe('c000')
    const [error] = (await once(p.client, 'lost')) as [MqttError]
    expect(error.code).toBe(ErrorCode.PING_TIMEOUT)
  })

  test('a wall clock that jumps changes nothing (E09)', async () => {
    await using p = await pair({ keepalive: 1, pingTimeout: 200 })
    const real = Date.now
    Date.now = () => real() + 3_600_000
    await sleep(100)
    Date.now = () => real() - 3_600_000
    await sleep(100)
    Date.now = real
    expect(p.client.status).toBe(0)
    expect(hex(await p.peer.packet(1000))).toBe('c000')
    await p.peer.send('d000')
  })

  test('the ping deadline waits while bytes written earlier leave (E13)', async () => {
    let left = 1 << 20
    let leaving = true
    const slow: Dial = (_, events) => {
      queueMicrotask(() => events.opened())
      return {
        write: (bytes, done) => {
          done()
          if (bytes[0] === 0x10) events.received(Buffer.from(CONNACK, 'hex'))
        },
        get buffered() {
          if (leaving) left -= 1000
          return left
        },
        pause: () => {},
        resume: () => {},
        end: () => events.closed(),
        hold: () => {},
      }
    }
    const client = new MQTTClient('c1', 'somewhere', { transport: slow, keepalive: 1, pingTimeout: 100 })
    await client.connect()
    await sleep(1300)
    expect(client.status).toBe(0)
    leaving = false
    const [error] = (await once(client, 'lost')) as [MqttError]
    expect(error.code).toBe(ErrorCode.PING_TIMEOUT)
    await client.disconnect()
  })
})
