// Reads and writes the primitive wire types: bytes, 16-bit numbers, text and binary data with a 16-bit length before them. The rules it
// enforces have their names from the spec (wire, packets.ts); which fields a packet has is codec.ts's.
import type { Rule } from './packets.ts'
import * as wire from './wire.ts'

/** A packet that breaks a rule of the standard. The connection that carried it must be closed (MQTT-4.8.0-1). */
export class MalformedPacket extends Error {
  override readonly name = 'MalformedPacket'
  declare readonly rule: Rule
  /** Where in the packet, in bytes from its first: the field, or the ill-formed sequence in a text. */
  declare readonly offset: number
  constructor(rule: Rule, offset: number) {
    super(`${rule} at byte ${offset}`)
    this.rule = rule
    this.offset = offset
  }
}

/** Whether something is no whole number between these two: an application without types may hand in anything. */
export const outside = (value: number, least: number, most: number): boolean => !(value >= least && value <= most && value >>> 0 === value)

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** So many bytes are copied by a loop; more are worth a call. */
const FEW = 48
/** As much room there is first, and as much as is remembered of the buffer taken last, in bytes. */
const [LEAST_ROOM, MOST_ROOM] = [64, 1 << 16]

/** The rule that a text breaks, or undefined. */
type TextRule = (text: string) => Rule | undefined

// What is known of the text written last: who judges a packet usually writes it next, and the same topic often comes again.
let known = ''
let knownBytes = NOTHING
let knownLength = 0 // of those bytes
let flaw: Rule | undefined // the rule of any text that it breaks
let keeps: TextRule | undefined // the rule of its own that it keeps
const short = new Uint8Array(FEW)

function learn(text: string): void {
  known = text
  keeps = undefined
  const { length } = text
  if (length > FEW) return learnAny(text)
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i)
    if ((c - 1) >>> 0 > 0x7e) return learnAny(text)
    short[i] = c
  }
  knownBytes = short
  knownLength = length
  flaw = undefined
}
function learnAny(text: string): void {
  const [wrong] = /[\0\p{Surrogate}]/u.exec(text) ?? []
  knownBytes = encoder.encode(text)
  knownLength = knownBytes.length
  flaw = wrong === '\0' ? wire.zero : wrong ? wire.illFormed : knownLength > 0xffff ? wire.tooLong : undefined
}

/** Writes packets one behind the other, and judges what it writes. */
export class Writer {
  declare bytes: Uint8Array
  at = 0
  /** The first rule that the packet written last breaks. */
  broken: Rule | undefined
  /** Its remaining length, in bytes. */
  length = 0
  readonly #judges: boolean
  #body = 0 // where its body begins
  #least = LEAST_ROOM // of the buffer taken last: the next is made as large at once

  /** One that does not judge is for packets that were judged before. */
  constructor(bytes: Uint8Array = NOTHING, judges = true) {
    this.bytes = bytes
    this.#judges = judges
  }

  /** What was written; from here on it is the caller's. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(0, this.at)
    this.#least = Math.min(this.bytes.length, MOST_ROOM)
    this.bytes = NOTHING
    this.at = 0
    return bytes
  }

  /** The first byte of a packet, and its remaining length where that is always the same. */
  begin(first: number, length = 0): void {
    this.broken = undefined
    this.length = length
    this.u16((first << 8) | length)
    this.#body = this.at
  }
  /** The end of any other, and what it carries without a length of its own. Now the remaining length is known: a long one moves the body. */
  end(rest: Uint8Array = NOTHING): void {
    const body = this.#body
    const length = this.at - body + rest.length
    this.length = length
    if (this === judge) return
    if (length < 128) this.bytes[body - 1] = length
    else this.#move(length)
    this.#copy(rest)
  }
  #move(length: number): void {
    const body = this.#body
    const more = length < 16384 ? 1 : length < 2097152 ? 2 : 3
    const bytes = this.#room(more)
    bytes.copyWithin(body + more, body, this.at)
    this.at += more
    let at = body - 1
    for (; length > 0x7f; length >>>= 7) bytes[at++] = length | 0x80
    bytes[at] = length
  }

  u8(value: number): void {
    this.#room(1)[this.at++] = value
  }
  u16(value: number): void {
    const bytes = this.#room(2)
    bytes[this.at++] = value >> 8
    bytes[this.at++] = value
  }
  /** No lone surrogate, no U+0000, at most 65,535 bytes. */
  utf8(text: string): void {
    if (text !== known) learn(text)
    this.require(flaw)
    this.u16(knownLength)
    this.#copy(knownBytes, knownLength)
  }
  binary(value: Uint8Array): void {
    this.within(value.length, 0, 0xffff, wire.tooLong)
    this.u16(value.length)
    this.#copy(value)
  }
  #copy(value: Uint8Array, length = value.length): void {
    const bytes = this.#room(length)
    const { at } = this
    this.at = at + length
    if (this === judge) return
    if (length > FEW) bytes.set(value, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i]
  }
  /** The bytes, with room for so many more. */
  #room(more: number): Uint8Array {
    if (this.at + more > this.bytes.length) this.#grow(more)
    return this.bytes
  }
  #grow(more: number): void {
    if (this === judge) return
    const bytes = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2, this.#least))
    bytes.set(this.bytes.subarray(0, this.at))
    this.bytes = bytes
  }

  /** Notes the rule where a number is not whole, or not between these two. */
  within(value: number, least: number, most: number, rule: Rule): void {
    if (this.#judges && outside(value, least, most)) this.require(rule)
  }
  /** Judges the text written last by a rule of its own. */
  check(rule: TextRule): void {
    if (!this.#judges || keeps === rule) return
    const broken = rule(known)
    if (broken === undefined) keeps = rule
    else this.require(broken)
  }
  /** Notes a rule, if it is one and the first. */
  require(rule: Rule | undefined): void {
    this.broken ??= rule
  }
}

/** Writes a packet of one type. */
export type Encode<P> = (out: Writer, packet: P, version: number) => void

/** It measures, too, and stores nothing that has no room: what is usual has, for a store beyond the end of an array takes longer. */
const judge: Writer = new Writer(new Uint8Array(256))
let judged: unknown

/** The rule that the values of a packet break, or undefined. */
export function ruleBy<P>(encode: Encode<P>, packet: P, version: number): Rule | undefined {
  judge.at = 0
  judged = packet
  encode(judge, packet, version)
  return judge.broken
}
/** The remaining length of a packet, in bytes. The one judged last has been measured. */
export function sizeBy<P>(encode: Encode<P>, packet: P, version: number): number {
  if (judged !== packet) ruleBy(encode, packet, version)
  judged = undefined
  return judge.length
}
/** Reads the body of one packet. Whoever opens a reader says how many bytes of the packet were before the body, for the offsets. */
export class Reader {
  bytes: Uint8Array = NOTHING
  #at = 0
  #end = 0
  #field = 0 // where the field read last begins
  #origin = 0 // where the packet begins

  /** Reads `length` bytes from `at` on. */
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
  /** Fails at the next byte where one is left, or where none is. */
  expect(more: boolean, rule: Rule): void {
    this.#field = this.#at
    if (this.more !== more) throw this.malformed(rule)
  }

  u8(): number {
    return this.bytes[this.#step(1)]
  }
  u16(): number {
    const at = this.#step(2)
    return (this.bytes[at] << 8) | this.bytes[at + 1]
  }
  binary(): Uint8Array {
    const from = this.#body()
    return this.bytes.subarray(from, this.#at)
  }
  rest(): Uint8Array {
    return this.bytes.subarray(this.#step(this.#end - this.#at), this.#end)
  }
  utf8(): string {
    const { bytes } = this
    const from = this.#body()
    const end = this.#at
    if (end - from > 64) return this.#decode(from, end)
    for (let i = from; i < end; i++) {
      if ((bytes[i] - 1) >>> 0 > 0x7e) return this.#decode(from, end)
    }
    return ascii(bytes, from, end)
  }

  /** Past a field of this size; answers where it begins. */
  #step(size: number): number {
    const at = this.#at
    this.#field = at
    if (at + size > this.#end) throw this.malformed(wire.short)
    this.#at = at + size
    return at
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
    const bytes = this.bytes.subarray(from, end)
    const text = decoder.decode(bytes)
    if (/[\0\ufffd]/.test(text)) {
      const again = encoder.encode(text) // ill-formed bytes were read as U+FFFD, which has others
      let at = 0
      while (again[at] && again[at] === bytes[at]) at++
      if (at < again.length) {
        while ((again[at] & 0xc0) === 0x80) at--
        this.#field = from + at
        throw this.malformed(again[at] ? wire.illFormed : wire.zero)
      }
    }
    return text
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
