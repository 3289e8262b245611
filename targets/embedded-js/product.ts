// What the client need not do because nobody could tell: judge what the application cannot give, keep what is not read, ask for a phase in
// which alone an event comes. The testee judges and reads it all, for it answers for packets that no client sends or gets.
import type { Loaded } from '../../generator/generate.ts'
import { type Expr, type Func, type Node, nodes, number, rewrite, type Stmt, same, within } from '../../generator/ir.ts'

/** The fields of a value that an expression reads. */
function fieldsOf(tree: unknown): { owner: string; field: string }[] {
  return nodes(tree).flatMap((n) => {
    const of = n.kind === 'field' || n.kind === 'maybe' ? n.of.type : undefined
    return of && 'name' in of && of.name ? [{ owner: of.name, field: (n as { field: string }).field }] : []
  })
}

/** Which fields of the packets that the application has a part in it gives, by packet; all others are the session's own and right. */
export function givenFields({ session }: Loaded, written: (field: string) => boolean): Map<string, (field: string) => boolean> {
  const given = new Map<string, (field: string) => boolean>()
  for (const f of session.functions.filter((g) => g.public))
    for (const { type } of f.params) if (type.kind === 'packet' && type.name) given.set(type.name, written)
  const bounded = new Set(session.config.filter((c) => c.data.range).map((c) => c.name))
  for (const n of nodes(session.functions)) {
    if (n.kind !== 'let' || n.value.kind !== 'make' || n.value.type.kind !== 'packet') continue
    const own = n.value.fields.filter(({ value: v }) => v.kind !== 'none' && !(v.kind === 'field' && bounded.has(v.field)))
    given.set(n.value.name, (field) => own.some((f) => f.name === field))
  }
  return given
}

/** An encoder of what a call has refused already, wherever a number of its packet is not 0. */
export function withZeros({ session }: Loaded, body: Stmt[], packet: string): Stmt[] {
  const zeros = session.functions.flatMap((f) => {
    const [first] = f.body
    if (!f.public || first?.kind !== 'if' || first.else || first.branches.length > 1) return []
    const [{ when, do: refuses }] = first.branches
    const isZero = when.kind === 'compare' && when.op === '>' && when.right.kind === 'number' && when.right.value === 0
    return isZero && refuses.at(-1)?.kind === 'answer' ? [...fieldsOf(when.left)] : []
  })
  const isZero = (n: Node) => n.kind === 'field' && zeros.some((z) => z.owner === packet && z.field === n.field)
  return rewrite(body, (n) => (isZero(n) ? number(0) : n)).filter((s) => !(s.kind === 'range' && s.of.kind === 'number'))
}

/** An encoder that judges only what may be wrong. */
export function judgingOnly(body: Stmt[], packet: string, given: (field: string) => boolean): Stmt[] {
  const isSure = (tree: unknown): boolean => fieldsOf(tree).some(({ owner, field }) => owner === packet && !given(field))
  return body.flatMap((s): Stmt[] => {
    if (s.kind === 'range' && isSure(s.of)) return []
    if (s.kind === 'check_text' && isSure(s.call)) return []
    if (s.kind !== 'if') return [s]
    const below = (b: Stmt[]) => judgingOnly(b, packet, given)
    const branches = s.branches.map((b) => ({ ...b, do: b.do[0]?.kind === 'break_rule' && isSure(b.when) ? [] : below(b.do) }))
    const otherwise = s.else ? below(s.else) : []
    const { else: _, ...rest } = s
    if (otherwise.length === 0 && branches.every((b) => b.do.length === 0)) return []
    return [{ ...rest, branches, ...(otherwise.length > 0 && { else: otherwise }) }]
  })
}

/** A call without what is given to a packet only for its encoder to judge. */
export function withoutStandIns(f: Func, given: Map<string, (field: string) => boolean>): Func {
  const isStandIn = (s: Stmt): boolean =>
    s.kind === 'set' &&
    s.value.kind === 'number' &&
    [...fieldsOf(s.to)].some(({ owner, field }) => given.has(owner) && !given.get(owner)!(field))
  const isEmpty = (s: Stmt) => isStandIn(s) || (s.kind === 'if' && !s.else && s.branches.every((b) => b.do.every(isStandIn)))
  return f.public ? { ...f, body: f.body.filter((s) => !isEmpty(s)) } : f
}

/** A decoder without what nobody reads of its packet. */
export function readingOnly(body: Stmt[], isRead: (field: string) => boolean): Stmt[] {
  const kept = body.map((s) => (s.kind === 'result' ? { ...s, fields: s.fields.filter((f) => isRead(f.name)) } : s))
  const isUsed = (part: Expr, but: Stmt) =>
    kept.some((s) => s !== but && within(s, (n) => n.kind === 'name' && part.kind === 'name' && n.name === part.name))
  return kept.filter((s) => !(s.kind === 'take' && s.declares && !isUsed(s.to, s)))
}
export function readFields({ session }: Loaded, read: (field: string) => boolean): (packet: string) => (field: string) => boolean {
  const found = new Set(fieldsOf(session.functions).map(({ owner, field }) => `${owner}.${field}`))
  const delivered = new Set(
    session.packets
      .filter((p) =>
        within(
          session.functions.find((f) => f.name === p.event),
          (n) => n.kind === 'deliver',
        ),
      )
      .map((p) => p.packet),
  )
  return (packet) => (field) => found.has(`${packet}.${field}`) || (delivered.has(packet) && read(field))
}

const isPhase = (e: Expr): boolean => e.kind === 'name' && e.name === 'phase' && e.role === 'variable'
/** What a condition is while the phase is one of these, if that says it all. */
function settledBy(e: Expr, phases: string[]): boolean | undefined {
  if (e.kind === 'compare' && isPhase(e.left) && e.right.kind === 'member') {
    const member = e.right.member
    const is = phases.includes(member) ? (phases.length === 1 ? true : undefined) : false
    return is === undefined || e.op === '==' ? is : !is
  }
  if (e.kind === 'or' || e.kind === 'and') {
    const named = [...nodes(e)].flatMap((n) =>
      n.kind === 'compare' && n.op === '==' && n.right.kind === 'member' && isPhase(n.left) ? [n.right.member] : [],
    )
    if (e.kind === 'or' && phases.every((p) => named.includes(p))) return true
    const sides = [settledBy(e.left, phases), settledBy(e.right, phases)]
    if (sides.includes(e.kind === 'or')) return e.kind === 'or'
    return sides.every((s) => s !== undefined) ? e.kind === 'and' : undefined
  }
  return undefined
}
/** The phases in which an event comes: what arrives is of a connection, and what is not the first packet comes when that was there. */
export function eventPhases({ session }: Loaded): Map<string, string[]> {
  const having = (column: string) => session.phases.filter((p) => p.columns[column]).map((p) => p.name)
  const packets = having('packets')
  const found = session.packets.map(({ event }): [string, string[]] => [event, session.events.find((e) => e.func.name === event)!.phases])
  return new Map([
    ...found,
    ['on_other', packets.slice(0, -1)],
    ['on_malformed', packets],
    ['on_bytes', packets],
    ['on_lost', having('transport')],
  ])
}

/** Until something happens in a function, the phase is one of these. */
export function inPhases(f: Func, phases: string[] | undefined): Func {
  if (!phases) return f
  const known = (body: Stmt[], at: string[]): Stmt[] => {
    const [first, ...rest] = body
    if (first?.kind !== 'if') return body
    let left = at
    const branches = first.branches.map((b) => {
      const is = settledBy(b.when, left)
      const when: Expr = is === undefined ? b.when : { kind: 'bool', type: { kind: 'bool' }, value: is }
      const branch = { ...b, when, do: known(b.do, left) }
      left = left.filter((p) => settledBy(b.when, [p]) !== true)
      return branch
    })
    return [{ ...first, branches, ...(first.else && { else: known(first.else, left) }) }, ...rest]
  }
  return { ...f, body: known(f.body, phases) }
}

/** The functions without those that always answer the same, and what is asked of them. */
export function withoutConstants(functions: Func[], fold: (f: Func) => Func): Func[] {
  const constants = new Map<string, Expr>()
  for (const { name, body, public: asked } of functions) {
    const [only] = body
    if (!asked && only?.kind === 'answer' && (only.value.kind === 'bool' || only.value.kind === 'number')) constants.set(name, only.value)
  }
  if (constants.size === 0) return functions
  const known = (n: Node): Node => (n.kind === 'call' && constants.get(n.name)) || n
  const left = functions.filter((f) => !constants.has(f.name))
  return withoutConstants(
    left.map((f) => fold(rewrite(f, known))),
    fold,
  )
}

/** The fields of records that something reads. */
export function recordFields({ session }: Loaded, functions: Func[]): Set<string> {
  const keys = session.lists.flatMap((l) => (l.key ? [l.key] : []))
  return new Set([...keys, ...fieldsOf(functions.map((f) => f.body)).map(({ field }) => field)])
}
/** A list of which nothing stays. */
const tidyLists = (body: Stmt[]): Stmt[] =>
  rewrite(body, (n) => (n.kind === 'prune' && n.where.kind === 'bool' && n.where.value ? { kind: 'clear', list: n.list } : n))

/** No list is cleared twice, and of records all is read. */
export function tidied(f: Func, isRead: Set<string>): Func {
  const isCleared = (s: Stmt, before: Stmt | undefined) =>
    s.kind === 'if' && !s.else && s.branches.every((b) => before?.kind === 'clear' && b.do.length === 1 && same(b.do[0], before))
  return rewrite({ ...f, body: tidyLists(f.body).filter((s, i, body) => !isCleared(s, body[i - 1])) }, (n) => {
    const fields = n.kind === 'append' ? n.fields.filter((g) => isRead.has(g.name)) : []
    return n.kind === 'append' && fields.length < n.fields.length ? { ...n, fields } : n
  })
}

/** Where in a packet a rule is broken is told by nobody. */
export const withoutPlaces = (f: Func): Func =>
  rewrite(f, (n) => (n.kind === 'violation' && n.at.kind !== 'none' ? { ...n, at: { kind: 'none', type: n.at.type } } : n))

/** The functions without parameters that none of them reads. */
export function withoutUnused(functions: Func[]): Func[] {
  const unused = new Map<string, boolean[]>()
  for (const { name, params, body, public: asked } of functions)
    if (!asked)
      unused.set(
        name,
        params.map((p) => !within(body, (n) => n.kind === 'name' && n.name === p.name)),
      )
  const isRead = (name: string) => (_: unknown, i: number) => !unused.get(name)?.[i]
  const called = (n: Node): Node => {
    if (n.kind !== 'call' || !n.args.some((_, i) => unused.get(n.name)?.[i])) return n
    return { ...n, args: n.args.filter(isRead(n.name)) }
  }
  return functions.map((f) => ({ ...rewrite(f, called), params: f.params.filter(isRead(f.name)) }))
}
