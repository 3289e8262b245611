// Which rule the values of a packet break: its own rules, then what each field may be by its width on the wire and by its type.
import { compare, type Expr, type Func, name, negate, number, RULE, rewrite, type Stmt, same, type Type, U32, within } from './ir.ts'
import { breaks, field, has, type Leaf, type ListExpr, type Lowering, type Refusal } from './lowering.ts'
import type { Bit, Body, Packet, Text } from './model.ts'
import { condition } from './resolve.ts'
import type { Scope } from './world.ts'

export function textRule(text: Text, scope: Scope): Func {
  const param = { name: 'text', type: { kind: 'text', format: text.name } as Type }
  const inner = scope.inner()
  inner.set('text', name('text', param.type, 'parameter'))
  const body = text.rules.map((r): Stmt => breaks(negate(condition(r.must, inner)), r))
  body.push({ kind: 'answer', value: number(0, RULE) })
  return {
    name: `${text.name}_rule`,
    params: [param],
    returns: RULE,
    doc: `The rule a ${text.name.replaceAll('_', ' ')} breaks, if any. ${text.doc}`,
    see: [],
    body,
  }
}

/** Ends a rule function with what another one answers. Which of them declares `broken` is settled by `scoped`. */
function requires(call: Expr): Stmt[] {
  const broken = name('broken', RULE)
  const end: Stmt = {
    kind: 'if',
    branches: [{ when: compare('!=', broken, number(0, RULE)), do: [{ kind: 'answer', value: broken }] }],
  }
  return [{ kind: 'set', to: broken, value: call, add: false }, end]
}
/** The first assignment of `broken` that a block sees declares it. */
function scoped(body: Stmt[], declared = false): Stmt[] {
  return body.map((s, i): Stmt => {
    if (isBroken(s) && !declared) {
      declared = true
      return { kind: 'let', name: 'broken', value: s.value, changes: within(body.slice(i + 1), isBroken) }
    }
    if (s.kind === 'if')
      return {
        ...s,
        branches: s.branches.map((b) => ({ ...b, do: scoped(b.do, declared) })),
        ...(s.else ? { else: scoped(s.else, declared) } : {}),
      }
    return s.kind === 'each' ? { ...s, do: scoped(s.do, declared) } : s
  })
}
const isBroken = (s: Stmt | Expr): s is Stmt & { kind: 'set' } => s.kind === 'set' && s.to.kind === 'name' && s.to.name === 'broken'

export class Judging {
  readonly #lowering: Lowering

  constructor(lowering: Lowering) {
    this.#lowering = lowering
  }

  /** A function that answers the first rule broken. */
  packet(packet: Packet, value: Expr): Stmt[] {
    return scoped([...this.rules(packet, value), ...this.#ranges(packet, value), { kind: 'answer', value: number(0, RULE) }])
  }
  rules({ rules, fields }: Packet, value: Expr): Stmt[] {
    const scope = this.#lowering.scopeOf(value, fields)
    return rules.map((r) => breaks(this.#lowering.violated(r, scope), r))
  }
  header(packet: Packet, value: Expr): Stmt[] {
    return packet.header.flatMap((b) => this.#bit(b, value, []))
  }
  #ranges(packet: Packet, value: Expr): Stmt[] {
    return [...this.header(packet, value), ...this.#lowering.walk(packet.body, value, this.leaf, [], packet.fields)]
  }

  /** What stands in a body must fit there. */
  leaf: Leaf = (b, value, present) => {
    const refusal = { rule: 'rule' in b && typeof b.rule === 'string' ? b.rule : '', see: 'see' in b ? b.see : [] }
    switch (b.is) {
      case 'byte':
        return b.bits.flatMap((bit) => this.#bit(bit, value, present))
      case 'absent':
        return [breaks(has(this.#lowering.at(b.path, value, present)), refusal)]
      case 'list': {
        const list = this.#lowering.at(b.path, value, present) as ListExpr
        return [breaks(compare('==', { kind: 'count', type: U32, of: list }, number(0)), refusal)]
      }
      case 'wire':
        return b.const ? [] : this.#wire(b, this.#lowering.at(b.path, value, present), refusal)
      default:
        return []
    }
  }
  #bit(bit: Bit, value: Expr, present: string[]): Stmt[] {
    if (bit.is !== 'value' || !bit.rule || bit.width === 1) return []
    const root = bit.path.split('.')[0]
    const optional = root !== bit.path && !present.includes(root)
    const of = this.#lowering.at(bit.path, value, optional ? [root] : present)
    const range = this.#lowering.range(of, 0, 2 ** bit.width - 1, { rule: bit.rule, see: bit.see })
    if (!optional) return range
    return [{ kind: 'if', branches: [{ when: has(this.#lowering.at(root, value, present)), do: range }] }]
  }
  #wire(b: Body & { is: 'wire' }, of: Expr, refusal: Refusal): Stmt[] {
    const { bytesTooLong } = this.#lowering.model.wire
    if (b.wire === 'rest') return []
    if (b.wire === 'bytes') return [{ kind: 'range', of: { kind: 'length', type: U32, of }, least: 0, most: 0xffff, rule: bytesTooLong }]
    if (b.wire !== 'utf8') return this.#lowering.range(of, b.min, b.wire === 'u8' ? 0xff : 0xffff, refusal)
    return (b.format ? ['utf8_rule', `${b.format}_rule`] : ['utf8_rule']).flatMap((f) =>
      requires({ kind: 'call', type: RULE, name: f, args: [of], method: false }),
    )
  }

  /** Of a struct that may be absent: what its packet asks of it. */
  struct(struct: string): Func | undefined {
    const isIt = (type: Type) => type.kind === 'optional' && type.of.kind === 'struct' && type.of.name === struct
    const owner = this.#lowering.model.packets.find((p) => p.fields.some((f) => isIt(f.type)))
    const at = owner?.fields.find((f) => isIt(f.type))
    if (!owner || !at) return undefined
    const value = name(at.name, { kind: 'struct', name: struct }, 'parameter')
    const holder: Expr = name('packet', { kind: 'packet', name: owner.name }, 'parameter')
    const own = field(holder, at.name, at.type)
    const mine = this.#ranges(owner, holder).flatMap((s) =>
      s.kind === 'if' && s.branches[0].when.kind === 'has' && same(s.branches[0].when.of, own) ? s.branches[0].do : [],
    )
    const body = rewrite(mine, (node) => (node.kind === 'field' && same(node, own) ? value : node))
    return {
      name: `rule_${struct}`,
      params: [{ name: at.name, type: value.type }],
      returns: RULE,
      doc: `The rule a ${struct.toLowerCase()} breaks, if any.`,
      see: [],
      body: scoped([...body, { kind: 'answer', value: number(0, RULE) }]),
    }
  }
}
