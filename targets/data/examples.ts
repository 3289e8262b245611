// vectors.json: what is written by hand under spec/vectors and what derive.ts adds, as plain data in the testee's own notation. Hand-written
// values are held against the model here; whether a target agrees, the tests find out.
import { join } from 'node:path'
import { once } from '../../generator/memo.ts'
import type { PacketModel } from '../../generator/model.ts'
import { describe, Fault, type Item, Source, suggest, yamlFiles } from '../../generator/source.ts'
import type { Emit } from '../../generator/target.ts'
import type { Field } from '../../generator/world.ts'
import { deriveVectors, type Vector } from './derive.ts'

const root = join(import.meta.dirname, '../..')
yamlFiles(join(root, 'spec/vectors')).catch(() => {}) // read while the spec is

type Bytes = string | { hex?: string; repeat?: string; times?: number }
type Value = number | Bytes | Value[] | { [field: string]: Value }
interface Entry {
  name: string
  see: string[]
  versions?: number[]
  packet?: Record<string, Value>
  refuse?: Record<string, Value>
  error?: string
  at?: number
  both?: string
  decode?: string
  reject?: string
}

export const vectors: Emit = async (_context, { codec }) => {
  return `[\n${[rows(await handWritten(codec.model)), derivedRows(deriveVectors(codec))].join(',\n')}\n]\n`
}
const rows = (list: Vector[]): string => list.map((v) => JSON.stringify(v)).join(',\n')
const derivedRows = once(rows)

async function handWritten(model: PacketModel): Promise<(Vector & { see: string[] })[]> {
  const all = model.versions.map(([v]) => v)
  return (await yamlFiles(join(root, 'spec/vectors'))).flatMap(([file, data]) =>
    (data as { vectors: Entry[] }).vectors.flatMap((entry, i) => {
      const { name, see, error, at } = entry
      const kind = (['both', 'decode', 'reject', 'refuse'] as const).find((k) => entry[k] !== undefined)!
      const key = kind === 'refuse' ? 'refuse' : 'packet'
      const value = entry[key]
      const bytes = kind === 'refuse' ? undefined : (entry[kind] as string)
      const spelled = (version: number) => value && notation(value, version, model, () => entryAt(file, i, key))
      const spellings = new Map<string | undefined, number[]>()
      for (const version of entry.versions ?? all) spellings.set(spelled(version), [...(spellings.get(spelled(version)) ?? []), version])
      return [...spellings].map(([packet, versions]) => ({ name, see, versions, kind, ...given({ bytes, packet, error, at }) }))
    }),
  )
}
const given = <T extends object>(fields: T): T => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as T

/** Where a mistake stands; read with positions only when there is one. */
const entryAt = (file: string, index: number, key: string): Item =>
  Source.read(join(root, 'spec', 'vectors', file), root)
    .root.get('vectors')
    .items()
    [index].get(key)

function notation(packet: Record<string, Value>, version: number, model: PacketModel, where: () => Item): string {
  const [[name, value]] = Object.entries(packet)
  const spec = model.packets.find((p) => p.name === name)
  const names = model.packets.map((p) => p.name)
  if (!spec) throw wrong(where().entries()[0][0], `unknown packet '${name}'${suggest(name, names)}`)
  const present = spec.fields.filter((f) => version >= (f.since ?? 0) && version <= (f.until ?? version))
  return [name, ...fields(value as Record<string, Value>, present, '', model, () => where().get(name))].join(' ')
}

const wrong = (item: Item, message: string): Fault => new Fault(describe(message, item.spot))

/** `name=value` words; a number that is left out is 0. */
function fields(value: Record<string, Value>, known: Field[], prefix: string, model: PacketModel, where: () => Item): string[] {
  for (const name of Object.keys(value)) {
    const names = known.map((f) => f.name)
    if (!names.includes(name))
      throw wrong(
        where()
          .entries()
          .find(([k]) => k.text === name)![0],
        `unknown field '${name}'${suggest(name, names)}`,
      )
  }
  return known.flatMap((f): string[] => {
    const type = f.type.kind === 'optional' ? f.type.of : f.type
    const is = value[f.name]
    const name = prefix + f.name
    if (is === undefined) return f.type.kind === 'optional' ? [] : [`${name}=0`]
    if (type.kind === 'struct')
      return fields(is as Record<string, Value>, model.world.structs.get(type.name)!, `${name}.`, model, () => where().get(f.name))
    return [`${name}=${type.kind === 'list' ? (is as Value[]).map(item).join(',') : text(is)}`]
  })
}
const item = (value: Value): string =>
  typeof value === 'object' && !('hex' in value) && !('repeat' in value) ? Object.values(value).map(item).join(':') : text(value) || '-'
function text(value: Value): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex')
  const { hex = '', repeat = '', times = 0 } = value as Exclude<Bytes, string>
  return repeat === '78' ? `${hex}@${times}` : hex + repeat.repeat(times)
}
