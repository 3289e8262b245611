// `npm run bench -- codec`: what encoding and decoding a packet costs, each codec on the same bytes in one process. They
// take turns, and the median of the rounds counts. A codec joins by a file in codecs/.
import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { BenchCodec } from './codecs/codec.ts'
import type { Packet, Publish } from './limit.ts'
import { type Cell, median, type Table } from './table.ts'

const ROUNDS = 7
const ROUND_MS = 20
const CHUNK = 65_536

const bytes = (length: number) => Buffer.alloc(length, 'x')
const publish = (payload: Uint8Array): Publish => ({
  type: 'PUBLISH',
  dup: false,
  qos: 0,
  retain: false,
  topic: 'dev/12345678/temp',
  packetId: 0,
  payload,
})

/** The common work of the figures. */
const PACKETS: Record<string, Packet> = {
  'PUBLISH 20 B': publish(bytes(20)),
  PUBACK: { type: 'PUBACK', packetId: 10 },
  CONNECT: {
    type: 'CONNECT',
    clientId: 'x'.repeat(18),
    keepAlive: 60,
    cleanSession: true,
    will: { topic: 'dev/12345678/status', message: bytes(7), qos: 1, retain: true },
    username: 'x'.repeat(6),
    password: bytes(15),
  },
  SUBSCRIBE: { type: 'SUBSCRIBE', packetId: 10, subscriptions: [{ filter: 'dev/12345678/cmd/#', qos: 1 }] },
  SUBACK: { type: 'SUBACK', packetId: 10, returnCodes: [1] },
}

interface Case {
  name: string
  /** What one call works on, so that its time is given a packet. */
  packets: number
  prepare(codec: BenchCodec): () => unknown
}

const chunked = (all: Buffer) => Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) => all.subarray(i * CHUNK, (i + 1) * CHUNK))

export const run = async (): Promise<Table> => {
  const codecs = await load()
  const reference = codecs[0]!
  const bytesOf = (packet: Packet) => Buffer.from(reference.encoded!(packet))
  for (const codec of codecs.slice(1)) check(codec, bytesOf)
  const cases = makeCases(bytesOf)
  const times = cases.map((one) => measure(one, codecs))
  const rows: Record<string, Cell[]> = {}
  for (const [i, codec] of codecs.entries()) rows[codec.name] = times.map((time) => time[i]!)
  for (const [i, codec] of codecs.entries())
    if (i > 0) rows[`${reference.name} divided by ${codec.name}`] = times.map((time) => time[0]! / time[i]!)
  return {
    figures: 'codec',
    title: 'Codec in Node',
    unit: 'ns a packet',
    about: `the same bytes, stream in chunks of 64 KiB, median of ${ROUNDS} rounds`,
    columns: cases.map(({ name }) => name),
    rows,
  }
}

/** mqtt-packet first: the others are compared with it. */
const load = async (): Promise<BenchCodec[]> => {
  const codecs: BenchCodec[] = []
  for (const name of ['mqtt-packet', 'limit', 'ours']) {
    const file = new URL(`codecs/${name}.ts`, import.meta.url)
    if (existsSync(file)) codecs.push(...((await import(file.href)) as { codecs: BenchCodec[] }).codecs)
  }
  return codecs
}

const makeCases = (bytesOf: (packet: Packet) => Buffer): Case[] => {
  const cases: Case[] = Object.entries(PACKETS).flatMap(([name, packet]) => {
    const encoded = bytesOf(packet)
    const encode = (codec: BenchCodec) => codec.encoder(packet, Buffer.alloc(CHUNK))
    const decode = (codec: BenchCodec) => {
      const decoder = codec.decoder()
      return () => decoder(encoded)
    }
    return [
      { name: `encode ${name}`, packets: 1, prepare: encode },
      { name: `decode ${name}`, packets: 1, prepare: decode },
    ]
  })
  const small = [bytesOf(PACKETS['PUBLISH 20 B']!), bytesOf(PACKETS.PUBACK!)]
  cases.push(streamCase('stream of small', Array.from({ length: 20_000 }, () => small).flat()))
  cases.push(
    streamCase(
      '64 KiB payloads',
      Array.from({ length: 64 }, () => bytesOf(publish(bytes(CHUNK)))),
    ),
  )
  return cases
}

const streamCase = (name: string, packets: Buffer[]): Case => {
  const chunks = chunked(Buffer.concat(packets))
  return {
    name,
    packets: packets.length,
    prepare: (codec) => {
      let seen: unknown
      let count = 0
      const push = codec.stream((packet) => {
        seen = packet
        count += 1
      })
      return () => {
        for (const chunk of chunks) push(chunk)
        if (count !== packets.length) throw new Error(`${codec.name}: ${count} of ${packets.length} packets`)
        count = 0
        return seen
      }
    },
  }
}

/** Nothing is measured that gives other bytes, or does not take its own. */
const check = (codec: BenchCodec, bytesOf: (packet: Packet) => Buffer) => {
  const into = Buffer.alloc(CHUNK)
  for (const [name, packet] of Object.entries(PACKETS)) {
    const expected = bytesOf(packet)
    const made = codec.encoded?.(packet) ?? into.subarray(0, codec.encoder(packet, into)())
    if (!expected.equals(made)) throw new Error(`${codec.name} encodes ${name} as ${Buffer.from(made).toString('hex')}`)
    if (!codec.decoder()(expected)) throw new Error(`${codec.name} does not decode ${name}`)
  }
}

/** Keeps what was made, so that making it cannot be left out. */
export let sink: unknown

const measure = (one: Case, codecs: BenchCodec[]): number[] => {
  const ready = codecs.map((codec) => one.prepare(codec))
  const rounds = codecs.map((): number[] => [])
  const repeats = ready.map((work) => calibrate(work))
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, work] of ready.entries()) rounds[i]!.push(time(work, repeats[i]!) / repeats[i]! / one.packets)
  return rounds.map(median)
}

/** Warms up, and finds how often the work fits into a round. */
const calibrate = (work: () => unknown): number => {
  let repeats = 1
  let took = 0
  while (took < ROUND_MS * 1e6) {
    took = time(work, repeats)
    if (took < ROUND_MS * 1e6) repeats *= 2
  }
  return repeats
}

const time = (work: () => unknown, repeats: number): number => {
  const start = performance.now()
  for (let i = 0; i < repeats; i++) sink = work()
  return (performance.now() - start) * 1e6
}
