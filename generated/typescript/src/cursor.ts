// Reads and writes the primitive wire types: bytes, 16-bit numbers, text and binary data with a 16-bit length before them. The rules it
// enforces have their names from the spec (wire, packets.ts); which fields a packet has is codec.ts's.
import { type Rule, wire } from './packets.ts'

/** A packet that breaks a rule of the standard. The connection that carried it must be closed (MQTT-4.8.0-1). */
export class MalformedPacket extends Error {
  readonly rule: Rule
  /** Where in the packet, in bytes from its first: the field, or the ill-formed sequence in a text. */
  readonly offset: number
  constructor(rule: Rule, offset: number) {
    super(`${rule} at byte ${offset}`)
    this.name = 'MalformedPacket'
    this.rule = rule
    this.offset = offset
  }
}

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

// A packet's texts are walked for its rule, its size and its bytes, one right after the other: the text measured last need not be measured again.
let measured = ''
let measure = 0

/** Bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  if (text === measured) return measure
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return wideLength(text, i)
  return text.length
}
function wideLength(text: string, from: number): number {
  let length = text.length
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x80) continue
    if (c < 0x800) length += 1
    else if (c < 0xd800 || c > 0xdbff) length += 2
    else {
      length += 2 // a pair: four bytes for two units
      i++
    }
  }
  return length
}

/** The rule a text breaks that is to be sent: no lone surrogate, no U+0000, at most 65,535 bytes; or undefined. */
export function utf8Rule(text: string): Rule | undefined {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) - 1) >>> 0 <= 0x7e) continue
    const broken = wideRule(text, i)
    if (broken !== undefined) return broken
    length = wideLength(text, i)
    break
  }
  if (length > 0xffff) return wire.tooLong
  measured = text
  measure = length
  return undefined
}
function wideRule(text: string, from: number): Rule | undefined {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0) return wire.zero
    if (c < 0xd800 || c > 0xdfff) continue
    const low = text.charCodeAt(++i)
    if (c > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return wire.illFormed
  }
  return undefined
}

const MOST_ROOM = 1 << 16

/** Writes packets one behind the other; grows when it must. */
export class Writer {
  bytes: Uint8Array
  at = 0
  #room = 0 // of the buffer taken last: the next is made as large at once

  constructor(bytes: Uint8Array = NOTHING) {
    this.bytes = bytes
  }

  /** The first byte of a packet and its remaining length; makes room for all of it. */
  begin(first: number, length: number): void {
    const most = this.at + 5 + length
    if (most > this.bytes.length && this.at + 1 + lengthBytes(length) + length > this.bytes.length) this.#grow(most)
    const { bytes } = this
    let at = this.at
    bytes[at++] = first
    let rest = length
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.at = at
  }

  /** What was written; from here on it is the caller's. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(0, this.at)
    this.#room = Math.min(this.bytes.length, MOST_ROOM)
    this.bytes = NOTHING
    this.at = 0
    return bytes
  }

  #grow(most: number): void {
    const bytes = new Uint8Array(Math.max(most, this.bytes.length * 2, this.#room))
    bytes.set(this.bytes.subarray(0, this.at))
    this.bytes = bytes
  }

  u8(value: number): void {
    this.bytes[this.at++] = value
  }
  u16(value: number): void {
    this.bytes[this.at++] = value >> 8
    this.bytes[this.at++] = value
  }
  utf8(text: string): void {
    const { bytes } = this
    const { length } = text
    const from = this.at + 2
    if (length >= 64) return this.#encode(text, from)
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i)
      if (c > 0x7f) return this.#encode(text, from)
      bytes[from + i] = c
    }
    bytes[from - 2] = 0
    bytes[from - 1] = length
    this.at = from + length
  }
  #encode(text: string, from: number): void {
    const { written } = encoder.encodeInto(text, this.bytes.subarray(from))
    this.u16(written)
    this.at += written
  }
  binary(value: Uint8Array): void {
    this.u16(value.length)
    this.rest(value)
  }
  rest(value: Uint8Array): void {
    const { bytes } = this
    if (value.length > 48) bytes.set(value, this.at)
    else for (let i = 0, at = this.at; i < value.length; i++, at++) bytes[at] = value[i]
    this.at += value.length
  }
}

const lengthBytes = (length: number): number => (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4)

/** Reads the body of one packet in place. Whatever it answers points into the bytes it was given. */
export class Reader {
  bytes: Uint8Array = NOTHING
  #at = 0
  #end = 0
  #field = 0 // where the field read last begins
  #origin = 0 // where the packet's first byte would be

  /** The body at `at`, `length` bytes; `before`: how many bytes of the packet came before it. */
  open(bytes: Uint8Array, at: number, length: number, before: number): this {
    this.bytes = bytes
    this.#at = at
    this.#field = at
    this.#end = at + length
    this.#origin = at - before
    return this
  }

  /** The error for a rule broken `back` bytes before the field read last. */
  malformed(rule: Rule, back = 0): MalformedPacket {
    return new MalformedPacket(rule, this.#field - back - this.#origin)
  }
  require(rule: Rule | undefined): void {
    if (rule !== undefined) throw this.malformed(rule)
  }
  get more(): boolean {
    return this.#at < this.#end
  }
  /** Fails at the next byte where none is left. */
  expectMore(rule: Rule): void {
    this.#field = this.#at
    if (this.#at === this.#end) throw this.malformed(rule)
  }
  /** Fails at the next byte where one is left. */
  finish(rule: Rule): void {
    this.#field = this.#at
    if (this.#at < this.#end) throw this.malformed(rule)
  }

  u8(): number {
    this.#field = this.#at
    if (this.#at >= this.#end) throw this.malformed(wire.short)
    return this.bytes[this.#at++]
  }
  u16(): number {
    const at = this.#at
    this.#field = at
    if (at + 2 > this.#end) throw this.malformed(wire.short)
    this.#at = at + 2
    return (this.bytes[at] << 8) | this.bytes[at + 1]
  }
  binary(): Uint8Array {
    const from = this.#body()
    return this.bytes.subarray(from, this.#at)
  }
  rest(): Uint8Array {
    const from = this.#at
    this.#field = from
    this.#at = this.#end
    return this.bytes.subarray(from, this.#end)
  }
  utf8(): string {
    const { bytes } = this
    const from = this.#body()
    const end = this.#at
    if (end - from > 64) return this.#decode(from, end)
    for (let i = from; i < end; i++) {
      const c = bytes[i]
      if (c === 0 || c > 0x7f) return this.#decode(from, end)
    }
    return ascii(bytes, from, end)
  }

  /** Past a 16-bit length and that many bytes; answers where those begin. */
  #body(): number {
    const length = this.u16()
    const from = this.#at
    if (from + length > this.#end) throw this.malformed(wire.short)
    this.#at = from + length
    return from
  }
  #decode(from: number, end: number): string {
    const bad = illFormed(this.bytes, from, end)
    if (bad >= 0) {
      this.#field = bad
      throw this.malformed(this.bytes[bad] === 0 ? wire.zero : wire.illFormed)
    }
    return decoder.decode(this.bytes.subarray(from, end))
  }
}

/** Many characters a call, and few pieces to join. */
function ascii(b: Uint8Array, from: number, end: number): string {
  let text = ''
  let i = from
  for (; end - i >= 16; i += 16)
    // biome-ignore format: one half a line
    text += String.fromCharCode(
      b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7],
      b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12], b[i + 13], b[i + 14], b[i + 15],
    )
  for (; end - i >= 4; i += 4) text += String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3])
  for (; i < end; i++) text += String.fromCharCode(b[i])
  return text
}

/** Where the first sequence begins that is not UTF-8 or is U+0000; -1 if there is none (table 3-7 of the Unicode standard). */
export function illFormed(bytes: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; ) {
    const lead = bytes[i]
    if (lead === 0) return i
    const more = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1
    if (more < 0 || i + more >= end) return i
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (let k = 1; k <= more; k++) {
      const c = bytes[i + k]
      if (k === 1 ? c < low || c > high : (c & 0xc0) !== 0x80) return i
    }
    i += more + 1
  }
  return -1
}
