// Packets in Python are plain arguments and tuples: no object is made of what is used at once. Encoders take the fields that a session
// gives, decoders answer those that it reads, in the order of the spec. An encoder judges as it writes (wire.py judges text and lengths) and
// raises; what only a session sets, identifiers and the mark of a packet sent again, it need not judge.
import type { Loaded } from '../../generator/generate.ts'
import { and, type Expr, type Func, type Node, name, nodes, rewrite, type Stmt, same, type Type, within } from '../../generator/ir.ts'

export const isPacket = (e: Expr): boolean => e.kind === 'name' && e.type.kind === 'packet'
const fieldOf = (node: Node): (Expr & { kind: 'field' }) | undefined => (node.kind === 'field' && isPacket(node.of) ? node : undefined)

/** Fields of a packet as names of their own. */
export const unpacked = <T>(tree: T): T =>
  rewrite(tree, (node) => {
    const of = node.kind === 'present' ? fieldOf(node.of) : fieldOf(node)
    return of ? name(of.field, of.type) : node
  })

/** What the session does with packets. */
export interface Use {
  own: Set<string> // fields that only a session sets
  settled: Set<string> // rules that a session judges by itself
  sized: Set<string> // packets whose size it judges
  given: Map<string, Set<string>> // fields that it gets from its parameters, by packet
  read: Map<string, string[]> // fields its handlers read, by packet
}

export function useOf({ session, codec }: Loaded): Use {
  const own = new Set([codec.model.again])
  const use: Use = { own, settled: new Set(), sized: new Set(), given: new Map(), read: new Map() }
  for (const node of nodes(session.functions.map((f) => f.body))) {
    if (node.kind === 'set') {
      const of = fieldOf(node.to)
      if (of) own.add(of.field)
    }
    if (node.kind === 'member' && node.owner === 'Rule') use.settled.add(node.member)
    if (node.kind === 'size_of') use.sized.add(node.packet)
    if (node.kind === 'make') {
      const from = node.fields.filter(({ value }) => value.kind === 'field' && value.of.type.kind === 'config').map((f) => f.name)
      use.given.set(node.name, new Set([...(use.given.get(node.name) ?? []), ...from]))
    }
  }
  for (const { packet, event } of session.packets) {
    const { fields } = codec.packets.find((p) => p.packet.name === packet)!.packet
    const handler = session.functions.find((f) => f.name === event)!
    const whole = within(handler.body, (node) => node.kind === 'deliver')
    const read = (field: string) => within(handler.body, (node) => fieldOf(node)?.field === field)
    use.read.set(
      packet,
      fields.map((f) => f.name).filter((f) => whole || read(f)),
    )
  }
  return use
}

const FALSE: Expr = { kind: 'bool', type: { kind: 'bool' }, value: false }
const isFalse = (e: Expr): boolean => e.kind === 'bool' && !e.value

/** A tree in which a flag is known to be false. */
const without = <T>(tree: T, flag: string): T =>
  rewrite(tree, (node) => {
    if (fieldOf(node)?.field === flag) return FALSE
    if (node.kind === 'and') return and(without(node.left, flag), without(node.right, flag))
    if (node.kind === 'pack') {
      const parts = node.parts.map((p) => ({ ...p, value: without(p.value, flag) })).filter((p) => !isFalse(p.value))
      const [only] = parts
      return parts.length === 1 && only.value.kind === 'number' ? only.value : { ...node, parts }
    }
    return node
  })

/** The checks that are left to an encoder. */
function judged(body: Stmt[], packet: string, use: Use): Stmt[] {
  const mine = (e: Expr) => within(e, (node) => use.own.has(fieldOf(node)?.field ?? ''))
  const known = (e: Expr) => within(e, (node) => use.given.get(packet)?.has(fieldOf(node)?.field ?? '') === true)
  return body.flatMap((s): Stmt[] => {
    if (s.kind === 'range') return mine(s.of) || known(s.of) ? [] : [s]
    if (s.kind === 'each') return [{ ...s, do: judged(s.do, packet, use) }]
    if (s.kind !== 'if') return [s]
    const branches = s.branches.map((b) => ({ ...b, do: judged(b.do, packet, use) }))
    const [first] = branches
    const [only] = first.do
    if (only?.kind === 'break_rule' && (use.settled.has(only.rule) || isFalse(first.when) || mine(first.when))) return []
    const otherwise = s.else ? judged(s.else, packet, use) : []
    return first.do.length + otherwise.length === 0 ? [] : [{ ...s, branches, else: otherwise }]
  })
}

/** An item of a list of structs as its fields. */
export const itemised = (body: Stmt[], loaded: Loaded): Stmt[] =>
  rewrite(body, (node) => {
    if (node.kind !== 'each' || node.type.kind !== 'struct') return node
    const fields = loaded.codec.model.world.structs.get(node.type.name)!.map((f) => f.name)
    const inside = rewrite(node.do, (n) =>
      n.kind === 'field' && n.of.kind === 'name' && n.of.name === node.item ? name(n.field, n.type) : n,
    )
    return { ...node, item: fields.join(', '), do: inside }
  })

export interface Encoder {
  func: Func
  first: Expr
  fields: string[]
  sized: boolean
  versioned: boolean
}

const MOST = { name: 'most', type: { kind: 'uint', bits: 32 } as Type }

/** Without a use an encoder judges everything, and marks the packet itself. */
export function encoderOf(packet: string, loaded: Loaded, use?: Use): Encoder {
  const { encode, packet: model } = loaded.codec.packets.find((p) => p.packet.name === packet)!
  const { again } = loaded.codec.model
  const needed = use ? judged(without(encode.body, again), packet, use) : encode.body
  const body = itemised(unpacked(needed), loaded)
  const { first } = body[0] as Stmt & { kind: 'begin' }
  const used = (text: string) => within(body, (node) => node.kind === 'name' && node.name === text)
  const fields = model.fields.filter((f) => !use || f.name !== again)
  const versioned = used('version')
  const sized = use?.sized.has(packet) === true
  const params = [
    ...fields.map((f) => ({ name: f.name, type: f.type })),
    ...(versioned ? encode.params.filter((p) => p.name === 'version') : []),
    ...(sized ? [MOST] : []),
  ]
  return { func: { ...encode, params, body: body.slice(1) }, first, fields: fields.map((f) => f.name), sized, versioned }
}

/** A number that must not be 0 is read so. */
const positive = (body: Stmt[]): Stmt[] =>
  body.flatMap((s, i): Stmt[] => {
    const [before, after] = [body[i - 1], body[i + 1]]
    if (s.kind === 'check' && isPositive(before, s)) return []
    if (s.kind !== 'read' || after?.kind !== 'check' || !isPositive(s, after)) return [s]
    return [Object.assign({ rule: after.rule }, s, after.see && { see: after.see })]
  })
const isPositive = (read: Stmt | undefined, { must }: Stmt & { kind: 'check' }): boolean =>
  read?.kind === 'read' && read.wire === 'u16' && must.kind === 'compare' && must.op === '!=' && same(must.left, read.to)

const nested = (body: Stmt[]): Stmt[] =>
  positive(body).map((s) => (s.kind === 'if' ? { ...s, branches: s.branches.map((b) => ({ ...b, do: nested(b.do) })) } : s))

/** What a decoder answers of a packet: all its fields, or those. A reader knows the first byte and the version. */
export function decoderOf(packet: string, loaded: Loaded, fields?: string[]): Func {
  const { decode } = loaded.codec.packets.find((p) => p.packet.name === packet)!
  const kept = (part: string) => !fields || fields.includes(part)
  const body = decode.body.flatMap((s): Stmt[] => {
    if (s.kind === 'check_text') return []
    if (s.kind === 'take' && s.to.kind === 'name' && !kept(s.to.name)) return []
    if (s.kind === 'result') return [{ ...s, fields: s.fields.filter((f) => kept(f.name)) }]
    return [s]
  })
  const known = rewrite(nested(body), (node) =>
    node.kind === 'name' && node.role === 'parameter' ? { kind: 'field', type: node.type, of: READER, field: node.name } : node,
  )
  return { ...decode, name: `decode_${packet}`, params: [], body: known }
}
const READER = name('reader', { kind: 'none' })
