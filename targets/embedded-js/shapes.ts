// The same said in fewer bytes: some states of a table as one comparison, the client for a packet made of what it has, a kept packet as its own
// record, the rest of what is left early as `else`, a rule that a packet breaks as thrown.
import type { Loaded } from '../../generator/generate.ts'
import { type Expr, type Func, NONE, type Node, negate, nodes, rewrite, type Stmt, same, within } from '../../generator/ir.ts'
import { rangeOf } from '../../generator/ranges.ts'

/** The phases, from those without a connection to the one that has it: what is asked of several is then asked of neighbours. */
export function phaseOrder({ session }: Loaded): string[] {
  const far = ({ transport, packets, mqttsta }: Record<string, unknown>) =>
    (transport ? 2 : 0) + (packets ? 1 : 0) + (mqttsta === 0 || mqttsta === 1 ? 1 : 0)
  return [...session.phases].sort((a, b) => far(a.columns) - far(b.columns)).map((p) => p.name)
}

/** The first states of a table, or its last ones, are told by one comparison. */
export function inOrder<T>(tree: T, loaded: Loaded): T {
  const orders = { phases: phaseOrder(loaded), stages: loaded.session.stages.map((s) => s.name) }
  const placed = (n: Node): Node =>
    n.kind === 'member' && n.type.kind === 'state' ? { ...n, value: orders[n.type.table as 'phases' | 'stages'].indexOf(n.member) } : n
  const compared = (n: Node): Node => {
    const range = rangeOf(n, orders)
    if (range?.ends) return range.compare(range.inside ? '>' : '<=', range.least - 1)
    return range?.begins ? range.compare(range.inside ? '<' : '>=', range.most + 1) : n
  }
  return rewrite(rewrite(tree, placed), compared)
}

const configOf = (e: Expr): string | undefined => {
  const of = e.kind === 'present' ? e.of : e
  return of.kind === 'field' && of.of.type.kind === 'config' ? of.field : undefined
}

/** Parameters that go into a packet are kept under the names of its fields. */
export function namesOfParameters(functions: Func[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const n of nodes(functions))
    if (n.kind === 'make' && n.type.kind === 'packet')
      for (const { name, value } of n.fields) {
        const parameter = configOf(value)
        if (parameter) names.set(parameter, name)
      }
  return names
}

/** The client has all of a packet by the names it has there: what the session makes of its own state is no object of its own. A flag
    that is set only for a judge is the client's, too: whatever it would forbid connect() forbids. */
export function standing(functions: Func[]): Func[] {
  const names = namesOfParameters(functions)
  const isOwn = ({ name, value: v }: { name: string; value: Expr }) =>
    v.kind === 'bool' || names.get(configOf(v) ?? '') === name || (v.kind === 'name' && v.role === 'variable' && v.name === name)
  const client: Expr = { kind: 'name', type: { kind: 'config' }, name: 'config', role: 'variable' }
  const own = (n: Node): Node =>
    n.kind === 'make' && n.type.kind === 'packet' && n.fields.length > 1 && n.fields.every(isOwn) ? client : n
  const named = (n: Node): Node =>
    n.kind === 'field' && n.of.type.kind === 'config' && names.has(n.field) ? { ...n, field: names.get(n.field)! } : n
  return functions.map((f) => rewrite({ ...f, body: withoutNames(rewrite(f.body, own)) }, named))
}
/** What stands for itself needs no second name. */
const withoutNames = (body: Stmt[]): Stmt[] => {
  const [first, ...rest] = body
  if (first?.kind !== 'let' || first.value.type.kind !== 'config') return body
  return rewrite(rest, (n) => (n.kind === 'name' && n.name === first.name ? first.value : n))
}
/** A call that is made at once with the one that judges the rest need not tell apart which of them refuses. */
export const judgingAll = (f: Func): Func => {
  const [made, rule, , answer] = f.body
  const isJudge = made?.kind === 'let' && rule?.kind === 'let' && rule.value.kind === 'rule_of' && answer?.kind === 'answer'
  return isJudge && within(f.body[2], (n) => n.kind === 'answer') ? { ...f, body: [made, rule, answer] } : f
}

/** What is left early has no end: the rest is for those who stay. */
export const withoutStops = (f: Func): Func => ({ ...f, body: staying(f.body) })
function staying(body: Stmt[]): Stmt[] {
  const i = body.findIndex((s) => s.kind === 'if' && !s.else && s.branches.length === 1 && s.branches[0].do.at(-1)?.kind === 'stop')
  if (i < 0) return body.at(-1)?.kind === 'stop' ? body.slice(0, -1) : [...body.slice(0, -1), ...body.slice(-1).map(below)]
  const early = body[i] as Stmt & { kind: 'if' }
  const rest = staying(body.slice(i + 1))
  const [{ do: own, ...branch }] = early.branches
  const left = staying(own.slice(0, -1))
  if (rest.length === 0)
    return left.length > 0 ? [...body.slice(0, i), { ...early, branches: [{ ...branch, do: left }] }] : body.slice(0, i)
  const change =
    left.length > 0
      ? { branches: [{ ...branch, do: left }], else: rest }
      : { branches: [{ ...branch, when: negate(branch.when), do: rest }] }
  return [...body.slice(0, i), { ...early, ...change }]
}
/** The blocks of the last statement end as it does. */
function below(s: Stmt): Stmt {
  if (s.kind === 'if')
    return { ...s, branches: s.branches.map((b) => ({ ...b, do: staying(b.do) })), ...(s.else && { else: staying(s.else) }) }
  return s.kind === 'find' ? { ...s, do: staying(s.do), ...(s.else && { else: staying(s.else) }) } : s
}

/** A packet that is kept is its own record (print.ts): what it was given is not given again, and it has one name. */
export function givenOnce(f: Func): Func {
  const isGiven = (packet: Expr, name: string) =>
    within(f.body, (n) => n.kind === 'set' && n.to.kind === 'field' && n.to.field === name && same(n.to.of, packet))
  const names = new Map<string, Expr>()
  const once = (n: Node): Node => {
    const kept = n.kind === 'append' ? n.fields.find((g) => g.value.kind === 'encode') : undefined
    if (n.kind !== 'append' || !kept) return n
    const { value: packet } = kept.value as Expr & { kind: 'encode' }
    names.set(n.item, packet)
    return { ...n, named: false, fields: n.fields.filter((g) => !isGiven(packet, g.name)) }
  }
  return rewrite(rewrite(f, once), (n) => (n.kind === 'name' && n.type.kind === 'record' && names.get(n.name)) || n)
}

/** What is received breaks a rule by what it says or by when it comes: both are thrown, and `violate` is left to whoever catches. */
export function breaking(f: Func, handlers: Set<string>): Func {
  if (!handlers.has(f.name)) return f
  const broken = (n: Node): Node => {
    const [rule] = n.kind === 'do' && n.call.kind === 'call' && n.call.name === 'violate' ? n.call.args : []
    return rule?.kind === 'member' ? ({ ...n, kind: 'break_rule', rule: rule.member } as Node) : n
  }
  const body = rewrite(f.body, broken)
  const isAnswer = (s: Stmt) => s.kind === 'answer'
  if (f.returns.kind !== 'bool') return { ...f, body }
  const passed = body.map((s) =>
    s.kind === 'if' ? { ...s, branches: s.branches.map((b) => ({ ...b, do: b.do.filter((d) => !isAnswer(d)) })) } : s,
  )
  return { ...f, returns: NONE, body: passed.filter((s) => !isAnswer(s)) }
}
