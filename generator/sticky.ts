// An encoder that judges what it writes: the rule broken first is remembered, as a decoder does, so that one walk tells the rule, the
// size and the bytes. The statements are the generator's; what answered a rule is made to note it here.
import { BOOL, type Expr, NONE, number, type Stmt, U8 } from './ir.ts'

const call = (name: string, args: Expr[]): Expr => ({ kind: 'call', type: BOOL, name, args, method: false })
const ruleNamed = (member: string): Expr => ({ kind: 'member', type: { kind: 'rule' }, owner: 'Rule', member, value: 0 })
const isBroken = (e: Expr): boolean => e.kind === 'name' && e.name === 'broken'

export function sticky(body: Stmt[]): Stmt[] {
  const out: Stmt[] = []
  const after: Stmt[] = [] // what a text must be besides text is judged when it was judged as text
  for (const s of body) {
    if (s.kind === 'write') {
      out.push(s, ...after.splice(0))
    } else if ((s.kind === 'set' && isBroken(s.to)) || (s.kind === 'let' && s.name === 'broken')) {
      const rule = s.value as Expr & { kind: 'call' }
      if (rule.name !== 'utf8_rule') after.push({ kind: 'check_text', call: rule })
    } else if (s.kind === 'break_rule') {
      out.push({ kind: 'check_text', call: ruleNamed(s.rule), ...(s.see ? { see: s.see } : {}) })
    } else if (s.kind === 'range') {
      if (s.of.kind === 'length') continue // the writer of bytes judges that
      const args = [s.of, number(s.least, U8), number(s.most), ruleNamed(s.rule)]
      out.push({ kind: 'do', call: { ...call('within', args), type: NONE }, ...(s.see ? { see: s.see } : {}) })
    } else if (s.kind === 'if') {
      if (s.branches[0].do[0]?.kind === 'answer') continue
      const branches = s.branches.map((b) => ({ ...b, do: sticky(b.do) }))
      out.push({ ...s, branches, ...(s.else ? { else: sticky(s.else) } : {}) })
    } else if (s.kind === 'each') out.push({ ...s, do: sticky(s.do) })
    else out.push(s)
  }
  return out
}
