// Follows every path of every event through the session, procedures included, phase by phase: what is sent without a connection, armed
// where it cannot run, settled twice or never. It runs the statements on the few facts that matter, so each answer is about a real path.
import { assume, conditions, distinct, keyOf, type Names, type State, withCall, without } from './facts.ts'
import type { Expr, Func, Stmt } from './ir.ts'
import type { Session } from './session.ts'
import { type Problems, placeOf, type Spot } from './source.ts'

/** Where a path ends, and whether with an error. */
interface End {
  state: State
  failed: boolean
  at: Spot | undefined
}
const STORED = 'stored, but settled or stored before'

/** Reports what is wrong on a path; answers the phases that are entered on any. */
export const followPaths = (session: Session, problems: Problems): Set<string> => new Follower(session, problems).follow()

class Follower {
  readonly #session: Session
  readonly #problems: Problems
  readonly #functions: Map<string, Func>
  readonly #phases: Map<string, Record<string, unknown>>
  readonly #reached = new Set<string>()
  readonly #known = new Map<string, State[]>()
  #ends: End[] = [] // of the function at hand
  readonly #doubts = new Map<string, { place: Spot; message: string; phases: Set<string> }>()
  readonly #locals = new Map<Stmt, number>()
  #around: Spot

  constructor(session: Session, problems: Problems) {
    this.#session = session
    this.#problems = problems
    this.#functions = new Map(session.functions.map((f) => [f.name, f]))
    this.#phases = new Map(session.phases.map((p) => [p.name, p.columns]))
    this.#around = placeOf(session.events[0]?.func ?? {})!
  }

  follow(): Set<string> {
    const start = this.#session.phases[0]?.name
    if (start) this.#reached.add(start)
    for (const phase of this.#reached)
      for (const event of this.#session.events) if (event.phases.includes(phase)) this.#event(event.func, phase)
    for (const { place, message, phases } of this.#doubts.values())
      this.#problems.add(place, `${message} ${[...phases].map((p) => `'${p}'`).join(' or ')}`)
    return this.#reached
  }

  #event(func: Func, phase: string): void {
    this.#around = placeOf(func) ?? this.#around
    this.#ends = []
    const open = this.#block(func.body, [{ phase, link: 'as the phase says', asked: true, calls: {}, numbers: {} }], {})
    for (const { state: last, failed, at } of [...this.#ends, ...open.map((state) => ({ state, failed: false, at: undefined }))]) {
      const place = at ?? this.#around
      const transport = this.#has(last, 'transport')
      if (last.link === 'hung up' && transport) this.#perhaps(place, 'after hang_up the phase is still', last.phase)
      if (last.link === 'dialled' && !transport) this.#perhaps(place, 'after dial the phase is', last.phase)
      for (const { name, type } of func.params) {
        if (type.kind !== 'operation' || failed === !last.calls[name]) continue
        const lost = `a path ends here on which '${name}' is neither settled, stored nor rejected`
        this.#problems.add(place, failed ? `the call is rejected here, but '${name}' was settled or stored before` : lost)
      }
    }
  }
  #has({ phase }: State, column: 'transport' | 'packets'): boolean {
    return Boolean(this.#phases.get(phase)?.[column])
  }

  #block(body: Stmt[], states: State[], names: Names): State[] {
    let open = states
    for (const s of body) {
      const before = this.#ends.length
      open = distinct(open.flatMap((state) => this.#statement(s, state, names)))
      for (const end of this.#ends.slice(before)) end.at ??= placeOf(s)
    }
    return open
  }
  #end(state: State, failed = false): State[] {
    this.#ends.push({ state, failed, at: undefined })
    return []
  }

  /** One message for all phases in which something is wrong at a place. */
  #perhaps(place: Spot = this.#around, message: string, phase: string): void {
    const key = `${place.offset} ${message}`
    if (!this.#doubts.has(key)) this.#doubts.set(key, { place, message, phases: new Set() })
    this.#doubts.get(key)!.phases.add(phase)
  }
  #wrong(s: Stmt, message: string): void {
    this.#problems.add(placeOf(s) ?? this.#around, message.replaceAll(/#\d+/g, ''))
  }

  #statement(s: Stmt, state: State, names: Names): State[] {
    if (!state.asked && !['if', 'stop', 'answer', 'let'].includes(s.kind)) {
      this.#wrong(s, 'deliver calls the application, which may end the connection: ask the phase first')
      return [{ ...state, asked: true }]
    }
    switch (s.kind) {
      case 'if':
        return this.#if(s, state, names)
      case 'stop':
        return this.#end(state)
      case 'answer':
        return this.#end(state, s.value.type.kind === 'error' && !(s.value.kind === 'member' && s.value.member === 'OK'))
      case 'do':
        return s.call.kind === 'call' ? this.#call(s.call.name, s.call.args, state, names) : [state]
      case 'dial':
        return [{ ...state, link: 'dialled' }]
      case 'hang_up': {
        const again = state.link === 'hung up'
        const message = `there is nothing to hang up here${again ? ', after hang_up' : ''}: the phase may be`
        if (again || !this.#has(state, 'transport')) this.#perhaps(placeOf(s), message, state.phase)
        return [{ ...state, link: 'hung up' }]
      }
      case 'enter':
        return [s.state.kind === 'member' ? this.#enter(s.state.member, state) : state]
      case 'send':
        if (state.link === 'hung up') this.#wrong(s, 'nothing can be sent here: after hang_up')
        else if (!this.#has(state, 'packets')) this.#perhaps(placeOf(s), 'nothing can be sent here: the phase may be', state.phase)
        return this.#call('on_sent', [], state, names)
      case 'deliver':
        return [...this.#phases.keys()].map((phase) => ({ ...state, phase, asked: false }))
      case 'arm': {
        const runs = this.#session.timers.find((t) => t.name === s.timer)?.phases ?? []
        const message = `'${s.timer}' runs in ${runs.join(', ')}, but here the phase may be`
        if (!runs.includes(state.phase)) this.#perhaps(placeOf(s), message, state.phase)
        return [state]
      }
      case 'find': {
        const inner = this.#local(s, s.item, names)
        const found = this.#block(s.do, assume(s.where, true, without(state, inner[s.item]), inner), inner)
        return [...found, ...this.#block(s.else ?? [], [state], names)]
      }
      case 'append': {
        const full = this.#block(s.full, [state], names)
        const call = s.fields.find((f) => f.value.type.kind === 'operation')?.value
        const stored = call ? this.#use(s, call, state, names, STORED) : state
        return [...(s.limit || full.length === 0 ? full : []), withCall(stored, `${s.list}.*`, undefined)]
      }
      case 'for_each':
      case 'while':
      case 'each':
      case 'each_char':
        return this.#loop(s, state, names)
      default:
        return [this.#data(s, state, names)]
    }
  }

  #enter(phase: string, state: State): State {
    this.#reached.add(phase)
    const next = { ...state, phase }
    const transport = this.#has(next, 'transport')
    const settled = (state.link === 'hung up' && !transport) || (state.link === 'dialled' && transport)
    return settled ? { ...next, link: 'as the phase says' } : next
  }

  /** What changes lists, numbers and pending calls. */
  #data(s: Stmt, state: State, names: Names): State {
    const changed = (key: string): State => {
      const { [key]: _, ...numbers } = state.numbers
      return { ...state, numbers }
    }
    switch (s.kind) {
      case 'settle':
      case 'fail':
        return this.#use(s, s.operation, state, names, 'settled twice on this path')
      case 'let':
        return changed(s.name)
      case 'set': {
        const key = keyOf(s.to, names)
        if (s.to.type.kind !== 'operation') return changed(key)
        if (s.value.kind !== 'none') return withCall(this.#use(s, s.value, state, names, STORED), key, undefined)
        if (!state.calls[key]) this.#wrong(s, `'${key}' may be waiting, and is neither settled nor failed before it is forgotten`)
        return withCall(state, key, 'none')
      }
      case 'move':
        return withCall(without(state, names[s.item] ?? s.item), `${s.to}.*`, undefined)
      case 'remove': {
        const call = this.#operationOf(s.list)
        const key = `${keyOf(s.item, names)}.${call}`
        if (call && !state.calls[key]) this.#wrong(s, `'${key}' may be waiting, and is neither settled nor failed before it is removed`)
        return state
      }
      case 'clear':
      case 'prune': {
        const asks = s.kind === 'prune' && conditions(s.where).some((c) => c.kind === 'compare' && c.op === '==' && c.right.kind === 'none')
        if (this.#operationOf(s.list) && !asks && !state.calls[`${s.list}.*`])
          this.#wrong(s, `the callers of entries of '${s.list}' may be waiting, and are neither settled nor failed before`)
        return state
      }
      default:
        return state
    }
  }

  /** An entry's name, told from those of the same name elsewhere. */
  #local(s: Stmt, item: string, names: Names): Names {
    if (!this.#locals.has(s)) this.#locals.set(s, this.#locals.size)
    return { ...names, [item]: `${item}#${this.#locals.get(s)}` }
  }
  /** A pending call is used up; `twice` says what is wrong if it was before. */
  #use(s: Stmt, operation: Expr, state: State, names: Names, twice: string): State {
    const key = keyOf(operation, names)
    if (state.calls[key] === 'done') this.#wrong(s, `'${key}' is ${twice}`)
    return operation.kind === 'none' ? state : withCall(state, key, 'done')
  }
  #operationOf(list: string): string | undefined {
    const record = this.#session.lists.find((l) => l.name === list)?.record
    return this.#session.records.find((r) => r.name === record)?.fields.find((f) => f.type.kind === 'operation')?.name
  }

  #loop(s: Stmt & { do: Stmt[]; item?: string; list?: string; when?: Expr }, state: State, names: Names): State[] {
    const inner = s.item ? this.#local(s, s.item, names) : names
    const another = (o: State): State => (s.item ? without(o, inner[s.item]) : o)
    const call = s.list && this.#operationOf(s.list)
    let open = [state]
    let all = true // whether each entry's call is settled
    for (let before = 0; open.length > before; ) {
      before = open.length
      const entered = open.map(another).flatMap((o) => (s.when ? assume(s.when, true, o, inner) : [o]))
      const turn = this.#block(s.do, entered, inner)
      all = Boolean(call) && turn.every((o) => o.calls[`${inner[s.item!]}.${call}`])
      open = distinct([...open, ...turn.map(another)])
    }
    return all ? distinct(open.map((o) => withCall(o, `${s.list}.*`, 'done'))) : open
  }

  #if(s: Stmt & { kind: 'if' }, state: State, names: Names): State[] {
    const open: State[] = []
    let left = [state]
    for (const { when, do: body } of s.branches) {
      const is = (wanted: boolean): State[] => left.flatMap((l) => assume(when, wanted, l, names))
      open.push(...this.#block(body, is(true), names))
      left = is(false)
    }
    return distinct([...open, ...this.#block(s.else ?? [], left, names)])
  }

  /** A procedure, with what its parameters stand for. */
  #call(name: string, args: Expr[], state: State, names: Names): State[] {
    const func = this.#functions.get(name)
    if (!func) return [state]
    const inner = Object.fromEntries(func.params.map((p, i) => [p.name, args[i] ? keyOf(args[i], names) : p.name]))
    const key = JSON.stringify([name, inner, state])
    const known = this.#known.get(key)
    if (known) return known
    this.#known.set(key, []) // one that calls itself ends by another path
    const ends = this.#ends
    this.#ends = []
    const open = this.#block(func.body, [state], inner)
    const after = distinct([...open, ...this.#ends.map((end) => end.state)])
    this.#ends = ends
    this.#known.set(key, after)
    return after
  }
}
