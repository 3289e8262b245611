// What a function answers to refuse something is thrown here instead: the rule that a packet breaks, and the error of a call. So a rule is
// judged where its value is written or read, a procedure that refuses ends all that called it, and nobody passes on an answer.
import { type Expr, type Func, NONE, type Stmt } from '../../generator/ir.ts'

const isNamed = (e: Expr, name: string): boolean => e.kind === 'name' && e.name === name
const doing = (call: Expr, s: Stmt): Stmt => ({ kind: 'do', call, ...(s.see && { see: s.see }), ...(s.note && { note: s.note }) })
/** What a statement assigns to a variable of this name. */
const given = (s: Stmt | undefined, variable: string): Expr | undefined =>
  (s?.kind === 'let' && s.name === variable) || (s?.kind === 'set' && isNamed(s.to, variable)) ? s.value : undefined

/** A function that answers the rule that something breaks, and nothing else. */
export const judge = (body: Stmt[]): Stmt[] => body.flatMap((s): Stmt[] => (s.kind === 'answer' ? [] : [below(s, judge)]))

/** A function that answers, whatever it is, the rule that a packet breaks. */
export function isJudge({ returns, body }: Func): boolean {
  const [rule, answer] = body.slice(-2)
  const isRule = rule?.kind === 'let' && rule.value.kind === 'rule_of'
  return returns.kind === 'rule' && isRule && answer.kind === 'answer' && isNamed(answer.value, rule.name)
}
/** It throws that rule. */
export function judgingAlone(f: Func): Func {
  const [rule] = f.body.slice(-2) as [Stmt & { kind: 'let' }]
  return { ...f, returns: NONE, body: [...f.body.slice(0, -2), doing(rule.value, rule)] }
}

/** A call that is refused, or a procedure that refuses it; some functions throw the rule they would answer. */
export function refusing(body: Stmt[], judges: Set<string>, last = true): Stmt[] {
  const out: Stmt[] = []
  for (const [i, s] of body.entries()) {
    const ends = last && i === body.length - 1
    const passed = given(s, 'refused')
    if (passed) out.push(refused(passed, s, judges))
    else if (s.kind === 'answer' && s.value.type.kind === 'error') out.push(...answered(s, judges, ends))
    else if (!(s.kind === 'if' && given(body[i - 1], 'refused'))) out.push(below(s, (b) => refusing(b, judges, ends && s.kind === 'if')))
  }
  return out
}
function answered(s: Stmt & { kind: 'answer' }, judges: Set<string>, ends: boolean): Stmt[] {
  const { value } = s
  const stop: Stmt[] = ends ? [] : [{ kind: 'stop' }]
  if (value.kind === 'member') return value.value === 0 ? stop : [s]
  const sure = refused(value, s, judges)
  return sure.kind === 'break_rule' ? [sure] : [sure, ...stop]
}
/** One rule that is always broken is thrown at once. */
function refused(value: Expr, s: Stmt, judges: Set<string>): Stmt {
  const [rule] = value.kind === 'call' ? value.args : []
  if (rule?.kind === 'member' && rule.type.kind === 'rule') return { ...s, kind: 'break_rule', rule: rule.member } as Stmt
  return doing(judged(value, judges), s)
}
/** Who judges a rule throws as well as who would be told of it. */
function judged(e: Expr, judges: Set<string>): Expr {
  const [rule, more] = e.kind === 'call' ? e.args : []
  const throws = rule && !more && (rule.kind === 'rule_of' || (rule.kind === 'call' && judges.has(rule.name)))
  return throws ? rule : e
}

interface Blocks {
  do?: Stmt[]
  else?: Stmt[]
  full?: Stmt[]
  branches?: { do: Stmt[] }[]
  cases?: { do: Stmt[] }[]
}
/** The blocks in a statement, changed. */
function below(s: Stmt, change: (body: Stmt[]) => Stmt[]): Stmt {
  const { do: own, else: otherwise, full, branches, cases } = s as Blocks
  const each = (list: { do: Stmt[] }[]) => list.map((b) => ({ ...b, do: change(b.do) }))
  return {
    ...s,
    ...(own && { do: change(own) }),
    ...(otherwise && { else: change(otherwise) }),
    ...(full && { full: change(full) }),
    ...(branches && { branches: each(branches) }),
    ...(cases && { cases: each(cases) }),
  } as Stmt
}
