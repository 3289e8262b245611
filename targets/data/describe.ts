// The packets as plain data, for tools and testees: model.json. It says what fields there are, not how they are coded.
import type { Type } from '../../generator/ir.ts'
import type { PacketModel } from '../../generator/model.ts'
import type { Emit } from '../../generator/target.ts'
import type { Field } from '../../generator/world.ts'

export interface FieldData {
  name: string
  type: 'bool' | 'number' | 'text' | 'bytes' | 'struct' | 'numbers' | 'texts' | 'structs'
  optional: boolean
  since: number
  until: number
  fields?: FieldData[]
}

export const model: Emit = (_context, { codec }) => describeModel(codec.model)

export function describeModel(model: PacketModel): string {
  const packets = Object.fromEntries(
    model.packets.map((p) => [p.name, { code: p.code, from: p.from, doc: p.doc, fields: p.fields.map((f) => describeField(f, model)) }]),
  )
  const rules = Object.fromEntries([...model.rules].map(([name, see], i) => [name, { number: i + 1, see }]))
  return `${JSON.stringify({ versions: Object.fromEntries(model.versions), packets, rules }, null, 1)}\n`
}

function describeField(field: Field, model: PacketModel): FieldData {
  const { name, type } = field
  const inner = type.kind === 'optional' || type.kind === 'list' ? type.of : type
  const struct = inner.kind === 'struct' ? model.structs.find((s) => s.name === inner.name) : undefined
  const fields = struct ? { fields: struct.fields.map((f) => describeField(f, model)) } : {}
  const [oldest, newest] = [model.versions[0][0], model.versions.at(-1)![0]]
  return {
    name,
    type: typeName(type),
    optional: type.kind === 'optional',
    since: field.since ?? oldest,
    until: field.until ?? newest,
    ...fields,
  }
}

function typeName(type: Type): FieldData['type'] {
  if (type.kind === 'optional') return typeName(type.of)
  if (type.kind === 'list') return type.of.kind === 'struct' ? 'structs' : type.of.kind === 'text' ? 'texts' : 'numbers'
  return type.kind === 'bool' || type.kind === 'text' || type.kind === 'bytes' || type.kind === 'struct' ? type.kind : 'number'
}
