// The walk of a packet's body that reads it: parts in wire order, each check where its bytes stand. The other walks are lower.ts.

import { constant } from './encoding.ts'
import { and, BOOL, compare, type Expr, name, negate, number, RULE, rewrite, type Stmt, type Type, U8 } from './ir.ts'
import { bits, FIRST, type Lowering, mentions, placed } from './lowering.ts'
import type { Bit, Body, Packet, Refusal, RuleSpec } from './model.ts'
import { condition } from './resolve.ts'
import { SpecError } from './source.ts'
import { bare, type Field, fieldsOf, type Scope } from './world.ts'

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
    const list = placed(this.#packet.header, 8 - this.#lowering.model.frame.typeBits).filter(({ bit }) => bit.is !== 'const')
    const taken = list.map(({ bit, shift }) => this.#take(bit, FIRST, shift, this.#packet.fields, true))
    this.#rulesNow()
    return taken
  }

  #take(bit: Bit, of: Expr, shift: number, fields: Field[], strict: boolean): Stmt {
    const type = this.#typeOf(bit.path, fields)
    const raw = bits(of, shift, bit.width, type.kind === 'bool' ? BOOL : type)
    const own = strict && bit.rule ? undefined : this.#lowering.within(bit)
    const to = this.#part(bit.path, type)
    this.#scope.set(bit.path, to)
    this.#known.add(bit.path)
    return { kind: 'take', to, value: own ? and(own, raw) : raw, declares: true }
  }

  #typeOf(path: string, fields: Field[]): Type {
    const [first, ...steps] = path.split('.')
    const typeIn = (list: Field[], step: string): Type => list.find((f) => f.name === step)!.type
    return steps.reduce((type, step) => typeIn(fieldsOf(type, this.#lowering.model.world)!, step), typeIn(fields, first))
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

  #byte(list: Bit[], fields: Field[]): Stmt[] {
    const raw = name('flags', U8)
    const out: Stmt[] = [{ kind: 'read', wire: 'u8', to: raw, declares: true }]
    const checks: Stmt[] = []
    for (const { bit, shift } of placed(list)) {
      if (bit.is === 'const') {
        const right = compare('==', bits(raw, shift, bit.width, U8), number(bit.value, U8))
        checks.push(check(either(this.#lowering.outside(bit), right), bit))
      } else if (bit.is === 'presence') {
        const flag = `has_${bit.path}`
        this.#scope.set(`has ${bit.path}`, name(flag, BOOL))
        this.#known.add(bit.path)
        out.push({ kind: 'let', name: flag, value: bits(raw, shift, 1, BOOL), changes: false })
      } else {
        out.push(this.#take(bit, raw, shift, fields, false))
        const part = this.#scope.get(bit.path)!
        if (bit.rule && part.type.kind === 'enum') checks.push(...this.#lowering.enumCheck(part, bit.width, bit).map((s) => inside(s, bit)))
      }
    }
    const rules = this.#rulesNow()
    this.#back.clear()
    for (const bit of list) if (bit.path) this.#back.set(bit.path, 0)
    return [...out, ...checks, ...rules]
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
    return check(either(this.#lowering.outside(rule), condition(rule.must, this.#scope)), rule, back)
  }

  #constant(b: Body & { is: 'wire' }): Stmt[] {
    const found = name(b.path, b.wire === 'utf8' ? { kind: 'text' } : U8)
    this.#back.clear()
    return [{ kind: 'read', wire: b.wire, to: found, declares: true }, check(compare('==', found, constant(b)), b)]
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
    if (b.format)
      return [{ kind: 'check_text', call: { kind: 'call', type: RULE, name: `${b.format}_rule`, args: [to], method: false }, see: b.see }]
    if (to.type.kind === 'enum') return this.#lowering.range(to, 0, 255, b).map((s) => inside(s, b))
    if (b.min === 0) return []
    return [check(b.min === 1 ? compare('!=', to, number(0, U8)) : compare('>=', to, number(b.min, U8)), b)]
  }

  #when(b: Body & { is: 'when' }, fields: Field[]): Stmt[] {
    const when = condition(b.when, this.#scope)
    const inner = this.#body(b.do, fields, true)
    return [{ kind: 'if', branches: [{ when, do: [...inner, ...this.#wholeStructs(b.do, fields)] }] }]
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
    const read = this.#body(b.do, members, false)
    const values = members.map((m) => ({ name: m.name, value: this.#scope.get(m.name)! }))
    const make: Expr = type.kind === 'struct' ? { kind: 'make', type, name: type.name, fields: values } : this.#scope.get('item')!
    this.#known.add(b.path)
    const part = this.#part(b.path, { kind: 'list', of: type })
    this.#declared.push(part)
    const local = <T>(tree: T): T =>
      rewrite(tree, (node) => (node.kind === 'name' && node.role === 'part' ? { ...node, role: 'local' } : node))
    return [
      { kind: 'expect_more', rule: b.rule, see: b.see },
      { kind: 'read_list', part, do: local(read), make: local(make) },
    ]
  }
}

const check = (must: Expr, { rule, see }: Refusal, back = 0): Stmt => ({ kind: 'check', must, rule, back, see })
const either = (outside: Expr | undefined, must: Expr): Expr => (outside ? { kind: 'or', type: BOOL, left: outside, right: must } : must)
/** What an encoder finds wrong, as a decoder asks for it: it has read no more than there is room for. */
const inside = (s: Stmt, refusal: Refusal): Stmt =>
  check(s.kind === 'range' ? compare('<=', s.of, number(s.most, U8)) : negate((s as Stmt & { kind: 'if' }).branches[0].when), refusal)
