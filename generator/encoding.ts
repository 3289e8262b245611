// How a packet is written: its size, then its bytes, field by field.
import { and, type Expr, name, number, type Stmt, same, type Type, U8, U32 } from './ir.ts'
import { bare, has, type Leaf, type ListExpr, type Lowering, sure, VERSION } from './lowering.ts'
import type { Bit, Body, Packet } from './model.ts'
import { condition, versionFor } from './resolve.ts'
import type { Judging } from './rules.ts'

const plus = (left: Expr, right: Expr): Expr =>
  left.kind === 'number' && right.kind === 'number'
    ? number(left.value + right.value)
    : { kind: 'arithmetic', type: U32, op: '+', left, right }

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

export class Encoding {
  readonly #lowering: Lowering

  constructor(lowering: Lowering) {
    this.#lowering = lowering
  }

  size(body: Body[], value: Expr): Stmt[] {
    const [base, more] = this.#sizes(body, value, [])
    if (more.length === 0) return [{ kind: 'answer', value: base }]
    const size = name('size', U32)
    return [{ kind: 'let', name: 'size', value: base, changes: true }, ...more, { kind: 'answer', value: size }]
  }
  /** What is always there as one sum, and statements for the rest. */
  #sizes(body: Body[], value: Expr, present: string[]): [Expr, Stmt[]] {
    let fixed = 0
    const always: Expr[] = []
    const more: Stmt[] = []
    const add = (e: Expr): Stmt => ({ kind: 'set', to: name('size', U32), value: e, add: true })
    for (const b of body) {
      if (b.is === 'byte') fixed += 1
      if (b.is === 'wire' && b.const) {
        const by = [...b.const].map(([v, c]) => ({
          value: v,
          is: number(typeof c === 'string' ? 2 + c.length : b.wire === 'u8' ? 1 : 2),
        }))
        if (by.every((c) => same(c.is, by[0].is))) fixed += (by[0].is as { value: number }).value
        else always.push({ kind: 'choose', type: U32, by: VERSION, cases: by })
      } else if (b.is === 'wire') {
        const length: Expr = { kind: 'length', type: U32, of: this.#lowering.at(b.path, value, present) }
        fixed += b.wire === 'u8' ? 1 : b.wire === 'rest' ? 0 : 2
        if (['utf8', 'bytes', 'rest'].includes(b.wire)) always.push(length)
      } else if (b.is === 'when') {
        const [sum, rest] = this.#sizes(b.do, value, [...present, ...sure(b)])
        const when = condition(b.when, this.#lowering.scopeOf(value, this.#fieldsOf(value)))
        more.push({ kind: 'if', branches: [{ when, do: [add(sum), ...rest] }] })
      } else if (b.is === 'list') {
        const list = this.#lowering.at(b.path, value, present) as ListExpr
        const [sum, rest] = this.#sizes(b.do, name('item', list.type.of), [])
        if (sum.kind === 'number' && rest.length === 0) {
          const count: Expr = { kind: 'count', type: U32, of: list }
          always.push(sum.value === 1 ? count : { kind: 'arithmetic', type: U32, op: '*', left: sum, right: count })
        } else more.push({ kind: 'each', item: 'item', type: list.type.of, of: list, do: [add(sum), ...rest] })
      }
    }
    const sum = [...(fixed > 0 || always.length === 0 ? [number(fixed)] : []), ...always].reduce(plus)
    return [sum, more]
  }
  #fieldsOf(value: Expr): Packet['fields'] {
    const t = bare(value.type) as { kind: string; name: string }
    return this.#lowering.model.world.packets.get(t.name) ?? []
  }

  encode(packet: Packet, value: Expr): Stmt[] {
    const type: Bit = {
      width: this.#lowering.model.frame.typeBits,
      is: 'const',
      path: '',
      value: packet.code,
      see: [],
      ...this.#lowering.all,
      item: packet.item,
    }
    const first = this.#pack([type, ...packet.header], value, [])
    const length = this.#sizeCall(packet, value)
    return [{ kind: 'begin', first, length }, ...this.#lowering.walk(packet.body, value, this.#write, [], packet.fields)]
  }
  /** Each value is judged where it is written; rules of the whole packet, and of its header, come first. */
  checked(packet: Packet, value: Expr, judging: Judging): Stmt[] {
    const [begin] = this.encode(packet, value)
    const both: Leaf = (b, of, present) => [...judging.leaf(b, of, present), ...this.#write(b, of, present)]
    const body = this.#lowering.walk(packet.body, value, both, [], packet.fields)
    return [begin, ...judging.rules(packet, value), ...judging.header(packet, value), ...body]
  }
  #sizeCall(packet: Packet, value: Expr): Expr {
    const [sum, more] = this.#sizes(packet.body, value, [])
    if (sum.kind === 'number' && more.length === 0) return sum
    const scope = this.#lowering.scope.inner()
    scope.set('version', VERSION)
    return { kind: 'size_of', type: U32, packet: packet.name, value, ...versionFor(`size_of ${packet.name}`, scope) }
  }
  #write: Leaf = (b, value, present) => {
    if (b.is === 'byte') return [{ kind: 'write', wire: 'u8', value: this.#pack(b.bits, value, present) }]
    if (b.is !== 'wire') return []
    return [{ kind: 'write', wire: b.wire, value: b.const ? constant(b) : this.#lowering.at(b.path, value, present) }]
  }
  /** A byte from its bits, the highest first. */
  #pack(list: Bit[], value: Expr, present: string[]): Expr {
    let shift = 8
    let fixed = 0
    const parts: { value: Expr; shift: number }[] = []
    for (const bit of list) {
      shift -= bit.width
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
