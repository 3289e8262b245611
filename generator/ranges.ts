// What several tests of one state say together. In an order of its table in which they are neighbours that is a range, and where it begins or
// ends the table, one comparison says it. Which order, and how the comparison is written, is the target's affair.
import { type Expr, type Node, same } from './ir.ts'

type Member = Expr & { kind: 'member' }
export type Test = Expr & { kind: 'compare'; right: Member }

const partsOf = (e: Expr, kind: 'or' | 'and'): Expr[] => (e.kind === kind ? [...partsOf(e.left, kind), ...partsOf(e.right, kind)] : [e])

/** The tests of one state for several members of its table: that it is any of them, or that it is none. */
export function testsOf(e: Node): Test[] | undefined {
  if (e.kind !== 'or' && e.kind !== 'and') return undefined
  const wanted = e.kind === 'or' ? '==' : '!='
  const parts = partsOf(e, e.kind)
  const tests = parts.filter((x): x is Test => x.kind === 'compare' && x.op === wanted && x.right.kind === 'member')
  const isOne = tests.length === parts.length && tests.every((t) => t.left.type.kind === 'state' && same(t.left, tests[0].left))
  return isOne ? tests : undefined
}

export interface Range {
  /** Whether the state is in it; else it is outside. */
  inside: boolean
  /** Places of the first and the last one in their table. */
  least: number
  most: number
  /** Whether it begins, or ends, the table. */
  begins: boolean
  ends: boolean
  /** The state compared with the member at a place. */
  compare(op: '<' | '<=' | '>' | '>=', place: number): Expr
}

/** The range that tests ask for, in these orders of the tables. */
export function rangeOf(e: Node, orders: Record<string, string[]>): Range | undefined {
  const tests = testsOf(e)
  if (!tests) return undefined
  const [test] = tests
  const order = orders[(test.left.type as { table: string }).table]
  const places = tests.map((t) => order?.indexOf(t.right.member) ?? -1).sort((a, b) => a - b)
  const [least, most] = [places[0], places.at(-1)!]
  if (least < 0 || most - least !== places.length - 1) return undefined
  return {
    ...{ inside: test.op === '==', least, most, begins: least === 0, ends: most === order.length - 1 },
    compare: (op, place) => ({ ...test, op, right: { ...test.right, value: place, member: order[place] } }),
  }
}
