// What is known at one point of a path through the session, and what a condition adds to it.
import { type Expr, negate } from './ir.ts'

/** What is known at one point of a path. */
export interface State {
  phase: string
  /** The transport, where it is not what the phase says: hung up, or dialled anew. */
  link: 'as the phase says' | 'hung up' | 'dialled'
  /** A callback has run since the phase was last asked. */
  asked: boolean
  /** Pending calls by place: what became of them. One that is not here may be waiting. */
  calls: Record<string, 'done' | 'none'>
  /** Numbers by place: the least and the most they can be. */
  numbers: Record<string, [number, number]>
}
/** What the names of a procedure stand for at its caller's. */
export type Names = Record<string, string>

/** The states in which a condition can be as `wanted`. */
export function assume(when: Expr, wanted: boolean, state: State, names: Names): State[] {
  if ((when.kind === 'and') === wanted && (when.kind === 'and' || when.kind === 'or'))
    return assume(when.left, wanted, state, names).flatMap((s) => assume(when.right, wanted, s, names))
  if (when.kind === 'and' || when.kind === 'or')
    return distinct([
      ...assume(when.left, wanted, state, names),
      ...assume(when.left, !wanted, state, names).flatMap((s) => assume(when.right, wanted, s, names)),
    ])
  if (when.kind === 'not') return assume(when.of, !wanted, state, names)
  if (when.kind === 'bool') return when.value === wanted ? [state] : []
  if (when.kind !== 'compare') return [state]
  if (when.right.kind === 'number') return between(wanted ? when : (negate(when) as typeof when), when.right.value, state, names)
  const equal = (when.op === '==') === wanted
  if (isPhase(when.left) && when.right.kind === 'member')
    return (state.phase === when.right.member) === equal ? [{ ...state, asked: true }] : []
  if (when.left.type.kind !== 'operation' || when.right.kind !== 'none') return [state]
  const key = keyOf(when.left, names)
  if (equal) return state.calls[key] === 'done' ? [state] : [withCall(state, key, 'none')]
  return state.calls[key] === 'none' ? [] : [state]
}

/** A number that was compared before can make a path impossible. */
function between({ op, left }: Expr & { kind: 'compare' }, n: number, state: State, names: Names): State[] {
  const key = keyOf(left, names)
  if (!key) return [state]
  let [least, most] = state.numbers[key] ?? [0, Number.POSITIVE_INFINITY]
  if (op === '==' || op === '>=' || op === '>') least = Math.max(least, op === '>' ? n + 1 : n)
  if (op === '==' || op === '<=' || op === '<') most = Math.min(most, op === '<' ? n - 1 : n)
  if (op === '!=' && least === n) least++
  if (op === '!=' && most === n) most--
  return least <= most ? [{ ...state, numbers: { ...state.numbers, [key]: [least, most] } }] : []
}

const isPhase = (e: Expr): boolean => e.kind === 'name' && e.role === 'variable' && e.name === 'phase'

/** How the place of a pending call, or of the entry that holds it, is named across procedures. */
export function keyOf(e: Expr, names: Names): string {
  if (e.kind === 'field') return keyOf(e.of, names) && `${keyOf(e.of, names)}.${e.field}`
  return e.kind === 'name' ? (names[e.name] ?? e.name) : ''
}

export const withCall = (state: State, key: string, what: 'done' | 'none' | undefined): State => {
  const { [key]: _, ...calls } = state.calls
  return { ...state, calls: what ? { ...calls, [key]: what } : calls }
}
/** Of an entry that is another one from here on nothing is known. */
export function without(state: State, item: string): State {
  const others = <V>(of: Record<string, V>) =>
    Object.fromEntries(Object.entries(of).filter(([k]) => k !== item && !k.startsWith(`${item}.`)))
  return { ...state, calls: others(state.calls), numbers: others(state.numbers) }
}
export const distinct = (states: State[]): State[] =>
  states.length < 2 ? states : [...new Map(states.map((s) => [JSON.stringify(s), s])).values()]
export const conditions = (e: Expr): Expr[] => (e.kind === 'and' ? [...conditions(e.left), ...conditions(e.right)] : [e])
