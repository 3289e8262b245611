// What may be judged of a packet as soon as its first byte is there, and what that byte becomes when it is sent again.
import { and, BOOL, compare, type Expr, type Func, number, RULE, type Stmt, type Type, U8 } from './ir.ts'
import { bits, breaks, FIRST, type Lowering, mentions, placed, VERSION } from './lowering.ts'
import type { Packet } from './model.ts'

const PARAMS = [
  { name: 'first', type: U8 },
  { name: 'version', type: U8 },
]
const func = (name: string, returns: Type, doc: string, body: Stmt[]): Func => ({ name, params: PARAMS, returns, doc, see: [], body })
const code = (p: Packet): Expr => ({
  kind: 'member',
  type: { kind: 'enum', name: 'PacketType' },
  owner: 'PacketType',
  member: p.name,
  value: p.code,
})

/** A switch over the type of a packet; packets of which the same is said share a case. */
function byType({ frame }: Lowering['model'], list: { packet: Packet; do: Stmt[] }[], otherwise: Stmt[]): Stmt[] {
  const cases: { values: Expr[]; do: Stmt[] }[] = []
  const bareOf = (body: Stmt[]) => JSON.stringify(body, (key, value: unknown) => (key === 'see' ? undefined : value))
  for (const { packet, do: body } of list) {
    const twin = cases.find((c) => bareOf(c.do) === bareOf(body))
    if (twin) twin.values.push(code(packet))
    else cases.push({ values: [code(packet)], do: body })
  }
  return [{ kind: 'switch', on: bits(FIRST, 8 - frame.typeBits, frame.typeBits, U8), cases, else: otherwise }]
}

export function headerRule(lowering: Lowering): Func {
  const list = lowering.model.packets.map((packet) => ({ packet, do: judged(lowering, packet) }))
  return func('header_rule', RULE, 'The rule the first byte of a packet breaks, if any.', known(lowering, list))
}
/** A type that no packet has breaks a rule, too. */
const known = ({ model }: Lowering, list: { packet: Packet; do: Stmt[] }[]): Stmt[] =>
  byType(model, list, [{ kind: 'break_rule', rule: model.frame.type.rule, see: model.frame.type.see }])
const judged = (lowering: Lowering, packet: Packet): Stmt[] => [
  ...headerChecks(lowering, packet),
  { kind: 'answer', value: number(0, RULE) },
]
function headerChecks(lowering: Lowering, packet: Packet): Stmt[] {
  const checks: Stmt[] = []
  const scope = lowering.scope.inner()
  scope.set('version', VERSION)
  for (const { bit, shift } of placed(packet.header, 8 - lowering.model.frame.typeBits)) {
    if (bit.is === 'const') {
      checks.push(breaks(compare('!=', bits(FIRST, shift, bit.width, U8), number(bit.value, U8)), bit))
      continue
    }
    const type = packet.fields.find((f) => f.name === bit.path)!.type
    const value = bits(FIRST, shift, bit.width, type.kind === 'bool' ? BOOL : type)
    scope.set(bit.path, value)
    const outside = lowering.outside(bit)
    if (outside && bit.rule) checks.push(breaks(and(outside, value), bit))
    else if (bit.rule && type.kind === 'enum') checks.push(...lowering.enumCheck(value, bit.width, bit))
  }
  const flags = new Set(packet.header.map((b) => b.path))
  const rules = packet.rules.filter((r) => mentions(r.must).every((m) => m === 'version' || flags.has(m)))
  return [...checks, ...rules.map((r) => breaks(lowering.violated(r, scope), r))]
}

/** For one who receives only what the other side may send. */
export function senderRule(lowering: Lowering, from: 'client' | 'server'): Func {
  const { frame, packets } = lowering.model
  const refuse: Stmt = { kind: 'break_rule', rule: frame.sender.rule, see: frame.sender.see }
  const list = packets.map((packet) => ({
    packet,
    do: packet.from === from || packet.from === 'both' ? judged(lowering, packet) : [refuse],
  }))
  return func(`${from}_header_rule`, RULE, `The rule the first byte of a packet from a ${from} breaks, if any.`, known(lowering, list))
}

/** The first byte of a packet that is sent again. */
export function again(lowering: Lowering): Func {
  const { again: flag, frame, packets } = lowering.model
  const same: Stmt = { kind: 'answer', value: FIRST }
  const list = packets.flatMap((packet) => {
    const own = placed(packet.header, 8 - frame.typeBits).filter(({ bit }) => bit.path === flag)
    return own.map(({ bit, shift }) => {
      const marked: Stmt = { kind: 'answer', value: { kind: 'arithmetic', type: U8, op: '|', left: FIRST, right: number(2 ** shift, U8) } }
      const inside = lowering.within(bit)
      return { packet, do: inside ? [{ kind: 'if', branches: [{ when: inside, do: [marked] }] } as Stmt, same] : [marked] }
    })
  })
  return func('again', U8, 'The first byte of a packet that is sent again.', byType(lowering.model, list, [same]))
}
