// Walks each packet's one body five times: the rules of its values, its header as it arrives, size, encode, decode. Out come functions made
// of the closed list of ir.ts. It knows bits and fields; which packets there are, it reads from the model.

import { Decoding } from './decoding.ts'
import type { Syntax } from './expressions.ts'
import { and, BOOL, compare, type Expr, type Func, NONE, name, negate, number, or, RULE, type Stmt, type Type, U8, U32 } from './ir.ts'
import type { Bit, Body, Bounds, Packet, PacketModel, RuleSpec, Text } from './model.ts'
import { condition, Scope, versionFor } from './resolve.ts'
import type { Problems } from './source.ts'
import { parseBody } from './statements.ts'

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

const VERSION = name('version', U8, 'parameter')
const FIRST = name('first', U8, 'parameter')
const bare = (type: Type): Type => (type.kind === 'optional' ? type.of : type)
const field = (of: Expr, f: string, type: Type): Expr => ({ kind: 'field', type, of, field: f })
const bits = (of: Expr, shift: number, width: number, type: Type): Expr => ({ kind: 'bits', type, of, shift, width })
const plus = (left: Expr, right: Expr): Expr =>
  left.kind === 'number' && right.kind === 'number'
    ? number(left.value + right.value)
    : { kind: 'arithmetic', type: U32, op: '+', left, right }

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
  const packets = model.packets.map((p) => problems.guard(() => lowering.packet(p))).filter((p) => p !== undefined)
  const structRules = model.structs.map((s) => problems.guard(() => lowering.structRule(s.name))).filter((f) => f !== undefined)
  if (!problems.none) return undefined
  const sender = (from: 'client' | 'server') => [from, lowering.senderRule(from)] as const
  return {
    model,
    functions,
    structRules,
    packets,
    headerRule: lowering.headerRule(),
    senderRule: new Map([sender('client'), sender('server')]),
    again: lowering.again(),
  }
}

function textRule(text: Text, scope: Scope): Func {
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

function breaks(when: Expr, { rule, see }: { rule?: string; see: string[] }): Stmt {
  return { kind: 'if', branches: [{ when, do: [{ kind: 'break_rule', rule: rule! }], see }] }
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
  const later = (i: number) =>
    JSON.stringify(body.slice(i + 1)).includes('"kind":"set","to":{"kind":"name","type":{"kind":"rule"},"name":"broken"')
  return body.map((s, i): Stmt => {
    if (s.kind === 'set' && s.to.kind === 'name' && s.to.name === 'broken' && !declared) {
      declared = true
      return { kind: 'let', name: 'broken', value: s.value, changes: later(i) }
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

/** What is known to be there inside a `when`: the fields it asks for, and those that are absent otherwise. */
function sure(b: Body & { is: 'when' }): string[] {
  return [...mentions(b.when), ...b.else.flatMap((e) => (e.is === 'absent' ? [`sure ${e.path}`] : []))]
}

/** The names an expression mentions, as paths. */
export function mentions(s: Syntax): string[] {
  switch (s.is) {
    case 'name':
      return [s.name]
    case 'field':
      return s.of.is === 'name' ? [`${s.of.name}.${s.field}`, s.of.name] : mentions(s.of)
    case 'not':
      return mentions(s.of)
    case 'binary':
      return [...mentions(s.left), ...mentions(s.right)]
    case 'in':
      return [s.of, ...s.values].flatMap(mentions)
    case 'call':
      return s.args.flatMap(mentions)
    default:
      return []
  }
}

export class Lowering {
  readonly #model: PacketModel
  readonly #scope: Scope
  readonly #all: Bounds

  constructor(model: PacketModel, scope: Scope) {
    this.#model = model
    this.#scope = scope
    const versions = model.versions.map(([v]) => v)
    this.#all = { since: Math.min(...versions), until: Math.max(...versions) }
  }

  packet(packet: Packet): PacketFunctions {
    const value = name('packet', { kind: 'packet', name: packet.name }, 'parameter')
    const rule = this.#func(
      packet,
      'rule',
      `The rule the values of a ${packet.name} break, if any.`,
      RULE,
      scoped([
        ...this.#rules(packet.rules, value, packet.fields),
        ...this.#ranges(packet, value),
        { kind: 'answer', value: number(0, RULE) },
      ]),
    )
    const size = this.#func(packet, 'size', `The remaining length of a ${packet.name}, in bytes.`, U32, this.#size(packet.body, value))
    const encode = this.#func(packet, 'encode', `Writes a ${packet.name}. ${packet.doc}`, NONE, this.#encode(packet, value))
    const checked = this.#func(
      packet,
      'checked',
      `Writes a ${packet.name}, and judges it. ${packet.doc}`,
      NONE,
      this.#checked(packet, value),
    )
    const decode = this.#func(
      packet,
      'decode',
      `Reads the body of a ${packet.name}. ${packet.doc}`,
      { kind: 'packet', name: packet.name },
      new Decoding(this, packet).statements(),
    )
    return { packet, rule, size, encode, checked, decode }
  }

  /** Only functions that look at the version take one. */
  #func(packet: Packet, what: string, doc: string, returns: Type, body: Stmt[]): Func {
    const type: Type = { kind: 'packet', name: packet.name }
    const params = what === 'decode' ? [{ name: 'first', type: U8 }] : [{ name: 'packet', type }]
    const text = JSON.stringify(body)
    if (text.includes('"name":"version","role":"parameter"')) {
      params.push({ name: 'version', type: U8 })
      const key = what === 'rule' ? 'rule_of' : what === 'size' ? 'size_of' : what
      this.#model.world.versioned.add(`${key} ${packet.name}`)
    }
    if (!text.includes('"name":"first"') && what === 'decode') params.shift()
    if (what !== 'decode' && !text.includes('"name":"packet"')) params.shift()
    return { name: `${what}_${packet.name}`, params, returns, doc, see: [], body }
  }

  /** True in the versions a field or rule is of; undefined where it is of all. */
  within({ since, until }: Bounds): Expr | undefined {
    const low =
      since > this.#all.since
        ? since === until || since === this.#all.until
          ? compare('==', VERSION, number(since, U8))
          : compare('>=', VERSION, number(since, U8))
        : undefined
    const high =
      until < this.#all.until
        ? until === this.#all.since
          ? compare('==', VERSION, number(until, U8))
          : compare('<=', VERSION, number(until, U8))
        : undefined
    return low && high ? (since === until ? low : and(low, high)) : (low ?? high)
  }
  outside(bounds: Bounds): Expr | undefined {
    const inside = this.within(bounds)
    return inside && negate(inside)
  }

  scopeOf(value: Expr, fields: { name: string; type: Type }[]): Scope {
    const scope = this.#scope.inner()
    scope.set('version', VERSION)
    for (const f of fields) scope.set(f.name, field(value, f.name, f.type))
    return scope
  }

  violated(rule: RuleSpec, scope: Scope): Expr {
    const inside = this.within(rule)
    const wrong = negate(condition(rule.must, scope))
    return inside ? and(inside, wrong) : wrong
  }

  #rules(rules: RuleSpec[], value: Expr, fields: Packet['fields']): Stmt[] {
    const scope = this.scopeOf(value, fields)
    return rules.map((r) => breaks(this.violated(r, scope), r))
  }

  /** The field at `path`; of a struct that may be absent, its zero. */
  #at(path: string, value: Expr, present: string[]): Expr {
    if (path === 'item') return value
    let at = value
    for (const step of path.split('.')) {
      const type = this.#fieldType(at.type, step)
      const maybe = at.type.kind === 'optional' && !present.includes(path.split('.')[0])
      at = maybe ? { kind: 'maybe', type, of: at, field: step } : field(at, step, type)
    }
    if (at.type.kind !== 'optional') return at
    if (present.includes(`sure ${path}`)) return { kind: 'present', type: at.type.of, of: at }
    return present.includes(path) ? { ...at, type: at.type.of } : at
  }
  #fieldType(type: Type, step: string): Type {
    const t = bare(type) as { kind: string; name: string }
    const { structs, packets } = this.#model.world
    return ((t.kind === 'struct' ? structs : packets).get(t.name) ?? []).find((f) => f.name === step)!.type
  }

  /** What a value may be, by its width on the wire and by its rules. */
  #ranges(packet: Packet, value: Expr): Stmt[] {
    return [...packet.header.flatMap((b) => this.#bitRange(b, value, [])), ...this.#bodyRanges(packet.body, value, [], packet.fields)]
  }
  #bitRange(bit: Bit, value: Expr, present: string[]): Stmt[] {
    if (bit.is !== 'value' || !bit.rule || bit.width === 1) return []
    const root = bit.path.split('.')[0]
    const optional = root !== bit.path && !present.includes(root)
    const of = this.#at(bit.path, value, optional ? [root] : present)
    const range = this.range(of, 0, 2 ** bit.width - 1, { rule: bit.rule, see: bit.see })
    if (!optional) return range
    return [{ kind: 'if', branches: [{ when: { kind: 'has', type: BOOL, of: this.#at(root, value, present) }, do: range }] }]
  }
  /** A number between bounds, or one of an enum's. */
  range(of: Expr, least: number, most: number, refusal: { rule: string; see: string[] }): Stmt[] {
    const members = of.type.kind === 'enum' ? [...this.#model.world.enums.get(of.type.name)!.values()] : undefined
    if (members && Math.max(...members) - Math.min(...members) !== members.length - 1) {
      return [breaks(negate(members.map((m) => compare('==', of, number(m, U8))).reduce(or)), refusal)]
    }
    const bounds = members ? { least: Math.min(...members), most: Math.max(...members) } : { least, most }
    return [{ kind: 'range', of, ...bounds, rule: refusal.rule, see: refusal.see }]
  }

  #bodyRanges(body: Body[], value: Expr, present: string[], fields: Packet['fields']): Stmt[] {
    return body.flatMap((b): Stmt[] => {
      const refusal = { rule: 'rule' in b && typeof b.rule === 'string' ? b.rule : '', see: 'see' in b ? b.see : [] }
      switch (b.is) {
        case 'byte':
          return b.bits.flatMap((bit) => this.#bitRange(bit, value, present))
        case 'when': {
          const when = condition(b.when, this.scopeOf(value, fields))
          const inner = [...present, ...sure(b)]
          const otherwise = this.#bodyRanges(b.else, value, present, fields)
          return [
            {
              kind: 'if',
              branches: [{ when, do: this.#bodyRanges(b.do, value, inner, fields) }],
              ...(otherwise.length ? { else: otherwise } : {}),
            },
          ]
        }
        case 'absent':
          return [breaks({ kind: 'has', type: BOOL, of: this.#at(b.path, value, present) }, refusal)]
        case 'list': {
          const list = this.#at(b.path, value, present) as Expr & { type: { kind: 'list'; of: Type } }
          const item = name('item', list.type.of)
          const empty = breaks(compare('==', { kind: 'count', type: U32, of: list }, number(0)), refusal)
          return [empty, { kind: 'each', item: 'item', type: list.type.of, of: list, do: this.#bodyRanges(b.do, item, [], []) }]
        }
        case 'wire':
          return b.const ? [] : this.#wireRange(b, this.#at(b.path, value, present), refusal)
        default:
          return []
      }
    })
  }
  #wireRange(b: Body & { is: 'wire' }, of: Expr, refusal: { rule: string; see: string[] }): Stmt[] {
    const { bytesTooLong } = this.#model.wire
    if (b.wire === 'rest') return []
    if (b.wire === 'bytes') return [{ kind: 'range', of: { kind: 'length', type: U32, of }, least: 0, most: 0xffff, rule: bytesTooLong }]
    if (b.wire !== 'utf8') return this.range(of, b.min, b.wire === 'u8' ? 0xff : 0xffff, refusal)
    return (b.format ? ['utf8_rule', `${b.format}_rule`] : ['utf8_rule']).flatMap((f) =>
      requires({ kind: 'call', type: RULE, name: f, args: [of], method: false }),
    )
  }

  structRule(struct: string): Func | undefined {
    const owner = this.#model.packets.find((p) =>
      p.fields.some((f) => f.type.kind === 'optional' && f.type.of.kind === 'struct' && f.type.of.name === struct),
    )
    const at = owner?.fields.find((f) => f.type.kind === 'optional' && f.type.of.kind === 'struct' && f.type.of.name === struct)
    if (!owner || !at) return undefined
    const value = name(at.name, { kind: 'struct', name: struct }, 'parameter')
    const holder: Expr = name('packet', { kind: 'packet', name: owner.name }, 'parameter')
    const all = this.#ranges(owner, holder)
    const mine = all.flatMap((s) =>
      s.kind === 'if' && s.branches[0].when.kind === 'has' && (s.branches[0].when.of as { field: string }).field === at.name
        ? s.branches[0].do
        : [],
    )
    const swap = JSON.stringify(mine).replaceAll(JSON.stringify(field(holder, at.name, at.type)), JSON.stringify(value))
    const body = [...(JSON.parse(swap) as Stmt[]), { kind: 'answer', value: number(0, RULE) } as Stmt]
    return {
      name: `rule_${struct}`,
      params: [{ name: at.name, type: value.type }],
      returns: RULE,
      doc: `The rule a ${struct.toLowerCase()} breaks, if any.`,
      see: [],
      body: scoped(body),
    }
  }

  #size(body: Body[], value: Expr): Stmt[] {
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
        if (by.every((c) => JSON.stringify(c.is) === JSON.stringify(by[0].is))) fixed += (by[0].is as { value: number }).value
        else always.push({ kind: 'choose', type: U32, by: VERSION, cases: by })
      } else if (b.is === 'wire') {
        const length: Expr = { kind: 'length', type: U32, of: this.#at(b.path, value, present) }
        fixed += b.wire === 'u8' ? 1 : b.wire === 'rest' ? 0 : 2
        if (['utf8', 'bytes', 'rest'].includes(b.wire)) always.push(length)
      } else if (b.is === 'when') {
        const [sum, rest] = this.#sizes(b.do, value, [...present, ...sure(b)])
        const when = condition(b.when, this.scopeOf(value, this.#fieldsOf(value)))
        more.push({ kind: 'if', branches: [{ when, do: [add(sum), ...rest] }] })
      } else if (b.is === 'list') {
        const list = this.#at(b.path, value, present) as Expr & { type: { kind: 'list'; of: Type } }
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
    return this.#model.world.packets.get(t.name) ?? []
  }

  #encode(packet: Packet, value: Expr): Stmt[] {
    const type: Bit = {
      width: this.#model.frame.typeBits,
      is: 'const',
      path: '',
      value: packet.code,
      see: [],
      ...this.#all,
      item: packet.item,
    }
    const first = this.#pack([type, ...packet.header], value, [])
    const length = this.#sizeCall(packet, value)
    return [{ kind: 'begin', first, length }, ...this.#writes(packet.body, value, [], packet.fields)]
  }
  #sizeCall(packet: Packet, value: Expr): Expr {
    const [sum, more] = this.#sizes(packet.body, value, [])
    if (sum.kind === 'number' && more.length === 0) return sum
    const scope = this.#scope.inner()
    scope.set('version', VERSION)
    return { kind: 'size_of', type: U32, packet: packet.name, value, ...versionFor(`size_of ${packet.name}`, scope) }
  }
  #writes(body: Body[], value: Expr, present: string[], fields: Packet['fields']): Stmt[] {
    return body.flatMap((b): Stmt[] => {
      switch (b.is) {
        case 'byte':
          return [{ kind: 'write', wire: 'u8', value: this.#pack(b.bits, value, present) }]
        case 'wire':
          return [{ kind: 'write', wire: b.wire, value: b.const ? this.constant(b) : this.#at(b.path, value, present) }]
        case 'when': {
          const when = condition(b.when, this.scopeOf(value, fields))
          return [
            {
              kind: 'if',
              branches: [{ when, do: this.#writes(b.do, value, [...present, ...sure(b)], fields) }],
            },
          ]
        }
        case 'list': {
          const list = this.#at(b.path, value, present) as Expr & { type: { kind: 'list'; of: Type } }
          return [
            {
              kind: 'each',
              item: 'item',
              type: list.type.of,
              of: list,
              do: this.#writes(b.do, name('item', list.type.of), [], []),
            },
          ]
        }
        default:
          return []
      }
    })
  }
  /** Each value is judged where it is written; rules of the whole packet, and of its header, come first. */
  #checked(packet: Packet, value: Expr): Stmt[] {
    const [begin] = this.#encode({ ...packet, body: [] }, value)
    const header = packet.header.flatMap((b) => this.#bitRange(b, value, []))
    return [begin, ...this.#rules(packet.rules, value, packet.fields), ...header, ...this.#walk(packet.body, value, [], packet.fields)]
  }
  #walk(body: Body[], value: Expr, present: string[], fields: Packet['fields']): Stmt[] {
    return body.flatMap((b): Stmt[] => {
      const judged = this.#bodyRanges([b], value, present, fields)
      const written = this.#writes([b], value, present, fields)
      if (b.is === 'when') {
        const inner = [...present, ...sure(b)]
        const otherwise = this.#walk(b.else, value, present, fields)
        const [{ branches }] = written as [Stmt & { kind: 'if' }]
        const yes = this.#walk(b.do, value, inner, fields)
        return [{ kind: 'if', branches: [{ when: branches[0].when, do: yes }], ...(otherwise.length ? { else: otherwise } : {}) }]
      }
      if (b.is !== 'list') return [...judged, ...written]
      const [empty] = judged
      const [each] = written as [Stmt & { kind: 'each' }]
      return [empty, { ...each, do: this.#walk(b.do, name('item', each.type), [], []) }]
    })
  }
  constant(b: Body & { is: 'wire' }): Expr {
    const type: Type = b.wire === 'utf8' ? { kind: 'text' } : U8
    const literal = (c: string | number): Expr => (typeof c === 'string' ? { kind: 'text', type, value: c } : number(c, U8))
    const cases = [...b.const!].map(([value, c]) => ({ value, is: literal(c) }))
    const values = [...b.const!.values()]
    if (values.every((v) => v === values[0])) return cases[0].is
    return b.wire !== 'utf8' && cases.every((c) => (c.is as { value: number }).value === c.value)
      ? VERSION
      : { kind: 'choose', type, by: VERSION, cases }
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
        const of = this.#at(bit.path, value, present)
        const plain: Expr = bit.is === 'presence' ? { kind: 'has', type: BOOL, of } : of
        const inside = this.within(bit)
        parts.push({ value: inside ? and(inside, plain) : plain, shift })
      }
    }
    if (parts.length === 0) return number(fixed, U8)
    if (fixed) parts.unshift({ value: number(fixed, U8), shift: 0 })
    return { kind: 'pack', type: U8, parts }
  }

  /** What may be judged of a packet as soon as its first byte is there. */
  headerRule(): Func {
    const { frame, packets } = this.#model
    const cases = new Map<string, { values: Expr[]; do: Stmt[] }>()
    for (const packet of packets) {
      const body = [...this.headerChecks(packet), { kind: 'answer', value: number(0, RULE) } as Stmt]
      const key = JSON.stringify(body, (k, v: unknown) => (k === 'see' ? undefined : v))
      const code: Expr = {
        kind: 'member',
        type: { kind: 'enum', name: 'PacketType' },
        owner: 'PacketType',
        member: packet.name,
        value: packet.code,
      }
      if (cases.has(key)) cases.get(key)!.values.push(code)
      else cases.set(key, { values: [code], do: body })
    }
    const on = bits(FIRST, 8 - frame.typeBits, frame.typeBits, U8)
    const body: Stmt[] = [
      {
        kind: 'switch',
        on,
        cases: [...cases.values()],
        else: [{ kind: 'break_rule', rule: frame.type.rule, see: frame.type.see }],
      },
    ]
    const params = [
      { name: 'first', type: U8 },
      { name: 'version', type: U8 },
    ]
    return {
      name: 'header_rule',
      params,
      returns: RULE,
      doc: 'The rule the first byte of a packet breaks, if any.',
      see: [],
      body,
    }
  }
  headerChecks(packet: Packet): Stmt[] {
    const checks: Stmt[] = []
    const scope = this.#scope.inner()
    scope.set('version', VERSION)
    let shift = 8 - this.#model.frame.typeBits
    for (const bit of packet.header) {
      shift -= bit.width
      const refusal = { rule: bit.rule ?? '', see: bit.see }
      if (bit.is === 'const') {
        checks.push(breaks(compare('!=', bits(FIRST, shift, bit.width, U8), number(bit.value, U8)), refusal))
        continue
      }
      const type = packet.fields.find((f) => f.name === bit.path)!.type
      const value = bits(FIRST, shift, bit.width, type.kind === 'bool' ? BOOL : type)
      scope.set(bit.path, value)
      const outside = this.outside(bit)
      if (outside && bit.rule) checks.push(breaks(and(outside, value), refusal))
      else if (bit.rule && type.kind === 'enum') checks.push(...this.enumCheck(value, bit.width, refusal))
    }
    const flags = new Set(packet.header.map((b) => b.path))
    const rules = packet.rules.filter((r) => mentions(r.must).every((m) => m === 'version' || flags.has(m)))
    return [...checks, ...rules.map((r) => breaks(this.violated(r, scope), r))]
  }
  /** Values that fit the bits but are no member. */
  enumCheck(value: Expr, width: number, refusal: { rule: string; see: string[] }): Stmt[] {
    const members = this.#model.world.enums.get((value.type as { name: string }).name)!
    const known = new Set(members.values())
    const wrong = Array.from({ length: 2 ** width }, (_, i) => i).filter((v) => !known.has(v))
    const most = Math.max(...known)
    if (wrong.length > 0 && wrong.every((v) => v > most)) return [breaks(compare('>', value, number(most, U8)), refusal)]
    return wrong.length ? [breaks(wrong.map((v) => compare('==', value, number(v, U8))).reduce(or), refusal)] : []
  }
  /** For one who receives only what the other side may send. */
  senderRule(from: 'client' | 'server'): Func {
    const { frame, packets } = this.#model
    const wrong = packets.filter((p) => p.from !== from && p.from !== 'both')
    const values = wrong.map(
      (p): Expr => ({
        kind: 'member',
        type: { kind: 'enum', name: 'PacketType' },
        owner: 'PacketType',
        member: p.name,
        value: p.code,
      }),
    )
    const on = bits(FIRST, 8 - frame.typeBits, frame.typeBits, U8)
    const answer: Stmt = {
      kind: 'answer',
      value: { kind: 'call', type: RULE, name: 'header_rule', args: [FIRST, VERSION], method: false },
    }
    const body: Stmt[] = [
      {
        kind: 'switch',
        on,
        cases: [{ values, do: [{ kind: 'break_rule', rule: frame.sender.rule, see: frame.sender.see }] }],
        else: [answer],
      },
    ]
    const params = [
      { name: 'first', type: U8 },
      { name: 'version', type: U8 },
    ]
    return {
      name: `${from}_header_rule`,
      params,
      returns: RULE,
      doc: `The rule the first byte of a packet from a ${from} breaks, if any.`,
      see: [],
      body,
    }
  }
  /** The first byte of a packet that is sent again. */
  again(): Func {
    const { again, frame, packets } = this.#model
    const cases: { values: Expr[]; do: Stmt[] }[] = []
    for (const packet of packets) {
      let shift = 8 - frame.typeBits
      for (const bit of packet.header) {
        shift -= bit.width
        if (bit.path !== again) continue
        const marked: Stmt = {
          kind: 'answer',
          value: { kind: 'arithmetic', type: U8, op: '|', left: FIRST, right: number(2 ** shift, U8) },
        }
        const inside = this.within(bit)
        const body: Stmt[] = inside
          ? [
              { kind: 'if', branches: [{ when: inside, do: [marked] }] },
              { kind: 'answer', value: FIRST },
            ]
          : [marked]
        const values: Expr[] = [
          {
            kind: 'member',
            type: { kind: 'enum', name: 'PacketType' },
            owner: 'PacketType',
            member: packet.name,
            value: packet.code,
          },
        ]
        const twin = cases.find((c) => JSON.stringify(c.do) === JSON.stringify(body))
        if (twin) twin.values.push(...values)
        else cases.push({ values, do: body })
      }
    }
    const on = bits(FIRST, 8 - frame.typeBits, frame.typeBits, U8)
    const params = [
      { name: 'first', type: U8 },
      { name: 'version', type: U8 },
    ]
    return {
      name: 'again',
      params,
      returns: U8,
      doc: 'The first byte of a packet that is sent again.',
      see: [],
      body: [{ kind: 'switch', on, cases, else: [{ kind: 'answer', value: FIRST }] }],
    }
  }

  get model(): PacketModel {
    return this.#model
  }
  get scope(): Scope {
    return this.#scope
  }
}
