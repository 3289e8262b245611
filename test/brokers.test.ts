// Proves the brokers, certificates and scripted server of test/support with npm's mqtt as the client, so that a later
// failure in a live test is the client's.

import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Broker, missing, startAedes, startMosquitto, startScript } from './support/brokers.ts'
import { type Certs, makeCerts } from './support/certs.ts'

vi.setConfig({ testTimeout: 30_000 }) // processes start slowly on a busy machine

const exchange = async (client: MqttClient) => {
  const message = new Promise((resolve) => client.once('message', (topic, payload) => resolve(`${topic} ${payload}`)))
  await client.subscribeAsync('t', { qos: 1 })
  await client.publishAsync('t', 'hello', { qos: 1 })
  return message
}

const reconnected = (client: MqttClient) => new Promise((resolve) => client.once('connect', resolve))

const survivesRestart = async (broker: Broker) => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 20 })
  expect(await exchange(client)).toBe('t hello')
  const lost = new Promise((resolve) => client.once('close', () => resolve(undefined)))
  await broker.kill()
  await lost
  const again = reconnected(client)
  await broker.restart()
  await again
  expect(await exchange(client)).toBe('t hello')
  await client.endAsync()
}

const retained = async (port: number) => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
  const first = new Promise((resolve) => client.once('message', (_, payload) => resolve(String(payload))))
  await client.subscribeAsync('kept')
  const nothing = new Promise((resolve) => setTimeout(resolve, 300, 'nothing'))
  const seen = await Promise.race([first, nothing])
  await client.endAsync()
  return seen
}

const keep = async (port: number) => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
  await client.publishAsync('kept', 'value', { retain: true, qos: 1 })
  await client.endAsync()
}

describe.skipIf(missing('mosquitto'))('Mosquitto', () => {
  test('exchanges a message, is killed and comes back on its port', async () => {
    const broker = await startMosquitto()
    await survivesRestart(broker)
    expect(broker.log()).toContain('New client connected')
    await broker.remove()
  })

  test('keeps what it knows over stop with persistence, and over kill with always', async () => {
    for (const [persistence, end, seen] of [
      [true, 'stop', 'value'],
      [true, 'kill', 'nothing'],
      ['always', 'kill', 'value'],
    ] as const) {
      const broker = await startMosquitto({ persistence })
      await keep(broker.port)
      await broker[end]()
      await broker.restart()
      expect([persistence, end, await retained(broker.port)]).toEqual([persistence, end, seen])
      await broker.remove()
    }
  })

  test('takes further configuration', async () => {
    const broker = await startMosquitto({ config: ['max_packet_size 64'] })
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0 })
    const lost = new Promise((resolve) => client.once('close', () => resolve('closed')))
    client.publish('t', 'x'.repeat(100))
    expect(await lost).toBe('closed')
    await broker.remove()
  })
})

describe.skipIf(missing('mosquitto', 'openssl'))('certificates', () => {
  let certs: Certs
  beforeAll(() => {
    certs = makeCerts()
  })
  afterAll(() => certs.remove())
  const outcome = (port: number, more: tls.ConnectionOptions = {}) =>
    new Promise<string>((resolve) => {
      const socket = tls.connect({ port, host: 'localhost', ca: readFileSync(certs.ca), ...more }, () => {
        // TLS 1.3 refuses a client's certificate only after the client has finished: ask for an answer.
        socket.write(Buffer.from('100d00044d5154540402003c000161', 'hex'))
      })
      const end = (what: string) => {
        socket.destroy()
        resolve(what)
      }
      socket.on('data', (data) => end(data.toString('hex')))
      socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
      socket.on('close', () => end('closed'))
    })
  const against = async (server: { cert: string; key: string }, more?: tls.ConnectionOptions) => {
    const broker = await startMosquitto({ tls: { server, ca: certs.ca } })
    const seen = await outcome(broker.tlsPort, more)
    await broker.remove()
    return seen
  }

  test('of the server: accepted, and refused for each reason', async () => {
    expect(await against(certs.server)).toBe('20020000')
    expect(await against(certs.wrongHost)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await against(certs.expired)).toBe('CERT_HAS_EXPIRED')
    expect(await against(certs.otherServer)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    expect(await against(certs.otherServer, { ca: readFileSync(certs.otherCa) })).toBe('20020000')
  })

  test('of the client: needed, with the passphrase of its key', async () => {
    const broker = await startMosquitto({ tls: { server: certs.server, ca: certs.ca, requireClientCert: true } })
    const { passphrase } = certs.client
    const pair = { cert: readFileSync(certs.client.cert), key: readFileSync(certs.client.key) }
    expect(await outcome(broker.tlsPort, { ...pair, passphrase })).toBe('20020000')
    expect(await outcome(broker.tlsPort)).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
    expect(() => tls.createSecureContext({ ...pair, passphrase: 'wrong' })).toThrow(/bad decrypt|decrypt/)
    await broker.remove()
  })
})

describe('aedes', () => {
  test('exchanges a message, is killed and comes back on its port', async () => {
    const broker = await startAedes()
    await survivesRestart(broker)
    await broker.remove()
  })

  test('keeps retained messages over a restart unless told to forget', async () => {
    const broker = await startAedes()
    await keep(broker.port)
    await broker.restart()
    expect(await retained(broker.port)).toBe('value')
    await broker.restart({ forget: true })
    expect(await retained(broker.port)).toBe('nothing')
    await broker.remove()
  })

  test.skipIf(missing('openssl'))('serves TLS', async () => {
    const certs = makeCerts()
    const { cert, key } = certs.server
    const broker = await startAedes({ tls: { cert: readFileSync(cert), key: readFileSync(key) } })
    const client = await mqtt.connectAsync(`mqtts://localhost:${broker.tlsPort}`, { ca: readFileSync(certs.ca) })
    expect(await exchange(client)).toBe('t hello')
    await client.endAsync()
    await broker.remove()
    certs.remove()
  })
})

describe('the scripted server', () => {
  test('frames packets, sends, half-closes and sees the end', async () => {
    const server = await startScript(async (peer) => {
      expect((await peer.packet()).toString('hex')).toMatch(/^10..00044d51545404/)
      await peer.send('20020000')
      expect((await peer.packet()).toString('hex')).toBe('c000')
      peer.halfClose()
    })
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.port}`, { reconnectPeriod: 0 })
    client.sendPing()
    await (await server.peer(0)).gone()
    expect(server.peers[0]!.received().subarray(-2).toString('hex')).toBe('c000')
    await server.close()
  })

  test('waits for a packet in parts, and says what it saw when none comes', async () => {
    const server = await startScript()
    const socket = net.connect(server.port, '127.0.0.1')
    const peer = await server.peer(0)
    const packet = peer.packet()
    for (const byte of [0x30, 0x03, 0x00, 0x01]) {
      socket.write(Uint8Array.of(byte))
      await new Promise((wait) => setTimeout(wait, 5))
    }
    socket.write(Uint8Array.of(0x61, 0x40))
    expect((await packet).toString('hex')).toBe('3003000161')
    await expect(peer.packet(50)).rejects.toThrow('after 50 ms: received 300300016140')
    socket.destroy()
    await server.close()
  })

  test('stops reading until the sender is stuck, then reads on', async () => {
    const server = await startScript((peer) => peer.stopReading())
    const socket = net.connect(server.port, '127.0.0.1')
    const peer = await server.peer(0)
    const megabyte = Buffer.alloc(1 << 20)
    for (let i = 0; i < 32; i++) socket.write(megabyte)
    await new Promise((wait) => setTimeout(wait, 100))
    expect(socket.writableLength).toBeGreaterThan(0)
    peer.readOn()
    await peer.bytes(32 << 20)
    expect(socket.writableLength).toBe(0)
    socket.destroy()
    await server.close()
  })

  test.skipIf(missing('openssl'))('serves TLS, and has no peer where the handshake fails', async () => {
    const certs = makeCerts()
    const server = await startScript((peer) => peer.send('20020000'), {
      cert: readFileSync(certs.server.cert),
      key: readFileSync(certs.server.key),
    })
    const connect = (ca: string) =>
      new Promise<string>((resolve) => {
        const socket = tls.connect({ port: server.port, host: 'localhost', ca: readFileSync(ca) })
        socket.on('secureConnect', () => socket.write(Uint8Array.of(0xc0, 0)))
        socket.on('data', (data) => {
          socket.end()
          resolve(data.toString('hex'))
        })
        socket.on('error', () => resolve('refused'))
      })
    expect(await connect(certs.otherCa)).toBe('refused')
    expect(server.peers).toEqual([])
    expect(await connect(certs.ca)).toBe('20020000')
    expect((await server.peers[0]!.packet()).toString('hex')).toBe('c000')
    await server.close()
    certs.remove()
  })

  test('resets, and hands on what failed in its script', async () => {
    const server = await startScript(async (peer) => {
      peer.reset()
      throw new Error('the script failed')
    })
    const socket = net.connect(server.port, '127.0.0.1')
    const code = await new Promise((resolve) => socket.on('error', (error) => resolve((error as { code?: string }).code)))
    expect(code).toBe('ECONNRESET')
    await expect(server.close()).rejects.toThrow('the script failed')
  })
})
