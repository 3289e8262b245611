// The walk of a packet's body that reads it: parts in wire order, each check where its bytes stand. The other walks are lower.ts.

import { constant } from './encoding.ts'
import { and, BOOL, compare, type Expr, name, negate, number, RULE, rewrite, type Stmt, type Type, U8 } from './ir.ts'
import { bare, FIRST, type Lowering, mentions } from './lowering.ts'
import type { Bit, Body, Packet, RuleSpec } from './model.ts'
import { condition } from './resolve.ts'
import { SpecError } from './source.ts'
import type { Field, Scope } from './world.ts'

export class Decoding {
  readonly #lowering: Lowering
  readonly #packet: Packet
  readonly #scope: Scope
  readonly #known = new Set<string>(['version'])
  readonly #placed = new Set<RuleSpec>()
  readonly #back = new Map<string, number>() // how many bytes before the current field a part began
  readonly #declared: Expr[] = []

  constructor(lowering: Lowering, packet: Packet) {
    this.#lowering = lowering
    this.#packet = packet
    this.#scope = lowering.scope.inner()
    this.#scope.set('version', name('version', U8, 'parameter'))
  }

  statements(): Stmt[] {
    const { frame } = this.#lowering.model
    const header = this.#header()
    const body = this.#body(this.#packet.body, this.#packet.fields, false)
    const declared = this.#declared.map((part): Stmt => ({ kind: 'declare', part }))
    const fields = this.#packet.fields.map((f) => ({ name: f.name, value: this.#part(f.name, f.type) }))
    for (const rule of this.#packet.rules) {
      if (!this.#placed.has(rule)) throw new SpecError(rule.item.spot, 'this rule mentions a field that the body does not have')
    }
    return [
      ...header,
      ...declared,
      ...body,
      { kind: 'finish', rule: frame.long.rule, see: frame.long.see },
      { kind: 'result', packet: this.#packet.name, fields },
    ]
  }

  #part(path: string, type: Type): Expr {
    return name(path, type, 'part')
  }

  /** The flags of the first byte; header_rule has judged them. */
  #header(): Stmt[] {
    let shift = 8 - this.#lowering.model.frame.typeBits
    const taken: Stmt[] = []
    for (const bit of this.#packet.header) {
      shift -= bit.width
      if (bit.is !== 'const') taken.push(this.#take(bit, FIRST, shift, this.#packet.fields, true))
    }
    for (const rule of this.#packet.rules) if (mentions(rule.must).every((m) => this.#known.has(m))) this.#placed.add(rule)
    return taken
  }

  #take(bit: Bit, of: Expr, shift: number, fields: Field[], strict: boolean): Stmt {
    const type = this.#typeOf(bit.path, fields)
    const raw: Expr = { kind: 'bits', type: type.kind === 'bool' ? BOOL : type, of, shift, width: bit.width }
    const inside = strict && bit.rule ? undefined : this.#lowering.within(bit)
    const to = this.#part(bit.path, type)
    this.#scope.set(bit.path, to)
    this.#known.add(bit.path)
    return { kind: 'take', to, value: inside ? and(inside, raw) : raw, declares: true }
  }

  #typeOf(path: string, fields: Field[]): Type {
    let known = fields
    let type: Type = { kind: 'none' }
    for (const step of path.split('.')) {
      type = known.find((f) => f.name === step)!.type
      const inner = bare(type)
      known = inner.kind === 'struct' ? (this.#lowering.model.world.structs.get(inner.name) ?? []) : []
    }
    return type
  }

  #body(body: Body[], fields: Field[], inside: boolean): Stmt[] {
    return body.flatMap((b) => this.#one(b, fields, inside))
  }

  #one(b: Body, fields: Field[], inside: boolean): Stmt[] {
    switch (b.is) {
      case 'byte':
        return this.#byte(b.bits, fields)
      case 'check':
        return [this.#check(b.rule, 0)]
      case 'when':
        return this.#when(b, fields)
      case 'list':
        return this.#list(b)
      case 'wire':
        return b.const ? this.#constant(b) : this.#wire(b, fields, inside)
      default:
        return []
    }
  }

  #byte(bits: Bit[], fields: Field[]): Stmt[] {
    const raw = name('flags', U8)
    const out: Stmt[] = [{ kind: 'read', wire: 'u8', to: raw, declares: true }]
    let shift = 8
    const checks: Stmt[] = []
    for (const bit of bits) {
      shift -= bit.width
      const refusal = { rule: bit.rule ?? '', see: bit.see }
      if (bit.is === 'const') {
        const right = compare('==', { kind: 'bits', type: U8, of: raw, shift, width: bit.width }, number(bit.value, U8))
        const outside = this.#lowering.outside(bit)
        checks.push({
          kind: 'check',
          must: outside ? { kind: 'or', type: BOOL, left: outside, right } : right,
          back: 0,
          ...refusal,
        })
      } else if (bit.is === 'presence') {
        const flag = name(`has_${bit.path}`, BOOL)
        this.#scope.set(`has ${bit.path}`, flag)
        this.#known.add(bit.path)
        out.push({
          kind: 'let',
          name: flag.kind === 'name' ? flag.name : '',
          value: { kind: 'bits', type: BOOL, of: raw, shift, width: 1 },
          changes: false,
        })
      } else {
        out.push(this.#take(bit, raw, shift, fields, false))
        const part = this.#scope.get(bit.path)!
        if (bit.rule && part.type.kind === 'enum') checks.push(...this.#members(part, bit.width, refusal))
      }
    }
    const rules = this.#rulesNow()
    this.#back.clear()
    for (const bit of bits) if (bit.path) this.#back.set(bit.path, 0)
    return [...out, ...checks, ...rules]
  }

  #members(of: Expr, width: number, refusal: { rule: string; see: string[] }): Stmt[] {
    return this.#lowering.enumCheck(of, width, refusal).map((s): Stmt => {
      const when = (s as Stmt & { kind: 'if' }).branches[0].when
      return { kind: 'check', must: negate(when), back: 0, ...refusal }
    })
  }

  /** The rules all of whose fields have been read. */
  #rulesNow(): Stmt[] {
    const now = this.#packet.rules.filter((r) => !this.#placed.has(r) && mentions(r.must).every((m) => this.#known.has(m)))
    return now.map((r) => {
      this.#placed.add(r)
      return this.#check(r, r.at ? (this.#back.get(r.at) ?? 0) : 0)
    })
  }

  #check(rule: RuleSpec, back: number): Stmt {
    const outside = this.#lowering.outside(rule)
    const must = condition(rule.must, this.#scope)
    return {
      kind: 'check',
      must: outside ? { kind: 'or', type: BOOL, left: outside, right: must } : must,
      rule: rule.rule,
      back,
      see: rule.see,
    }
  }

  #constant(b: Body & { is: 'wire' }): Stmt[] {
    const found = name(b.path, b.wire === 'utf8' ? { kind: 'text' } : U8)
    this.#back.clear()
    const must = compare('==', found, constant(b))
    return [
      { kind: 'read', wire: b.wire, to: found, declares: true },
      { kind: 'check', must, rule: b.rule ?? '', back: 0, see: b.see },
    ]
  }

  #wire(b: Body & { is: 'wire' }, fields: Field[], inside: boolean): Stmt[] {
    const type = b.path === 'item' ? this.#scope.get('item type')!.type : this.#typeOf(b.path, fields)
    const nested = b.path.includes('.') || b.path === 'item' || fields !== this.#packet.fields
    const to = fields === this.#packet.fields ? this.#part(b.path, bare(type)) : name(b.path, bare(type))
    const declares = !inside || nested
    if (!declares) this.#declared.push(this.#part(b.path, type))
    this.#scope.set(b.path, to)
    this.#known.add(b.path)
    const width = b.wire === 'u8' ? 1 : b.wire === 'u16' ? 2 : 0
    for (const [path, back] of this.#back) this.#back.set(path, back + (path === b.path ? 0 : this.#lastWidth))
    const rules = this.#rulesNow()
    if (!width) this.#back.clear()
    this.#back.set(b.path, 0)
    this.#lastWidth = width
    const own = this.#own(b, to)
    return [{ kind: 'read', wire: b.wire, to, declares, ...(own.length + rules.length === 0 ? { see: b.see } : {}) }, ...rules, ...own]
  }
  #lastWidth = 1

  /** What the field itself must be. */
  #own(b: Body & { is: 'wire' }, to: Expr): Stmt[] {
    const refusal = { rule: b.rule ?? '', see: b.see }
    if (b.format)
      return [{ kind: 'check_text', call: { kind: 'call', type: RULE, name: `${b.format}_rule`, args: [to], method: false }, see: b.see }]
    if (to.type.kind === 'enum') {
      const range = this.#lowering.range(to, 0, 255, refusal)[0]
      if (range.kind === 'if') return [{ kind: 'check', must: negate(range.branches[0].when), back: 0, ...refusal }]
      if (range.kind === 'range') return [{ kind: 'check', must: compare('<=', to, number(range.most, U8)), back: 0, ...refusal }]
    }
    return b.min > 0
      ? [
          {
            kind: 'check',
            must: b.min === 1 ? compare('!=', to, number(0, U8)) : compare('>=', to, number(b.min, U8)),
            back: 0,
            ...refusal,
          },
        ]
      : []
  }

  #when(b: Body & { is: 'when' }, fields: Field[]): Stmt[] {
    const when = condition(b.when, this.#scope)
    const inner = this.#body(b.do, fields, true)
    for (const struct of this.#wholeStructs(b.do, fields)) inner.push(struct)
    return [{ kind: 'if', branches: [{ when, do: inner }] }]
  }

  /** An optional struct is put together from its parts, where they were read. */
  #wholeStructs(body: Body[], fields: Field[]): Stmt[] {
    const roots = new Set(body.map((b) => ('path' in b && b.path.includes('.') ? b.path.split('.')[0] : '')).filter(Boolean))
    return [...roots].map((root): Stmt => {
      const field = fields.find((f) => f.name === root)!
      const struct = (bare(field.type) as { name: string }).name
      const members = this.#lowering.model.world.structs.get(struct)!
      const values = members.map((m) => ({ name: m.name, value: this.#part(`${root}.${m.name}`, m.type) }))
      this.#declared.push(this.#part(root, field.type))
      const make: Expr = { kind: 'make', type: bare(field.type), name: struct, fields: values }
      return { kind: 'take', to: this.#part(root, field.type), value: make, declares: false }
    })
  }

  #list(b: Body & { is: 'list' }): Stmt[] {
    const type = (this.#packet.fields.find((f) => f.name === b.path)!.type as { of: Type }).of
    const members = type.kind === 'struct' ? this.#lowering.model.world.structs.get(type.name)! : []
    this.#scope.set('item type', name('item', type))
    const inside = this.#body(b.do, members, false)
    const make: Expr =
      type.kind === 'struct'
        ? {
            kind: 'make',
            type,
            name: type.name,
            fields: members.map((m) => ({ name: m.name, value: this.#scope.get(m.name)! })),
          }
        : this.#scope.get('item')!
    this.#known.add(b.path)
    const part = this.#part(b.path, { kind: 'list', of: type })
    this.#declared.push(part)
    const local = <T>(tree: T): T =>
      rewrite(tree, (node) => (node.kind === 'name' && node.role === 'part' ? { ...node, role: 'local' } : node))
    return [
      { kind: 'expect_more', rule: b.rule, see: b.see },
      { kind: 'read_list', part, do: local(inside), make: local(make) },
    ]
  }
}
