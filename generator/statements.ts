// The statements of the spec: YAML is the block structure, single lines are lines.ts. One list serves the functions of the packets and the
// whole session. Which states and packets there are comes in through the scope.
import { Reader } from './expressions.ts'
import { type Branch, type Expr, name, nodes, type Stmt, type Type, U32 } from './ir.ts'
import { type Context, encoded, listName, loopHead, oneOf, parseLine, remark, untag, wanted } from './lines.ts'
import { condition, resolve } from './resolve.ts'
import { type Item, place, placeOf, SpecError, unknown } from './source.ts'
import { describeType, type Scope } from './world.ts'

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

/** Statements with a block: a map whose first key is the head. */
function parseCompound(item: Item, context: Context, before: Stmt[]): Stmt[] {
  const [[key, body], ...more] = item.entries()
  const { text, tags } = untag(key.text)
  if (!context.keeps(tags)) return []
  if (more.length === 0 && !body.isMap && !body.isList && !context.keeps(untag(body.text).tags)) return []
  const rest = new Map(more.map(([k, v]) => [untag(k.text), v] as const).flatMap(([k, v]) => (context.keeps(k.tags) ? [[k.text, v]] : [])))
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
  throw unknown('statement', word, key.spot, known)
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
    const list = listName(r, scope)
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
    const { text, tags } = untag(key.text)
    if (!context.keeps(tags)) continue
    const field = known.find((f) => f.name === text)
    if (!field) throw unknown('field', text, key.spot, known, ` of ${record}`)
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
  return { kind: 'append', item, named: false, record, list, fields, ...(limit ? { limit: most } : {}), full: refusal }
}

/** A local name that is assigned again is a variable, not a constant; a new record that is not spoken of again needs no name. */
function markChanges(body: Stmt[]): void {
  const all = [...nodes(body)]
  const set = new Set(all.flatMap((s) => (s.kind === 'set' && s.to.kind === 'name' ? [s.to.name] : [])))
  const spoken = new Set(all.flatMap((e) => (e.kind === 'name' && e.role === 'local' ? [e.name] : [])))
  for (const s of all) {
    if (s.kind === 'let') s.changes = set.has(s.name)
    if (s.kind === 'append') s.named = spoken.has(s.item)
  }
}
