// The statements of one line, and the comments behind them. Blocks are statements.ts; CONTRIBUTING.md is the reference of both.
import { Reader } from './expressions.ts'
import { compare, type Expr, name, number, type Stmt, type Type } from './ir.ts'
import { condition, expectType, resolve, theVersion, versionFor } from './resolve.ts'
import { type Item, type Problems, SpecError, unknown } from './source.ts'
import { describeType, memberOf, type Scope } from './world.ts'

/** What a block may do, and what it is part of. */
export interface Context {
  scope: Scope
  returns: Type
  problems: Problems
  /** Whether what carries these feature tags is kept in the profile that is printed. */
  keeps: (tags: string[]) => boolean
  /** Set where the first `reject` of a function has declared its variable. */
  refused?: { declared: boolean }
}

/** Takes the `@tags` off a key or a line. */
export function untag(text: string): { text: string; tags: string[] } {
  const tags = [...text.matchAll(/\s@(!?\w+)/g)].map((m) => m[1])
  return { text: text.replace(/\s@!?\w+/g, ''), tags }
}

/** How a clause of the standard is written. */
export const CLAUSE = /\b(?:[A-Z]+-[\w.-]*\w|\d(?:\.\d)+ §[\d.]*\d)/g

/** A comment is clauses of the standard, or a reason, or both. */
export function remark(comment: string): { see?: string[]; note?: string } {
  const text = comment.replace(/\s*\n\s*/g, ' ')
  const see = text.match(CLAUSE)
  const note = text
    .replace(CLAUSE, '')
    .replace(/^(?:\s*,)+/, '')
    .replace(/^[\s:,;.]+/, '')
    .trim()
  return { ...(see ? { see } : {}), ...(note ? { note } : {}) }
}

/** A note as a doc comment begins. */
export const sentence = (note = ''): string => note.charAt(0).toUpperCase() + note.slice(1)

type Line = (r: Reader, context: Context) => Stmt[]

const LINES: Record<string, Line> = {
  stop: () => [{ kind: 'stop' }],
  ignore: () => [],
  dial: () => [{ kind: 'dial' }],
  hang_up: () => [{ kind: 'hang_up' }],
  answer: (r, { scope, returns }) => [{ kind: 'answer', value: wanted(r, scope, returns) }],
  reject: (r, context) => reject(r, context),
  let: (r, { scope }) => {
    const spot = r.spot
    const text = r.word()
    if (scope.get(text)) throw new SpecError(spot, `'${text}' is already named here`)
    r.expect('=')
    const value = scope.world.packets.has(r.text) ? packetOf(r, r.word(), scope) : resolve(r.expression(), scope)
    const type: Type = value.kind === 'character' ? { kind: 'char' } : value.type
    scope.set(text, name(text, type))
    return [{ kind: 'let', name: text, value, changes: false }]
  },
  deliver: (r, { scope }) => [{ kind: 'deliver', packet: resolve(r.expression(), scope) }],
  settle: (r, { scope }) => {
    const operation = resolve(r.expression(), scope)
    if (!r.take('with')) return [{ kind: 'settle', operation }]
    const result = resolve(r.expression(), scope)
    return [{ kind: 'settle', operation, ...(result.type.kind === 'list' ? { results: result } : { result }) }]
  },
  fail: (r, { scope }) => {
    const operation = resolve(r.expression(), scope)
    return [{ kind: 'fail', operation, error: wanted(r, scope, { kind: 'error' }) }]
  },
  error: (r, { scope }) => [{ kind: 'report', error: wanted(r, scope, { kind: 'error' }) }],
  violation: (r, { scope }) => {
    const rule = resolve(r.expression(), scope, { kind: 'rule' })
    return [{ kind: 'violation', rule, at: resolve(r.expression(), scope) }]
  },
  arm: (r, { scope }) => {
    const timer = oneOf(r, scope.world.timers, 'timer')
    return r.take('at')
      ? [{ kind: 'arm', timer, at: resolve(r.expression(), scope) }]
      : [{ kind: 'arm', timer, after: resolve(r.expression(), scope) }]
  },
  disarm: (r, { scope }) => [{ kind: 'disarm', timer: oneOf(r, scope.world.timers, 'timer') }],
  move: (r, { scope }) => {
    const item = r.word()
    r.expect('from')
    const from = listName(r, scope)
    r.expect('to')
    const to = listName(r, scope)
    const { record } = scope.world.lists.get(to)!
    scope.set(item, name(item, { kind: 'record', name: record }))
    return [{ kind: 'move', from, to, item, record }]
  },
  remove: (r, { scope }) => {
    const item = resolve(r.expression(), scope)
    r.expect('from')
    return [{ kind: 'remove', item, list: listName(r, scope) }]
  },
  clear: (r, { scope }) => [{ kind: 'clear', list: listName(r, scope) }],
  prune: (r, { scope }) => {
    const { item, list, record, inner } = loopHead(r, scope)
    r.expect('where')
    return [{ kind: 'prune', item, record, list, where: condition(r.expression(), inner) }]
  },
  send: (r, { scope }) => {
    const packet = scope.world.packets.has(r.text) ? r.word() : undefined
    const frame = packet ? encoded(r, packet, scope) : resolve(r.expression(), scope)
    if (!r.take('again')) return [{ kind: 'send', frame }]
    return [{ kind: 'send', frame: { kind: 'marked', type: { kind: 'frame' }, of: frame, version: theVersion(scope) } }]
  },
}

export function oneOf(r: Reader, names: Iterable<string>, what: string, owner = ''): string {
  const spot = r.spot
  const text = r.word(`a ${what}`)
  const known = [...names]
  if (!known.includes(text)) throw unknown(what, text, spot, known, owner)
  return text
}

/** The name of a list; of one that is another in this profile, the other's. */
export function listName(r: Reader, scope: Scope): string {
  const named = oneOf(r, scope.world.lists.keys(), 'list')
  return scope.world.lists.get(named)!.is ?? named
}

/** `m in list`, and the scope in which m is its record. */
export function loopHead(r: Reader, scope: Scope): { item: string; list: string; record: string; inner: Scope } {
  const item = r.word()
  r.expect('in')
  const list = listName(r, scope)
  const record = scope.world.lists.get(list)!.record
  const inner = scope.inner()
  inner.set(item, name(item, { kind: 'record', name: record }))
  return { item, list, record, inner }
}

/** `PACKET a=.. b=..`, encoded; `PACKET value` encodes a packet at hand. Fields left out are absent, false or 0. */
export function encoded(r: Reader, packet: string, scope: Scope): Expr {
  const type: Type = { kind: 'packet', name: packet }
  const version = versionFor(packet, scope)
  const whole = !r.done && !r.peek('again') && !r.peek('=', 1)
  const value: Expr = whole
    ? resolve(r.expression(), scope, type)
    : scope.world.packets.get(packet)!.length > 0
      ? packetOf(r, packet, scope)
      : { kind: 'none', type }
  return { kind: 'encode', type: { kind: 'frame' }, packet, value, ...version }
}

/** A packet from `a=.. b=..`; what a profile has not is left out. */
function packetOf(r: Reader, packet: string, scope: Scope): Expr {
  const fields: { name: string; value: Expr }[] = []
  const known = scope.world.packets.get(packet)!
  while (!r.done && !r.peek('again')) {
    const field = oneOf(r, known.map((f) => f.name), 'field', ` of ${packet}`) // biome-ignore format: a line
    r.expect('=')
    if (scope.world.cut.has(r.text))
      r.word() // without that feature it is absent
    else fields.push({ name: field, value: wanted(r, scope, known.find((f) => f.name === field)!.type) })
  }
  for (const f of known) {
    const zero: Expr =
      f.type.kind === 'bool'
        ? { kind: 'bool', type: f.type, value: false }
        : f.type.kind === 'uint'
          ? number(0, f.type)
          : { kind: 'none', type: f.type }
    if (!fields.some((g) => g.name === f.name)) fields.push({ name: f.name, value: zero })
  }
  const order = (n: string) => known.findIndex((f) => f.name === n)
  fields.sort((a, b) => order(a.name) - order(b.name))
  return { kind: 'make', type: { kind: 'packet', name: packet }, name: packet, fields }
}

/** Ends the call with an error; what a procedure answers, only if it is one. */
function reject(r: Reader, { scope, returns, refused }: Context): Stmt[] {
  const value = resolve(r.expression(), scope, { kind: 'error' })
  if (value.type.kind !== 'error') throw new SpecError(r.item.spot, `expected an error, found ${describeType(value.type)}`)
  if (value.kind === 'member') return [{ kind: 'answer', value }]
  const variable = name('refused', returns)
  const ok = memberOf({ kind: 'error' }, 'OK', scope.world)!
  const first: Stmt = refused?.declared
    ? { kind: 'set', to: variable, value, add: false }
    : { kind: 'let', name: 'refused', value, changes: false }
  if (refused) refused.declared = true
  return [first, { kind: 'if', branches: [{ when: compare('!=', variable, ok), do: [{ kind: 'answer', value: variable }] }] }]
}

export function parseLine(item: Item, context: Context): Stmt[] {
  const { text, tags } = untag(item.text)
  if (!context.keeps(tags)) return []
  const r = new Reader(item, text)
  const found = lineOf(r, context)
  r.end()
  const note = remark(item.comment)
  if (found.length > 0) Object.assign(found[0], note)
  return found
}

function lineOf(r: Reader, context: Context): Stmt[] {
  const { scope } = context
  const assigns = r.has('=') || r.has('+=')
  const keyword = r.text
  if (LINES[keyword] && !(assigns && keyword !== 'let' && keyword !== 'send' && r.peek('=', 1))) {
    r.word()
    return LINES[keyword](r, context)
  }
  const spot = r.spot
  if (!['=', '+=', '.', '('].some((sign) => r.peek(sign, 1))) {
    const known = [...Object.keys(LINES), 'if', 'for each', 'while', 'find', 'add']
    throw unknown('statement', keyword, spot, known)
  }
  const target = resolve(r.expression(), scope)
  if (r.take('=')) return assign(target, wanted(r, scope, target.type), false)
  if (r.take('+=')) return assign(target, wanted(r, scope, target.type), true)
  if (target.kind !== 'call') throw new SpecError(spot, 'a statement must do something: call a procedure, or assign')
  return [{ kind: 'do', call: target }]
}

/** An expression that must be of a type. */
export function wanted(r: Reader, scope: Scope, type: Type): Expr {
  const syntax = r.expression()
  return expectType(resolve(syntax, scope, type), type, syntax.spot)
}

function assign(to: Expr, value: Expr, add: boolean): Stmt[] {
  if (to.kind === 'name' && to.role === 'variable' && to.name === 'phase') return [{ kind: 'enter', state: value }]
  return [{ kind: 'set', to, value, add }]
}
