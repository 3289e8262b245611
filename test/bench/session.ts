// `npm run bench -- session`: what the session itself costs, without a socket. A QoS 1 publish with its PUBACK against a hand-written minimum that
// also checks the topic, keeps the message for sending it again, and finds it by its identifier; and a long queue against a short one.
import { performance } from 'node:perf_hooks'
import type { Publish } from '../../generated/typescript/src/packets.ts'
import { type Config, type Host, Session } from '../../generated/typescript/src/session.ts'
import { type Publish as LimitPublish, makeLimit } from './limit.ts'
import { median, type Table } from './table.ts'

const ROUNDS = 15
const BATCH = 1000
const TOPIC = 'dev/12345678/temp'
const PAYLOAD = Buffer.alloc(20, 'x')

const config: Config = {
  version: 4,
  clientId: 'bench',
  user: undefined,
  password: undefined,
  keepalive: 60,
  reconn: true,
  connectTimeout: 20_000,
  reconnectDelay: 1000,
  ackTimeout: 10_000,
  pingTimeout: 10_000,
  maxInflight: BATCH,
  maxQueue: 100_000,
  maxSubscriptions: 10,
  maxInboundQos2: 10,
  queueQos0: false,
  maxPacketSize: 268_435_455,
  nextPacketId: 1,
}

let settled = 0
const host: Host = {
  full: () => false,
  dial: () => {},
  hangUp: () => {},
  sent: () => {},
  deliver: () => {},
  settle: () => {
    settled += 1
  },
  fail: () => {},
  status: () => {},
  error: () => {},
  violation: (rule) => {
    throw new Error(rule)
  },
}
const message = (): Publish => ({
  kind: 'PUBLISH',
  dup: false,
  qos: 1,
  retain: false,
  topic: TOPIC,
  packetId: undefined,
  payload: PAYLOAD,
})
const connected = (options: Partial<Config> = {}): Session => {
  const session = new Session({ ...config, ...options }, host, 0, 1)
  session.connect(true, undefined)
  session.opened()
  session.receive(Buffer.from('20020000', 'hex'))
  session.take()
  return session
}
/** PUBACKs of a batch that begins with this identifier. */
const pubacks = (first: number): Buffer => {
  const bytes = Buffer.alloc(4 * BATCH)
  for (let i = 0; i < BATCH; i++) bytes.writeUInt32BE((0x4002 << 16) >>> 0, 4 * i)
  for (let i = 0; i < BATCH; i++) bytes.writeUInt16BE(((first + i - 1) % 65_535) + 1, 4 * i + 2)
  return bytes
}

/** The minimum: the hand-written codec, a map of what is in flight, a callback for each that is done. */
const makeMinimum = () => {
  const limit = makeLimit(true)
  const inflight = new Map<number, { packet: LimitPublish; done: () => void }>()
  let into = Buffer.alloc(1 << 16)
  let at = 0
  let id = 0
  const done = () => {
    settled += 1
  }
  return {
    publish: () => {
      id = (id % 65_535) + 1
      const packet: LimitPublish = { type: 'PUBLISH', dup: false, qos: 1, retain: false, topic: TOPIC, packetId: id, payload: PAYLOAD }
      inflight.set(id, { packet, done })
      at += limit.encode(packet, into.subarray(at))
    },
    receive: (bytes: Buffer) => {
      for (let i = 0; i < bytes.length; i += 4) {
        const packet = limit.decode(bytes, i, i + 4)
        if (packet.type !== 'PUBACK') continue
        const waiting = inflight.get(packet.packetId)
        if (!waiting) continue
        inflight.delete(packet.packetId)
        waiting.done()
      }
    },
    take: () => {
      into = Buffer.alloc(1 << 16)
      at = 0
    },
  }
}

const time = (work: () => void): number => {
  const from = performance.now()
  work()
  return performance.now() - from
}

/** ns a publish with its PUBACK, the two taking turns. */
const exchanges = (): [ours: number, minimum: number] => {
  const session = connected()
  const minimum = makeMinimum()
  const operation = {}
  let first = 1
  const rounds: [number[], number[]] = [[], []]
  for (let round = 0; round < 40 * ROUNDS; round++) {
    const answers = pubacks(first)
    first = ((first + BATCH - 1) % 65_535) + 1
    const ours = time(() => {
      for (let i = 0; i < BATCH; i++) session.publish(message(), operation)
      session.take()
      session.receive(answers)
    })
    const theirs = time(() => {
      for (let i = 0; i < BATCH; i++) minimum.publish()
      minimum.take()
      minimum.receive(answers)
    })
    rounds[0].push(ours)
    rounds[1].push(theirs)
  }
  if (session.inflight() > 0) throw new Error('not everything was acknowledged')
  return [(median(rounds[0]) / BATCH) * 1e6, (median(rounds[1]) / BATCH) * 1e6]
}

/** ns a message that waited among so many, from the call to its PUBACK. */
const queued = (length: number): number => {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const repeats = 10_000 / length
    const sessions = Array.from({ length: repeats }, () => connected({ maxInflight: 1 }))
    rounds.push(
      time(() => {
        for (const session of sessions) {
          for (let i = 0; i < length; i++) session.publish(message(), {})
          for (let i = 1; i <= length; i++) session.receive(Buffer.from([0x40, 2, i >> 8, i & 255]))
          session.take()
        }
      }),
    )
  }
  return (median(rounds) / 10_000) * 1e6
}

export const run = async (): Promise<Table> => {
  const [ours, minimum] = exchanges()
  queued(10_000)
  const [short, long] = [queued(10), queued(10_000)]
  return {
    figures: 'session',
    title: 'Session in Node',
    unit: 'ns a message',
    about: `${settled > 0 ? '20-byte payload' : 'nothing settled'}; the minimum keeps and checks what the session does, and does nothing else`,
    columns: ['QoS 1 publish and PUBACK', 'the minimum', 'times the minimum', 'queue of 10', 'queue of 10,000', 'times the short one'],
    rows: { ours: [ours, minimum, ours / minimum, short, long, long / short] },
  }
}
