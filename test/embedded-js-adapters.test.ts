// Each adapter of the embedded client over a stand-in for its platform that does what the platform's documentation says, and refuses what it
// refuses: the client connects, subscribes, publishes more than fits at once, receives in pieces and leaves. The server is played by hand.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Adapter, MQTTClient as Client } from '../generated/embedded-js/full/umqtt.cjs'
import { root } from './support/targets.ts'

const folder = join(root, 'generated/embedded-js')
const { MQTTClient } = createRequire(import.meta.url)(join(folder, 'full/umqtt.min.cjs')) as { MQTTClient: typeof Client }

type Bytes = Uint8Array
/** The far end of a socket. */
interface Peer {
  received: number[]
  writes: number
  closed: boolean
  open(): void
  send(bytes: Bytes): void
  drop(): void
}
interface Platform {
  adapter: Adapter
  peers: Peer[]
  /** What a platform does between two events. */
  settle(): void
}
type Listener = (...args: never[]) => void
class Emitter {
  readonly #listeners = new Map<string, Listener[]>()
  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
  }
  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (...a: unknown[]) => void)(...args)
  }
}
const peerOf = (): Peer => ({ received: [], writes: 0, closed: false, open: () => {}, send: () => {}, drop: () => {} })

/** Runs an adapter's file with the globals of its platform. */
const runAdapter = (file: string, globals: Record<string, unknown>): Adapter => {
  const exports = {}
  const context = vm.createContext({ Uint8Array, Math, Date, exports, ...globals })
  vm.runInContext(readFileSync(join(folder, 'adapters', file), 'utf8'), context, { filename: file })
  return exports as Adapter
}

/** Espruino: sockets speak strings of bytes and nothing else. TLS throws where its certificates are no DER or memory is short. */
const espruino = (tlsOptions: object[] = []): Platform => {
  const peers: Peer[] = []
  const binary = (bytes: Bytes) => String.fromCharCode(...bytes)
  const net = {
    connect(options: { host: string; port: number }, listener: () => void) {
      if (typeof options.host !== 'string' || typeof options.port !== 'number') throw new Error('expecting { host, port }')
      const socket = new Emitter()
      const peer = peerOf()
      peers.push(peer)
      peer.open = listener
      peer.send = (bytes) => socket.emit('data', binary(bytes))
      peer.drop = () => {
        socket.emit('error', { code: -1, message: 'connection lost' })
        socket.emit('close', true)
      }
      return Object.assign(socket, {
        write(text: unknown) {
          if (typeof text !== 'string') throw new Error('only strings')
          peer.writes += 1
          peer.received.push(...[...text].map((c) => c.charCodeAt(0)))
        },
        end() {
          peer.closed = true
          socket.emit('close', false)
        },
      })
    },
  }
  const E = {
    toUint8Array: (text: string) => Uint8Array.from([...text].map((c) => c.charCodeAt(0))),
    toString: (bytes: Bytes) => binary(bytes),
  }
  const tls = {
    connect(options: object) {
      tlsOptions.push(options)
      throw new Error('mbedtls_ssl_setup: Not enough memory')
    },
  }
  const globals = {
    E,
    getTime: () => 1.5,
    atob,
    setTimeout,
    console: { log() {} },
    require: (name: string) => (({ net, tls }) as Record<string, unknown>)[name],
  }
  const adapter = runAdapter('espruino.js', globals)
  return { adapter, peers, settle: () => {} }
}

/** Kaluma: connect() throws where DNS has no answer; end() only ends writing, and what is not destroyed stays taken. */
const kaluma = (): Platform & { taken(): number } => {
  const peers: Peer[] = []
  let taken = 0
  class Socket extends Emitter {
    readonly #peer = peerOf()
    connect(options: { host: string; port: number }, listener: () => void): void {
      if (!options.host || !options.port) throw new Error('options')
      taken += 1
      if (options.host === 'unknown.example') throw new Error('DNS response timeout.')
      peers.push(this.#peer)
      this.#peer.open = listener
      this.#peer.send = (bytes) => this.emit('data', bytes)
      this.#peer.drop = () => {
        this.emit('error', new Error('reset'))
        this.destroy()
      }
    }
    write(data: unknown): void {
      if (!(data instanceof Uint8Array) && typeof data !== 'string') throw new TypeError('data')
      this.#peer.writes += 1
      this.#peer.received.push(...(data as Bytes))
    }
    end(): void {}
    destroy(): void {
      taken -= 1
      this.#peer.closed = true
      this.emit('close')
    }
  }
  const globals = { millis: () => 1500.25, require: () => ({ Socket }), setTimeout, console: { log() {} } }
  return { adapter: runAdapter('kaluma.js', globals), peers, settle: () => {}, taken: () => taken }
}

/** HaaS JS: one message at a time; the next only after its success. */
const haas = (): Platform => {
  const peers: Peer[] = []
  let pending: (() => void)[] = []
  const tcp = {
    createClient(options: { host: string; port: number; success: () => void; fail: () => void }) {
      const socket = new Emitter()
      const peer = peerOf()
      let busy = false
      peers.push(peer)
      peer.open = () => {
        options.success()
        socket.emit('connect')
      }
      peer.send = (bytes) => socket.emit('message', Uint8Array.from(bytes).buffer)
      peer.drop = () => socket.emit('disconnect')
      return Object.assign(socket, {
        send({ message, success }: { message: Bytes; success: () => void }) {
          if (busy) throw new Error('a message is on its way')
          busy = true
          peer.writes += 1
          pending.push(() => {
            busy = false
            peer.received.push(...message)
            success()
          })
        },
        close() {
          peer.closed = true
          socket.emit('close')
        },
      })
    },
  }
  const settle = () => {
    while (pending.length > 0) {
      const now = pending
      pending = []
      for (const each of now) each()
    }
  }
  return { adapter: runAdapter('haas.js', { require: () => tcp, setTimeout }), peers, settle }
}

/** ECMA-419: a socket takes what its last onWritable said, and throws beyond. */
const WINDOW = 7
const ecma419 = async (): Promise<Platform> => {
  const module = (await import(join(folder, 'adapters/ecma419.mjs'))) as { ecma419(network: object): Adapter }
  const peers: Peer[] = []
  let pending: (() => void)[] = []
  interface Options {
    address: string
    host: string
    port: number
    onReadable(count: number): void
    onWritable(count: number): void
    onError(): void
  }
  class TCP {
    #room = 0
    #inbox: Bytes = new Uint8Array(0)
    readonly #peer = peerOf()
    readonly #options: Options
    constructor(options: Options) {
      if (options.host === 'unknown.example') throw new Error('no socket is left')
      if (options.address !== '192.0.2.1') throw new Error('an address, not a name')
      this.#options = options
      peers.push(this.#peer)
      this.#peer.open = () => this.#writable()
      this.#peer.send = (bytes) => {
        this.#inbox = Uint8Array.from(bytes)
        options.onReadable(bytes.length)
      }
      this.#peer.drop = () => options.onError()
    }
    #writable() {
      this.#room = WINDOW
      this.#options.onWritable(WINDOW)
    }
    read(count: number): ArrayBuffer {
      const bytes = this.#inbox.subarray(0, count)
      this.#inbox = this.#inbox.subarray(count)
      return bytes.slice().buffer as ArrayBuffer
    }
    write(buffer: Bytes): void {
      if (this.#peer.closed) throw new Error('closed')
      if (buffer.length > this.#room) throw new RangeError('would block')
      this.#room -= buffer.length
      this.#peer.writes += 1
      this.#peer.received.push(...buffer)
      pending.push(() => {
        if (!this.#peer.closed) this.#writable()
      })
    }
    close(): void {
      this.#peer.closed = true
    }
  }
  const settle = () => {
    while (pending.length > 0) {
      const now = pending
      pending = []
      for (const each of now) each()
    }
  }
  const resolve = (_: string, done: (address: string) => void) => pending.push(() => done('192.0.2.1'))
  return { adapter: module.ecma419({ now: () => 1500, resolve, tcp: { io: TCP } }), peers, settle }
}

const platforms: [string, () => Platform | Promise<Platform>][] = [
  ['Espruino', () => espruino()],
  ['Kaluma', kaluma],
  ['HaaS JS', haas],
  ['ECMA-419', ecma419],
]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

describe.each(platforms)('%s', (name, make) => {
  const start = async () => {
    const platform = await make()
    const client = new MQTTClient('a', 'broker.example', { adapter: platform.adapter, reconnect_delay: 60_000 })
    const results: unknown[] = []
    client.connect(true, (error, present) => results.push(['connect', error, present]))
    platform.settle()
    const [peer] = platform.peers
    peer.open()
    platform.settle()
    const take = () => Buffer.from(peer.received.splice(0)).toString('hex')
    return { platform, client, peer, results, take }
  }

  it('connects, subscribes, publishes, receives in pieces, leaves', async () => {
    const { platform, client, peer, results, take } = await start()
    expect(take()).toBe('100d00044d5154540402000000016' + '1')
    peer.send(bytes('20020000'))
    expect(results).toEqual([['connect', 0, 0]])
    client.subscribe('t', 1, (error, granted) => results.push(['subscribe', error, granted]))
    platform.settle()
    expect(take()).toBe('8206000100017401')
    peer.send(bytes('9003000101'))
    expect(results[1]).toEqual(['subscribe', 0, [1]])
    const heard: [string, string][] = []
    client.set_callback((topic, message) => heard.push([topic, Buffer.from(message).toString()]))
    const message = Buffer.concat([bytes('3266'), bytes('0001740007'), Buffer.from('y'.repeat(97))])
    for (let at = 0; at < message.length; at += 40) peer.send(message.subarray(at, at + 40))
    platform.settle()
    expect(heard).toEqual([['t', 'y'.repeat(97)]])
    expect(take()).toBe('40020007')
    const before = peer.writes
    client.publish('t', 'x'.repeat(100))
    platform.settle()
    expect(take()).toBe(`3067000174${'78'.repeat(100)}`)
    expect(peer.writes - before).toBe(name === 'ECMA-419' ? Math.ceil(105 / WINDOW) : 1) // one write a packet, where it fits
    client.disconnect()
    platform.settle()
    expect(take()).toBe('e000')
    expect(peer.closed).toBe(true)
    expect(client.get_mqttsta()).toBe(-1)
  })

  it('a lost connection is told once, and what comes late from the old one is not heard', async () => {
    const { platform, client, peer } = await start()
    const events: unknown[] = []
    client.progress_register_cb((event, detail) => events.push([event, detail]))
    peer.send(bytes('20020000'))
    peer.drop()
    expect(events).toEqual([
      ['connect', 0],
      ['lost', 264],
    ])
    expect(client.get_mqttsta()).toBe(1)
    client.disconnect()
    client.connect(true)
    platform.settle()
    expect(platform.peers).toHaveLength(2)
    if (name !== 'ECMA-419') peer.send(bytes('20020000'))
    expect(client.get_mqttsta()).toBe(1)
  })

  it('a connection that cannot be made fails the call', async () => {
    const platform = await make()
    const client = new MQTTClient('a', 'broker.example', { adapter: platform.adapter })
    const errors: number[] = []
    client.connect(true, (error) => errors.push(error))
    platform.settle()
    platform.peers[0].drop()
    expect(errors).toEqual([265])
  })
})

it('Espruino gets certificates as DER, and where its TLS throws the call fails', async () => {
  const asked: object[] = []
  const { adapter } = espruino(asked)
  const pem = '-----BEGIN CERTIFICATE-----\r\naGVs\r\nbG8=\r\n-----END CERTIFICATE-----\n'
  for (const ssl_params of [pem, { ca: pem, key: 'key.pem' }]) {
    const client = new MQTTClient('a', 'broker.example', { adapter, ssl: true, ssl_params })
    expect(await new Promise((resolve) => client.connect(true, resolve))).toBe(265)
  }
  const where = { host: 'broker.example', port: 8883 }
  expect(asked).toEqual([
    { ...where, ca: 'hello' },
    { ...where, ca: 'hello', key: 'key.pem' },
  ])
})

it('a connect that throws fails the call, and keeps no socket', async () => {
  const board = kaluma()
  for (const { adapter, settle } of [board, await ecma419()]) {
    const client = new MQTTClient('a', 'unknown.example', { adapter })
    const error = new Promise((resolve) => client.connect(true, resolve))
    settle()
    expect(await error).toBe(265)
  }
  expect(board.taken()).toBe(0)
})

it('where there is no TLS the call fails, instead of sending in the clear', async () => {
  for (const make of [kaluma, haas, ecma419]) {
    const { adapter, peers, settle } = await make()
    const client = new MQTTClient('a', 'broker.example', { adapter, ssl: true })
    const error = new Promise((resolve) => client.connect(true, resolve))
    settle()
    expect(await error).toBe(265)
    expect(peers).toHaveLength(0)
  }
})
