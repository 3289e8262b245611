// Cuts a stream of bytes into packets: a first byte, a remaining length, a body. It parses in place where a chunk holds the whole packet,
// and copies only what a chunk leaves unfinished. What a packet means is codec.ts's.
import { MalformedPacket, Reader } from './cursor.ts'
import { type Packet, type Rule, type Version, wire } from './packets.ts'

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
  #first = -1
  #headerBytes = 0
  #length = 0
  #whole = false // its length is known
  #body: Uint8Array | undefined
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
    if (!this.#whole && !this.#header()) return undefined
    const chunk = this.#chunk
    const length = this.#length
    if (this.#body === undefined && chunk.length - this.#at >= length) {
      const from = this.#at
      this.#at = from + length
      return this.#decode(chunk, from)
    }
    if (!this.#collect()) return undefined
    const body = this.#body!
    this.#body = undefined
    return this.#decode(body, 0)
  }

  #header(): boolean {
    const chunk = this.#chunk
    if (this.#first < 0) {
      if (this.#at >= chunk.length) return false
      this.#first = chunk[this.#at++]
      this.#headerBytes = 1
      this.#length = 0
      const broken = this.#side.headerRule(this.#first, this.#version)
      if (broken !== undefined) throw new MalformedPacket(broken, 0)
    }
    while (this.#at < chunk.length) {
      const byte = chunk[this.#at++]
      this.#length |= (byte & 0x7f) << (7 * (this.#headerBytes - 1))
      this.#headerBytes++
      if (byte < 0x80) {
        if (this.#length > this.#most) throw new MalformedPacket(wire.over, this.#headerBytes - 1)
        this.#whole = true
        return true
      }
      if (this.#headerBytes > wire.lengthBytes) throw new MalformedPacket(wire.length, this.#headerBytes - 1)
    }
    return false
  }

  /** Copies what the chunk has of an unfinished body; true when it is all there. */
  #collect(): boolean {
    const length = this.#length
    const piece = Math.min(length - this.#filled, this.#chunk.length - this.#at)
    if (piece > 0) {
      this.#room(this.#filled + piece)
      this.#body!.set(this.#chunk.subarray(this.#at, this.#at + piece), this.#filled)
      this.#filled += piece
      this.#at += piece
    }
    return this.#filled === length && this.#body !== undefined
  }
  #room(needed: number): void {
    const body = this.#body
    if (body && body.length >= needed) return
    const size = this.#length <= TRUSTED ? this.#length : Math.min(this.#length, Math.max(needed, (body?.length ?? TRUSTED / 2) * 2))
    const larger = allocate(size)
    if (body) larger.set(body.subarray(0, this.#filled))
    this.#body = larger
  }

  #decode(bytes: Uint8Array, from: number): Packet {
    const first = this.#first
    this.#first = -1
    this.#whole = false
    this.#filled = 0
    return this.#side.decodeBody(this.#reader.open(bytes, from, this.#length, this.#headerBytes), first, this.#version)
  }
}
