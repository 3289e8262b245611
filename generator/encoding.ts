// How a packet is written: its first byte, what may be wrong with it as a whole, then field by field, each judged where it is written. One walk
// judges, measures and writes; what writes a text or bytes judges their form and length. How it is read is decoding.ts.
import { and, compare, type Expr, type Func, NONE, name, number, RULE, rewrite, type Stmt, same, type Type, U8, U32 } from './ir.ts'
import { breaks, field, has, type Leaf, type ListExpr, type Lowering, placed, VERSION } from './lowering.ts'
import type { Bit, Body, Packet } from './model.ts'

/** A constant, which may be another in each version. */
export function constant(b: Body & { is: 'wire' }): Expr {
  const type: Type = b.wire === 'utf8' ? { kind: 'text' } : U8
  const literal = (c: string | number): Expr => (typeof c === 'string' ? { kind: 'text', type, value: c } : number(c, U8))
  const cases = [...b.const!].map(([value, c]) => ({ value, is: literal(c) }))
  const values = [...b.const!.values()]
  if (values.every((v) => v === values[0])) return cases[0].is
  return b.wire !== 'utf8' && cases.every((c) => (c.is as { value: number }).value === c.value)
    ? VERSION
    : { kind: 'choose', type, by: VERSION, cases }
}

/** The remaining length of a packet that has always the same. */
function lengthOf(body: Body[]): number | undefined {
  let length = 0
  for (const b of body) {
    if (b.is === 'when' || b.is === 'list' || (b.is === 'wire' && b.wire !== 'u8' && b.wire !== 'u16')) return undefined
    length += b.is === 'byte' ? 1 : b.is === 'wire' ? (b.wire === 'u8' ? 1 : 2) : 0
  }
  return length
}

export class Encoding {
  readonly #lowering: Lowering

  constructor(lowering: Lowering) {
    this.#lowering = lowering
  }

  packet(packet: Packet, value: Expr): Stmt[] {
    const { model, all } = this.#lowering
    const type: Bit = {
      width: model.frame.typeBits,
      is: 'const',
      path: '',
      value: packet.code,
      rule: '',
      see: [],
      ...all,
      item: packet.item,
    }
    const first = this.#pack([type, ...packet.header], value, [])
    const length = lengthOf(packet.body)
    const scope = this.#lowering.scopeOf(value, packet.fields)
    const rules = packet.rules.map((r) => breaks(this.#lowering.violated(r, scope), r))
    return [{ kind: 'begin', first, ...(length === undefined ? {} : { length }) }, ...rules, ...this.#fields(packet, value)]
  }
  #fields(packet: Packet, value: Expr): Stmt[] {
    const header = packet.header.flatMap((b) => this.#judged(b, value, []))
    return [...header, ...this.#lowering.walk(packet.body, value, this.#leaf, [], packet.fields)]
  }

  /** Of a struct that a packet may have: what is written of it there. */
  struct(struct: string): Func | undefined {
    const isIt = (type: Type) => type.kind === 'optional' && type.of.kind === 'struct' && type.of.name === struct
    const owner = this.#lowering.model.packets.find((p) => p.fields.some((f) => isIt(f.type)))
    const at = owner?.fields.find((f) => isIt(f.type))
    if (!owner || !at) return undefined
    const value = name(at.name, { kind: 'struct', name: struct }, 'parameter')
    const holder: Expr = name('packet', { kind: 'packet', name: owner.name }, 'parameter')
    const own = field(holder, at.name, at.type)
    const mine = this.#fields(owner, holder).flatMap((s) =>
      s.kind === 'if' && s.branches[0].when.kind === 'has' && same(s.branches[0].when.of, own) ? s.branches[0].do : [],
    )
    const body = rewrite(mine, (node) => (node.kind === 'field' && same(node, own) ? value : node))
    const doc = `The rule a ${struct.toLowerCase()} breaks, if any.`
    return { name: `rule_${struct}`, params: [{ name: at.name, type: value.type }], returns: RULE, doc, see: [], body }
  }

  #leaf: Leaf = (b, value, present) => {
    switch (b.is) {
      case 'byte': {
        const judged = b.bits.flatMap((bit) => this.#judged(bit, value, present))
        return [...judged, { kind: 'write', wire: 'u8', value: this.#pack(b.bits, value, present) }]
      }
      case 'absent':
        return [breaks(has(this.#lowering.at(b.path, value, present)), b)]
      case 'list': {
        const list = this.#lowering.at(b.path, value, present) as ListExpr
        return [breaks(compare('==', { kind: 'count', type: U32, of: list }, number(0)), b)]
      }
      case 'wire':
        return this.#wire(b, b.const ? constant(b) : this.#lowering.at(b.path, value, present))
      default:
        return []
    }
  }
  #wire(b: Body & { is: 'wire' }, value: Expr): Stmt[] {
    const isNumber = !b.const && (b.wire === 'u8' || b.wire === 'u16')
    const most = b.wire === 'u8' ? 0xff : 0xffff
    const call: Expr = { kind: 'call', type: NONE, name: `${b.format}_rule`, args: [value], method: false }
    return [
      ...(isNumber ? this.#lowering.range(value, b.min, most, b) : []),
      { kind: 'write', wire: b.wire, value },
      ...(b.format ? [{ kind: 'check_text', call } as const] : []),
    ]
  }
  /** Bits that carry a number must have room for it. */
  #judged(bit: Bit, value: Expr, present: string[]): Stmt[] {
    if (bit.is !== 'value' || !bit.rule || bit.width === 1) return []
    const root = bit.path.split('.')[0]
    const optional = root !== bit.path && !present.includes(root)
    const of = this.#lowering.at(bit.path, value, optional ? [root] : present)
    const range = this.#lowering.range(of, 0, 2 ** bit.width - 1, bit)
    if (!optional) return range
    return [{ kind: 'if', branches: [{ when: has(this.#lowering.at(root, value, present)), do: range }] }]
  }
  /** A byte from its bits, the highest first. */
  #pack(list: Bit[], value: Expr, present: string[]): Expr {
    let fixed = 0
    const parts: { value: Expr; shift: number }[] = []
    for (const { bit, shift } of placed(list)) {
      if (bit.is === 'const') fixed |= bit.value << shift
      else {
        const of = this.#lowering.at(bit.path, value, present)
        const plain: Expr = bit.is === 'presence' ? has(of) : of
        const inside = this.#lowering.within(bit)
        parts.push({ value: inside ? and(inside, plain) : plain, shift })
      }
    }
    if (parts.length === 0) return number(fixed, U8)
    if (fixed) parts.unshift({ value: number(fixed, U8), shift: 0 })
    return { kind: 'pack', type: U8, parts }
  }
}
