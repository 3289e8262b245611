// The tables of session.yaml as functions: a row is a branch, an event a function. It knows that there are tables of phases and of stages,
// not which there are; statements are statements.ts.
import type { Declarations, Heading } from './declarations.ts'
import { Reader } from './expressions.ts'
import { and, BOOL, compare, type Expr, type Func, NONE, name, or, type Stmt, U16 } from './ir.ts'
import { type Context, remark, sentence, untag } from './lines.ts'
import { resolve } from './resolve.ts'
import type { Session } from './session.ts'
import { type Item, place, SpecError, type Spot } from './source.ts'
import { parseBody } from './statements.ts'
import { memberOf, type Scope } from './world.ts'

const PHASE = name('phase', { kind: 'state', table: 'phases' }, 'variable')
const statesIn = (text: string): string[] => text.split(',').map((s) => s.trim())

interface Event {
  heading: Heading
  value: Item
  spot: Spot
  branches: { when: Expr | undefined; body: Stmt[] }[]
}
/** A table's cell: the states it is for, and what is done. */
interface Row {
  states: string[]
  body: Stmt[]
}

export class Tables {
  readonly #of: Declarations
  readonly #events = new Map<string, Event>()

  constructor(of: Declarations) {
    this.#of = of
  }

  read(): Session {
    const { root, session } = this.#of
    for (const part of ['do', 'answer', 'stats'] as const)
      this.#of.procedures(root.get(part), (heading, value) => {
        const body = parseBody(value, this.#of.context(this.#of.scope(heading.params), heading.returns))
        this.#procedure(heading, value, body, part === 'stats')
      })
    for (const [key, value] of root.entries()) {
      const table = untag(key.text)
      if (table.text === 'on') this.#of.procedures(value, (h, v) => this.#event(h, v))
      if (table.text.startsWith('on ') && this.#of.keeps(table.tags)) this.#recordTable(new Reader(key, table.text).skip(), value)
    }
    for (const event of this.#events.values()) {
      const func = place(this.#eventFunction(event), event.spot)
      session.functions.push(func)
      session.events.push({ func, phases: this.#answered(event.heading.event) })
    }
    this.#admit()
    return session
  }

  #procedure({ event, params, returns, key }: Heading, value: Item, body: Stmt[], isPublic = false): void {
    const { see = [], note } = remark(value.above)
    this.#of.session.functions.push(place({ name: event, params, returns, doc: sentence(note), see, body, public: isPublic }, key.spot))
  }

  /** Which phases an event can come in. */
  #possible(event: string): string[] {
    const phases = this.#of.session.phases
    const [kind, what] = event.split('.')
    if (kind === 'timer') return this.#of.session.timers.find((t) => t.name === what)?.phases ?? []
    if (kind !== 'in') return phases.map((p) => p.name)
    return phases.filter((p) => p.columns.packets).map((p) => p.name)
  }

  /** Those of them in which it is this event's affair: the early ones take only packets that they name. */
  #answered(event: string): string[] {
    const possible = this.#possible(event)
    if (!this.#isPacket(event)) return possible
    return possible.filter((p, i) => i === possible.length - 1 || this.#names(this.#of.root.get('on').get(event), p))
  }
  #isPacket(event: string): boolean {
    return this.#of.world.packets.has(event.replace(/^in\./, ''))
  }
  /** Whether a table has a row of its own for a state. */
  #names(rows: Item, state: string): boolean {
    return rows.keys.some((key) => statesIn(untag(key).text).includes(state))
  }

  #event(heading: Heading, value: Item): void {
    const { event, params, returns } = heading
    const scope = this.#of.scope(params)
    const possible = this.#possible(event)
    const context = this.#of.context(scope, returns)
    const isTable = value.isMap && value.keys.every((key) => /^[a-z_, ]+$/.test(untag(key).text))
    const body = isTable
      ? this.#branches(this.#rows(value, possible, heading, context), this.#answered(event), PHASE)
      : parseBody(value, context)
    this.#put(heading, value, scope, body)
  }
  #put(heading: Heading, value: Item, scope: Scope, body: Stmt[]): void {
    const { event, key, when: text } = heading
    const when = text === undefined ? undefined : resolve(new Reader(key, text, key.text.indexOf(text)).expression(), scope)
    const known = this.#events.get(event) ?? { heading, value, spot: key.spot, branches: [] }
    known.branches.push({ when, body })
    this.#events.set(event, known)
  }

  /** The rows of a table, with `others` spelled out. Every state that is possible must be answered. */
  #rows(value: Item, possible: string[], { event, key: heading, inStage }: Heading, context: Context): Row[] {
    const rows: Row[] = []
    const { world, session } = this.#of
    const kept = this.#of.kept(value)
    const named = new Set(kept.flatMap(([text]) => statesIn(text)))
    const known = [...new Set([...possible, ...session.phases.map((p) => p.name), ...session.stages.map((s) => s.name)])]
    const answered = (s: string) => rows.some((r) => r.states.includes(s))
    for (const [text, v, key] of kept) {
      const states = statesIn(text)
      const others = states.includes('others')
      const own = states.filter((s) => s !== 'others' && !world.cut.has(s))
      for (const s of own) {
        if (s !== 'none') this.#of.oneOf(s, known, key, 'state')
        if (answered(s)) throw new SpecError(key.spot, `'${s}' is answered already`)
        if (s !== 'none' && !possible.includes(s))
          throw new SpecError(key.spot, `this row can never match: ${event} does not come in '${s}'`)
      }
      const left = others ? possible.filter((s) => !named.has(s)) : []
      if (others && left.length === 0 && world.cut.size === 0)
        throw new SpecError(key.spot, 'this row can never match: there is no other state')
      if (own.length > 0 || others) rows.push({ states: [...own, ...left], body: parseBody(v, context) })
    }
    const early = !inStage && this.#isPacket(event) // in.other answers the rest
    const open = early ? [] : possible.filter((s) => !answered(s))
    if (open.length > 0) throw new SpecError(heading.spot, `${event} is not answered in ${open.join(', ')}`)
    return rows
  }

  /** Rows as an if: nothing is asked where only one answer is left. */
  #branches(rows: Row[], possible: string[], subject: Expr): Stmt[] {
    const busy = rows.filter((r) => r.body.length > 0 && r.states.some((s) => possible.includes(s)))
    const left = new Set(possible)
    const branches: { when: Expr; do: Stmt[] }[] = []
    for (const row of busy) {
      const states = row.states.filter((s) => left.has(s))
      const rest = [...left].filter((s) => !states.includes(s))
      if (rest.length === 0 && row === busy.at(-1)) return branches.length === 0 ? row.body : [{ kind: 'if', branches, else: row.body }]
      const is = (s: string, op: '==' | '!=') => compare(op, subject, memberOf(subject.type, s, this.#of.world)!)
      const when = states.length <= rest.length ? states.map((s) => is(s, '==')).reduce(or) : rest.map((s) => is(s, '!=')).reduce(and)
      branches.push({ when, do: row.body })
      for (const s of states) left.delete(s)
    }
    return branches.length > 0 ? [{ kind: 'if', branches }] : []
  }

  /** `on outbox m:`: the record with the packet's identifier, then what its stage says. */
  #recordTable(r: Reader, table: Item): void {
    const list = r.word()
    const { record, key } = this.#of.world.lists.get(this.#of.oneOf(list, [...this.#of.world.lists.keys()], r.item, 'list'))!
    const item = r.word()
    const entry = name(item, { kind: 'record', name: record })
    const stages = this.#of.session.stages.map((s) => s.name)
    const subject: Expr = { kind: 'field', type: { kind: 'state', table: 'stages' }, of: entry, field: 'stage' }
    const byStage = (value: Item, heading: Heading, context: Context): Stmt[] =>
      this.#branches(this.#rows(value, stages, { ...heading, inStage: true }, context), stages, subject)
    this.#of.procedures(table, (heading, value) => {
      const scope = this.#of.scope(heading.params)
      const context = this.#of.context(scope, heading.returns)
      if (!heading.event.startsWith('in.')) return this.#procedure(heading, value, byStage(value, heading, context))
      const inner = scope.inner()
      inner.set(item, entry)
      const row = (state: string) => this.#of.kept(value).find(([text]) => statesIn(text).includes(state))
      const [held, none] = [row('held'), row('none')]
      if (!none) throw new SpecError(heading.key.spot, `${heading.event} does not say what if there is 'none'`)
      const within = { ...context, scope: inner }
      const found = held ? parseBody(held[1], within) : byStage(value, heading, within)
      const { spot } = heading.key
      const wanted = resolve({ is: 'field', of: { is: 'name', name: 'packet', spot }, field: key!, spot }, scope, U16)
      const where = compare('==', { kind: 'field', type: U16, of: entry, field: key! }, wanted)
      const missing = parseBody(none[1], context)
      this.#put(heading, value, scope, [{ kind: 'find', item, record, list, where, key: wanted, do: found, else: missing }])
    })
  }

  /** Guards that compare a field with values of its enum must cover all of them. */
  #exhaustive(event: string, guards: Expr[], spot: Spot): void {
    const compared = guards.flatMap((g) => (g.kind === 'compare' && g.op === '==' ? [g] : []))
    const field = compared[0]?.left
    if (field?.kind !== 'field' || field.type.kind !== 'enum' || compared.length < guards.length || this.#of.world.cut.size > 0) return
    const values = compared.map((g) => (g.right as { value?: number }).value)
    for (const [member, value] of this.#of.world.enums.get(field.type.name)!)
      if (!values.includes(value)) this.#of.problems.add(spot, `no row of ${event} is for ${field.field} == ${value}, ${member}`)
  }

  #eventFunction({ heading: { event, params, returns }, value, branches, spot }: Event): Func {
    const { world, session } = this.#of
    const [kind, what] = event.split('.')
    const names: Record<string, string> = { call: what, in: `on_${what}`, net: `on_${what}`, timer: `on_${what}_timer` }
    const { see = [], note } = remark(value.above)
    const guarded = branches.flatMap(({ when, body }) => (when ? [{ when, do: body }] : []))
    this.#exhaustive(event, guarded.map((b) => b.when), spot) // biome-ignore format: a line
    const body: Stmt[] = guarded.length > 0 ? [{ kind: 'if', branches: guarded }] : branches[0].body
    if (returns.kind === 'error') closeCall(body, memberOf({ kind: 'error' }, 'OK', world)!)
    if (kind === 'in' && world.packets.has(what)) session.packets.push({ packet: what, event: names.in })
    return { name: names[kind] ?? `on_${event}`, params, returns, doc: sentence(note), see, body, public: kind === 'call' }
  }

  /** Whether a packet may come in the phase at hand; what is done if not. */
  #admit(): void {
    const { model, root, world, session } = this.#of
    const { admit, packets, phases } = session
    const type = name('type', { kind: 'enum', name: 'PacketKind' }, 'parameter')
    const isNot = (member: string): Expr => {
      const value = model.packets.find((p) => p.name === member)!.code
      return compare('!=', type, { kind: 'member', type: type.type, owner: 'PacketKind', member, value })
    }
    const answer = (value: boolean): Stmt => ({ kind: 'answer', value: { kind: 'bool', type: BOOL, value } })
    const other: Stmt = { kind: 'do', call: { kind: 'call', type: NONE, name: 'on_other', args: [], method: true } }
    const handled = root
      .get('on')
      .entries()
      .flatMap(([k, rows]) => packets.filter(({ packet }) => k.text === `in.${packet}`).map(({ packet }) => ({ packet, rows })))
    for (const p of phases.filter((p) => p.columns.packets).slice(0, -1)) {
      const own = handled.filter(({ rows }) => this.#names(rows, p.name)).map(({ packet }) => isNot(packet))
      const when = [compare('==', PHASE, memberOf(PHASE.type, p.name, world)!), ...own].reduce(and)
      admit.body.push({ kind: 'if', branches: [{ when, do: [other, answer(false)] }] })
    }
    admit.body.push(answer(true))
    admit.doc = 'Whether a packet of this type may come now; if not, what is done about it.'
    admit.params = [{ name: 'type', type: type.type }]
  }
}

/** A call answers OK where it does not answer an error. */
function closeCall(body: Stmt[], ok: Expr): void {
  const walk = (block: Stmt[]): void => {
    for (const [i, s] of block.entries()) {
      if (s.kind === 'stop') block[i] = { kind: 'answer', value: ok }
      if (s.kind === 'if') {
        for (const b of s.branches) walk(b.do)
        if (s.else) walk(s.else)
      }
    }
  }
  walk(body)
  if (body.at(-1)?.kind !== 'answer') body.push({ kind: 'answer', value: ok })
}
