// How the values of a packet lie on the wire, piece by piece, and bytes that are wrong in one place: derive.ts makes vectors of them. It walks
// the body of the spec itself, not what a target was given of it.

import type { Syntax } from '../../generator/expressions.ts'
import type { Expr } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import { Lowering, mentions } from '../../generator/lowering.ts'
import type { Bit, Body, Bounds, Packet } from '../../generator/model.ts'
import { condition } from '../../generator/resolve.ts'
import { Scope } from '../../generator/world.ts'
import { type Bytes, type Evaluator, type Fields, lengthOf, type Value } from './evaluate.ts'

/** A part of an encoded packet: where it begins, and what it is. */
export interface Piece {
  at: number
  hex: string
  more: number
  path: string
  body?: Body
}
/** Bytes no decoder takes: the rule they break, and where. */
export interface Wrong {
  name: string
  bytes: string
  error: string
  at: number
}
const reject = (name: string, wrong: Omit<Wrong, 'name'>): Wrong => ({ name, ...wrong })

/** Bytes that may stand in the middle of a packet, where @N cannot. */
export const LONG = 255

export const hexOf = (bytes: Bytes): [string, number] =>
  typeof bytes === 'string' ? [Buffer.from(bytes, 'latin1').toString('hex'), 0] : ['', bytes.times]
const u16 = (n: number): string => n.toString(16).padStart(4, '0')
export const within = (b: Bounds, version: number): boolean => version >= b.since && version <= b.until

/** Bits, the highest first; those of another version are 0. */
function pack(bits: Bit[], value: Fields, version: number): number {
  let byte = 0
  for (const bit of bits) {
    const own = at(value, bit.path)
    const is = bit.is === 'const' ? bit.value : bit.is === 'presence' ? own !== undefined : (own ?? 0)
    byte = byte * 2 ** bit.width + (within(bit, version) ? Number(is) % 2 ** bit.width : 0)
  }
  return byte
}
export const headerByte = (packet: Packet, value: Fields, version: number): number => packet.code * 16 + pack(packet.header, value, version)
export const at = (value: Fields, path: string): Value =>
  path === '' ? undefined : path.split('.').reduce<Value>((v, step) => (v as Fields | undefined)?.[step], value)

export function lengthBytes(length: number): string {
  let hex = ''
  do {
    const digit = length % 128
    length = Math.floor(length / 128)
    hex += (digit + (length > 0 ? 128 : 0)).toString(16).padStart(2, '0')
  } while (length > 0)
  return hex
}

export class Layout {
  readonly #codec: Codec
  readonly #packet: Packet
  readonly #version: number
  readonly #evaluator: Evaluator
  readonly #lowering: Lowering

  constructor(codec: Codec, packet: Packet, version: number, evaluator: Evaluator) {
    this.#codec = codec
    this.#packet = packet
    this.#version = version
    this.#evaluator = evaluator
    this.#lowering = new Lowering(codec.model, new Scope(codec.model.world))
  }

  readonly #conditions = new Map<Syntax, Expr>()
  /** A condition of the spec on the fields of the packet. */
  holds(when: Syntax, value: Fields): boolean {
    let known = this.#conditions.get(when)
    if (!known) {
      const packet: Expr = { kind: 'name', type: { kind: 'packet', name: this.#packet.name }, name: 'packet', role: 'parameter' }
      known = condition(when, this.#lowering.scopeOf(packet, this.#packet.fields))
      this.#conditions.set(when, known)
    }
    return this.#evaluator.holds(known, value, this.#version)
  }
  readonly #pieces = new WeakMap<Fields, Piece[]>()
  pieces(value: Fields): Piece[] {
    const known = this.#pieces.get(value) ?? this.#piecesOf(value)
    this.#pieces.set(value, known)
    return known
  }
  #piecesOf(value: Fields): Piece[] {
    const body = this.#walk(this.#packet.body, value)
    const length = lengthOfAll(body)
    const header = headerByte(this.#packet, value, this.#version).toString(16).padStart(2, '0')
    const flags = this.#packet.header.map((b) => b.path).join()
    return placed([{ at: 0, hex: header, more: 0, path: flags }, { at: 0, hex: lengthBytes(length), more: 0, path: '' }, ...body])
  }
  /** The remaining length. */
  length(value: Fields): number {
    return lengthOfAll(this.pieces(value).slice(2))
  }
  #walk(list: Body[], value: Fields, inside = ''): Piece[] {
    return list.flatMap((body): Piece[] => {
      const piece = (hex: string, more: number, path: string): Piece => ({ at: 0, hex, more, path: inside + path, body })
      switch (body.is) {
        case 'byte': {
          const paths = body.bits.map((b) => inside + b.path).join()
          return [{ at: 0, hex: pack(body.bits, value, this.#version).toString(16).padStart(2, '0'), more: 0, path: paths, body }]
        }
        case 'when':
          return this.holds(body.when, value) ? this.#walk(body.do, value) : []
        case 'list': {
          const items = at(value, body.path) as Value[]
          const each = items.flatMap((i) =>
            this.#walk(body.do, typeof i === 'object' && !('times' in i) ? (i as Fields) : { item: i }, `${body.path}[].`),
          )
          return [piece('', 0, body.path), ...each]
        }
        case 'wire': {
          const is = body.const ? body.const.get(this.#version)! : at(value, body.path)
          if (is === undefined) return [{ ...piece('', 0, body.path), at: -1 }]
          const digits = body.wire === 'u8' ? 2 : 4
          if (typeof is === 'number') return [piece(is.toString(16).padStart(digits, '0').slice(-digits), 0, body.path)]
          const [hex, more] = hexOf(is as Bytes)
          return [piece((body.wire === 'rest' ? '' : u16(lengthOf(is as Bytes) % 65536)) + hex, more, body.path)]
        }
        default:
          return []
      }
    })
  }

  // ---- bytes that no encoder produces

  /** Each constant, each reserved bit and each number of an enum, wrong by itself. */
  altered(value: Fields): Wrong[] {
    const pieces = this.pieces(value)
    if (pieces.some((p) => p.more > LONG)) return []
    return pieces.flatMap((piece, i): Wrong[] => {
      const put = (hex: string, name: string, error: string): Wrong => {
        const bytes = whole(pieces.map((p, j) => (j === i ? { ...p, hex } : p)))
        return reject(name, { bytes, error, at: piece.at })
      }
      const bits = i === 0 ? [{ width: 4, is: 'type' } as const, ...this.#packet.header] : piece.body?.is === 'byte' ? piece.body.bits : []
      const byte = Number.parseInt(piece.hex, 16)
      let shift = 8
      const wrong: Wrong[] = []
      for (const bit of bits) {
        shift -= bit.width
        if (bit.is === 'type' || bit.is === 'presence') continue
        const fixed = (bit.is === 'const') === within(bit, this.#version)
        const rule = fixed ? bit.rule : this.#checked(bit, value)
        if (!rule) continue
        const flips = Array.from({ length: bit.width }, (_, k) => byte ^ (1 << (shift + k)))
        for (const b of flips) wrong.push(put(b.toString(16).padStart(2, '0'), `bits ${b.toString(2).padStart(8, '0')}`, rule))
      }
      const { body } = piece
      if (body?.is === 'wire' && body.const && body.rule) {
        const own = body.const.get(this.#version)!
        for (const other of body.const.values()) {
          if (other === own) continue
          const hex = typeof other === 'string' ? u16(other.length) + hexOf(other)[0] : other.toString(16).padStart(2, '0')
          const longer = whole(placed(relength(pieces.map((p, j) => (j === i ? { ...p, hex } : p)))))
          wrong.push(reject(`${body.path} of another version`, { bytes: longer, error: body.rule, at: piece.at }))
        }
        const last = (Number.parseInt(piece.hex.slice(-2), 16) ^ 0x20).toString(16).padStart(2, '0')
        wrong.push(put(piece.hex.slice(0, -2) + last, `${body.path} ends in ${last}`, body.rule))
      }
      return wrong
    })
  }

  /** The check that bits of something absent are 0. */
  #checked(bit: Bit, value: Fields): string | undefined {
    if (!bit.path.includes('.') || at(value, bit.path.split('.')[0]) !== undefined) return undefined
    const check = this.#packet.body.find((b) => b.is === 'check' && mentions(b.rule.must).includes(bit.path))
    return check?.is === 'check' ? check.rule.rule : undefined
  }

  /** Bodies that end at each of their bytes, and one byte after the end. */
  cut(value: Fields): Wrong[] {
    const pieces = this.pieces(value)
    const bytes = whole(pieces)
    if (bytes.includes('@') || bytes.length > 256) return []
    const { short, long } = this.#codec.model.frame
    const head = 1 + pieces[1].hex.length / 2
    const body = pieces
      .slice(2)
      .map((p) => p.hex)
      .join('')
    const found: Wrong[] = []
    const cut = (length: number): string => pieces[0].hex + lengthBytes(length) + body.slice(0, 2 * length)
    for (let length = 0; length < body.length / 2; length++) {
      const place = pieces.slice(2).findLast((p) => p.at - head <= length && (p.hex !== '' || p.body?.is === 'list'))
      const inList = place?.path.includes('[].') === true
      const starts = place !== undefined && place.at - head === length
      if (!place || (place.body?.is === 'wire' && place.body.wire === 'rest') || (starts && inList && this.#firstOfItem(place))) continue
      const empty = place.body?.is === 'list' ? place.body : undefined
      found.push(
        reject(`ends after ${length} bytes`, {
          bytes: cut(length),
          error: empty ? empty.rule : short,
          at: place.at - head + 1 + lengthBytes(length).length / 2,
        }),
      )
    }
    const last = pieces.at(-1)?.body
    const open =
      (last?.is === 'wire' && last.wire === 'rest') ||
      this.#packet.body.some((b) => b.is === 'list' || (b.is === 'wire' && b.wire === 'rest'))
    const length = body.length / 2
    if (!open)
      found.push(
        reject('a byte after the end', {
          bytes: `${pieces[0].hex}${lengthBytes(length + 1)}${body}00`,
          error: long.rule,
          at: 1 + lengthBytes(length + 1).length / 2 + length,
        }),
      )
    return found
  }
  #firstOfItem(piece: Piece): boolean {
    const list = this.#packet.body.find((b) => b.is === 'list' && piece.path.startsWith(`${b.path}[].`))
    return list?.is === 'list' && list.do[0] === piece.body
  }
}

const lengthOfAll = (pieces: Piece[]): number => pieces.reduce((sum, p) => sum + p.hex.length / 2 + p.more, 0)

/** Pieces with the places where they begin. */
function placed(pieces: Piece[]): Piece[] {
  let offset = 0
  return pieces.map((p) => {
    const here = p.at < 0 ? p.at : offset
    offset += p.hex.length / 2 + p.more
    return { ...p, at: here }
  })
}
function relength(pieces: Piece[]): Piece[] {
  const length = lengthOfAll(pieces.slice(2))
  return pieces.map((p, i) => (i === 1 ? { ...p, hex: lengthBytes(length) } : p))
}

/** Hex, with @N only at its end. */
export function whole(pieces: Piece[]): string {
  const last = pieces.findLastIndex((p) => p.hex !== '' || p.more > 0)
  return pieces.map((p, i) => p.hex + (p.more === 0 ? '' : i === last && p.more > LONG ? `@${p.more}` : '78'.repeat(p.more))).join('')
}
