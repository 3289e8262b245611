// States in an order in which a group of them is a range: what compares a number takes less than a look into a list.
import { rewrite } from '../../generator/ir.ts'
import { rangeOf } from '../../generator/ranges.ts'
import type { State } from '../../generator/session.ts'

/** Those in which more goes on, and more deadlines run, come later. */
export function ordered(phases: State[], timers: { phases: string[] }[]): State[] {
  const columns = (p: State) => Object.values(p.columns).filter((c) => c === true).length
  const running = (p: State) => timers.filter((t) => t.phases.includes(p.name)).length
  return [...phases].sort((a, b) => columns(a) - columns(b) || running(a) - running(b))
}

/** `s == B or s == C` of the last states is `s >= B`, of the first ones `s <= C`; what is none of them is the opposite. */
export const ranged = <T>(tree: T, tables: Record<string, State[]>): T => {
  const orders = Object.fromEntries(Object.entries(tables).map(([table, states]) => [table, states.map((s) => s.name)]))
  return rewrite(tree, (node) => {
    const range = rangeOf(node, orders)
    if (range?.ends) return range.compare(range.inside ? '>=' : '<', range.least)
    return range?.begins ? range.compare(range.inside ? '<=' : '>', range.most) : node
  })
}
