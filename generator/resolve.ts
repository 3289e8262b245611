// From syntax to typed expressions: what a name means where it stands, and whether types fit.
import type { Syntax } from './expressions.ts'
import { and, BOOL, type Compare, compare, type Expr, name, negate, number, or, same, type Type, U8, U32 } from './ir.ts'
import { SpecError, type Spot, unknown } from './source.ts'
import { anyMember, bare, describeType, fieldsOf, memberOf, membersOf, type Scope, sequence, type World } from './world.ts'

export type { Field } from './world.ts'

/** What `s` says, as a value of type `wanted` where that is known. */
export function resolve(s: Syntax, scope: Scope, wanted?: Type): Expr {
  const e = resolveAny(s, scope, wanted)
  const sure = wanted && wanted.kind !== 'optional' && e.type.kind === 'optional' && e.kind === 'field' && same(e.type.of, wanted)
  return sure ? { kind: 'present', type: wanted, of: e } : e
}

function resolveAny(s: Syntax, scope: Scope, wanted?: Type): Expr {
  switch (s.is) {
    case 'number':
      return number(s.value, wanted?.kind === 'uint' ? wanted : s.value < 256 ? U8 : U32)
    case 'string':
      if (wanted?.kind === 'char') return { kind: 'character', type: wanted, value: s.value }
      if (wanted?.kind === 'text' || s.value.length !== 1) return { kind: 'text', type: { kind: 'text' }, value: s.value }
      return { kind: 'character', type: { kind: 'char' }, value: s.value }
    case 'name':
      return resolveName(s, scope, wanted)
    case 'field':
      return resolveField(s, scope)
    case 'not':
      return negate(condition(s.of, scope))
    case 'in':
      return resolveIn(s, scope)
    case 'binary':
      return resolveBinary(s, scope)
    case 'call':
      return resolveCall(s, scope, wanted)
  }
}

/** An expression that must be true or false. */
export function condition(s: Syntax, scope: Scope): Expr {
  const e = resolve(s, scope, BOOL)
  if (e.type.kind !== 'bool') throw new SpecError(s.spot, `expected a condition, found a value of type ${describeType(e.type)}`)
  return e
}

function resolveName(s: Syntax & { is: 'name' }, scope: Scope, wanted?: Type): Expr {
  const { world } = scope
  if (s.name === 'true' || s.name === 'false') return { kind: 'bool', type: BOOL, value: s.name === 'true' }
  if (s.name === 'none') return { kind: 'none', type: wanted ?? { kind: 'none' } }
  if (s.name === 'now') return { kind: 'now', type: U32 }
  const local = scope.get(s.name)
  if (local) return local
  const member = wanted && memberOf(wanted, s.name, world)
  if (member) return member
  const variable = world.variables.get(s.name)
  if (variable) return name(s.name, variable, 'variable')
  const global = memberOf({ kind: 'error' }, s.name, world) ?? memberOf({ kind: 'rule' }, s.name, world) ?? anyMember(s.name, world)
  if (global) return global
  const known = [...scope.all(), ...world.variables.keys(), ...membersOf(wanted, world).keys(), 'true', 'false', 'none']
  throw unknown('name', s.name, s.spot, known)
}

function resolveField(s: Syntax & { is: 'field' }, scope: Scope): Expr {
  const path = pathOf(s)
  const part = path && scope.get(path) // decoding: a field of a struct is a part of its own
  if (part) return part
  const of = resolve(s.of, scope)
  const { world } = scope
  const type = bare(of.type)
  if (type.kind === 'state') return column(of, s, world, (value) => value === true)
  if (type.kind === 'frame') return storedField(of, s, world)
  const fields = fieldsOf(type, world)
  if (!fields) throw new SpecError(s.spot, `a value of type ${describeType(of.type)} has no fields`)
  const field = fields.find((f) => f.name === s.field)
  if (!field) throw unknown('field', s.field, s.spot, fields)
  return { kind: 'field', type: field.type, of, field: s.field }
}

function pathOf(s: Syntax): string | undefined {
  if (s.is === 'name') return s.name
  const before = s.is === 'field' ? pathOf(s.of) : undefined
  return before && s.is === 'field' ? `${before}.${s.field}` : undefined
}

/** A field of an encoded packet: only one kind of packet may have a list of that name. */
function storedField(of: Expr, s: Syntax & { is: 'field' }, world: World): Expr {
  for (const [packet, fields] of world.packets) {
    const field = fields.find((f) => f.name === s.field && f.type.kind === 'list')
    if (field) return { kind: 'stored', type: field.type, of, packet, field: s.field }
  }
  throw new SpecError(s.spot, `no packet has a list '${s.field}'`)
}

/** A column of a table of states, as the question which states have it. */
function column(of: Expr, s: Syntax & { is: 'field' }, world: World, fits: (value: unknown) => boolean): Expr {
  const table = (of.type as { table: string }).table
  const states = world.states.get(table)!
  const values = states.columns.get(s.field)
  if (!values) throw unknown('column', s.field, s.spot, states.columns.keys(), ` of ${table}`)
  const yes = states.members.filter((m) => fits(values.get(m)))
  const no = states.members.filter((m) => !yes.includes(m))
  const equals = (m: string, op: Compare) => compare(op, of, memberOf(of.type, m, world)!)
  if (no.length === 0 || yes.length === 0) return { kind: 'bool', type: BOOL, value: no.length === 0 }
  if (no.length < yes.length) return no.map((m) => equals(m, '!=')).reduce(and)
  return yes.map((m) => equals(m, '==')).reduce(or)
}

function resolveIn(s: Syntax & { is: 'in' }, scope: Scope): Expr {
  if (s.of.is === 'field') {
    const owner = resolve(s.of.of, scope)
    if (bare(owner.type).kind === 'state') {
      const wanted = s.values.map((v) => (v.is === 'number' ? v.value : v.is === 'name' ? v.name : undefined))
      return column(owner, s.of, scope.world, (value) => wanted.some((w) => w === value))
    }
  }
  const of = resolve(s.of, scope)
  return s.values.map((v) => compare('==', of, resolve(v, scope, of.type))).reduce(or)
}

function resolveBinary(s: Syntax & { is: 'binary' }, scope: Scope): Expr {
  if (s.op === 'and' || s.op === 'or') {
    const [left, right] = [condition(s.left, scope), condition(s.right, scope)]
    return s.op === 'and' ? and(left, right) : or(left, right)
  }
  const left = resolve(s.left, scope)
  const right = resolve(s.right, scope, bare(left.type))
  if ('+-*%'.includes(s.op)) {
    const type =
      s.op === '*' ? U32 : left.type.kind === 'uint' && left.kind !== 'number' ? left.type : right.type.kind === 'uint' ? right.type : U32
    return { kind: 'arithmetic', type, op: s.op as '+', left, right }
  }
  if (!comparable(left.type, right.type)) {
    throw new SpecError(s.spot, `cannot compare ${describeType(left.type)} with ${describeType(right.type)}`)
  }
  return compare(s.op as Compare, left, right)
}

function comparable(a: Type, b: Type): boolean {
  const numeric = (t: Type) => ['uint', 'enum', 'error', 'rule', 'char'].includes(t.kind)
  return numeric(a) && numeric(b) ? true : same(bare(a), bare(b)) || b.kind === 'none' || (sequence(a) && sequence(b))
}

/** A value where one of another type is wanted is a mistake; numbers of any width are numbers. */
export function expectType(value: Expr, wanted: Type, spot: Spot): Expr {
  const whole = wanted.kind === 'optional' ? wanted.of : wanted
  const found = bare(value.type)
  const fits =
    comparable(whole, found) ||
    value.kind === 'none' ||
    (whole.kind === found.kind && (!('name' in whole) || !('name' in found) || whole.name === undefined || whole.name === found.name))
  if (!fits) throw new SpecError(spot, `expected ${describeType(wanted)}, found ${describeType(value.type)}`)
  return value
}

type Builtin = (args: Syntax[], scope: Scope, s: Syntax, wanted?: Type) => Expr
const BUILTINS: Record<string, Builtin> = {
  len: ([of], scope) => ({ kind: 'length', type: U32, of: resolve(of, scope) }),
  has: ([of], scope) => presence(of, scope) ?? { kind: 'has', type: BOOL, of: resolve(of, scope) },
  count: ([of], scope) => {
    if (of.is === 'name' && scope.world.lists.has(of.name))
      return { kind: 'list_count', type: U32, list: scope.world.lists.get(of.name)!.is ?? of.name }
    return { kind: 'count', type: U32, of: resolve(of, scope) }
  },
  contains: ([of, value], scope) => ({
    kind: 'contains',
    type: BOOL,
    of: resolve(of, scope),
    value: value.is === 'string' ? value.value : '',
  }),
  armed: ([timer], scope, s) => ({ kind: 'armed', type: BOOL, timer: timerName(timer, scope, s) }),
  random: ([most], scope) => ({ kind: 'random', type: U32, most: resolve(most, scope) }),
  min: ([left, right], scope) => ({
    kind: 'minimum',
    type: U32,
    left: resolve(left, scope),
    right: resolve(right, scope),
  }),
  rule: ([value], scope, s) => ofPacket('rule_of', { kind: 'rule' }, resolve(value, scope), s, scope) as Expr,
  one: (values, scope, s, wanted) => ({ kind: 'one', type: wanted ?? { kind: 'none' }, item: structOf(values, scope, s, wanted) }),
  size: ([value], scope, s) => ofPacket('size_of', U32, resolve(value, scope), s, scope) as Expr,
}

/** A struct, its fields in order. */
function structOf(values: Syntax[], scope: Scope, s: Syntax, wanted?: Type): Expr {
  const type = wanted?.kind === 'list' ? wanted.of : undefined
  const fields = type?.kind === 'struct' ? scope.world.structs.get(type.name) : undefined
  if (type?.kind !== 'struct' || !fields) throw new SpecError(s.spot, 'a list of structs is expected where this stands')
  if (fields.length !== values.length) throw new SpecError(s.spot, `a ${type.name} has ${fields.length} fields, not ${values.length}`)
  return { kind: 'make', type, name: type.name, fields: fields.map((f, i) => ({ name: f.name, value: resolve(values[i], scope, f.type) })) }
}

/** In a decoder a part's presence is known before the part itself. */
function presence(of: Syntax, scope: Scope): Expr | undefined {
  const path = pathOf(of)
  return path ? scope.get(`has ${path}`) : undefined
}

function ofPacket<K extends 'rule_of' | 'size_of'>(kind: K, type: Type, value: Expr, s: Syntax, scope: Scope) {
  const t = bare(value.type)
  if (t.kind === 'config') return { kind: 'call', type, name: 'config_rule', args: [value], method: false } as const
  if ((t.kind !== 'packet' && t.kind !== 'struct') || !t.name) throw new SpecError(s.spot, `expected a packet, found ${describeType(t)}`)
  return { kind, type, packet: t.name, value, ...versionFor(t.name, scope) } as const
}

/** The version to hand on to an encoder that depends on it. */
export const versionFor = (packet: string, scope: Scope): { version?: Expr } =>
  scope.world.versioned.has(packet) ? { version: theVersion(scope) } : {}

/** The parameter of a packet's function, or what the session is configured for. */
export function theVersion(scope: Scope): Expr {
  const config: Expr = { kind: 'name', type: { kind: 'config' }, name: 'config', role: 'variable' }
  return scope.get('version') ?? { kind: 'field', type: U8, of: config, field: 'version' }
}

function timerName(s: Syntax, scope: Scope, at: Syntax): string {
  const text = s.is === 'name' ? s.name : ''
  if (!scope.world.timers.has(text)) throw unknown('timer', text, at.spot, scope.world.timers)
  return text
}

function resolveCall(s: Syntax & { is: 'call' }, scope: Scope, wanted?: Type): Expr {
  const builtin = BUILTINS[s.name]
  if (builtin) {
    if (s.args.length === 0) throw new SpecError(s.spot, `'${s.name}' takes an argument`)
    return builtin(s.args, scope, s, wanted)
  }
  const signature = scope.world.functions.get(s.name)
  if (!signature) throw unknown('function', s.name, s.spot, [...scope.world.functions.keys(), ...Object.keys(BUILTINS)])
  const { params } = signature
  if (params.length !== s.args.length)
    throw new SpecError(s.spot, `'${s.name}' takes ${params.length} argument${params.length === 1 ? '' : 's'}, not ${s.args.length}`)
  const args = s.args.map((a, i) => {
    const e = expectType(resolve(a, scope, params[i].type), params[i].type, a.spot)
    const becomes = e.type.kind === 'enum' && params[i].type.kind === 'error' // some errors are codes that the other side sent
    return becomes ? ({ ...e, type: params[i].type } as Expr) : e
  })
  return { kind: 'call', type: signature.returns, name: s.name, args, method: signature.method }
}
