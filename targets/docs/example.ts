// An example of a packet, from the hand-written vectors, explained byte by byte. The bytes are the vector's; the pieces they are cut
// into come from the spec, and must be those bytes.
import { join } from 'node:path'
import type { Type } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import type { Bit, Packet, PacketModel } from '../../generator/model.ts'
import type { Field } from '../../generator/resolve.ts'
import { yamlFiles } from '../../generator/source.ts'
import { Evaluator, type Fields, type Value } from '../data/evaluate.ts'
import { Layout, type Piece, whole } from '../data/layout.ts'

interface Vector {
  name: string
  both?: string
  versions?: number[]
  packet?: Record<string, Given>
}
type Given = { [field: string]: GivenValue }
type GivenValue = number | string | { hex?: string; repeat?: string; times?: number } | GivenValue[] | Given

export interface Example {
  name: string
  bytes: string
  rows: { at: number; bytes: string; text: string }[]
}

const folder = join(import.meta.dirname, '../../spec/vectors')
export const vectors = async (): Promise<Vector[]> =>
  (await yamlFiles(folder)).flatMap(([, data]) => (data as { vectors: Vector[] }).vectors)

const SHORT = /^([0-9a-f]{2}){1,60}$/ // which leaves out those that end in @N

/** The vector with the most to explain among the short ones of the newest version. */
export function exampleOf(codec: Codec, packet: Packet, vectors: Vector[]): Example | undefined {
  const version = codec.model.versions.at(-1)![0]
  const layout = new Layout(codec, packet, version, new Evaluator(codec))
  const candidates = vectors
    .filter((v) => SHORT.test(v.both ?? '@') && v.packet && packet.name in v.packet && (v.versions ?? [version]).includes(version))
    .map((v) => ({ name: v.name, bytes: v.both!, pieces: layout.pieces(fields(v.packet![packet.name], packet.fields, codec.model)) }))
  const fitting = candidates.filter(({ pieces, bytes: own }) => whole(pieces) === own) // all, unless the spec is being changed
  if (fitting.length === 0) return undefined
  const best = fitting.reduce((a, b) => (b.pieces.length > a.pieces.length ? b : a))
  const spaced = best.bytes.replace(/../g, '$& ').trim()
  return { name: best.name, bytes: spaced, rows: best.pieces.filter((p) => p.hex !== '').flatMap((p, i) => explain(p, i, packet)) }
}

/** A vector's value, in the form in which the generator computes: bytes as text, what is not given at its least. */
function fields(given: Given, known: Field[], model: PacketModel): Fields {
  return Object.fromEntries(known.map((f) => [f.name, value(given[f.name], f.type, model)]))
}
function value(given: GivenValue | undefined, type: Type, model: PacketModel): Value {
  if (type.kind === 'optional') return given === undefined ? undefined : value(given, type.of, model)
  if (type.kind === 'list') return (given as GivenValue[]).map((g) => value(g, type.of, model))
  if (type.kind === 'struct') return fields(given as Given, model.world.structs.get(type.name)!, model)
  if (type.kind === 'bool') return given === 1
  if (type.kind === 'text' || type.kind === 'bytes') return bytes(given)
  return (given as number | undefined) ?? 0
}
function bytes(given: GivenValue | undefined): string {
  if (typeof given === 'string' || given === undefined) return Buffer.from(given ?? '', 'utf8').toString('latin1')
  const { hex = '', repeat = '', times = 0 } = given as { hex?: string; repeat?: string; times?: number }
  return Buffer.from(hex + repeat.repeat(times), 'hex').toString('latin1')
}

function explain(piece: Piece, index: number, packet: Packet): Example['rows'] {
  const row = (at: number, hex: string, text: string) => ({ at, bytes: hex.replace(/../g, '$& ').trim(), text })
  const number = Number.parseInt(piece.hex, 16)
  if (index === 0) return [row(0, piece.hex, [`type ${packet.code}: ${packet.name}`, ...bitsOf(packet.header, number)].join('; '))]
  if (index === 1) return [row(piece.at, piece.hex, `remaining length: ${lengthOf(piece.hex)}`)]
  const { body } = piece
  const name = piece.path.replace(/\[\]\.item$/, '').replace('[].', ': ')
  if (body?.is === 'byte') return [row(piece.at, piece.hex, bitsOf(body.bits, number).join('; '))]
  if (body?.is !== 'wire') return []
  if (body.wire === 'u8' || body.wire === 'u16') return [row(piece.at, piece.hex, `${name}: ${number}`)]
  if (body.wire === 'rest') return [row(piece.at, piece.hex, `${name}: ${shown(piece.hex)}`)]
  const [length, text] = [piece.hex.slice(0, 4), piece.hex.slice(4)]
  const rows = [row(piece.at, length, `length of ${name}: ${Number.parseInt(length, 16)}`)]
  return text === '' ? rows : [...rows, row(piece.at + 2, text, `${name}: ${shown(text)}`)]
}

/** Flags by name, the highest first. */
function bitsOf(bits: Bit[], byte: number): string[] {
  let shift = bits.reduce((sum, b) => sum + b.width, 0)
  return bits.map((b) => {
    shift -= b.width
    const value = (byte >> shift) & (2 ** b.width - 1)
    const is = value.toString(2).padStart(b.width, '0')
    return b.is === 'const' ? `reserved ${is}` : b.is === 'presence' ? `has ${b.path} ${is}` : `${b.path} ${value}`
  })
}

function lengthOf(hex: string): number {
  return Buffer.from(hex, 'hex').reduce((sum, byte, i) => sum + (byte & 0x7f) * 128 ** i, 0)
}
function shown(hex: string): string {
  const text = Buffer.from(hex, 'hex').toString('utf8')
  return /^[\P{C}]*$/u.test(text) && Buffer.from(text).toString('hex') === hex ? `\`${text}\`` : `${hex.length / 2} bytes`
}
