// Takes bytes apart into packets and packets into fields, as spec/packets.yaml lays them out: what decode.ts shows. Whether a packet is
// right it asks the emitted decoder, so that what people are told is what a client would say.
import { decode } from '../../generated/typescript/src/codec.ts'
import { MalformedPacket } from '../../generated/typescript/src/cursor.ts'
import type { Version } from '../../generated/typescript/src/packets.ts'
import type { Type } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import type { Bit, Body, Packet } from '../../generator/model.ts'
import type { Field } from '../../generator/resolve.ts'
import { Evaluator, type Fields, type Value } from '../../targets/data/evaluate.ts'
import { Layout, within } from '../../targets/data/layout.ts'

/** A field, or some bits of a byte: `bits` is their picture, `0011....`. */
export interface Row {
  at: number
  bytes: Uint8Array
  bits?: string
  field: string
  value: string
  see: string[]
}
export interface Explained {
  title: string
  doc: string
  at: number
  length: number
  rows: Row[]
  error?: { rule: string; at: number; see: string[] }
}

/** Every packet, in a row, up to the first that is malformed. */
export function explain(bytes: Uint8Array, version: number, codec: Codec): Explained[] {
  const found: Explained[] = []
  for (let at = 0; at < bytes.length; ) {
    const next = new Explainer(bytes.subarray(at), at, version, codec).explain()
    found.push(next)
    if (next.error) break
    at += next.length
  }
  return found
}

/** Thrown where the bytes end. */
class End extends Error {}

class Explainer {
  readonly #bytes: Uint8Array
  readonly #from: number
  readonly #version: number
  readonly #codec: Codec
  readonly #rows: Row[] = []
  readonly #value: Fields = {}
  #at = 0

  constructor(bytes: Uint8Array, from: number, version: number, codec: Codec) {
    this.#bytes = bytes
    this.#from = from
    this.#version = version
    this.#codec = codec
  }

  explain(): Explained {
    const error = this.#verdict()
    const { frame, packets } = this.#codec.model
    const code = this.#bytes[0] >> (8 - frame.typeBits)
    const packet = packets.find((p) => p.code === code)
    try {
      this.#header(packet, code)
      const length = this.#remainingLength()
      this.#end = Math.min(this.#bytes.length, this.#at + length)
      if (packet) this.#body(packet.body, packet)
      this.#rest('after the last field')
    } catch (end) {
      if (!(end instanceof End)) throw end
    }
    const shown = error ? this.#rows.filter((r) => r.at <= error.at) : this.#rows
    const title = packet?.name ?? `packet of type ${code}`
    if (error) {
      const own = shown.filter((r) => r.at + r.bytes.length > error.at).flatMap((r) => r.see)
      const named = error.see.filter((id) => own.includes(id)) // the clause of this field, of all that the rule is for
      if (named.length > 0) error.see = named
    }
    return { title, doc: packet?.doc ?? '', at: this.#from, length: this.#at, rows: shown, ...(error ? { error } : {}) }
  }
  #end = Number.POSITIVE_INFINITY

  /** What the decoder of the client says. */
  #verdict(): Explained['error'] {
    try {
      if (decode(this.#bytes, this.#version as Version)) return undefined
      return { rule: 'incomplete', at: this.#from + this.#bytes.length, see: [] }
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error
      return { rule: error.rule, at: this.#from + error.offset, see: this.#codec.model.rules.get(error.rule) ?? [] }
    }
  }

  #put(start: number, row: Omit<Row, 'at' | 'bytes'>): void {
    this.#rows.push({ at: this.#from + start, bytes: this.#bytes.subarray(start, this.#at), ...row })
  }
  #byte(): number {
    if (this.#at >= Math.min(this.#end, this.#bytes.length)) throw new End()
    return this.#bytes[this.#at++]
  }
  #take(length: number): Uint8Array {
    const end = Math.min(this.#at + length, this.#end, this.#bytes.length)
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
  #rest(field: string): void {
    const start = this.#at
    const rest = this.#take(Number.POSITIVE_INFINITY)
    if (rest.length > 0 && Number.isFinite(this.#end)) this.#put(start, { field, value: text(rest), see: [] })
  }

  #header(packet: Packet | undefined, code: number): void {
    const { frame } = this.#codec.model
    const first = this.#byte()
    const width = frame.typeBits
    this.#put(0, {
      bits: picture(first, 8 - width, width),
      field: 'type',
      value: `${code} ${packet?.name ?? ''}`.trim(),
      see: frame.type.see,
    })
    if (packet) this.#bits(packet.header, first, 0, packet.fields, 8 - width)
  }
  #remainingLength(): number {
    const start = this.#at
    let length = 0
    for (let i = 0; i < this.#codec.model.frame.lengthBytes; i++) {
      const digit = this.#byte()
      length += (digit & 0x7f) * 128 ** i
      if (digit < 0x80) break
    }
    this.#put(start, { field: 'remaining length', value: String(length), see: this.#codec.model.frame.length.see })
    return length
  }

  #bits(bits: Bit[], byte: number, start: number, fields: Field[], from = 8): void {
    let shift = from
    for (const bit of bits) {
      shift -= bit.width
      const value = (byte >> shift) & (2 ** bit.width - 1)
      const own = within(bit, this.#version)
      const field = bit.is === 'const' || !own ? 'reserved' : bit.is === 'presence' ? `has ${bit.path}` : bit.path
      if (bit.is === 'presence' && value) set(this.#value, bit.path, this.#value[bit.path] ?? {})
      if (bit.is === 'value' && own) set(this.#value, bit.path, value)
      const type = typeAt(bit.path, fields, this.#codec)
      this.#put(start, { bits: picture(byte, shift, bit.width), field, value: this.#named(value, type), see: bit.see })
    }
  }
  #named(value: number, type: Type | undefined): string {
    const members = type?.kind === 'enum' ? this.#codec.model.world.enums.get(type.name) : undefined
    const member = members && [...members].find(([, v]) => v === value)?.[0]
    return member ? `${value} ${member}` : String(value)
  }

  #body(list: Body[], packet: Packet, inside = '', fields: Field[] = packet.fields): void {
    const layout = new Layout(this.#codec, packet, this.#version, new Evaluator(this.#codec))
    for (const body of list) {
      const start = this.#at
      if (body.is === 'byte')
        this.#bits(
          body.bits.map((b) => ({ ...b, path: b.path && inside + b.path })),
          this.#byte(),
          start,
          packet.fields,
        )
      if (body.is === 'when' && layout.holds(body.when, this.#value)) this.#body(body.do, packet, inside, fields)
      if (body.is === 'list')
        while (this.#at < Math.min(this.#end, this.#bytes.length)) this.#body(body.do, packet, `${body.path}.`, fields)
      if (body.is === 'wire') this.#wire(body, inside, fields)
    }
  }
  #wire(body: Body & { is: 'wire' }, inside: string, fields: Field[]): void {
    const start = this.#at
    const path = (inside + body.path).replace(/\.item$/, '')
    if (body.wire === 'rest') {
      this.#at = Math.min(this.#end, this.#bytes.length)
      return this.#put(start, { field: path, value: text(this.#bytes.subarray(start, this.#at)), see: body.see })
    }
    const number = body.wire === 'u8' ? this.#byte() : this.#byte() * 256 + this.#byte()
    if (body.wire === 'u8' || body.wire === 'u16') {
      set(this.#value, path, number)
      return this.#put(start, { field: path, value: this.#named(number, typeAt(path, fields, this.#codec)), see: body.see })
    }
    const taken = this.#take(number)
    set(this.#value, path, Buffer.from(taken).toString('latin1'))
    this.#put(start, { field: path, value: text(taken), see: body.see })
  }
}

function set(value: Fields, path: string, is: Value): void {
  const [first, second] = path.split('.')
  if (second === undefined) value[first] = is
  else if (typeof value[first] === 'object') (value[first] as Fields)[second] = is
  else value[path] = is
}

function typeAt(path: string, fields: Field[], codec: Codec): Type | undefined {
  const [first, ...rest] = path.split('.')
  const type = fields.find((f) => f.name === first)?.type
  const inner = type?.kind === 'optional' || type?.kind === 'list' ? type.of : type
  if (rest.length === 0 || inner?.kind !== 'struct') return inner
  return typeAt(rest.join('.'), codec.model.world.structs.get(inner.name) ?? [], codec)
}

/** The bits of a byte that are meant: `..01....`. */
function picture(byte: number, shift: number, width: number): string {
  const all = byte.toString(2).padStart(8, '0')
  return [...all].map((bit, i) => (i >= 8 - shift - width && i < 8 - shift ? bit : '.')).join('')
}

/** Text as text, anything else by its length. */
function text(bytes: Uint8Array): string {
  const length = bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`
  const decoded = Buffer.from(bytes).toString('utf8')
  const readable = Buffer.from(decoded, 'utf8').equals(bytes) && !/\p{Cc}/u.test(decoded)
  return readable ? `"${decoded}" (${length})` : length
}
