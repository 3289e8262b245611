// The statements of the spec: YAML is the block structure, single lines are parsed here. One list serves the functions of the packets
// and the whole session; CONTRIBUTING.md is its reference. Which states and packets there are comes in through the scope.
import { Reader } from './expressions.ts'
import { type Branch, compare, type Expr, name, number, type Stmt, type Type, U32 } from './ir.ts'
import { condition, expectType, resolve, theVersion, versionFor } from './resolve.ts'
import { type Item, type Problems, place, placeOf, SpecError, suggest } from './source.ts'
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

/** A function's body. */
export function parseBody(item: Item, context: Context): Stmt[] {
  const body = parseBlock(item, { ...context, refused: { declared: false } })
  markChanges(body)
  return body
}

export function parseBlock(item: Item, outer: Context): Stmt[] {
  const context = { ...outer, scope: outer.scope.inner(), refused: { declared: outer.refused?.declared ?? false } }
  const block: Stmt[] = []
  for (const line of item.items()) {
    context.problems.guard(() => {
      const found = line.isMap ? parseCompound(line, context, block) : parseLine(line, context)
      const spot = line.isMap ? line.entries()[0][0].spot : line.spot
      block.push(...found.map((s) => place(s, spot)))
    })
  }
  return block
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

function oneOf(r: Reader, names: Iterable<string>, what: string, owner = ''): string {
  const spot = r.spot
  const text = r.word(`a ${what}`)
  const known = [...names]
  if (!known.includes(text)) throw new SpecError(spot, `unknown ${what} '${text}'${owner}${suggest(text, known)}`)
  return text
}

const listName = (r: Reader, scope: Scope): string => oneOf(r, scope.world.lists.keys(), 'list')

/** `m in list`, and the scope in which m is its record. */
function loopHead(r: Reader, scope: Scope): { item: string; list: string; record: string; inner: Scope } {
  const item = r.word()
  r.expect('in')
  const list = listName(r, scope)
  const record = scope.world.lists.get(list)!.record
  const inner = scope.inner()
  inner.set(item, name(item, { kind: 'record', name: record }))
  return { item, list, record, inner }
}

/** `PACKET a=.. b=..`, encoded; `PACKET value` encodes a packet at hand. Fields left out are absent, false or 0. */
function encoded(r: Reader, packet: string, scope: Scope): Expr {
  const type: Type = { kind: 'packet', name: packet }
  const version = versionFor(`encode ${packet}`, scope)
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
    const field = oneOf(
      r,
      known.map((f) => f.name),
      'field',
      ` of ${packet}`,
    )
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

function parseLine(item: Item, context: Context): Stmt[] {
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
    throw new SpecError(spot, `unknown statement '${keyword}'${suggest(keyword, known)}`)
  }
  const target = resolve(r.expression(), scope)
  if (r.take('=')) return assign(target, wanted(r, scope, target.type), false)
  if (r.take('+=')) return assign(target, wanted(r, scope, target.type), true)
  if (target.kind !== 'call') throw new SpecError(spot, 'a statement must do something: call a procedure, or assign')
  return [{ kind: 'do', call: target }]
}

/** An expression that must be of a type. */
function wanted(r: Reader, scope: Scope, type: Type): Expr {
  const syntax = r.expression()
  return expectType(resolve(syntax, scope, type), type, syntax.spot)
}

function assign(to: Expr, value: Expr, add: boolean): Stmt[] {
  if (to.kind === 'name' && to.role === 'variable' && to.name === 'phase') return [{ kind: 'enter', state: value }]
  return [{ kind: 'set', to, value, add }]
}

/** Statements with a block: a map whose first key is the head. */
function parseCompound(item: Item, context: Context, before: Stmt[]): Stmt[] {
  const [[key, body], ...more] = item.entries()
  const { text, tags } = untag(key.text)
  if (!context.keeps(tags)) return []
  if (more.length === 0 && !body.isMap && !body.isList && !context.keeps(untag(body.text).tags)) return []
  const rest = new Map(more.map(([k, v]) => [k.text, v]))
  const beside: Record<string, string[]> = { if: ['elif', 'else'], find: ['else'], add: ['full'] }
  const head = /^\w*/.exec(text)![0]
  for (const [k] of more) oneOf(new Reader(k, untag(k.text).text), beside[head] ?? [], 'key', ` beside '${head}'`)
  const r = new Reader(key, text)
  const note = remark(key.comment || (body.isMap || body.isList ? body.above : body.comment))
  const { scope } = context
  const word = r.word('a statement')
  if (word === 'elif' || word === 'else') return continueIf(word, r, body, context, before)
  if (word === 'if') {
    const branches: Branch[] = [{ when: condition(r.expression(), scope), do: bare(parseBlock(body, context), body) }]
    r.end()
    const found: Stmt = { kind: 'if', branches, ...note }
    for (const [k, v] of more) continueIf(untag(k.text).text.split(' ')[0], new Reader(k).skip(), v, context, [found])
    return [found]
  }
  if (word === 'while') {
    const when = condition(r.expression(), scope)
    r.end()
    return [{ kind: 'while', when, do: bare(parseBlock(body, context), body), ...note }]
  }
  if (word === 'for') {
    const found = loop(r, body, context) as Stmt & { do: Stmt[] }
    return [{ ...found, do: bare(found.do, body), ...note } as Stmt]
  }
  if (word === 'find') {
    const { item: m, list, record, inner } = loopHead(r, scope)
    r.expect('where')
    const where = condition(r.expression(), inner)
    r.end()
    const found = parseBlock(body, { ...context, scope: inner })
    const missing = rest.get('else')
    const key = keyOf(where, m, scope.world.lists.get(list)!.key)
    const also = missing ? { else: parseBlock(missing, context) } : {}
    return [{ kind: 'find', item: m, record, list, where, ...(key ? { key } : {}), do: found, ...also, ...note }]
  }
  if (word === 'add') return [{ ...append(r, body, rest.get('full'), context), ...note }]
  const known = ['if', 'elif', 'else', 'while', 'for each', 'find', 'add']
  throw new SpecError(key.spot, `unknown statement '${word}'${suggest(word, known)}`)
}

/** The comment behind `if a: b` is that of the if, and so with a loop. */
function bare(block: Stmt[], body: Item): Stmt[] {
  if (body.isList || body.isMap || block.length === 0) return block
  const { see: _see, note: _note, ...first } = block[0]
  return [place(first as Stmt, placeOf(block[0])), ...block.slice(1)]
}

/** `elif` and `else` go on with the `if` before them. */
function continueIf(word: string, r: Reader, body: Item, context: Context, before: Stmt[]): Stmt[] {
  const last = before.at(-1)
  if (last?.kind !== 'if' || last.else) throw new SpecError(r.item.spot, `'${word}' without an 'if' before it`)
  if (word === 'else') last.else = parseBlock(body, context)
  else last.branches.push({ when: condition(r.expression(), context.scope), do: parseBlock(body, context) })
  r.end()
  return []
}

function keyOf(where: Expr, item: string, key: string | undefined): Expr | undefined {
  if (!key || where.kind !== 'compare' || where.op !== '==') return undefined
  const { left, right } = where
  return left.kind === 'field' && left.field === key && left.of.kind === 'name' && left.of.name === item ? right : undefined
}

function loop(r: Reader, body: Item, context: Context): Stmt {
  r.expect('each')
  const { scope } = context
  const inner = scope.inner()
  const item = r.word()
  r.expect('in')
  if (scope.world.lists.has(r.text)) {
    const list = r.word()
    const record = scope.world.lists.get(list)!.record
    inner.set(item, name(item, { kind: 'record', name: record }))
    r.end()
    return { kind: 'for_each', item, record, list, do: parseBlock(body, { ...context, scope: inner }) }
  }
  const spot = r.spot
  const of = resolve(r.expression(), scope)
  if (of.type.kind === 'text') {
    inner.set(item, name(item, { kind: 'char' }))
    r.end()
    return { kind: 'each_char', item, of, do: parseBlock(body, { ...context, scope: inner }) }
  }
  if (of.type.kind !== 'list') throw new SpecError(spot, `expected a list or a text, found ${describeType(of.type)}`)
  inner.set(item, name(item, of.type.of))
  const also = r.take('with') ? beside(r, inner, scope) : {}
  r.end()
  return { kind: 'each', item, type: of.type.of, of, ...also, do: parseBlock(body, { ...context, scope: inner }) }
}

/** `with code in codes`: a second list of the same length, side by side. */
function beside(r: Reader, inner: Scope, scope: Scope): { with: { item: string; type: Type; of: Expr } } {
  const item = r.word()
  r.expect('in')
  const spot = r.spot
  const of = resolve(r.expression(), scope)
  if (of.type.kind !== 'list') throw new SpecError(spot, `expected a list, found ${describeType(of.type)}`)
  inner.set(item, name(item, of.type.of))
  return { with: { item, type: of.type.of, of } }
}

function append(r: Reader, body: Item, full: Item | undefined, context: Context): Stmt {
  const { scope } = context
  const item = r.word()
  r.expect('to')
  const list = listName(r, scope)
  r.end()
  const record = scope.world.lists.get(list)!.record
  const known = scope.world.records.get(record)!
  const fields: { name: string; value: Expr }[] = []
  for (const [key, value] of body.entries()) {
    const field = known.find((f) => f.name === key.text)
    if (!field)
      throw new SpecError(
        key.spot,
        `unknown field '${key.text}' of ${record}${suggest(
          key.text,
          known.map((f) => f.name),
        )}`,
      )
    const v = new Reader(value)
    const packet = scope.world.packets.has(v.text) && field.type.kind === 'frame' ? v.word() : undefined
    fields.push({
      name: field.name,
      value: packet ? encoded(v, packet, scope) : wanted(v, scope, field.type),
    })
    v.end()
  }
  const absent = known.find((f) => !fields.some((g) => g.name === f.name))
  if (absent) throw new SpecError(r.item.spot, `field '${absent.name}' of ${record} is missing`)
  if (!full) throw new SpecError(r.item.spot, `what if ${list} is full? 'full:' is missing`)
  const refusal = parseBlock(full, context)
  scope.set(item, name(item, { kind: 'record', name: record }))
  const { limit } = scope.world.lists.get(list)!
  const most: Expr = { kind: 'field', type: U32, of: name('config', { kind: 'config' }, 'variable'), field: limit ?? '' }
  return { kind: 'append', item, record, list, fields, ...(limit ? { limit: most } : {}), full: refusal }
}

/** A local name that is assigned again is a variable, not a constant. */
function markChanges(body: Stmt[]): void {
  const set = new Set<string>()
  const lets: (Stmt & { kind: 'let' })[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk)
    if (typeof value !== 'object' || value === null) return
    const s = value as Stmt
    if (s.kind === 'let') lets.push(s)
    if (s.kind === 'set' && s.to.kind === 'name') set.add(s.to.name)
    Object.values(value).forEach(walk)
  }
  walk(body)
  for (const found of lets) found.changes = set.has(found.name)
}

/** A note as a doc comment begins. */
export const sentence = (note = ''): string => note.charAt(0).toUpperCase() + note.slice(1)
