// States in an order in which a group of them is a range: what compares a number takes less than a look into a list.
import { type Expr, rewrite } from '../../generator/ir.ts'
import type { State } from '../../generator/session.ts'

/** Those in which more goes on, and more deadlines run, come later. */
export function ordered(phases: State[], timers: { phases: string[] }[]): State[] {
  const columns = (p: State) => Object.values(p.columns).filter((c) => c === true).length
  const running = (p: State) => timers.filter((t) => t.phases.includes(p.name)).length
  return [...phases].sort((a, b) => columns(a) - columns(b) || running(a) - running(b))
}

/** `s == B or s == C` of the last states is `s >= B`, of the first ones `s <= C`; what is none of them is the opposite. */
export const ranged = <T>(tree: T, orders: State[][]): T =>
  rewrite(tree, (node) => {
    if (node.kind !== 'or' && node.kind !== 'and') return node
    const equal = node.kind === 'or' ? '==' : '!='
    const sides = flat(node, node.kind)
    const of = sides[0]!.kind === 'compare' ? sides[0].left : sides[0]!
    const members = sides.flatMap((s) =>
      s.kind === 'compare' && s.op === equal && s.right.kind === 'member' && JSON.stringify(s.left) === JSON.stringify(of) ? [s.right] : [],
    )
    const order = orders.find((o) => members.every((m) => o.some((state) => state.name === m.member)))
    if (members.length < sides.length || !order) return node
    const places = members.map((m) => order.findIndex((state) => state.name === m.member)).sort((a, b) => a - b)
    const [least, most] = [places[0]!, places.at(-1)!]
    const at = (place: number) => members.find((m) => m.member === order[place]!.name)!
    const compare = (op: '<' | '<=' | '>' | '>=', right: Expr): Expr => ({ kind: 'compare', type: node.type, op, left: of, right })
    if (most - least >= places.length) return node
    if (most === order.length - 1) return compare(equal === '==' ? '>=' : '<', at(least))
    return least === 0 ? compare(equal === '==' ? '<=' : '>', at(most)) : node
  })

const flat = (e: Expr, kind: 'or' | 'and'): Expr[] => (e.kind === kind ? [...flat(e.left, kind), ...flat(e.right, kind)] : [e])
