// The tables of session.yaml as functions: a row is a branch, an event a function. It knows that there are tables of phases and of stages,
// not which there are; statements are statements.ts.
import type { Declarations, Heading } from './declarations.ts'
import { Reader } from './expressions.ts'
import { and, compare, type Expr, type Func, NONE, name, or, type Stmt, U16 } from './ir.ts'
import { type Context, remark, sentence, untag } from './lines.ts'
import { resolve } from './resolve.ts'
import type { Session } from './session.ts'
import { type Item, place, SpecError, type Spot } from './source.ts'
import { parseBody } from './statements.ts'
import { memberOf, type Scope } from './world.ts'

/** A table's cell: the states it is for, and what is done. */
interface Row {
  states: string[]
  body: Stmt[]
}

export class Tables {
  readonly #of: Declarations
  readonly #events = new Map<string, { heading: Heading; spot: Spot; branches: { when: Expr | undefined; body: Stmt[] }[] }>()

  constructor(of: Declarations) {
    this.#of = of
  }

  read(): Session {
    for (const root of ['do', 'answer', 'stats'] as const) this.#of.procedures(this.#of.root.get(root), (h, v) => this.#procedure(h, v))
    for (const [key, value] of this.#of.root.entries()) {
      const table = untag(key.text)
      if (table.text === 'on') this.#of.procedures(value, (h, v) => this.#event(h, v))
      if (table.text.startsWith('on ') && this.#of.keeps(table.tags)) this.#recordTable(new Reader(key, table.text).skip(), value)
    }
    for (const { heading, spot, branches } of this.#events.values()) {
      const func = place(this.#eventFunction(heading, branches, spot), spot)
      this.#of.session.functions.push(func)
      this.#of.session.events.push({ func, phases: this.#answered(heading.event) })
    }
    this.#of.session.admit.params = [{ name: 'type', type: { kind: 'enum', name: 'PacketType' } }]
    this.#admit()
    return this.#of.session
  }

  #procedure(heading: Heading, value: Item): void {
    const { event, params, returns } = heading
    const text = remark(value.above)
    const body = parseBody(value, this.#of.context(this.#of.scope(params), returns))
    const isStat = this.#of.root
      .get('stats')
      .entries()
      .some(([k]) => k.node === heading.key.node)
    const func = { name: event, params, returns, doc: sentence(text.note), see: text.see ?? [], body, public: isStat }
    this.#of.session.functions.push(place(func, heading.key.spot))
  }

  /** Which phases an event can come in. */
  #possible(event: string): string[] {
    const phases = this.#of.session.phases
    const [kind, what] = event.split('.')
    if (kind === 'timer') return this.#of.session.timers.find((t) => t.name === what)?.phases ?? []
    if (kind !== 'in' || what === 'malformed') return phases.map((p) => p.name)
    return phases.filter((p) => p.columns.packets).map((p) => p.name)
  }

  /** Those of them in which it is this event's affair: the early ones take only packets that they name. */
  #answered(event: string): string[] {
    const possible = this.#possible(event)
    if (!this.#of.world.packets.has(event.replace(/^in\./, ''))) return possible
    return possible.filter((p, i) => i === possible.length - 1 || this.#names(this.#of.root.get('on').get(event), p))
  }
  /** Whether a table has a row of its own for a state. */
  #names(rows: Item, state: string): boolean {
    return rows.entries().some(([k]) =>
      untag(k.text)
        .text.split(',')
        .some((s) => s.trim() === state),
    )
  }

  #event(heading: Heading, value: Item): void {
    const { event, params, returns } = heading
    const scope = this.#of.scope(params)
    const possible = this.#possible(event)
    const isTable = value.isMap && value.entries().every(([k]) => this.#isStates(untag(k.text).text))
    const phase = name('phase', { kind: 'state', table: 'phases' }, 'variable')
    const body = isTable
      ? this.#branches(this.#rows(value, possible, heading, this.#of.context(scope, returns)), this.#answered(event), phase)
      : parseBody(value, this.#of.context(scope, returns))
    this.#put(heading, value, scope, body)
  }
  #isStates(text: string): boolean {
    return (
      text
        .split(',')
        .every(
          (s) =>
            ['others', 'none', 'held'].includes(s.trim()) || [...this.#of.world.states.values()].some((t) => t.members.includes(s.trim())),
        ) || /^[a-z_, ]+$/.test(text)
    )
  }
  #put(heading: Heading, value: Item, scope: Scope, body: Stmt[]): void {
    const when = heading.when
      ? resolve(new Reader(heading.key, heading.when, heading.key.text.indexOf(heading.when)).expression(), scope)
      : undefined
    const known = this.#events.get(heading.event)
    const branch = { when, body }
    if (known) known.branches.push(branch)
    else this.#events.set(heading.event, { heading: { ...heading, key: value }, spot: heading.key.spot, branches: [branch] })
  }

  /** The rows of a table, with `others` spelled out. Every state that is possible must be answered. */
  #rows(value: Item, possible: string[], heading: Heading, context: Context): Row[] {
    const rows: Row[] = []
    let others: Item | undefined
    const answered = (s: string) => rows.some((r) => r.states.includes(s))
    for (const [text, v, key] of this.#of.kept(value)) {
      const states = text.split(',').map((s) => s.trim())
      if (states.includes('others')) others = v
      const named = states.filter((s) => s !== 'others' && !this.#of.world.cut.has(s))
      for (const s of named) {
        if (s !== 'none') this.#of.oneOf(s, [...this.#allStates(possible)], key, 'state')
        if (answered(s)) throw new SpecError(key.spot, `'${s}' is answered already`)
        if (s !== 'none' && !possible.includes(s))
          throw new SpecError(key.spot, `this row can never match: ${heading.event} does not come in '${s}'`)
      }
      if (named.length > 0 || states.includes('others')) rows.push({ states: named, body: parseBody(v, context) })
      if (states.includes('others')) rows.at(-1)!.states.push(...possible.filter((s) => !this.#namedLater(value, s)))
    }
    const whole = this.#of.world.cut.size === 0
    if (whole && others && possible.every((s) => this.#namedLater(value, s)))
      throw new SpecError(
        value.entries().find(([k]) => k.text.includes('others'))![0].spot,
        'this row can never match: there is no other state',
      )
    const early = !heading.inStage && this.#of.world.packets.has(heading.event.replace(/^in\./, '')) // in.other answers the rest
    const open = early ? [] : possible.filter((s) => !answered(s))
    if (open.length > 0) throw new SpecError(heading.key.spot, `${heading.event} is not answered in ${open.join(', ')}`)
    return rows
  }
  #allStates(possible: string[]): Set<string> {
    return new Set([...possible, ...this.#of.session.phases.map((p) => p.name), ...this.#of.session.stages.map((s) => s.name)])
  }
  #namedLater(value: Item, state: string): boolean {
    return this.#of.kept(value).some(([text]) => text.split(',').some((s) => s.trim() === state))
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
    const item = r.word()
    const { record, key } = this.#of.world.lists.get(this.#of.oneOf(list, [...this.#of.world.lists.keys()], r.item, 'list'))!
    const stages = this.#of.session.stages.map((s) => s.name)
    const subject: Expr = {
      kind: 'field',
      type: { kind: 'state', table: 'stages' },
      of: name(item, { kind: 'record', name: record }),
      field: 'stage',
    }
    this.#of.procedures(table, (heading, value) => {
      const scope = this.#of.scope(heading.params)
      if (!heading.event.startsWith('in.')) return this.#stageProcedure(heading, value, stages, subject)
      const inner = scope.inner()
      inner.set(item, name(item, { kind: 'record', name: record }))
      const context = this.#of.context(inner, heading.returns)
      const held = this.#of.kept(value).find(([text]) => text === 'held')
      const none = this.#of.kept(value).find(([text]) => text.split(',').some((s) => s.trim() === 'none'))
      if (!none) throw new SpecError(heading.key.spot, `${heading.event} does not say what if there is 'none'`)
      const found = held
        ? parseBody(held[1], context)
        : this.#branches(this.#rows(value, stages, { ...heading, inStage: true }, context), stages, subject)
      const wanted = resolve(
        { is: 'field', of: { is: 'name', name: 'packet', spot: heading.key.spot }, field: key!, spot: heading.key.spot },
        scope,
        U16,
      )
      const where = compare('==', { kind: 'field', type: U16, of: name(item, { kind: 'record', name: record }), field: key! }, wanted)
      const missing = parseBody(none[1], this.#of.context(scope, heading.returns))
      this.#put(heading, value, scope, [{ kind: 'find', item, record, list, where, key: wanted, do: found, else: missing }])
    })
  }
  #stageProcedure(heading: Heading, value: Item, stages: string[], subject: Expr): void {
    const scope = this.#of.scope(heading.params)
    const body = this.#branches(this.#rows(value, stages, { ...heading, inStage: true }, this.#of.context(scope, NONE)), stages, subject)
    const text = remark(value.above)
    this.#of.session.functions.push({
      name: heading.event,
      params: heading.params,
      returns: NONE,
      doc: sentence(text.note),
      see: text.see ?? [],
      body,
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

  #eventFunction({ event, params, returns, key }: Heading, branches: { when: Expr | undefined; body: Stmt[] }[], spot: Spot): Func {
    const [kind, what] = event.split('.')
    const names: Record<string, string> = { call: what, in: `on_${what}`, net: `on_${what}`, timer: `on_${what}_timer` }
    const { see, note } = remark(key.above)
    const guarded = branches.filter((b) => b.when)
    this.#exhaustive(
      event,
      guarded.map((b) => b.when!),
      spot,
    )
    const body =
      guarded.length > 0 ? [{ kind: 'if' as const, branches: guarded.map((b) => ({ when: b.when!, do: b.body })) }] : branches[0].body
    if (returns.kind === 'error') closeCall(body, memberOf({ kind: 'error' }, 'OK', this.#of.world)!)
    if (kind === 'in' && this.#of.world.packets.has(what)) this.#of.session.packets.push({ packet: what, event: names.in })
    return { name: names[kind] ?? `on_${event}`, params, returns, doc: sentence(note), see: see ?? [], body, public: kind === 'call' }
  }

  /** Whether a packet may come in the phase at hand; what is done if not. */
  #admit(): void {
    const { admit, packets, phases } = this.#of.session
    const handled = new Set(packets.map((p) => p.packet))
    const type = name('type', { kind: 'enum', name: 'PacketKind' }, 'parameter')
    const phase = name('phase', { kind: 'state', table: 'phases' }, 'variable')
    const early = phases.filter((p) => p.columns.packets).slice(0, -1)
    const is = (packet: string) =>
      compare('!=', type, { kind: 'member', type: type.type, owner: 'PacketKind', member: packet, value: this.#codeOf(packet) })
    for (const p of early) {
      const first = this.#of.root
        .get('on')
        .entries()
        .filter(([k, v]) => k.text.startsWith('in.') && handled.has(k.text.slice(3)) && this.#names(v, p.name))
      const own = first.map(([k]) => is(k.text.slice(3)))
      const when = [compare('==', phase, memberOf(phase.type, p.name, this.#of.world)!), ...own].reduce(and)
      const reject: Stmt[] = [
        { kind: 'do', call: { kind: 'call', type: NONE, name: 'on_other', args: [], method: true } },
        { kind: 'answer', value: { kind: 'bool', type: { kind: 'bool' }, value: false } },
      ]
      admit.body.push({ kind: 'if', branches: [{ when, do: reject }] })
    }
    admit.body.push({ kind: 'answer', value: { kind: 'bool', type: { kind: 'bool' }, value: true } })
    admit.doc = 'Whether a packet of this type may come now; if not, what is done about it.'
    admit.params = [{ name: 'type', type: type.type }]
  }
  #codeOf(packet: string): number {
    return this.#of.model.packets.find((p) => p.name === packet)!.code
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
