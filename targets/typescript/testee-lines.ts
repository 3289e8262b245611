// Text of the line protocol to packets and back: hex, lists, dotted fields. Which fields a packet has, and in what order, generated/data/model.json tells.
import { readFileSync } from 'node:fs'
import { spell } from '../../generator/print.ts'
import type { FieldData } from '../data/describe.ts'

/** A request that cannot be understood: `bad <message>`. */
export class Refusal extends Error {}

interface FieldModel extends Omit<FieldData, 'fields'> {
  raw: string // as the line protocol spells it
  fields?: FieldModel[]
}
const text = readFileSync(new URL('../../generated/data/model.json', import.meta.url), 'utf8')
const data = JSON.parse(text) as { packets: Record<string, { fields: FieldData[] }> }
const spelled = (f: FieldData): FieldModel =>
  ({ ...f, raw: f.name, name: spell(f.name, 'camelCase'), fields: f.fields?.map(spelled) }) as FieldModel
const model = Object.fromEntries(Object.entries(data.packets).map(([kind, p]) => [kind, p.fields.map(spelled)]))
/** Fields that a line may leave out: 0 then. */
const ZERO = ['dup', 'qos', 'retain']

/** `00ff@3`: hex, then so many bytes 78. */
export function bytesOf(text: string, name: string): Uint8Array {
  const [digits, more] = text.split('@')
  if (!/^([0-9a-f]{2})*$/.test(digits) || (more !== undefined && !/^\d{1,10}$/.test(more))) throw new Refusal(`value ${name}`)
  const bytes = new Uint8Array(digits.length / 2 + Number(more ?? 0)).fill(0x78)
  bytes.set(Buffer.from(digits, 'hex'))
  return bytes
}

export function hex(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return bytes.length > 65536 ? `${whole.subarray(0, 32).toString('hex')}+${bytes.length - 32}` : whole.toString('hex')
}
export const hexOfText = (text: string): string => hex(Buffer.from(text, 'utf8'))

/** Ill-formed bytes become lone surrogates, so that the client gets to judge them. */
export function textOf(text: string, name: string): string {
  const bytes = bytesOf(text, name)
  let out = ''
  for (let at = 0; at < bytes.length; ) {
    const bad = illFormed(bytes.subarray(at))
    const end = bad < 0 ? bytes.length : at + bad
    out += Buffer.from(bytes.subarray(at, end)).toString('utf8')
    if (end < bytes.length) out += bytes[end] === 0 ? '\0' : String.fromCharCode(0xdc00 + bytes[end])
    at = end + 1
  }
  return out
}

/** Where the first sequence begins that is not UTF-8 or is U+0000; -1 if there is none. */
function illFormed(bytes: Uint8Array): number {
  const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
  let begins = 0
  try {
    for (let i = 0; i < bytes.length; i++) {
      const character = strict.decode(bytes.subarray(i, i + 1), { stream: true })
      if (character === '\0') return i
      if (character !== '') begins = i + 1
    }
    strict.decode()
  } catch {
    return begins
  }
  return -1
}

export function numberOf(text: string, name: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Refusal(`value ${name}`)
  return Number(text)
}
export function flagOf(text: string, name: string): boolean {
  if (text !== '0' && text !== '1') throw new Refusal(`value ${name}`)
  return text === '1'
}

/** `name=value` words, each at most once and of `known` names. */
export function wordsOf(words: string[], known: string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    const name = at < 0 ? word : word.slice(0, at)
    if (!known.includes(name)) throw new Refusal(`unknown ${name}`)
    if (at < 0 || found.has(name)) throw new Refusal(`value ${name}`)
    found.set(name, word.slice(at + 1))
  }
  return found
}

const inVersion = (f: FieldModel, version: number): boolean => version >= f.since && version <= f.until

/** A packet from the words of an `encode` line. */
export function fieldsOf(kind: string, words: string[], version: number): object {
  const fields = model[kind]?.filter((f) => inVersion(f, version))
  if (!fields) throw new Refusal(`unknown ${kind}`)
  const names = fields.flatMap((f) => (f.fields && f.type === 'struct' ? f.fields.map((g) => `${f.raw}.${g.raw}`) : [f.raw]))
  const given = wordsOf(words, names)
  return { kind, ...readFields(fields, given, ''), ...absent(kind, version) }
}
const absent = (kind: string, version: number): object =>
  Object.fromEntries(model[kind].filter((f) => !inVersion(f, version)).map((f) => [f.name, false]))

function readFields(fields: FieldModel[], given: Map<string, string>, prefix: string): object {
  const out: Record<string, unknown> = {}
  for (const f of fields) {
    const name = prefix + f.raw
    if (f.type === 'struct') {
      if (f.fields!.some((g) => given.has(`${name}.${g.raw}`))) out[f.name] = readFields(f.fields!, given, `${name}.`)
      continue
    }
    const text = given.get(name)
    if (text !== undefined) out[f.name] = valueFrom(f, text, name)
    else if (f.type === 'bool' && ZERO.includes(f.raw)) out[f.name] = false
    else if (f.type === 'number' && ZERO.includes(f.raw)) out[f.name] = 0
    else if (!f.optional) throw new Refusal(`missing ${name}`)
  }
  return out
}

function valueFrom(f: FieldModel, text: string, name: string): unknown {
  if (f.type === 'bool') return flagOf(text, name)
  if (f.type === 'number') return numberOf(text, name)
  if (f.type === 'text') return textOf(text, name)
  if (f.type === 'bytes') return bytesOf(text, name)
  const items = text === '' ? [] : text.split(',')
  if (f.type === 'numbers') return items.map((i) => numberOf(i, name))
  if (f.type === 'texts') return items.map((i) => textOf(i === '-' ? '' : i, name))
  return items.map((i) => item(f.fields!, i, name))
}

/** `612f62:1`, one entry of a list of structs. */
function item(fields: FieldModel[], text: string, name: string): object {
  const parts = text.split(':')
  if (parts.length !== fields.length) throw new Refusal(`value ${name}`)
  return Object.fromEntries(fields.map((f, i) => [f.name, valueFrom(f, parts[i] === '-' ? '' : parts[i], name)]))
}

/** A packet as a line prints it. */
export function show(packet: { kind: string }, version: number): string {
  return [
    packet.kind,
    ...showFields(
      model[packet.kind].filter((f) => inVersion(f, version)),
      packet,
      '',
    ),
  ].join(' ')
}
function showFields(fields: FieldModel[], value: object, prefix: string): string[] {
  return fields.flatMap((f) => {
    const v = (value as Record<string, unknown>)[f.name]
    if (v === undefined) return []
    if (f.type === 'struct') return showFields(f.fields!, v as object, `${prefix}${f.raw}.`)
    return [`${prefix}${f.raw}=${showValue(f, v)}`]
  })
}
function showValue(f: FieldModel, v: unknown): string {
  if (f.type === 'bool' || f.type === 'number') return String(Number(v))
  if (f.type === 'text') return hexOfText(v as string)
  if (f.type === 'bytes') return hex(v as Uint8Array)
  const list = v as unknown[]
  if (f.type === 'numbers') return list.join(',')
  if (f.type === 'texts') return list.map((t) => hexOfText(t as string) || '-').join(',')
  return list.map((i) => f.fields!.map((g) => showValue(g, (i as Record<string, unknown>)[g.name]) || '-').join(':')).join(',')
}
