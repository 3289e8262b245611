// Walks each packet's one body to write it and to read it. Out come functions made of the closed list of ir.ts. It knows bits and fields; which
// packets there are, it reads from the model.
import { Decoding } from './decoding.ts'
import { Encoding } from './encoding.ts'
import { again, headerRule, senderRule } from './header.ts'
import { type Func, NONE, name, negate, number, type Param, RULE, type Stmt, type Type, U8, within } from './ir.ts'
import { breaks, Lowering } from './lowering.ts'
import type { Memo } from './memo.ts'
import type { Packet, PacketModel, Text } from './model.ts'
import { condition } from './resolve.ts'
import type { Problems } from './source.ts'
import { parseBody } from './statements.ts'
import { Scope } from './world.ts'

export interface PacketFunctions {
  packet: Packet
  encode: Func // judges, measures and writes
  decode: Func
}
export interface Codec {
  model: PacketModel
  functions: Func[] // of the spec itself, and the rules of its texts
  structRules: Func[] // what is written of a struct, to judge it alone
  packets: PacketFunctions[]
  headerRule: Func
  senderRule: Map<'client' | 'server', Func>
  again: Func
}

/** `known`: the functions of packets of which the spec says the same. */
export function lower(model: PacketModel, problems: Problems, known?: Memo<PacketFunctions>): Codec | undefined {
  const scope = new Scope(model.world)
  const functions: Func[] = []
  for (const spec of model.functions) {
    const { params, returns } = model.world.functions.get(spec.name)!
    const inner = scope.inner()
    for (const p of params) inner.set(p.name, name(p.name, p.type, 'parameter'))
    const body = parseBody(spec.body, { scope: inner, returns, problems, keeps: () => true })
    functions.push({ name: spec.name, params, returns, doc: spec.doc, see: [], body })
  }
  for (const text of model.texts) problems.guard(() => functions.push(textRule(text, scope)))
  const lowering = new Lowering(model, scope)
  const lowered = (p: Packet): PacketFunctions =>
    known ? known.of(p.source + model.shared, () => functionsOf(p, lowering)) : functionsOf(p, lowering)
  const packets = model.packets.map((p) => problems.guard(() => lowered(p))).filter((p) => p !== undefined)
  for (const { packet, encode } of packets) if (encode.params.some((p) => p.name === 'version')) model.world.versioned.add(packet.name)
  const structRules = model.structs.map((s) => problems.guard(() => new Encoding(lowering).struct(s.name))).filter((f) => f !== undefined)
  if (!problems.none) return undefined
  const sender = (from: 'client' | 'server') => [from, senderRule(lowering, from)] as const
  return {
    model,
    functions,
    structRules,
    packets,
    headerRule: headerRule(lowering),
    senderRule: new Map([sender('client'), sender('server')]),
    again: again(lowering),
  }
}

function functionsOf(packet: Packet, lowering: Lowering): PacketFunctions {
  const type: Type = { kind: 'packet', name: packet.name }
  const encoded = new Encoding(lowering).packet(packet, name('packet', type, 'parameter'))
  const encode = func(packet, `Writes a ${packet.name}. ${packet.doc}`, NONE, { name: 'packet', type }, encoded)
  const decoded = new Decoding(lowering, packet).statements()
  const decode = func(packet, `Reads the body of a ${packet.name}. ${packet.doc}`, type, { name: 'first', type: U8 }, decoded)
  return { packet, encode, decode }
}

/** Only functions that look at the version take one. */
function func(packet: Packet, doc: string, returns: Type, own: Param, body: Stmt[]): Func {
  const named = (text: string) => within(body, (node) => node.kind === 'name' && node.name === text && node.role === 'parameter')
  const params = [own, { name: 'version', type: U8 }].filter((p) => named(p.name))
  return { name: `${returns === NONE ? 'encode' : 'decode'}_${packet.name}`, params, returns, doc, see: [], body }
}

/** A function that answers the first rule that a text of its own kind breaks. */
function textRule(text: Text, scope: Scope): Func {
  const type: Type = { kind: 'text', format: text.name }
  const inner = scope.inner()
  inner.set('text', name('text', type, 'parameter'))
  const body = text.rules.map((r): Stmt => breaks(negate(condition(r.must, inner)), r))
  body.push({ kind: 'answer', value: number(0, RULE) })
  const doc = `The rule a ${text.name.replaceAll('_', ' ')} breaks, if any. ${text.doc}`
  return { name: `${text.name}_rule`, params: [{ name: 'text', type }], returns: RULE, doc, see: [], body }
}
