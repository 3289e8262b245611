// Random walks: long seeded sequences of calls, packets, losses and time, drawn evenly from the events of session.yaml's tables, played on
// several testees at once. A difference is shrunk to a short scenario.
import { join } from 'node:path'
import { Source } from '../../generator/source.ts'
import { cuts, loadExamples } from './examples.ts'
import type { Random } from './random.ts'
import { root } from './targets.ts'
import type { Testee } from './testee.ts'

/** What some of the players do not have: exceptions, or the features that a smaller profile is without. */
export interface Lacks {
  throw?: boolean
  features?: boolean
}
export type Player = { name: string; testee: Testee }

/** What the answers so far say about the session. */
interface Seen {
  version: number
  dialled: boolean
  open: boolean
  status: string
  /** Identifiers of our packets that went out, the last ones last. */
  sent: number[]
  /** The SUBSCRIBE packets among them: how many filters. */
  filters: Map<number, number>
}

/** A testee of a smaller profile, which may refuse what it lacks in its own words or in the page's. */
export const ofProfile = (testee: Testee): Testee => {
  const same = (lines: string[]): string[] => lines.map((line) => (line.startsWith('rejected 263 ') ? 'bad unsupported' : line))
  return {
    ask: async (line) => same(await testee.ask(line)),
    askAll: async (lines) => (await testee.askAll(lines)).map(same),
    close: () => testee.close(),
  }
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]
const hex4 = (n: number): string => n.toString(16).padStart(4, '0')
const hex2 = (n: number): string => n.toString(16).padStart(2, '0')

/** A packet of a server, from its first byte and body. */
const packet = (first: number, body: string): string => hex2(first) + hex2(body.length / 2) + body

const TOPICS = ['61', '612f62', '7465', '', '2b', '612f23', '6100']
const FILTERS = ['61', '612f2b', '23', '62', '63', '2b2f61', '2361', '-']
/** No jump is longer than half the clock: beyond that a past deadline and a coming one look alike. */
const TICKS = [
  0, 1, 249, 500, 999, 1000, 1001, 2000, 2500, 4000, 5000, 7500, 10_000, 20_000, 45_000, 59_999, 60_000, 86_400_000, 2_147_483_647,
  4_294_967_295,
]

/** Parameters of features that a smaller profile may lack. */
const FEATURED = ['version', 'reconn', 'max_queue', 'max_subscriptions', 'max_inbound_qos2', 'queue_qos0', 'seed']

/** A client of any configuration; most are reasonable. */
export const newLine = (random: Random, lacks: boolean): string => {
  const odd = <T>(usual: T | undefined, others: readonly T[]): T | undefined => (random(3) > 0 ? usual : pick(random, others))
  // what is left out has the testee's default: a smaller profile may not know the parameter
  const words: Record<string, string | number | undefined> = {
    client_id: odd('6331', ['', '61', '6162636465']),
    version: odd(undefined, [3]),
    keepalive: odd(undefined, [1, 2, 10, 60, 65535]),
    reconn: odd(undefined, [0]),
    max_inflight: odd(2, [1, 3, 20]),
    max_queue: odd(undefined, [0, 1, 2, 3]),
    max_subscriptions: odd(undefined, [0, 1, 2, 3]),
    max_inbound_qos2: odd(undefined, [0, 1, 2]),
    queue_qos0: odd(undefined, [1]),
    next_packet_id: odd(undefined, [65_534, 65_535, 7]),
    ack_timeout: odd(undefined, [1, 1000, 60_000]),
    connect_timeout: odd(undefined, [1, 1000]),
    clock: odd(undefined, [4_294_967_295, 4_294_960_000, 2_147_483_647]),
    seed: odd(undefined, [1, 12_345, 4_294_967_295]),
  }
  if (lacks) for (const name of FEATURED) delete words[name]
  if (lacks) words.reconn = 0
  if (random(4) === 0) words.ping_timeout = pick(random, [1, 500, 5000, 30_000])
  if (random(6) === 0) words.max_packet_size = pick(random, [4, 8, 16, 127])
  if (!lacks && random(6) === 0) words.user = pick(random, ['', '75'])
  if (!lacks && random(8) === 0) words.password = pick(random, ['', '70'])
  return `new ${Object.entries(words).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`).join(' ')}` // biome-ignore format: a line
}

export class Walk {
  readonly #random: Random
  readonly #events: string[]
  readonly #bad: Map<number, string[]>
  readonly #lacks: Lacks
  #seen: Seen = { version: 4, dialled: false, open: false, status: '-1', sent: [], filters: new Map() }

  constructor(random: Random, lacks: Lacks) {
    this.#random = random
    this.#lacks = lacks
    this.#events = eventsOf()
    const examples = loadExamples().filter(({ kind, bytes = '' }) => kind === 'reject' && bytes.length < 80 && !bytes.includes('@'))
    this.#bad = new Map(
      [3, 4].map((version) => [version, examples.filter(({ versions }) => versions.includes(version as 3)).map(({ bytes }) => bytes!)]),
    )
  }

  begin(): string {
    const line = newLine(this.#random, this.#lacks.features === true)
    this.#seen = { version: line.includes('version=3') ? 3 : 4, dialled: false, open: false, status: '-1', sent: [], filters: new Map() }
    return line
  }

  /** The next request. Where nothing is going on, something is begun. */
  next(): string {
    const random = this.#random
    const { dialled, open, status } = this.#seen
    if (dialled && random(3) > 0) return 'open'
    if (!dialled && !open && status !== '1' && random(3) > 0) return this.#make('call.connect')
    if (open && status === '1' && random(3) > 0) return this.#make('in.CONNACK')
    if (open && random(12) === 0) return this.#several()
    return random(10) === 0 ? 'stats' : this.#make(pick(random, this.#events))
  }

  /** What an answer says about the session. */
  see(lines: string[]): void {
    const seen = this.#seen
    for (const line of lines) {
      const [word, value = ''] = line.split(' ')
      if (word === 'dial') [seen.dialled, seen.open] = [true, false]
      if (word === 'hang_up') seen.dialled = seen.open = false
      if (word === 'status') seen.status = value
      if (word === 'send') this.#sent(value)
    }
  }
  /** After `open` and `drop`, whose answers do not say it. */
  did(request: string, answer: string[]): void {
    if (answer[0]?.startsWith('bad')) return
    if (request === 'open') [this.#seen.dialled, this.#seen.open] = [false, true]
    if (request === 'drop') this.#seen.dialled = this.#seen.open = false
    this.see(answer)
  }

  #sent(hex: string): void {
    const bytes = Buffer.from(hex.split('+')[0], 'hex')
    const type = bytes[0] >> 4
    const qos = (bytes[0] >> 1) & 3
    const at = type === 3 && qos > 0 ? 4 + bytes.readUInt16BE(2) : [6, 8, 10].includes(type) ? 2 : -1
    if (at < 0 || bytes[1] > 127 || bytes.length < at + 2) return
    const id = bytes.readUInt16BE(at)
    this.#seen.sent = [...this.#seen.sent.slice(-9), id]
    if (type !== 8) return
    let filters = 0
    for (let next = 4; next < bytes.length; next += 3 + bytes.readUInt16BE(next)) filters++
    this.#seen.filters.set(id, filters)
  }

  /** Several packets in one read, or one in two. */
  #several(): string {
    const packets = Array.from({ length: 2 + this.#random(3) }, () =>
      this.#packet(
        pick(
          this.#random,
          this.#events.filter((e) => e.startsWith('in.')),
        ),
      ),
    )
    return `recv ${packets.join('')}`
  }

  #make(event: string): string {
    const random = this.#random
    if (event.startsWith('in.')) {
      const hex = this.#packet(event)
      if (random(15) > 0 || hex.length < 4) return random(6) === 0 ? this.#handler() : `recv ${hex}`
      return `recv ${hex.slice(0, 2 * pick(random, cuts(hex.length / 2).slice(1)))}`
    }
    if (event.startsWith('timer.')) return `tick ${pick(random, TICKS)}`
    if (event === 'net.open') return 'open'
    if (event === 'net.lost') return 'drop'
    return this.#call(event.slice(5))
  }

  #handler(): string {
    const calls = ['disconnect', 'close', 'connect', 'ping', ...(this.#lacks.features ? [] : ['publish', 'subscribe', 'unsubscribe'])]
    if (!this.#lacks.throw && this.#random(3) === 0) return 'handler throw'
    return `handler ${this.#call(pick(this.#random, calls))}`
  }

  #call(name: string): string {
    const random = this.#random
    const filter = () => pick(random, random(4) > 0 ? FILTERS.slice(0, 5) : FILTERS)
    const qos = () => (random(20) === 0 ? 3 : random(3))
    const several = (one: () => string) => Array.from({ length: random(8) === 0 ? 0 : 1 + random(3) }, one).join(',')
    switch (name) {
      case 'connect':
        return `call connect clean_session=${random(2)}`
      case 'publish':
        return `call publish topic=${pick(random, random(4) > 0 ? TOPICS.slice(0, 2) : TOPICS)} msg=${pick(random, ['', '78', '@5', '@130'])} retain=${random(2)} qos=${qos()}`
      case 'subscribe':
        return random(2) === 0
          ? `call subscribe topic=${filter().replace('-', '')} qos=${qos()}`
          : `call subscribe topics=${several(() => `${filter()}:${qos()}`)}`
      case 'unsubscribe':
        return random(2) === 0 ? `call unsubscribe topic=${filter().replace('-', '')}` : `call unsubscribe topics=${several(filter)}`
      case 'set_last_will':
        return `call set_last_will topic=${pick(random, TOPICS)} message=${pick(random, ['', '78'])} retain=${random(2)} qos=${qos()}`
      case 'clear_last_will':
        return 'call set_last_will'
      default:
        return `call ${name}` // ping, disconnect, close
    }
  }

  /** A packet of this kind: mostly one that is waited for. */
  #packet(event: string): string {
    const random = this.#random
    const { version, sent, filters } = this.#seen
    const id = sent.length > 0 && random(5) > 0 ? pick(random, sent) : pick(random, [1, 2, 3, 65_535, 0])
    const own = hex4(1 + random(3))
    switch (event.slice(3)) {
      case 'CONNACK':
        return `2002${hex2(random(3) === 0 ? 1 : 0)}${hex2(random(4) === 0 ? random(7) : 0)}`
      case 'PUBLISH': {
        const qos = random(3)
        const topic = pick(random, ['000161', '0003612f62'])
        return packet(
          0x30 | (qos << 1) | random(2) | (qos > 0 && random(3) === 0 ? 8 : 0),
          topic + (qos > 0 ? own : '') + pick(random, ['', '78', '7878']),
        )
      }
      case 'PUBREL':
        return packet(version === 3 && random(3) === 0 ? 0x6a : 0x62, random(8) === 0 ? '0000' : own)
      case 'SUBACK': {
        const count = random(8) === 0 ? 1 + random(3) : (filters.get(id) ?? 1)
        return packet(0x90, hex4(id) + Array.from({ length: count }, () => pick(random, ['00', '01', '02', '80'])).join(''))
      }
      case 'PUBACK':
        return packet(0x40, hex4(id))
      case 'PUBREC':
        return packet(0x50, hex4(id))
      case 'PUBCOMP':
        return packet(0x70, hex4(id))
      case 'UNSUBACK':
        return packet(0xb0, hex4(id))
      case 'PINGRESP':
        return 'd000'
      case 'malformed':
        // an end to the connection: rarely, or nothing else would happen
        return random(3) === 0 ? pick(random, this.#bad.get(version)!) : 'd000'
      default:
        return pick(random, ['d000', '40020001', '9003000100', '300400016178', 'b0020001'])
    }
  }
}

/** The events of the tables that something outside can bring about, each as often as it has rows. */
export const eventsOf = (): string[] => {
  const spec = Source.read(join(root, 'spec', 'session.yaml'), root).root
  const tables = spec.entries().filter(([key]) => key.text === 'on' || key.text.startsWith('on '))
  return tables.flatMap(([, table]) =>
    table.entries().flatMap(([key, value]) => {
      const name = /^[\w.]+/.exec(key.text)![0]
      const rows = value.isMap && name.startsWith('in.') ? value.entries().length : 1
      const outside = /^(call|net|in|timer)\./.test(name) && name !== 'call.create' && name !== 'net.bytes'
      return outside ? Array<string>(rows).fill(name) : []
    }),
  )
}

export interface Difference {
  requests: string[]
  /** The answers of each player to the last request. */
  answers: string[][]
}

/** Walks until a difference, or so many requests. The first player leads. */
export const walk = async (
  players: Player[],
  random: Random,
  count: number,
  lacks: Lacks,
  until: () => boolean = () => false,
): Promise<Difference | number> => {
  const walker = new Walk(random, lacks)
  for (let done = 0; done < count && !until(); ) {
    const requests: string[] = []
    const leading: string[][] = []
    const length = 20 + random(200)
    const step = async (request: string): Promise<string[]> => {
      const answer = await players[0].testee.ask(request)
      requests.push(request)
      leading.push(answer)
      walker.did(request, answer)
      return answer
    }
    const [first = ''] = await step(walker.begin())
    const begun = !/^(rejected|bad)/.test(first)
    for (let i = 0; i < length && begun; i++) await step(walker.next())
    if (begun) await step('stats')
    done += requests.length
    const others = await Promise.all(players.slice(1).map(({ testee }) => testee.askAll(requests)))
    const at = requests.findIndex((_, i) => others.some((answers) => answers[i].join('\n') !== leading[i].join('\n')))
    if (at >= 0) return { requests: requests.slice(0, at + 1), answers: [leading[at], ...others.map((answers) => answers[at])] }
  }
  return count
}

/** The shortest list of requests found after which two testees still differ: pieces are left out, then single requests. */
export const shrink = async (players: Player[], { requests }: Difference): Promise<Difference> => {
  const differ = async (list: string[]): Promise<Difference | undefined> => {
    const all = await Promise.all(players.map(({ testee }) => testee.askAll(list)))
    const at = list.findIndex((_, i) => all.some((answers) => answers[i].join('\n') !== all[0][i].join('\n')))
    return at < 0 ? undefined : { requests: list.slice(0, at + 1), answers: all.map((answers) => answers[at]) }
  }
  let best = (await differ(requests))!
  for (let size = Math.ceil(best.requests.length / 2); size >= 1; size = size > 16 ? Math.ceil(size / 2) : size - 1) {
    for (let at = 1; at < best.requests.length; ) {
      const less = await differ([...best.requests.slice(0, at), ...best.requests.slice(at + size)])
      if (less) best = less
      else at += size > 16 ? size : 1
    }
  }
  for (const word of best.requests[0].split(' ').slice(1)) {
    if (word.startsWith('client_id=')) continue
    const less = await differ([best.requests[0].replace(` ${word}`, ''), ...best.requests.slice(1)])
    if (less) best = less
  }
  return best
}

/** A difference as a scenario that waits for someone to say which answer is right. */
export const asScenario = async (players: Player[], difference: Difference, seed: number): Promise<string> => {
  const { requests } = difference
  const answers = await players[0].testee.askAll(requests)
  const trace = requests.slice(0, -1).flatMap((request, i) => [`> ${request}`, ...answers[i]])
  const last = players.map(({ name }, i) => [`# ${name}:`, ...difference.answers[i].map((line) => `#   ${line}`)].join('\n'))
  return [
    `  - name: walk-${seed}`,
    '    title: …',
    '    see: [TESTEE]',
    '    trace: |',
    ...[...trace, `> ${requests.at(-1)}`].map((line) => `      ${line}`),
    ...last,
  ].join('\n')
}
