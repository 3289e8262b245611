// Runs the lowered session on the few values that are known: phase, stage, the caller of a pending call, yes-or-no parameters, constants.
// A condition on anything else goes both ways, a loop runs once or not at all. What is done on the way is noted in words; flow.ts asks.
import type { Expr, Func, Stmt } from '../../generator/ir.ts'
import type { PacketModel } from '../../generator/model.ts'
import type { Session } from '../../generator/session.ts'

const SUBJECT = Symbol('the record')
const SOME = Symbol('a caller that waits')
export const NOBODY = Symbol('no caller')
const NAMELESS: State['env'] = new Map()
/** Undefined is a value that is not known. */
export type Value = number | boolean | typeof SUBJECT | typeof SOME | typeof NOBODY | undefined

export interface State {
  phase: number
  waits: Value // the variable of type operation: whether a caller waits
  config: Record<string, boolean>
  stage: number | 'none' | 'gone' | undefined // of the record at hand
  env: Map<string, Value[]>
  does: string[]
  answer?: Value[]
  done?: boolean
}

/** Two ways to the same state are one; what was done on either is done. */
export function distinct(states: State[]): State[] {
  if (states.length < 2) return states
  const found = new Map<string, State>()
  for (const s of states) {
    const known = found.get(stateKey(s))
    found.set(stateKey(s), known ? { ...known, does: [...new Set([...known.does, ...s.does])] } : s)
  }
  return [...found.values()]
}
export const stateKey = (s: State): string =>
  [s.phase, String(s.waits), textOf(s.config), s.stage, s.done, s.answer?.map(String), textOf(s.env)].join('|')

const texts = new WeakMap<object, string>() // what is in a state does not change: another state has another
function textOf(part: State['config'] | State['env']): string {
  const known = texts.get(part)
  if (known !== undefined) return known
  const text = part instanceof Map ? [...part].map(([k, v]) => `${k} ${v.map(String)}`).join() : JSON.stringify(part)
  texts.set(part, text)
  return text
}

export class Runner {
  readonly #funcs: Map<string, Func>
  readonly #errors: Map<number, string>
  readonly #enums: Map<string, number[]>
  readonly #packets: PacketModel['world']['packets']
  readonly #waiting: string
  #depth = 0

  constructor(session: Session, { world }: PacketModel) {
    this.#funcs = new Map(session.functions.map((f) => [f.name, f]))
    this.#errors = new Map(session.errors.map((e) => [e.code, e.name]))
    this.#enums = new Map([...world.enums].map(([name, members]) => [name, [...members.values()]]))
    this.#packets = world.packets
    this.#waiting = session.vars.find((v) => v.type.kind === 'operation')!.name
  }

  /** An event, its operation given by a caller that waits; an error it answers is noted. */
  event(func: Func, states: State[]): State[] {
    const env = new Map(func.params.map((p): [string, Value[]] => [p.name, [p.type.kind === 'operation' ? SOME : undefined]]))
    const ends = this.block(
      func.body,
      states.map((s) => ({ ...s, env })),
    )
    return ends.map((e) => {
      const refusals = (e.answer ?? []).flatMap((v) => (typeof v === 'number' && v > 0 ? [`refuse ${this.#errors.get(v)}`] : []))
      return { ...e, does: [...new Set([...e.does, ...refusals])] }
    })
  }

  block(block: Stmt[], states: State[]): State[] {
    let now = states
    for (const s of block) now = distinct(now.flatMap((state) => (state.done ? [state] : this.#statement(s, state))))
    return now
  }

  #statement(s: Stmt, state: State): State[] {
    const note = (text: string, more: Partial<State> = {}): State => ({ ...state, ...more, does: [...new Set([...state.does, text])] })
    switch (s.kind) {
      case 'if':
        return this.#if(s, state)
      case 'while':
      case 'for_each':
      case 'each':
        return [state, ...this.block(s.do, [state])]
      case 'find':
        return this.#find(s, state)
      case 'let':
        return [{ ...state, env: new Map(state.env).set(s.name, this.eval(s.value, state)) }]
      case 'set':
        return [this.#set(s, state)]
      case 'answer':
        return [{ ...state, answer: this.eval(s.value, state), done: true }]
      case 'stop':
        return [{ ...state, answer: [], done: true }]
      case 'do':
        return s.call.kind === 'call' ? this.#call(s.call.name, s.call.args, state).map(({ answer: _, ...end }) => end) : [state]
      case 'enter':
        return this.eval(s.state, state).map((v) => ({ ...state, phase: v as number }))
      case 'append': {
        const added = note(`into ${s.list}`, state.stage === 'none' ? { stage: 0 } : {})
        return [added, ...(s.limit ? this.block(s.full, [state]) : [])]
      }
      case 'remove':
        return [this.eval(s.item, state).includes(SUBJECT) ? { ...state, stage: 'gone' } : state]
      case 'dial':
        return [note('dial')]
      case 'hang_up':
        return [note('hang up')]
      case 'deliver':
        return [note('deliver')]
      case 'settle':
        return [note('settle')]
      case 'violation':
        return [note('violation')]
      case 'fail':
        return [this.#isNobody(s.operation, state) ? state : note(`fail ${this.#names(s.error, state)}`)]
      case 'report':
        return [note(`error ${this.#names(s.error, state)}`)]
      case 'send':
        return [note(`send ${sent(s.frame)}`)]
      case 'arm':
      case 'disarm':
        return [note(`${s.kind} ${s.timer}`)]
      default:
        return [state]
    }
  }

  #isNobody(operation: Expr, state: State): boolean {
    return this.eval(operation, state).every((v) => v === NOBODY)
  }
  #names(error: Expr, state: State): string {
    const names = this.eval(error, state).flatMap((v) => (v === 0 ? [] : typeof v === 'number' ? [this.#errors.get(v)!] : ['its code']))
    return names.length > 2 ? 'its code' : [...new Set(names)].join(' or ')
  }

  #if(s: Stmt & { kind: 'if' }, state: State): State[] {
    const ends: State[] = []
    for (const { when, do: block } of s.branches) {
      const truth = this.eval(when, state)
      if (truth.some((v) => v !== false)) ends.push(...this.block(block, [state]))
      if (truth.every((v) => v === true)) return ends
    }
    return [...ends, ...(s.else ? this.block(s.else, [state]) : [state])]
  }

  #find(s: Stmt & { kind: 'find' }, state: State): State[] {
    const other = () => (s.else ? this.block(s.else, [state]) : [state])
    const found = (subject: Value) => this.block(s.do, [{ ...state, env: new Map(state.env).set(s.item, [subject]) }])
    if (!s.key || state.stage === undefined) return [...found(undefined), ...other()]
    return state.stage === 'none' ? other() : found(SUBJECT)
  }

  #set({ to, value, add }: Stmt & { kind: 'set' }, state: State): State {
    const values = this.eval(value, state)
    if (to.kind === 'field' && to.field === 'stage' && this.eval(to.of, state).includes(SUBJECT))
      return { ...state, stage: values[0] as number }
    if (to.kind !== 'name') return state
    if (to.name === this.#waiting) return { ...state, waits: value.kind === 'none' ? NOBODY : values[0] }
    if (add && to.role === 'variable') return { ...state, does: [...new Set([...state.does, `${to.name} + 1`])] }
    return state.env.has(to.name) ? { ...state, env: new Map(state.env).set(to.name, values) } : state
  }

  #call(name: string, args: Expr[], state: State): State[] {
    const f = this.#funcs.get(name)
    if (!f || this.#depth > 20) return [state]
    const env = new Map(f.params.map((p, i): [string, Value[]] => [p.name, this.eval(args[i], state)]))
    const start = { ...state, env, does: [] }
    const key = `${name} ${stateKey(start)}`
    let ends = this.#called.get(key)
    if (!ends) {
      this.#depth += 1
      ends = distinct(this.block(f.body, [start]).map((e) => ({ ...e, env: NAMELESS, done: false })))
      this.#depth -= 1
      this.#called.set(key, ends)
    }
    return ends.map((e) => ({ ...e, env: state.env, does: [...new Set([...state.does, ...e.does])] }))
  }
  readonly #called = new Map<string, State[]>() // what a call does from the same state is the same

  /** The values an expression can have. */
  eval(e: Expr, state: State): Value[] {
    switch (e.kind) {
      case 'number':
      case 'bool':
      case 'member':
        return [e.value]
      case 'none':
        return [NOBODY]
      case 'name':
        if (e.type.kind === 'state' && e.role === 'variable') return [state.phase]
        if (e.name === this.#waiting) return [state.waits]
        return state.env.get(e.name) ?? [undefined]
      case 'field':
        if (e.of.type.kind === 'config') return [state.config[e.field]]
        if (this.#enumOf(e)) return this.#enums.get(this.#enumOf(e)!)!
        return e.field === 'stage' && this.eval(e.of, state).includes(SUBJECT) ? [state.stage as number] : [undefined]
      case 'not':
        return this.eval(e.of, state).map((v) => (typeof v === 'boolean' ? !v : undefined))
      case 'and':
        return this.#logic(e, state, false)
      case 'or':
        return this.#logic(e, state, true)
      case 'compare': {
        const [left, right] = [this.eval(e.left, state), this.eval(e.right, state)]
        return unique(left.flatMap((l) => right.map((r) => (l === undefined || r === undefined ? undefined : holds(e.op, l, r)))))
      }
      case 'call':
        return unique(this.#call(e.name, e.args, state).flatMap((s) => s.answer ?? [undefined]))
      default:
        return [undefined]
    }
  }
  /** The enum that a field of a packet is declared as, whatever it is used for. */
  #enumOf({ of, field, type }: Expr & { kind: 'field' }): string | undefined {
    const fields = of.type.kind === 'packet' && of.type.name ? this.#packets.get(of.type.name) : undefined
    const declared = fields?.find((f) => f.name === field)?.type ?? type
    return declared.kind === 'enum' ? declared.name : undefined
  }
  /** `decides` is the value of one side that makes the other's irrelevant. */
  #logic(e: Expr & { kind: 'and' | 'or' }, state: State, decides: boolean): Value[] {
    const [left, right] = [this.eval(e.left, state), this.eval(e.right, state)]
    return unique(left.flatMap((l) => right.map((r) => (l === decides || r === decides ? decides : l === undefined ? undefined : r))))
  }
}

const unique = (values: Value[]): Value[] => [...new Set(values)]

const holds = (op: string, a: Value, b: Value): Value => {
  if (op === '==') return a === b
  if (op === '!=') return a !== b
  if (typeof a !== 'number' || typeof b !== 'number') return undefined
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b
}

const sent = (frame: Expr): string => {
  if (frame.kind === 'encode') return frame.packet
  return frame.kind === 'marked' ? `${sent(frame.of)} again` : 'the packet'
}
