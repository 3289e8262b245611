// Vectors derived from the model: for each packet values that vary one field at a time, for each check bytes and values that break exactly
// it, every length at which its coding changes, every place where a body can end too early. They say what a rule of the spec means
// byte by byte; whether the rule is right, the hand-written vectors say. Which packets there are, it reads from the model.

import type { Type } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import { mentions } from '../../generator/lowering.ts'
import { Memo } from '../../generator/memo.ts'
import type { Body, Packet, PacketModel, RuleSpec } from '../../generator/model.ts'
import { type Bytes, Evaluator, type Fields, type Value } from './evaluate.ts'
import { at, headerByte, hexOf, Layout, LONG, type Piece, whole, within } from './layout.ts'

export interface Vector {
  name: string
  versions: number[]
  kind: 'both' | 'decode' | 'reject' | 'refuse'
  bytes?: string | undefined // hex; @N at its end stands for N more bytes 78
  packet?: string | undefined // as the testee writes it
  error?: string | undefined
  at?: number | undefined
}
/** A value, and the field in which it differs from the plain one. */
interface Candidate {
  value: Fields
  varied: string
}

const BOUNDARIES = [0, 1, 127, 128, 16383, 16384, 65535, 65536]
const LARGEST = 0xffff // of text and bytes with a length of their own

const bare = (type: Type): Type => (type.kind === 'optional' ? type.of : type)

const derived = new Memo<Vector[]>()
/** Of a spec that says the same of its packets they are the same list. */
export function deriveVectors(codec: Codec): Vector[] {
  const { packets, shared } = codec.model
  return derived.of(packets.map((p) => p.source).join('') + shared, () => [...deriveAll(codec).values()])
}

const byPacket = new Memo<Vector[]>()
function deriveAll(codec: Codec): Map<string, Vector> {
  const found = new Map<string, Vector>()
  for (const [version] of codec.model.versions) {
    for (const packet of codec.model.packets) {
      const key = version + packet.source + codec.model.shared
      for (const v of byPacket.of(key, () => new Deriving(codec, packet, version).vectors())) merge(found, v)
    }
    for (const v of frames(codec.model, version)) merge(found, v)
  }
  return found
}

/** What two versions agree on stands there once. */
function merge(found: Map<string, Vector>, v: Vector): void {
  const key = [v.kind, v.bytes, v.packet, v.error, v.at].join(' ')
  const known = found.get(key)
  if (!known) found.set(key, { ...v, versions: [...v.versions] })
  else if (!known.versions.includes(v.versions[0])) known.versions.push(v.versions[0])
}

/** First bytes of no packet, and lengths of too many bytes. */
function frames({ frame, packets }: PacketModel, version: number): Vector[] {
  const shift = 8 - frame.typeBits
  const codes = new Set(packets.map((p) => p.code))
  const none = Array.from({ length: 2 ** frame.typeBits }, (_, code) => code).filter((code) => !codes.has(code))
  const reject = (name: string, bytes: string, error: string, at: number): Vector => ({
    name,
    versions: [version],
    kind: 'reject',
    bytes,
    error,
    at,
  })
  const plain = packets.find((p) => p.body.length === 0) ?? packets[0]
  const first = headerByte(plain, {}, version).toString(16).padStart(2, '0')
  return [
    ...none.map((code) => reject(`type ${code}`, `${((code << shift) % 256).toString(16).padStart(2, '0')}00`, frame.type.rule, 0)),
    ...['80', 'ff'].map((b) =>
      reject(`a length of bytes ${b}`, `${first}${b.repeat(frame.lengthBytes)}00`, frame.length.rule, frame.lengthBytes),
    ),
  ]
}

class Deriving {
  readonly #codec: Codec
  readonly #packet: Packet
  readonly #version: number
  readonly #evaluator: Evaluator
  readonly #layout: Layout

  constructor(codec: Codec, packet: Packet, version: number) {
    this.#codec = codec
    this.#packet = packet
    this.#version = version
    this.#evaluator = new Evaluator(codec)
    this.#layout = new Layout(codec, packet, version, this.#evaluator)
  }

  vectors(): Vector[] {
    const all = this.#candidates().map((c) => ({ ...c, broken: this.#broken(c.value) }))
    const good = all.filter((c) => c.broken === undefined)
    return [
      ...good.map((c) => this.#both(c)),
      ...all.flatMap((c) => (c.broken === undefined ? [] : this.#bad(c, c.broken))),
      ...this.#shapes(good).flatMap((c) =>
        [...this.#layout.altered(c.value), ...this.#layout.cut(c.value)].map((w) => this.#vector('reject', w.name, w)),
      ),
    ]
  }
  #broken(value: Fields): string | undefined {
    const { frame } = this.#codec.model
    const broken = this.#evaluator.broken(this.#packet.name, value, this.#version)
    if (broken) return broken
    return this.#layout.length(value) < 2 ** (7 * frame.lengthBytes) ? undefined : frame.over
  }
  /** One value for each sequence of fields on the wire. */
  #shapes(all: Candidate[]): Candidate[] {
    const shape = (c: Candidate): string => this.#layout.pieces(c.value).map((p) => p.path).join() // biome-ignore format: a line
    const shapes = new Map<string, Candidate>()
    for (const c of all) if (!shapes.has(shape(c))) shapes.set(shape(c), c)
    return [...shapes.values()]
  }

  #vector(kind: Vector['kind'], name: string, more: Partial<Vector>): Vector {
    return { ...more, name: `${this.#packet.name}, ${name}`, versions: [this.#version], kind }
  }
  #both(c: Candidate): Vector {
    return this.#vector('both', c.varied, { bytes: whole(this.#layout.pieces(c.value)), packet: this.#notation(c.value) })
  }

  /** A value that breaks a rule: no encoder takes it, and no decoder where bytes can say it. */
  #bad(c: Candidate, error: string): Vector[] {
    const refused = this.#vector('refuse', `${c.varied} breaks ${error}`, { packet: this.#notation(c.value), error })
    const { wire } = this.#codec.model
    const pieces = this.#layout.pieces(c.value)
    const rule = this.#packet.rules.find((r) => r.rule === error && within(r, this.#version) && this.#isBroken(r, c.value))
    const places = (path: string) => pieces.flatMap((p, i) => (p.path.split(',').includes(path) ? [i] : []))
    const own = c.varied.split(' ')[0]
    const asked = rule ? (rule.at ? places(rule.at).slice(0, 1) : mentions(rule.must).flatMap(places)) : places(own)
    const named = Math.max(-1, ...asked)
    const piece = pieces[named]?.body?.is === 'list' && named + 1 < pieces.length ? pieces[named + 1] : pieces[named]
    if (
      !piece ||
      this.#absent(this.#packet.body).has(error) ||
      error === wire.tooLong ||
      error === this.#codec.model.frame.over ||
      !this.#fits(own, c.value)
    )
      return [refused]
    const zero = error === wire.zero ? 2 + Buffer.from(piece.hex, 'hex').indexOf(0, 2) - 2 : 0
    return [refused, this.#vector('reject', `${c.varied} breaks ${error}`, { bytes: whole(pieces), error, at: piece.at + zero })]
  }
  /** Rules about fields that are not on the wire at all. */
  #absent(list: Body[]): Set<string> {
    return new Set(list.flatMap((b) => (b.is === 'absent' ? [b.rule] : b.is === 'when' ? [...this.#absent([...b.do, ...b.else])] : [])))
  }
  #isBroken(rule: RuleSpec, value: Fields): boolean {
    return !this.#layout.holds(rule.must, value)
  }
  /** Whether the wire has room for a number. */
  #fits(path: string, value: Fields): boolean {
    const is = at(value, path.replace(/^.*\[\]\./, ''))
    return typeof is !== 'number' || is <= 0xffff
  }

  // ---- values

  #candidates(): Candidate[] {
    const fields = this.#packet.fields.filter((f) => within({ since: 0, until: 99, ...f }, this.#version))
    const least = Object.fromEntries(fields.map((f) => [f.name, f.type.kind === 'optional' ? undefined : this.#values(f.type)[0]]))
    const most = Object.fromEntries(fields.map((f) => [f.name, this.#most(bare(f.type))]))
    const found: Candidate[] = []
    for (const [name, base] of [
      ['least', least],
      ['most', most],
    ] as const) {
      found.push({ value: base, varied: name })
      for (const f of fields) {
        const values = f.type.kind === 'optional' ? [undefined, ...this.#values(f.type.of)] : this.#values(f.type)
        for (const v of values) {
          const value = { ...base, [f.name]: v }
          found.push({ value, varied: `${f.name}${differing(values[0] ?? values[1], v)} of ${name}` })
        }
      }
    }
    return [...found, ...this.#filled(least)].filter((c) => this.#writable(c.value))
  }

  /** What runs to the end of the packet, as long as makes the remaining length take one byte more, and too long. */
  #filled(base: Fields): Candidate[] {
    const rest = this.#packet.body.find((b) => b.is === 'wire' && b.wire === 'rest')
    if (rest?.is !== 'wire') return []
    const { lengthBytes } = this.#codec.model.frame
    const steps = Array.from({ length: lengthBytes }, (_, i) => 2 ** (7 * (i + 1)))
    const lengths = steps.flatMap((step) => [step - 1, step])
    const others = this.#layout.length({ ...base, [rest.path]: '' })
    return lengths.map((n) => ({ value: { ...base, [rest.path]: { times: n - others } }, varied: `${rest.path} to a length of ${n}` }))
  }

  #most(type: Type): Value {
    const { world } = this.#codec.model
    if (type.kind === 'bool') return true
    if (type.kind === 'enum') return [...world.enums.get(type.name)!.values()].at(-1)!
    if (type.kind === 'uint') return 2 ** type.bits - 1
    if (type.kind === 'struct') return Object.fromEntries(world.structs.get(type.name)!.map((f) => [f.name, this.#most(f.type)]))
    if (type.kind === 'list') return [this.#values(type.of)[0], this.#most(type.of)]
    return type.kind === 'text' ? 'a/b' : '\xff'
  }

  /** The plainest first, then its kinds and those next to them. */
  #values(type: Type): Value[] {
    const { world } = this.#codec.model
    switch (type.kind) {
      case 'bool':
        return [false, true]
      case 'enum': {
        const members = [...world.enums.get(type.name)!.values()]
        const near = members.flatMap((m) => [m - 1, m + 1]).filter((n) => n >= 0 && !members.includes(n))
        return [...members, ...new Set([...near, 255])]
      }
      case 'uint':
        return [1, 2 ** (type.bits - 1), 2 ** type.bits - 1, 0, 2 ** type.bits]
      case 'text':
        return ['a', 'a/b', ...strings(this.#letters()), '\0', ...BOUNDARIES.slice(0, 8).map((times) => ({ times }))]
      case 'bytes':
        return ['', '\0', '\xff', ...BOUNDARIES.slice(0, 8).map((times) => ({ times }))]
      case 'struct': {
        const fields = world.structs.get(type.name)!
        const base = Object.fromEntries(fields.map((f) => [f.name, this.#values(f.type)[0]]))
        return [base, ...fields.flatMap((f) => this.#values(f.type).map((v) => ({ ...base, [f.name]: v })))]
      }
      case 'list': {
        const [first, ...more] = this.#values(type.of)
        return [[first], [first, first], ...more.map((v) => [v]), [first, this.#most(type.of)], []]
      }
      default:
        throw new Error(`no values of type ${type.kind}`)
    }
  }
  /** The characters that rules of texts look at. */
  #letters(): string[] {
    const text = JSON.stringify(this.#codec.functions.map((f) => f.body))
    return ['a', ...new Set([...text.matchAll(/"kind":"(?:character|contains)".*?"value":"(.)"/g)].map((m) => m[1]))]
  }

  /** Long fields only where @N can say them, and nothing missing that the bytes would need. */
  #writable(value: Fields): boolean {
    const pieces = this.#layout.pieces(value)
    const long = pieces.findIndex((p) => p.more > LONG)
    const tooMuch = (p: Piece) => p.more > LARGEST + 1 && p.body?.is === 'wire' && p.body.wire !== 'rest'
    return !pieces.some((p) => p.at < 0 || tooMuch(p)) && (long < 0 || pieces.slice(long + 1).every((p) => p.hex === '' && p.more === 0))
  }

  #notation(value: Fields): string {
    const { world } = this.#codec.model
    const text = (v: Bytes): string => (typeof v === 'string' ? hexOf(v)[0] : v.times <= LONG ? '78'.repeat(v.times) : `@${v.times}`)
    const item = (v: Value): string => {
      if (typeof v !== 'object' || 'times' in v)
        return typeof v === 'string' || typeof v === 'object' ? text(v as Bytes) || '-' : String(Number(v))
      return Object.values(v).map(item).join(':')
    }
    const show = (name: string, type: Type, v: Value): string[] => {
      const t = bare(type)
      if (v === undefined) return []
      if (t.kind === 'struct') return world.structs.get(t.name)!.flatMap((f) => show(`${name}.${f.name}`, f.type, (v as Fields)[f.name]))
      if (t.kind === 'list') return [`${name}=${(v as Value[]).map(item).join(',')}`]
      return [`${name}=${t.kind === 'text' || t.kind === 'bytes' ? text(v as Bytes) : Number(v)}`]
    }
    return [this.#packet.name, ...this.#packet.fields.flatMap((f) => show(f.name, f.type, value[f.name]))].join(' ')
  }
}

/** Short texts of these letters. */
function strings(letters: string[]): string[] {
  const two = letters.flatMap((a) => letters.map((b) => a + b))
  return ['', ...letters, ...two, ...letters.map((c) => `a/${c}/a`), ...letters.map((c) => `/${c}`)]
}
/** Which member of a struct or item differs, as `.name`. */
function differing(base: Value, v: Value): string {
  if (Array.isArray(v)) return v.length === 1 && Array.isArray(base) ? differing(base[0], v[0]).replace('.', '[].') : ''
  if (typeof v !== 'object' || 'times' in v) return ''
  const name = Object.keys(v).find((k) => typeof base !== 'object' || (base as Fields)[k] !== (v as Fields)[k])
  return name ? `.${name}` : ''
}
