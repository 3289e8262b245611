// The world that exploration looks at: the TypeScript session, made in memory so that it can be copied, a network that may be lost, and a small
// model of a server. What may happen next and what must hold is here; the search is search.ts.
import type { Loaded } from '../../../generator/generate.ts'
import { spell } from '../../../generator/print.ts'
import { emitted, Modules, SESSION, theSpec } from '../memory.ts'

/** How far the search goes. `calls` are made in this order, each at any time. */
export interface Bounds {
  calls: Call[]
  /** QoS of the messages the server sends, in this order, each at any time. */
  serverMessages: (1 | 2)[]
  losses: number
  /** How often the server may forget the session while there is no connection. */
  forgets: number
  maxInflight: number
}
export type Call = { publish: 0 | 1 | 2 } | { subscribe: string } | { unsubscribe: string }

/** What can happen: what the line protocol of the testee says, or what only the server does. */
export type Event = 'call' | 'to server' | 'to client' | 'loss' | 'reconnect' | 'open' | 'server publishes' | 'server forgets'

interface Record {
  packetId: number
  op: { name: string } | undefined
  stage: number
  renewing?: boolean
}
/** The session's insides, as they are called once they are no longer private. */
export interface Insides {
  connect(clean: boolean, op: object): number
  publish(message: object, op: object): number
  subscribe(request: object, op: object): number
  unsubscribe(request: object, op: object): number
  opened(): void
  lost(): void
  receive(bytes: Uint8Array): void
  tick(now: number): void
  wait(now: number): number | undefined
  take(): Uint8Array
  readonly mqttsta: number
  readonly lastPacket: Uint8Array
  readonly armed: number[]
  _outbox: Iterable<Record>
  _queue: Iterable<Record>
  _filters: Iterable<Record & { filter: string }>
  _received: Iterable<Record>
  _phase: number
  _lastId: number
  _timers: { now: number }
}

/** A message of the server on its way to the client. */
interface Outbound {
  id: number
  message: number
  qos: 1 | 2
  released: boolean // PUBREC came: only PUBREL is sent again
}
export interface Server {
  session: boolean // it remembers the client
  connected: boolean
  received: number[] // identifiers of QoS 2 messages whose PUBREL has not come
  outbound: Outbound[]
  lastId: number
  subscriptions: string[]
  /**
   * It forgot the session and its client has not heard so. The CONNACK that says it is not lost in this model: where it is, the next one says
   * that there is a session, namely the new one, and no client of 3.1.1 can tell.
   */
  untold: boolean
}
export interface World {
  session: Insides
  transport: 'none' | 'dialled' | 'open'
  toServer: string[] // packets on their way, hex
  toClient: string[]
  server: Server
  calls: number // made so far
  serverMessages: number // sent so far
  losses: number
  forgets: number
  received: string[] // what the server got of the application, in order
  delivered: number[] // what the application got of the server
  settled: string[]
  faults: string[]
  /** Messages of the server that it has forgotten itself. */
  forgotten: number[]
}

const hex4 = (n: number): string => n.toString(16).padStart(4, '0')
const PACKETS = {
  connack: (present: boolean): string => `2002${present ? '01' : '00'}00`,
  ack: (first: string, id: number): string => `${first}02${hex4(id)}`,
}

export class Explored {
  readonly bounds: Bounds
  readonly #make: (host: object) => Insides
  /** The world that the host's callbacks speak of. */
  #current: World | undefined
  readonly #host: object

  private constructor(bounds: Bounds, make: (host: object) => Insides) {
    this.bounds = bounds
    this.#make = make
    this.#host = this.#makeHost()
  }

  /** `alter`: a fault planted into the session's text. */
  static async of(bounds: Bounds, alter: (text: string) => string = (text) => text, loaded: Loaded = theSpec()): Promise<Explored> {
    const files = await emitted(loaded)
    for (const [path, text] of files)
      if (path.endsWith('.ts')) files.set(path, (path === SESSION ? alter(text) : text).replace(/#(?=[a-z])/gi, '_'))
    const { Session } = (await new Modules(files).load(SESSION)) as {
      Session: new (config: object, host: object, now: number, seed: number) => Insides
    }
    const defaults = Object.fromEntries(loaded.session.config.map((c) => [spell(c.name, 'camelCase'), c.default]))
    const config = {
      ...defaults,
      clientId: 'c',
      user: undefined,
      password: undefined,
      ackTimeout: 2_000_000_000,
      connectTimeout: 2_000_000_000,
      maxInflight: bounds.maxInflight,
    }
    return new Explored(bounds, (host) => new Session(config, host, 0, 0))
  }

  #makeHost(): object {
    const world = (): World => this.#current!
    return {
      full: () => false,
      dial: () => {
        world().transport = 'dialled'
      },
      hangUp: () => this.#cut(world()),
      sent: () => {
        const { session, toServer } = world()
        toServer.push(Buffer.from(session.lastPacket).toString('hex'))
        session.take()
      },
      deliver: (packet: { payload: Uint8Array }) => void world().delivered.push(packet.payload[0]),
      settle: (op: { name: string }) => void world().settled.push(op.name),
      fail: (op: { name: string }, error: number) => void world().settled.push(`${op.name} error ${error}`),
      status: () => {},
      error: (error: number) => void world().faults.push(`the session gave up: ${error}`),
      violation: (rule: string, offset: number) => void world().faults.push(`a good server is said to break ${rule} at ${offset}`),
    }
  }
  #cut(world: World): void {
    world.transport = 'none'
    world.toServer = []
    world.toClient = []
    world.server.connected = false
  }

  /** Connected for the first time, and nothing has happened. */
  begin(): World {
    const server: Server = { session: false, connected: false, received: [], outbound: [], lastId: 0, subscriptions: [], untold: false }
    const { losses, forgets } = this.bounds
    const rest = { calls: 0, serverMessages: 0, losses, forgets, received: [], delivered: [], settled: [], faults: [], forgotten: [] }
    const world: World = { session: this.#make(this.#host), transport: 'none', toServer: [], toClient: [], server, ...rest }
    this.#inside(world, () => world.session.connect(false, { name: 'connect' }))
    for (const event of ['open', 'to server', 'to client'] as const) this.happen(world, event)
    return world
  }
  #inside(world: World, act: () => void): void {
    this.#current = world
    act()
    this.#current = undefined
  }

  /** What can happen now; a calm network takes the first. */
  possible(world: World): Event[] {
    const { server, bounds, transport } = { ...world, bounds: this.bounds }
    const events: Event[] = []
    if (world.toServer.length > 0) events.push('to server')
    if (world.toClient.length > 0) events.push('to client')
    if (transport === 'dialled') events.push('open')
    if (transport === 'none' && world.session.mqttsta === 1) events.push('reconnect')
    if (world.calls < bounds.calls.length && world.session.mqttsta >= 0) events.push('call')
    if (server.connected && world.serverMessages < bounds.serverMessages.length) events.push('server publishes')
    if (transport !== 'none' && world.losses > 0 && !(server.connected && server.untold)) events.push('loss')
    if (!server.connected && server.session && world.forgets > 0 && transport === 'none') events.push('server forgets')
    return events
  }

  happen(world: World, event: Event): void {
    this.#inside(world, () => this.#happen(world, event))
  }
  #happen(world: World, event: Event): void {
    const { session, server } = world
    switch (event) {
      case 'call':
        return this.#call(world, this.bounds.calls[world.calls++])
      case 'to server':
        return this.#serve(world, Buffer.from(world.toServer.shift()!, 'hex'))
      case 'to client':
        if (world.toClient[0].startsWith('20')) server.untold = false
        return session.receive(new Uint8Array(Buffer.from(world.toClient.shift()!, 'hex')))
      case 'open':
        world.transport = 'open'
        return session.opened()
      case 'reconnect':
        return session.tick(session._timers.now + session.wait(session._timers.now)!)
      case 'loss':
        world.losses--
        this.#cut(world)
        return session.lost()
      case 'server publishes': {
        const message = ++world.serverMessages
        server.lastId++
        const outbound: Outbound = { id: server.lastId, message, qos: this.bounds.serverMessages[message - 1], released: false }
        server.outbound.push(outbound)
        world.toClient.push(publishOf(outbound, false))
        return
      }
      case 'server forgets':
        world.forgets--
        world.forgotten.push(...server.outbound.map(({ message }) => message))
        Object.assign(server, { session: false, received: [], outbound: [], subscriptions: [], untold: true })
    }
  }

  #call(world: World, call: Call): void {
    const op = { name: String(world.calls) }
    const { session } = world
    const refused =
      'publish' in call
        ? session.publish(
            { kind: 'PUBLISH', dup: false, qos: call.publish, retain: false, topic: 't', payload: new Uint8Array([world.calls]) },
            op,
          )
        : 'subscribe' in call
          ? session.subscribe({ kind: 'SUBSCRIBE', dup: false, packetId: 0, subscriptions: [{ topicFilter: call.subscribe, qos: 0 }] }, op)
          : session.unsubscribe({ kind: 'UNSUBSCRIBE', dup: false, packetId: 0, topicFilters: [call.unsubscribe] }, op)
    if (refused) world.faults.push(`call ${world.calls} was refused: ${refused}`)
  }

  /** What a server does with a packet, by the standard. */
  #serve(world: World, bytes: Buffer): void {
    const { server, toClient } = world
    const type = bytes[0] >> 4
    const id = [4, 5, 6, 7, 8, 10].includes(type) ? bytes.readUInt16BE(2) : 0
    switch (type) {
      case 1:
        server.connected = true
        toClient.push(PACKETS.connack(server.session))
        server.session = true
        for (const o of server.outbound) toClient.push(o.released ? PACKETS.ack('62', o.id) : publishOf(o, true))
        return
      case 3: {
        const qos = (bytes[0] >> 1) & 3
        const at = 4 + bytes.readUInt16BE(2)
        const packetId = bytes.readUInt16BE(at)
        if (qos === 2 && server.received.includes(packetId)) return void toClient.push(PACKETS.ack('50', packetId))
        world.received.push(String(bytes.at(-1)))
        if (qos === 2) server.received.push(packetId)
        toClient.push(PACKETS.ack(qos === 2 ? '50' : '40', packetId))
        return
      }
      case 4:
        server.outbound = server.outbound.filter((o) => o.id !== id)
        return
      case 5: {
        const found = server.outbound.find((o) => o.id === id)
        if (found) found.released = true
        toClient.push(PACKETS.ack('62', id))
        return
      }
      case 6:
        server.received = server.received.filter((known) => known !== id)
        return void toClient.push(PACKETS.ack('70', id))
      case 7:
        server.outbound = server.outbound.filter((o) => o.id !== id)
        return
      case 8: {
        const filter = bytes.subarray(6, 6 + bytes.readUInt16BE(4)).toString()
        if (!server.subscriptions.includes(filter)) server.subscriptions.push(filter)
        return void toClient.push(`9003${hex4(id)}00`)
      }
      case 10: {
        const filter = bytes.subarray(6, 6 + bytes.readUInt16BE(4)).toString()
        server.subscriptions = server.subscriptions.filter((known) => known !== filter)
        return void toClient.push(PACKETS.ack('b0', id))
      }
    }
  }

  copy(world: World): World {
    return copied(world, new Map([[this.#host, this.#host]])) as World
  }
}

const publishOf = ({ id, message, qos }: Outbound, again: boolean): string =>
  `${(0x30 | (qos << 1) | (again ? 8 : 0)).toString(16)}06000173${hex4(id)}${message.toString(16).padStart(2, '0')}`

/** A deep copy that keeps classes. */
function copied(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known) return known
  if (value instanceof Uint8Array) return value.slice()
  if (value instanceof Map) {
    const map = new Map()
    seen.set(value, map)
    for (const [k, v] of value) map.set(k, copied(v, seen))
    return map
  }
  const copy = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value) as object)
  seen.set(value, copy)
  for (const key of Object.keys(value)) copy[key] = copied((value as never)[key], seen)
  return copy
}

/**
 * All that the future depends on. Of what was observed only how often, since the order was right so far; and not the clock: only a reconnect
 * waits.
 */
export function keyOf(world: World): string {
  const { session, server } = world
  const records = (list: Iterable<Record>): string =>
    [...list].map((m) => `${m.packetId}.${m.op?.name ?? ''}.${m.stage ?? ''}.${m.renewing ?? ''}`).join()
  const inside = [
    session._phase,
    session._lastId,
    records(session._outbox),
    records(session._queue),
    records(session._filters),
    records(session._received),
    session.armed.join(),
  ]
  const outbound = server.outbound.map((o) => `${o.id}.${o.message}.${o.released}`).join()
  const there = [
    server.session,
    server.connected,
    server.received.join(),
    outbound,
    server.lastId,
    server.untold,
    server.subscriptions.join(),
  ]
  const so = [
    world.transport,
    world.toServer.join(),
    world.toClient.join(),
    world.calls,
    world.serverMessages,
    world.losses,
    world.forgets,
    often(world.received),
    often(world.delivered),
    often(world.settled),
    often(world.forgotten),
  ]
  return [...inside, ...there, ...so].join('|')
}

const often = (list: (string | number)[]): string => [...list].sort().join()
