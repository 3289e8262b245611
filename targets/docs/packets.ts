// What packets.md shows of packets.yaml: the layout of each packet bit by bit, its fields and rules, and an example from the hand-written
// vectors explained byte by byte (example.ts).
import type { Type } from '../../generator/ir.ts'
import type { Bit, Body, Bounds, Packet, PacketModel, RuleSpec } from '../../generator/model.ts'
import type { Field } from '../../generator/resolve.ts'
import type { Emit } from '../../generator/target.ts'
import { exampleOf, vectors } from './example.ts'
import { clauseLink } from './links.ts'

/** A row of the layout: cells over eight bits, or one line over all of them. */
interface Row {
  at: string
  cells: { span: number; text: string }[]
  note: boolean
}
interface Rule {
  rule: string
  must: string
  see: string[]
}

const BROKEN: Record<string, string> = {
  over: 'it is longer than 65535 bytes',
  ill_formed: 'text is not well-formed UTF-8: surrogates, overlong forms and what is beyond U+10FFFF included',
  zero: 'text holds U+0000',
}
const WIRE: Record<string, string> = {
  u8: '1 byte',
  u16: '2 bytes, the higher first',
  utf8: '2 bytes length, then UTF-8',
  bytes: '2 bytes length, then bytes',
  rest: 'all that is left',
}

export const packets: Emit<object> = async (_context, { codec, sources }) => {
  const byHand = await vectors()
  const { model } = codec
  const titles = new Map(model.versions)
  const from = { client: 'client → server', server: 'server → client', both: 'client ↔ server' }
  return {
    versions: model.versions.map(([version, title]) => ({ version, title })),
    lengths: lengths(model),
    frameRules: frameRules(model),
    wireRules: Object.entries(sources.packets.root.get('wire').value as Record<string, { error: string; see: string | string[] }>)
      .map(([what, { error, see }]) => ({ what: BROKEN[what], rule: error, see: [see].flat() }))
      .map(linked),
    texts: model.texts.map((t) => ({ name: t.name, doc: t.doc, rules: t.rules.map(ruleOf).map(linked) })),
    functions: model.functions.map((f) => ({ name: f.name, doc: f.doc })),
    enums: model.enums.map((e) => ({ name: e.name, members: e.members.map(([name, value]) => ({ name, value })) })),
    structs: model.structs.map((s) => ({ ...s, fields: fieldsOf(s.fields, model) })),
    packets: model.packets.map((packet) => ({
      name: packet.name,
      anchor: packet.name.toLowerCase(),
      code: packet.code,
      doc: packet.doc,
      from: from[packet.from],
      first: firstByte(packet),
      rows: [...header(packet), ...layout(packet.body, model, counter())],
      fields: fieldsOf(packet.fields, model),
      rules: rulesOf(packet, model).map(linked),
      example: exampleOf(codec, packet, byHand),
    })),
    newest: titles.get(Math.max(...titles.keys())),
  }
}

const linked = <T extends { see: string[] }>(rule: T): T & { clauses: string } => ({
  ...rule,
  clauses: rule.see.map(clauseLink).join(', '),
})
const ruleOf = (r: RuleSpec): Rule => ({ rule: r.rule, must: `\`${r.item.get('must').text.replaceAll('|', '\\|')}\``, see: r.see })
const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0')

/** A rule's version, where it does not hold in all. */
function bounds({ since, until }: Bounds, model: PacketModel): string {
  const [oldest, newest] = [model.versions[0][0], model.versions.at(-1)![0]]
  const titles = model.versions.filter(([v]) => v >= since && v <= until).map(([, title]) => title)
  return since <= oldest && until >= newest ? '' : titles.join(', ')
}

function lengths({ frame }: PacketModel): { bytes: number; least: number; most: number }[] {
  return Array.from({ length: frame.lengthBytes }, (_, i) => ({ bytes: i + 1, least: i === 0 ? 0 : 128 ** i, most: 128 ** (i + 1) - 1 }))
}
function frameRules({ frame, rules }: PacketModel): object[] {
  const rows: [string, string][] = [
    [frame.type.rule, 'the type is that of a packet'],
    [frame.sender.rule, 'a client receives what a server sends, and a server what a client sends'],
    [frame.length.rule, `the remaining length has at most ${frame.lengthBytes} bytes`],
    [frame.over, 'the remaining length is at most the largest allowed'],
    [frame.short, 'no field reaches beyond the packet'],
    [frame.long.rule, 'nothing follows the last field'],
  ]
  return rows.map(([rule, must]) => linked({ rule, must, see: rules.get(rule) ?? [] }))
}

const firstByte = (packet: Packet): string =>
  `${binary(packet.code, 4)} ${packet.header.map((b) => (b.is === 'const' ? binary(b.value, b.width) : b.path)).join(' ')}`

function header(packet: Packet): Row[] {
  const type = { span: 4, text: `<b>${binary(packet.code, 4)}</b> ${packet.name}` }
  return [
    { at: '1', cells: [type, ...packet.header.map(bitCell)], note: false },
    { at: '2…', cells: [{ span: 8, text: '<i>remaining length</i>, 1 to 4 bytes' }], note: false },
  ]
}
function bitCell(bit: Bit): { span: number; text: string } {
  const text = bit.is === 'const' ? `<b>${binary(bit.value, bit.width)}</b>` : bit.is === 'presence' ? `has ${bit.path}` : bit.path
  return { span: bit.width, text }
}

/** Bytes of the body are counted until one field can have any length. */
function counter(): (bytes: number | undefined) => string {
  let next: number | undefined = 0
  return (bytes) => {
    const at = next === undefined ? '⋯' : `+${next}`
    next = next === undefined || bytes === undefined ? undefined : next + bytes
    return at
  }
}

function layout(body: Body[], model: PacketModel, count: (bytes: number | undefined) => string): Row[] {
  const note = (text: string): Row => ({ at: '', cells: [{ span: 8, text: `<i>${text}</i>` }], note: true })
  return body.flatMap((b): Row[] => {
    switch (b.is) {
      case 'byte':
        return [{ at: count(1), cells: b.bits.map(bitCell), note: false }]
      case 'when':
        return [note(`only where ${b.item.get('when').text.replaceAll('>', '&gt;')}:`), ...layout(b.do, model, count)]
      case 'list':
        return [note(`${b.path}: these, once or more often, to the end of the packet:`), ...layout(b.do, model, count)]
      case 'wire': {
        const fixed = b.wire === 'u8' ? 1 : b.wire === 'u16' ? 2 : undefined
        const values = b.const && [...new Set(b.const.values())]
        const same = values?.every((v) => String(v).length === String(values[0]).length)
        const length = b.const && same && b.wire === 'utf8' ? 2 + String(values![0]).length : fixed
        const text = b.const
          ? `${b.path}: ${[...b.const].map(([v, is]) => `<b>${is}</b> in ${model.versions.find(([n]) => n === v)![1]}`).join(', ')}`
          : `${b.path === 'item' ? 'one of them' : b.path}: ${WIRE[b.wire]}${b.format ? ` (${b.format})` : ''}`
        return [{ at: count(length), cells: [{ span: 8, text }], note: false }]
      }
      default:
        return []
    }
  })
}

function fieldsOf(fields: Field[], model: PacketModel): object[] {
  const [oldest, newest] = [model.versions[0][0], model.versions.at(-1)![0]]
  return fields.map((f) => ({
    name: f.name,
    type: typeName(f.type),
    optional: f.type.kind === 'optional',
    bounds: bounds({ since: f.since ?? oldest, until: f.until ?? newest }, model),
  }))
}
function typeName(type: Type): string {
  if (type.kind === 'optional') return typeName(type.of)
  if (type.kind === 'list') return `${typeName(type.of)}[]`
  if (type.kind === 'uint') return `u${type.bits}`
  if (type.kind === 'text') return type.format ?? 'utf8'
  return 'name' in type && type.name ? type.name : type.kind
}

/** Each rule a packet can break, with what must hold. */
function rulesOf(packet: Packet, model: PacketModel): Rule[] {
  const found: Rule[] = packet.rules.map((r) => within(ruleOf(r), r))
  function within<T extends Rule>(rule: T, b: Bounds): T {
    const only = bounds(b, model)
    return only ? { ...rule, must: `${rule.must} (${only})` } : rule
  }
  const bit = (b: Bit, byte: string) => {
    if (!b.rule) return
    const only = bounds(b, model)
    const must =
      b.is === 'const' ? `the reserved bits of ${byte} are ${binary(b.value, b.width)}` : only ? `${b.path} is 0` : values(b.path)
    found.push({
      rule: b.rule,
      must: b.is === 'const' || !only ? (only ? `${must} (${only})` : must) : `${must} but in ${only}`,
      see: b.see,
    })
  }
  const values = (path: string): string => {
    const name = typeName(typeAt(path, packet.fields, model))
    const known = model.enums.find((e) => e.name === name)
    return known ? `${path} is one of ${known.members.map(([, v]) => v).join(', ')}` : `${path} fits its width`
  }
  for (const b of packet.header) bit(b, 'the first byte')
  const walk = (body: Body[], list = ''): void => {
    for (const b of body) {
      if (b.is === 'byte') for (const one of b.bits) bit({ ...one, path: list && one.path ? `${list}.${one.path}` : one.path }, 'the byte')
      if (b.is === 'when') walk([...b.do, ...b.else], list)
      if (b.is === 'check') found.push(within(ruleOf(b.rule), b.rule))
      if (b.is === 'absent') found.push({ rule: b.rule, must: `${b.path} is absent`, see: b.see })
      if (b.is === 'list') {
        found.push({ rule: b.rule, must: `${b.path} has at least one`, see: b.see })
        walk(b.do, b.path)
      }
      if (b.is === 'wire' && b.rule) {
        const path = b.path === 'item' ? list : b.path
        const must = b.const ? `${path} is the one of its version` : b.min > 0 ? `${path} is at least ${b.min}` : values(path)
        found.push({ rule: b.rule, must, see: b.see })
      }
    }
  }
  walk(packet.body)
  return found
}

function typeAt(path: string, fields: Field[], model: PacketModel): Type {
  let known = fields
  let type: Type = { kind: 'none' }
  for (const step of path.split('.')) {
    type = known.find((f) => f.name === step)?.type ?? { kind: 'none' }
    while (type.kind === 'optional' || type.kind === 'list') type = type.of
    known = type.kind === 'struct' ? model.world.structs.get(type.name)! : []
  }
  return type
}
