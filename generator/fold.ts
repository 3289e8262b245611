// What a profile leaves of the functions: versions it does not speak, fields it never sends, variables it never reads. Constants, and the
// most a value can still be, are followed through conditions, so that a branch nobody takes leaves no byte. A target calls it where size counts.
import type { Loaded } from './generate.ts'
import { and, BOOL, type Branch, type Expr, type Func, mapped, type Node, negate, nodes, number, or, type Stmt, U8, within } from './ir.ts'
import { Memo, textOf } from './memo.ts'

export interface Folding {
  version: number | undefined // the only one
  absent: Set<string> // `PACKET.field`: never given
  unread: Set<string> // variables
  unused: Set<string> // parameters
  fixed: Map<string, number> // parameters that no application sets
}

/** `read`: whether a runtime reads a variable of the session. */
export function foldingOf({ codec: { model }, session }: Loaded, read: (variable: string) => boolean): Folding {
  const has = (feature: string) => session.has.includes(feature) || !session.features.some(([f]) => f === feature)
  const versions = model.versions.map(([v]) => v).filter((v) => has(`version${v}`))
  const version = versions.length === 1 ? versions[0] : undefined
  const all = nodes(session.functions.map((f) => f.body))
  const known = readIn(all)
  const asked = nodes([session.functions.filter((f) => f.name !== 'config_rule').map((f) => f.body), session.vars.map((v) => v.is)])
  const used = new Set(asked.flatMap((n) => (n.kind === 'field' && n.of.type.kind === 'config' ? [n.field] : [])))
  if (version === undefined) used.add('version')
  else used.delete('version')
  const tagged = model.packets.flatMap((p) => p.fields.filter((f) => !f.tags?.every(has)).map((f) => `${p.name}.${f.name}`))
  return {
    version,
    absent: new Set([...absentOf(model.packets, session.functions, all), ...tagged]),
    unread: new Set(session.vars.map((v) => v.name).filter((v) => !known.has(v) && !read(v))),
    unused: new Set(session.config.map((c) => c.name).filter((c) => !used.has(c))),
    fixed: new Map(session.config.filter((c) => c.data.internal).map((c) => [c.name, c.default as number])),
  }
}

/** The variables that are not only set. */
function readIn(all: Node[]): Set<string> {
  const set = new Set<Node>(all.flatMap((n) => (n.kind === 'set' ? [n.to] : [])))
  return new Set(all.flatMap((n) => (n.kind === 'name' && n.role === 'variable' && !set.has(n) ? [n.name] : [])))
}

/** Optional fields that no packet made by the session has; of packets that the application gives nothing is known. */
function absentOf(packets: Loaded['codec']['model']['packets'], functions: Func[], all: Node[]): string[] {
  const made = all.flatMap((n) => (n.kind === 'make' && n.type.kind === 'packet' ? [n] : []))
  const given = new Set(made.flatMap((m) => m.fields.flatMap((f) => (f.value.kind === 'none' ? [] : [`${m.name}.${f.name}`]))))
  const known = new Set(made.map((m) => m.name))
  for (const f of functions) for (const p of f.params) if (p.type.kind === 'packet') known.delete(p.type.name ?? '')
  const own = packets.filter((p) => known.has(p.name))
  const optional = own.flatMap((p) => p.fields.filter((f) => f.type.kind === 'optional').map((f) => `${p.name}.${f.name}`))
  return optional.filter((field) => !given.has(field))
}

const folded = new Map<string, Memo<Func>>()
const leaves = (body: Stmt[]): boolean => ['answer', 'stop'].includes(body.at(-1)?.kind ?? '')
const truth = (value: boolean): Expr => ({ kind: 'bool', type: BOOL, value })

export class Folder {
  readonly #folding: Folding
  /** Absent fields of the packet that is being decoded. */
  #parts = new Set<string>()
  /** The most that an expression can be, where that is known. */
  #most = new Map<string, number>()
  readonly #folded: Memo<Func>
  constructor(folding: Folding) {
    this.#folding = folding
    const key = JSON.stringify(Object.values(folding).map((of) => (of instanceof Set || of instanceof Map ? [...of] : of)))
    this.#folded = folded.get(key) ?? new Memo()
    folded.set(key, this.#folded)
  }

  func(f: Func): Func {
    return this.#folded.of(textOf(f), () => this.#fold(f))
  }
  #fold(f: Func): Func {
    const decoded = f.returns.kind === 'packet' ? `${f.returns.name}.` : undefined
    const parts = [...this.#folding.absent].filter((path) => decoded && path.startsWith(decoded))
    this.#parts = new Set(parts.map((path) => path.slice(decoded!.length)))
    const body = this.#block(f.body)
    return body === f.body ? f : { ...f, body }
  }

  #block(body: Stmt[]): Stmt[] {
    const out: Stmt[] = []
    const before = this.#most
    this.#most = new Map(before)
    for (const s of body) {
      const left = this.#isGone(s) ? [] : s.kind === 'if' ? this.#if(s) : this.#statement(s)
      out.push(...left)
      for (const each of left) this.#learn(each)
      if (leaves(left)) break
    }
    this.#most = before
    return out.length === body.length && out.every((s, i) => s === body[i]) ? body : out
  }
  /** What is larger than this has left the function: `if x > 0: answer …` leaves 0. */
  #learn(s: Stmt): void {
    if (s.kind === 'set') this.#most.delete(JSON.stringify(s.to))
    if (s.kind !== 'if' || s.branches.length > 1 || s.else || !leaves(s.branches[0].do)) return
    const [{ when }] = s.branches
    if (when.kind === 'compare' && when.op === '>' && when.right.kind === 'number')
      this.#most.set(JSON.stringify(when.left), when.right.value)
  }
  #isGone(s: Stmt): boolean {
    const { unread } = this.#folding
    if (s.kind === 'set') return this.#isAbsent(s.to) || (s.to.kind === 'name' && s.to.role === 'variable' && unread.has(s.to.name))
    if (s.kind === 'range') return this.#isIdle(s.of) || this.#isAbsent(s.of)
    if (s.kind === 'write') return this.#isAbsent(s.value)
    if (s.kind === 'declare') return this.#isAbsent(s.part)
    if (s.kind === 'read') return this.#isAbsent(s.to)
    return s.kind === 'check' && within(s.must, (node) => this.#isAbsent(node))
  }
  #statement(s: Stmt): Stmt[] {
    if (s.kind === 'result') return [{ ...s, fields: s.fields.filter((f) => !this.#isAbsent(f.value)) }]
    const left = this.#below(s)
    return left.kind === 'each' && left.do.length === 0 ? [] : [left]
  }
  #if({ else: given, ...s }: Stmt & { kind: 'if' }): Stmt[] {
    const branches: Branch[] = []
    let last = given
    for (const b of s.branches) {
      const when = this.expr(b.when)
      if (when.kind === 'bool' && !when.value) continue
      if (when.kind === 'bool') {
        last = b.do
        break
      }
      branches.push({ ...b, when, do: this.#block(b.do) })
    }
    const otherwise = last ? this.#block(last) : []
    if (branches.length === 0) return otherwise
    const [first] = branches
    if (branches.length === 1 && first.do.length === 0 && otherwise.length > 0)
      return [{ ...s, branches: [{ ...first, when: negate(first.when), do: otherwise }] }]
    const does = (b: Branch) => b.do.length > 0
    const kept = branches.filter((_, i) => otherwise.length > 0 || branches.slice(i).some(does))
    return kept.length === 0 ? [] : [{ ...s, branches: kept, ...(otherwise.length > 0 && { else: otherwise }) }]
  }

  /** A node with all that is in it folded: blocks have their own keys, and whatever else has a kind is an expression. */
  #below<T extends object>(of: T): T {
    return mapped(of, (value, key) => {
      if (typeof value !== 'object' || value === null) return value
      if (['do', 'else', 'full'].includes(key)) return this.#block(value as Stmt[])
      return 'kind' in value ? this.expr(value as Expr) : this.#below(value)
    })
  }

  expr(e: Expr): Expr {
    const { version, fixed } = this.#folding
    if (version !== undefined && isVersion(e)) return number(version, U8)
    if (e.kind === 'field' && e.of.type.kind === 'config' && fixed.has(e.field)) return number(fixed.get(e.field)!, e.type)
    if (e.kind === 'has' && this.#isAbsent(e.of)) return truth(false)
    if (e.kind === 'maybe' && this.#isAbsent(e.of)) return e.type.kind === 'bool' ? truth(false) : number(0, e.type)
    const below = this.#below(e)
    switch (below.kind) {
      case 'not':
        return below.of.kind === 'bool' ? negate(below.of) : below
      case 'and':
      case 'or': {
        const known = below.left.kind === 'bool' || below.right.kind === 'bool'
        return known ? (below.kind === 'and' ? and : or)(below.left, below.right) : below
      }
      case 'compare':
        return this.#compare(below)
      case 'choose': {
        const { by } = below
        return by.kind === 'number' ? below.cases.find((c) => c.value === by.value)!.is : below
      }
      case 'pack': {
        const parts = below.parts.filter(({ value: v }) => !((v.kind === 'bool' || v.kind === 'number') && !v.value))
        return parts.length === below.parts.length ? below : { ...below, parts }
      }
      case 'arithmetic':
        if (below.left.kind !== 'number' || below.right.kind !== 'number' || !'+-'.includes(below.op)) return below
        return number(below.left.value + (below.op === '+' ? 1 : -1) * below.right.value, below.type)
      case 'make': {
        const fields = below.fields.filter((f) => f.value.kind !== 'none')
        return fields.length === below.fields.length ? below : { ...below, fields }
      }
      default:
        return below
    }
  }
  #compare(e: Expr & { kind: 'compare' }): Expr {
    const { op, left, right } = e
    if (right.kind !== 'number') return e
    const most = this.#most.get(JSON.stringify(left))
    if (most !== undefined && op === '>' && right.value >= most) return truth(false)
    if (most === 0 && right.value === 0 && op !== '>') return truth(op === '==')
    if (left.kind !== 'number' || (op !== '==' && op !== '!=')) return e
    return truth((left.value === right.value) === (op === '=='))
  }
  /** A parameter that nobody needs is not judged either. */
  #isIdle(e: Expr): boolean {
    const { unused, fixed } = this.#folding
    return e.kind === 'field' && e.of.type.kind === 'config' && (unused.has(e.field) || fixed.has(e.field))
  }
  #isAbsent(e: Node): boolean {
    if (e.kind === 'present') return this.#isAbsent(e.of)
    if (e.kind === 'name') return e.role === 'part' && this.#parts.has(e.name)
    return e.kind === 'field' && e.of.type.kind === 'packet' && this.#folding.absent.has(`${e.of.type.name}.${e.field}`)
  }
}

const isVersion = (e: Expr): boolean =>
  (e.kind === 'name' && e.name === 'version' && e.role === 'parameter') ||
  (e.kind === 'field' && e.field === 'version' && e.of.type.kind === 'config')
