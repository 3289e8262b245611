// Walks each packet's one body for all that is done with it: the rules of its values, its size, its bytes, and back. Out come functions made
// of the closed list of ir.ts. It knows bits and fields; which packets there are, it reads from the model.
import { Decoding } from './decoding.ts'
import { Encoding } from './encoding.ts'
import { again, headerRule, senderRule } from './header.ts'
import { type Func, NONE, name, RULE, type Stmt, type Type, U8, U32, within } from './ir.ts'
import { Lowering } from './lowering.ts'
import type { Packet, PacketModel } from './model.ts'
import { Judging, textRule } from './rules.ts'
import type { Problems } from './source.ts'
import { parseBody } from './statements.ts'
import { Scope } from './world.ts'

export interface PacketFunctions {
  packet: Packet
  rule: Func
  size: Func
  encode: Func
  checked: Func // rule and encode in one walk, for writers that remember the first rule broken
  decode: Func
}
export interface Codec {
  model: PacketModel
  functions: Func[] // of the spec itself, and the rules of its texts
  structRules: Func[]
  packets: PacketFunctions[]
  headerRule: Func
  senderRule: Map<'client' | 'server', Func>
  again: Func
}

export function lower(model: PacketModel, problems: Problems): Codec | undefined {
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
  const packets = model.packets.map((p) => problems.guard(() => functionsOf(p, lowering))).filter((p) => p !== undefined)
  const structRules = model.structs.map((s) => problems.guard(() => new Judging(lowering).struct(s.name))).filter((f) => f !== undefined)
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
  const value = name('packet', { kind: 'packet', name: packet.name }, 'parameter')
  const [judging, encoding] = [new Judging(lowering), new Encoding(lowering)]
  const make = (what: string, doc: string, returns: Type, body: Stmt[]): Func => func(lowering.model, packet, what, doc, returns, body)
  // in this order: whether a function takes the version is asked by those after it
  const rule = make('rule', `The rule the values of a ${packet.name} break, if any.`, RULE, judging.packet(packet, value))
  const size = make('size', `The remaining length of a ${packet.name}, in bytes.`, U32, encoding.size(packet.body, value))
  const encode = make('encode', `Writes a ${packet.name}. ${packet.doc}`, NONE, encoding.encode(packet, value))
  const checked = make('checked', `Writes a ${packet.name}, and judges it. ${packet.doc}`, NONE, encoding.checked(packet, value, judging))
  const decoded: Type = { kind: 'packet', name: packet.name }
  const decode = make('decode', `Reads the body of a ${packet.name}. ${packet.doc}`, decoded, new Decoding(lowering, packet).statements())
  return { packet, rule, size, encode, checked, decode }
}

/** Only functions that look at the version take one. */
function func({ world }: PacketModel, packet: Packet, what: string, doc: string, returns: Type, body: Stmt[]): Func {
  const named = (text: string) => within(body, (node) => node.kind === 'name' && node.name === text && node.role === 'parameter')
  const own = what === 'decode' ? { name: 'first', type: U8 } : { name: 'packet', type: { kind: 'packet', name: packet.name } as Type }
  const params = named(own.name) ? [own] : []
  if (named('version')) {
    params.push({ name: 'version', type: U8 })
    world.versioned.add(`${what === 'rule' ? 'rule_of' : what === 'size' ? 'size_of' : what} ${packet.name}`)
  }
  return { name: `${what}_${packet.name}`, params, returns, doc, see: [], body }
}
