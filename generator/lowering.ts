// What the walks over a packet share: versions, places of values, and the walk itself, which a leaf tells what to do where a field stands.
import type { Syntax } from './expressions.ts'
import { and, BOOL, type Compare, compare, type Expr, name, negate, number, or, type Stmt, type Type, U8 } from './ir.ts'
import type { Bit, Body, Bounds, Packet, PacketModel, Refusal, RuleSpec } from './model.ts'
import { condition } from './resolve.ts'
import { fieldsOf, type Scope } from './world.ts'

export const VERSION = name('version', U8, 'parameter')
export const FIRST = name('first', U8, 'parameter')
export const field = (of: Expr, f: string, type: Type): Expr => ({ kind: 'field', type, of, field: f })
export const bits = (of: Expr, shift: number, width: number, type: Type): Expr => ({ kind: 'bits', type, of, shift, width })
export const has = (of: Expr): Expr => ({ kind: 'has', type: BOOL, of })

/** Bits with the place of each, the highest first. */
export function placed(list: Bit[], width = 8): { bit: Bit; shift: number }[] {
  let shift = width
  return list.map((bit) => {
    shift -= bit.width
    return { bit, shift }
  })
}

export const breaks = (when: Expr, { rule, see }: Refusal): Stmt => ({
  kind: 'if',
  branches: [{ when, do: [{ kind: 'break_rule', rule }], see }],
})

/** What is known to be there inside a `when`: the fields it asks for, and those that are absent otherwise. */
export function sure(b: Body & { is: 'when' }): string[] {
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

/** What is done where a field stands: `present` are the parts that are known to be there. */
export type Leaf = (b: Body, value: Expr, present: string[]) => Stmt[]
/** An expression whose type is a list. */
export type ListExpr = Expr & { type: { kind: 'list'; of: Type } }

export class Lowering {
  readonly model: PacketModel
  readonly scope: Scope
  readonly all: Bounds

  constructor(model: PacketModel, scope: Scope) {
    this.model = model
    this.scope = scope
    const versions = model.versions.map(([v]) => v)
    this.all = { since: Math.min(...versions), until: Math.max(...versions) }
  }

  /** True in the versions a field or rule is of; undefined where it is of all. */
  within({ since, until }: Bounds): Expr | undefined {
    const { all } = this
    const is = (op: Compare, version: number) => compare(op, VERSION, number(version, U8))
    if (since <= all.since && until >= all.until) return undefined
    if (since === until) return is('==', since)
    if (since <= all.since) return is('<=', until)
    return until >= all.until ? is('>=', since) : and(is('>=', since), is('<=', until))
  }
  outside(bounds: Bounds): Expr | undefined {
    const inside = this.within(bounds)
    return inside && negate(inside)
  }

  scopeOf(value: Expr, fields: { name: string; type: Type }[]): Scope {
    const scope = this.scope.inner()
    scope.set('version', VERSION)
    for (const f of fields) scope.set(f.name, field(value, f.name, f.type))
    return scope
  }

  violated(rule: RuleSpec, scope: Scope): Expr {
    const inside = this.within(rule)
    const wrong = negate(condition(rule.must, scope))
    return inside ? and(inside, wrong) : wrong
  }

  /** The field at `path`; of a struct that may be absent, its zero. */
  at(path: string, value: Expr, present: string[]): Expr {
    if (path === 'item') return value
    let at = value
    for (const step of path.split('.')) {
      const { type } = fieldsOf(at.type, this.model.world)!.find((f) => f.name === step)!
      const maybe = at.type.kind === 'optional' && !present.includes(path.split('.')[0])
      at = maybe ? { kind: 'maybe', type, of: at, field: step } : field(at, step, type)
    }
    if (at.type.kind !== 'optional') return at
    if (present.includes(`sure ${path}`)) return { kind: 'present', type: at.type.of, of: at }
    return present.includes(path) ? { ...at, type: at.type.of } : at
  }
  /** A number between bounds, or one of an enum's. */
  range(of: Expr, least: number, most: number, refusal: Refusal): Stmt[] {
    const members = of.type.kind === 'enum' ? [...this.model.world.enums.get(of.type.name)!.values()] : undefined
    if (members && Math.max(...members) - Math.min(...members) !== members.length - 1) {
      return [breaks(negate(members.map((m) => compare('==', of, number(m, U8))).reduce(or)), refusal)]
    }
    const bounds = members ? { least: Math.min(...members), most: Math.max(...members) } : { least, most }
    return [{ kind: 'range', of, ...bounds, rule: refusal.rule, see: refusal.see }]
  }
  /** Values that fit the bits but are no member. */
  enumCheck(value: Expr, width: number, refusal: Refusal): Stmt[] {
    const members = this.model.world.enums.get((value.type as { name: string }).name)!
    const known = new Set(members.values())
    const wrong = Array.from({ length: 2 ** width }, (_, i) => i).filter((v) => !known.has(v))
    const most = Math.max(...known)
    if (wrong.length > 0 && wrong.every((v) => v > most)) return [breaks(compare('>', value, number(most, U8)), refusal)]
    return wrong.length ? [breaks(wrong.map((v) => compare('==', value, number(v, U8))).reduce(or), refusal)] : []
  }

  /** A body in wire order: conditions and lists are the same whatever is done with what stands in them. */
  walk(body: Body[], value: Expr, leaf: Leaf, present: string[] = [], fields: Packet['fields'] = []): Stmt[] {
    return body.flatMap((b): Stmt[] => {
      if (b.is === 'when') {
        const when = condition(b.when, this.scopeOf(value, fields))
        const otherwise = this.walk(b.else, value, leaf, present, fields)
        const yes = this.walk(b.do, value, leaf, [...present, ...sure(b)], fields)
        return [{ kind: 'if', branches: [{ when, do: yes }], ...(otherwise.length > 0 ? { else: otherwise } : {}) }]
      }
      if (b.is !== 'list') return leaf(b, value, present)
      const list = this.at(b.path, value, present) as ListExpr
      const each = this.walk(b.do, name('item', list.type.of), leaf)
      return [...leaf(b, value, present), { kind: 'each', item: 'item', type: list.type.of, of: list, do: each }]
    })
  }
}
