// Cuts a stream of bytes into packets: a first byte, a remaining length, a body. It parses in place where a chunk holds the whole packet,
// and copies only what a chunk leaves unfinished. What a packet means is codec.ts's.
import { MalformedPacket, Reader } from './cursor.ts'
import type { Packet, Rule, Version } from './packets.ts'
import * as wire from './wire.ts'

/** Up to this a body is allocated at once; above, as its bytes arrive, so that an announced length alone costs nothing. */
const TRUSTED = 1 << 20
const NOTHING = new Uint8Array(0)
/** All of it is written before anybody reads it, so Node need not clear it. */
const allocate: (size: number) => Uint8Array = typeof Buffer === 'function' ? Buffer.allocUnsafeSlow : (size) => new Uint8Array(size)

/** Which packets a stream carries. */
export interface Side {
  headerRule(first: number, version: Version): Rule | undefined
  decodeBody(input: Reader, first: number, version: Version): Packet
}

export class Framer {
  readonly #version: Version
  readonly #most: number
  readonly #side: Side
  readonly #reader = new Reader()
  #chunk: Uint8Array = NOTHING
  #at = 0
  // the packet that has begun
  #first = 0
  #headerBytes = 0
  #length = 0
  #whole = false // its length is known
  #body: Uint8Array = NOTHING
  #filled = 0

  /** `most`: the largest remaining length accepted. */
  constructor(version: Version, most: number, side: Side) {
    this.#version = version
    this.#most = most
    this.#side = side
  }

  /** The next bytes of the stream. Take every packet with `next` before the next chunk. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }
  /** Bytes pushed and not yet taken. */
  get left(): number {
    return this.#chunk.length - this.#at
  }

  /** The next packet, or undefined until more bytes come. Throws MalformedPacket; nothing can be read after it. */
  next(): Packet | undefined {
    while (!this.#whole) {
      if (this.left === 0) return undefined
      this.#header(this.#chunk[this.#at++])
    }
    let bytes = this.#chunk
    let from = this.#at
    const length = this.#length
    const piece = Math.min(length - this.#filled, this.left)
    this.#at += piece
    if (piece < length) {
      this.#collect(bytes.subarray(from, this.#at))
      if (this.#filled < length) return undefined
      bytes = this.#body
      from = 0
      this.#body = NOTHING
    }
    const reader = this.#reader.open(bytes, from, length, this.#headerBytes)
    this.#headerBytes = this.#length = this.#filled = 0
    this.#whole = false
    const packet = this.#side.decodeBody(reader, this.#first, this.#version)
    reader.expect(false, wire.long)
    return packet
  }

  /** The next byte of the fixed header. */
  #header(byte: number): void {
    const at = this.#headerBytes++
    let broken: Rule | undefined
    if (at === 0) {
      this.#first = byte
      broken = this.#side.headerRule(byte, this.#version)
    } else {
      this.#length += (byte & 0x7f) << (7 * at - 7)
      this.#whole = byte < 0x80
      if (!this.#whole && at === wire.lengthBytes) broken = wire.length
      if (this.#whole && this.#length > this.#most) broken = wire.over
    }
    if (broken !== undefined) throw new MalformedPacket(broken, at)
  }

  /** Copies a piece of an unfinished body. */
  #collect(piece: Uint8Array): void {
    const filled = this.#filled + piece.length
    if (filled > this.#body.length) {
      const body = allocate(
        this.#length <= TRUSTED ? this.#length : Math.min(this.#length, Math.max(filled, this.#body.length * 2, TRUSTED)),
      )
      body.set(this.#body.subarray(0, this.#filled))
      this.#body = body
    }
    this.#body.set(piece, this.#filled)
    this.#filled = filled
  }
}
