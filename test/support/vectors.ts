// Loads the hand-written vectors of spec/vectors and the clauses they stand for, and writes packets in the testee's
// notation. Which answers are right is said by the vectors; what a target answers is left to the tests.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { root } from './targets.ts'

export type Version = 3 | 4

/** Text, or bytes: `hex` and then `repeat` as many `times`. */
export type Bytes = string | { hex?: string; repeat?: string; times?: number }

export interface Will {
  topic: Bytes
  message: Bytes
  qos?: number
  retain?: number
}

export interface Subscription {
  topic_filter: Bytes
  qos: number
}

/** The fields a packet type has are said by spec/schema/vectors.schema.json. */
export interface Fields {
  client_id?: Bytes
  keep_alive?: number
  clean_session?: number
  will?: Will
  username?: Bytes
  password?: Bytes
  session_present?: number
  return_code?: number
  dup?: number
  qos?: number
  retain?: number
  topic?: Bytes
  packet_id?: number
  payload?: Bytes
  subscriptions?: Subscription[]
  return_codes?: number[]
  topic_filters?: Bytes[]
}

export interface Packet {
  type: string
  fields: Fields
}

export type Kind = 'both' | 'decode' | 'reject' | 'refuse'

export interface Vector {
  name: string
  file: string
  see: string[]
  versions: Version[]
  kind: Kind
  /** Hex, with @N for N more bytes 78 at its end; empty for `refuse`. */
  bytes: string
  packet?: Packet
  error?: string
  at?: number
}

export interface Clause {
  binds: 'client' | 'server' | 'both'
  kind: 'form' | 'behaviour' | 'server'
  doc: string
}

type Entry = Partial<Record<'both' | 'decode' | 'reject', string>> & {
  name: string
  see: string[]
  versions?: Version[]
  refuse?: Record<string, Fields>
  packet?: Record<string, Fields>
  error?: string
  at?: number
}

const KINDS: Kind[] = ['both', 'decode', 'reject', 'refuse']
const specFolder = join(root, 'spec')

/** A file of the spec, checked against its schema. */
const load = (file: string, schema: string): unknown => {
  const data: unknown = parse(readFileSync(join(specFolder, file), 'utf8'), { version: '1.2', strict: true, uniqueKeys: true })
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false })
  const validate = ajv.compile(JSON.parse(readFileSync(join(specFolder, 'schema', schema), 'utf8')))
  if (!validate(data)) throw new Error(`${file}: ${ajv.errorsText(validate.errors, { separator: '\n' })}`)
  return data
}

const packetOf = (packet: Record<string, Fields>): Packet => {
  const [type, fields] = Object.entries(packet)[0]
  return { type, fields }
}

const vectorOf = (file: string, entry: Entry): Vector => {
  const kind = KINDS.find((key) => entry[key] !== undefined) as Kind
  const packet = kind === 'refuse' ? entry.refuse : entry.packet
  return {
    name: entry.name,
    file,
    see: entry.see,
    versions: entry.versions ?? [3, 4],
    kind,
    bytes: kind === 'refuse' ? '' : (entry[kind] as string),
    ...(packet !== undefined && { packet: packetOf(packet) }),
    ...(entry.error !== undefined && { error: entry.error }),
    ...(entry.at !== undefined && { at: entry.at }),
  }
}

export const loadVectors = (): Vector[] =>
  readdirSync(join(specFolder, 'vectors'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const { vectors } = load(join('vectors', file), 'vectors.schema.json') as { vectors: Entry[] }
      return vectors.map((entry) => vectorOf(file, entry))
    })

export const loadClauses = (): Record<string, Clause> =>
  (load('clauses.yaml', 'clauses.schema.json') as { clauses: Record<string, Clause> }).clauses

/** Hex with @N where the value ends in many bytes 78. */
export const hexOf = (value: Bytes): string => {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex')
  const { hex = '', repeat = '', times = 0 } = value
  return repeat === '78' ? `${hex}@${times}` : hex + repeat.repeat(times)
}

const split = (hex: string): { head: string; more: number } => {
  const [head, more = '0'] = hex.split('@')
  return { head, more: Number(more) }
}

/** How many bytes a hex value stands for, without expanding it. */
export const lengthOf = (hex: string): number => {
  const { head, more } = split(hex)
  return head.length / 2 + more
}

export const expand = (hex: string): Buffer => {
  const { head, more } = split(hex)
  return Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(more, 0x78)])
}

export const bytesOf = (value: Bytes): Buffer => expand(hexOf(value))

const PRINTED_WHOLE = 65_536
const PRINTED_HEAD = 32

/** A hex value as a testee prints it: whole, or its first bytes and how many were left out. */
export const printed = (hex: string): string => {
  const length = lengthOf(hex)
  if (length <= PRINTED_WHOLE) return expand(hex).toString('hex')
  const { head, more } = split(hex)
  const start = expand(`${head.slice(0, 2 * PRINTED_HEAD)}@${Math.min(more, PRINTED_HEAD)}`).subarray(0, PRINTED_HEAD)
  return `${start.toString('hex')}+${length - PRINTED_HEAD}`
}

type Write = (hex: string) => string

const item = (value: Bytes, write: Write): string => write(hexOf(value)) || '-'

/** A packet's fields in the order of the testee's page, defaults filled in. */
const notation = ({ type, fields }: Packet, version: Version, write: Write): string => {
  const text = (value: Bytes | undefined): string | undefined => (value === undefined ? undefined : write(hexOf(value)))
  const { will } = fields
  const hasDup = type === 'PUBLISH' || (version === 3 && ['PUBREL', 'SUBSCRIBE', 'UNSUBSCRIBE'].includes(type))
  const all: Record<string, string | number | undefined> = {
    client_id: text(fields.client_id),
    keep_alive: fields.keep_alive,
    clean_session: fields.clean_session,
    'will.topic': text(will?.topic),
    'will.message': text(will?.message),
    'will.qos': will && (will.qos ?? 0),
    'will.retain': will && (will.retain ?? 0),
    username: text(fields.username),
    password: text(fields.password),
    session_present: fields.session_present,
    return_code: fields.return_code,
    dup: hasDup ? (fields.dup ?? 0) : undefined,
    qos: type === 'PUBLISH' ? (fields.qos ?? 0) : undefined,
    retain: type === 'PUBLISH' ? (fields.retain ?? 0) : undefined,
    topic: text(fields.topic),
    packet_id: fields.packet_id,
    payload: text(fields.payload),
    subscriptions: fields.subscriptions?.map(({ topic_filter, qos }) => `${item(topic_filter, write)}:${qos}`).join(','),
    return_codes: fields.return_codes?.join(','),
    topic_filters: fields.topic_filters?.map((filter) => item(filter, write)).join(','),
  }
  const given = Object.entries(all).filter(([, value]) => value !== undefined)
  return [type, ...given.map(([name, value]) => `${name}=${value}`)].join(' ')
}

/** What follows `encode 4 `: long repeats of 78 as @N. */
export const toTestee = (packet: Packet, version: Version): string => notation(packet, version, (hex) => hex)

/** What a testee prints after `ok ` when it decoded this packet. */
export const fromTestee = (packet: Packet, version: Version): string => notation(packet, version, printed)
