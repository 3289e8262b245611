// Follows every path of every event through the session, procedures included, phase by phase: what is sent without a connection, armed
// where it cannot run, settled twice or never. It runs the statements on the few facts that matter, so each answer is about a real path.
import { assume, conditions, distinct, keyOf, type Names, type State, withCall, without } from './facts.ts'
import type { Expr, Func, Stmt } from './ir.ts'
import type { Session } from './session.ts'
import { type Problems, placeOf, type Spot } from './source.ts'

type End = 'ok' | 'error'
interface Paths {
  open: State[]
  ended: { state: State; how: End; at: Spot | undefined }[]
}

/** Reports what is wrong on a path; answers the phases that are entered on any. */
export const followPaths = (session: Session, problems: Problems): Set<string> => new Follower(session, problems).follow()

class Follower {
  readonly #session: Session
  readonly #problems: Problems
  readonly #functions: Map<string, Func>
  readonly #phases: Map<string, Record<string, unknown>>
  readonly #reached = new Set<string>()
  readonly #known = new Map<string, Paths>()
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
    const state: State = { phase, link: 'as the phase says', asked: true, calls: {}, numbers: {} }
    const { open, ended } = this.#block(func.body, [state], {})
    const ends = [...ended, ...open.map((s) => ({ state: s, how: 'ok' as End, at: undefined }))]
    for (const { state: last, how, at } of ends) {
      const place = at ?? this.#around
      const transport = Boolean(this.#phases.get(last.phase)?.transport)
      if (last.link === 'hung up' && transport) this.#perhaps(place, 'after hang_up the phase is still', last.phase)
      if (last.link === 'dialled' && !transport) this.#perhaps(place, 'after dial the phase is', last.phase)
      for (const p of func.params) if (p.type.kind === 'operation') this.#settled(p.name, last, how, place)
    }
  }
  #settled(call: string, { calls }: State, how: End, place: Spot): void {
    if (how === 'ok' && !calls[call])
      this.#problems.add(place, `a path ends here on which '${call}' is neither settled, stored nor rejected`)
    if (how === 'error' && calls[call]) this.#problems.add(place, `the call is rejected here, but '${call}' was settled or stored before`)
  }

  #block(body: Stmt[], states: State[], names: Names): Paths {
    let open = states
    const ended: Paths['ended'] = []
    for (const s of body) {
      const next: State[] = []
      for (const state of open) {
        const after = this.#statement(s, state, names)
        next.push(...after.open)
        ended.push(...after.ended.map((e) => ({ ...e, at: e.at ?? placeOf(s) })))
      }
      open = distinct(next)
    }
    return { open, ended }
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

  #statement(s: Stmt, state: State, names: Names): Paths {
    const go = (change: Partial<State> = {}): Paths => ({ open: [{ ...state, ...change }], ended: [] })
    if (!state.asked && !['if', 'stop', 'answer', 'let'].includes(s.kind)) {
      this.#wrong(s, 'deliver calls the application, which may end the connection: ask the phase first')
      return go({ asked: true })
    }
    switch (s.kind) {
      case 'if':
        return this.#if(s, state, names)
      case 'stop':
        return { open: [], ended: [{ state, how: 'ok', at: undefined }] }
      case 'answer': {
        const ok = s.value.kind !== 'member' || s.value.member === 'OK'
        const how = s.value.type.kind === 'error' && !(s.value.kind === 'member' && ok) ? 'error' : 'ok'
        return { open: [], ended: [{ state, how, at: undefined }] }
      }
      case 'do':
        return s.call.kind === 'call' ? this.#call(s.call.name, s.call.args, state, names) : go()
      case 'dial':
        return go({ link: 'dialled' })
      case 'hang_up':
        if (state.link === 'hung up' || !this.#phases.get(state.phase)?.transport)
          this.#perhaps(
            placeOf(s),
            `there is nothing to hang up here${state.link === 'hung up' ? ', after hang_up' : ''}: the phase may be`,
            state.phase,
          )
        return go({ link: 'hung up' })
      case 'enter':
        return this.#enter(s, state)
      case 'send':
        if (state.link === 'hung up') this.#wrong(s, 'nothing can be sent here: after hang_up')
        else if (!this.#phases.get(state.phase)?.packets)
          this.#perhaps(placeOf(s), 'nothing can be sent here: the phase may be', state.phase)
        return this.#functions.has('on_sent') ? this.#call('on_sent', [], state, names) : go()
      case 'deliver':
        return { open: [...this.#phases.keys()].map((phase) => ({ ...state, phase, asked: false })), ended: [] }
      case 'arm': {
        const runs = this.#session.timers.find((t) => t.name === s.timer)?.phases ?? []
        if (!runs.includes(state.phase))
          this.#perhaps(placeOf(s), `'${s.timer}' runs in ${runs.join(', ')}, but here the phase may be`, state.phase)
        return go()
      }
      default:
        return this.#data(s, state, names)
    }
  }

  #enter(s: Stmt & { kind: 'enter' }, state: State): Paths {
    if (s.state.kind !== 'member') return { open: [state], ended: [] }
    const phase = s.state.member
    this.#reached.add(phase)
    const transport = Boolean(this.#phases.get(phase)?.transport)
    const settled = (state.link === 'hung up' && !transport) || (state.link === 'dialled' && transport)
    return { open: [{ ...state, phase, link: settled ? 'as the phase says' : state.link }], ended: [] }
  }

  /** Lists, loops and pending calls. */
  #data(s: Stmt, state: State, names: Names): Paths {
    const one = (next: State): Paths => ({ open: [next], ended: [] })
    switch (s.kind) {
      case 'settle':
      case 'fail':
        return one(this.#use(s, s.operation, state, names, 'settled twice on this path'))
      case 'let': {
        const { [s.name]: _, ...numbers } = state.numbers
        return one({ ...state, numbers })
      }
      case 'set': {
        const key = keyOf(s.to, names)
        const { [key]: _, ...numbers } = state.numbers
        if (s.to.type.kind !== 'operation') return one({ ...state, numbers })
        if (s.value.kind === 'none') {
          if (!state.calls[key]) this.#wrong(s, `'${key}' may be waiting, and is neither settled nor failed before it is forgotten`)
          return one(withCall(state, key, 'none'))
        }
        return one(withCall(this.#use(s, s.value, state, names, 'stored, but settled or stored before'), key, undefined))
      }
      case 'append': {
        const before = s.fields.find((f) => f.value.type.kind === 'operation')
        const full = this.#block(s.full, [state], names)
        const stored = before ? this.#use(s, before.value, state, names, 'stored, but settled or stored before') : state
        return {
          open: [...(s.limit || full.open.length === 0 ? full.open : []), withCall(stored, `${s.list}.*`, undefined)],
          ended: full.ended,
        }
      }
      case 'move':
        return one(withCall(without(state, names[s.item] ?? s.item), `${s.to}.*`, undefined))
      case 'remove': {
        const key = `${keyOf(s.item, names)}.${this.#operationOf(s.list)}`
        if (this.#operationOf(s.list) && !state.calls[key])
          this.#wrong(s, `'${key}' may be waiting, and is neither settled nor failed before it is removed`)
        return one(state)
      }
      case 'clear':
      case 'prune':
        this.#emptied(s, state)
        return one(state)
      case 'find': {
        const inner = this.#local(s, s.item, names)
        const found = this.#block(s.do, assume(s.where, true, without(state, inner[s.item]), inner), inner)
        const none = this.#block(s.else ?? [], [state], names)
        return { open: [...found.open, ...none.open], ended: [...found.ended, ...none.ended] }
      }
      case 'for_each':
      case 'while':
      case 'each':
      case 'each_char':
        return this.#loop(s, state, names)
      default:
        return one(state)
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
  #emptied(s: Stmt & { kind: 'clear' | 'prune' }, state: State): void {
    const field = this.#operationOf(s.list)
    const asks = s.kind === 'prune' && conditions(s.where).some((c) => c.kind === 'compare' && c.op === '==' && c.right.kind === 'none')
    if (field && !asks && !state.calls[`${s.list}.*`])
      this.#wrong(s, `the callers of entries of '${s.list}' may be waiting, and are neither settled nor failed before`)
  }

  #loop(s: Stmt & { do: Stmt[]; item?: string; list?: string; when?: Expr }, state: State, names: Names): Paths {
    const ended: Paths['ended'] = []
    const inner = s.item ? this.#local(s, s.item, names) : names
    const another = (o: State): State => (s.item ? without(o, inner[s.item]) : o)
    const call = s.list && this.#operationOf(s.list)
    let open = [state]
    let all = true // whether each entry's call is settled
    for (let before = 0; open.length > before; ) {
      before = open.length
      const entered = open.map(another).flatMap((o) => (s.when ? assume(s.when, true, o, inner) : [o]))
      const turn = this.#block(s.do, entered, inner)
      ended.push(...turn.ended)
      all = Boolean(call) && turn.open.every((o) => o.calls[`${inner[s.item!]}.${call}`])
      open = distinct([...open, ...turn.open.map(another)])
    }
    return { open: all ? distinct(open.map((o) => withCall(o, `${s.list}.*`, 'done'))) : open, ended }
  }

  #if(s: Stmt & { kind: 'if' }, state: State, names: Names): Paths {
    const open: State[] = []
    const ended: Paths['ended'] = []
    let left = [state]
    for (const branch of s.branches) {
      const yes = this.#block(
        branch.do,
        left.flatMap((l) => assume(branch.when, true, l, names)),
        names,
      )
      open.push(...yes.open)
      ended.push(...yes.ended)
      left = left.flatMap((l) => assume(branch.when, false, l, names))
    }
    const no = this.#block(s.else ?? [], left, names)
    return { open: distinct([...open, ...no.open]), ended: [...ended, ...no.ended] }
  }

  /** A procedure, with what its parameters stand for. */
  #call(name: string, args: Expr[], state: State, names: Names): Paths {
    const func = this.#functions.get(name)
    if (!func) return { open: [state], ended: [] }
    const inner = Object.fromEntries(func.params.map((p, i) => [p.name, args[i] ? keyOf(args[i], names) : p.name]))
    const key = JSON.stringify([name, inner, state])
    let paths = this.#known.get(key)
    if (!paths) {
      this.#known.set(key, { open: [], ended: [] }) // one that calls itself ends by another path
      paths = this.#block(func.body, [state], inner)
      this.#known.set(key, paths)
    }
    return { open: distinct([...paths.open, ...paths.ended.map((e) => e.state)]), ended: [] }
  }
}
