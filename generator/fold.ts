// What a profile leaves of the functions: versions it does not speak, fields it never sends, variables it never reads. Constants, and the
// most a value can still be, are followed through conditions, so that a branch nobody takes leaves no byte. A target calls it where size counts.
import type { Loaded } from './generate.ts'
import { type Branch, type Expr, type Func, mapped, negate, number, type Stmt, within } from './ir.ts'
import { Memo, textOf } from './memo.ts'

export interface Folding {
  version: number | undefined // the only one
  absent: Set<string> // `PACKET.field`: never given
  unread: Set<string> // variables
  unused: Set<string> // parameters
  fixed: Map<string, number> // parameters that no application sets
}

/** `read`: whether a runtime reads a variable of the session. */
export function foldingOf({ codec, session, sources }: Loaded, read: (variable: string) => boolean): Folding {
  const features = new Set(
    sources.session.root
      .get('profiles')
      .get(session.profile)
      .items()
      .map((i) => i.text),
  )
  const versions = codec.model.versions
    .map(([v]) => v)
    .filter((v) => {
      const feature = `version${v}`
      return features.has(feature) || !session.features.some(([f]) => f === feature)
    })
  const known = readBy(session.functions)
  const variables = session.vars.map((v) => v.name).filter((v) => !known.has(v) && !read(v))
  const [version] = versions.length === 1 ? versions : [undefined]
  const used = new Set<string>(version === undefined ? ['version'] : [])
  visit([session.functions.filter((f) => f.name !== 'config_rule'), session.vars], (node) => {
    const isField = node.kind === 'field' && (node.of as Expr).type.kind === 'config'
    if (isField && !(version !== undefined && node.field === 'version')) used.add(node.field as string)
    return false
  })
  const tagged = codec.model.packets.flatMap((p) =>
    p.fields.filter((f) => f.tags?.some((t) => !features.has(t))).map((f) => `${p.name}.${f.name}`),
  )
  const fixed = session.config.filter((c) => c.data.internal).map((c): [string, number] => [c.name, c.default as number])
  return {
    version,
    absent: new Set([...absentOf(codec.model.packets, session.functions), ...tagged]),
    unread: new Set(variables),
    unused: new Set(session.config.map((c) => c.name).filter((c) => !used.has(c))),
    fixed: new Map(fixed),
  }
}

type Node = Record<string, unknown> & { kind?: string }
function visit(value: unknown, see: (node: Node) => boolean): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && see(value as Node)) return
  for (const key in value) if (key !== 'type') visit(value[key as keyof typeof value], see)
}

/** The variables of which functions do more than set them. */
function readBy(functions: Func[]): Set<string> {
  const found = new Set<string>()
  const isVariable = (e: unknown) => (e as Node)?.kind === 'name' && (e as Node).role === 'variable'
  const look = (node: Node): boolean => {
    if (node.kind === 'set' && isVariable(node.to)) {
      visit(node.value, look)
      return true
    }
    if (isVariable(node)) found.add(node.name as string)
    return false
  }
  visit(
    functions.map((f) => f.body),
    look,
  )
  return found
}

/** Optional fields that no packet made by the session has; of packets that the application gives nothing is known. */
function absentOf(packets: Loaded['codec']['model']['packets'], functions: Func[]): Set<string> {
  const given = new Set<string>()
  const known = new Set<string>()
  visit(functions, (node) => {
    const type = node.type as { kind: string; name?: string } | undefined
    if (node.kind !== 'make' || type?.kind !== 'packet') return false
    known.add(node.name as string)
    for (const f of node.fields as { name: string; value: Expr }[]) if (f.value.kind !== 'none') given.add(`${node.name}.${f.name}`)
    return false
  })
  for (const f of functions) for (const p of f.params) if (p.type.kind === 'packet') known.delete(p.type.name ?? '')
  const optional = packets.flatMap((p) => p.fields.filter((f) => f.type.kind === 'optional').map((f) => [p.name, `${p.name}.${f.name}`]))
  return new Set(optional.filter(([packet, field]) => known.has(packet) && !given.has(field)).map(([, field]) => field))
}

const folded = new Map<string, Memo<Func>>()

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
    const { absent } = this.#folding
    this.#parts = new Set([...absent].flatMap((path) => (decoded && path.startsWith(decoded) ? [path.slice(decoded.length)] : [])))
    const body = this.#block(f.body)
    return body === f.body ? f : { ...f, body }
  }

  #block(body: Stmt[]): Stmt[] {
    const out: Stmt[] = []
    const before = this.#most
    this.#most = new Map(before)
    for (const s of body) {
      const folded = this.#statement(s)
      out.push(...folded)
      for (const each of folded) this.#learn(each)
      if (['answer', 'stop'].includes(folded.at(-1)?.kind ?? '')) break
    }
    this.#most = before
    return out.length === body.length && out.every((s, i) => s === body[i]) ? body : out
  }
  /** What is larger than this has left the function: `if x > 0: answer …` leaves 0. */
  #learn(s: Stmt): void {
    if (s.kind === 'set') this.#most.delete(JSON.stringify(s.to))
    if (s.kind !== 'if' || s.branches.length > 1 || s.else) return
    const [{ when, do: leaves }] = s.branches
    if (!['answer', 'stop'].includes(leaves.at(-1)?.kind ?? '')) return
    if (when.kind === 'compare' && when.op === '>' && when.right.kind === 'number')
      this.#most.set(JSON.stringify(when.left), when.right.value)
  }
  #statement(s: Stmt): Stmt[] {
    if (s.kind === 'set' && s.to.kind === 'name' && s.to.role === 'variable' && this.#folding.unread.has(s.to.name)) return []
    if (s.kind === 'range' && (this.#isIdle(s.of) || this.#isAbsent(s.of))) return []
    if (s.kind === 'set' && this.#isAbsent(s.to)) return []
    if (s.kind === 'write' && this.#isAbsent(s.value)) return []
    if (s.kind === 'declare' && this.#isAbsent(s.part)) return []
    if (s.kind === 'read' && this.#isAbsent(s.to)) return []
    if (s.kind === 'check' && within(s.must, (node) => this.#isAbsent(node as Expr))) return []
    if (s.kind === 'result') return [{ ...s, fields: s.fields.filter((f) => !this.#isAbsent(f.value)) }]
    if (s.kind === 'if') return this.#if(s)
    const folded = this.#any(s) as Stmt
    if (folded.kind === 'each' && folded.do.length === 0) return []
    return [folded]
  }
  #if(s: Stmt & { kind: 'if' }): Stmt[] {
    const branches: Branch[] = []
    let otherwise = s.else
    for (const b of s.branches) {
      const when = this.expr(b.when)
      if (when.kind === 'bool' && !when.value) continue
      if (when.kind === 'bool') {
        otherwise = b.do
        break
      }
      branches.push({ ...b, when, do: this.#block(b.do) })
    }
    const last = otherwise ? this.#block(otherwise) : []
    if (branches.length === 0) return last
    if (branches.length === 1 && branches[0].do.length === 0 && last.length > 0) {
      return [{ ...s, branches: [{ ...branches[0], when: negate(branches[0].when), do: last }], else: undefined } as unknown as Stmt].map(
        tidy,
      )
    }
    const kept = branches.filter((b, i) => b.do.length > 0 || last.length > 0 || branches.slice(i + 1).some((c) => c.do.length > 0))
    return kept.length === 0
      ? []
      : [tidy({ ...s, branches: kept, ...(last.length > 0 ? { else: last } : { else: undefined }) } as Stmt & { kind: 'if' })]
  }

  /** Everything below, folded. */
  #any(value: unknown): unknown {
    if (Array.isArray(value)) {
      const isBlock = value.length > 0 && value.every((v) => typeof v === 'object' && v !== null && STATEMENTS.has((v as Node).kind ?? ''))
      return isBlock ? this.#block(value as Stmt[]) : mapped(value, (v) => this.#any(v))
    }
    if (typeof value !== 'object' || value === null) return value
    if ('type' in value && 'kind' in value && !STATEMENTS.has((value as Node).kind ?? '')) return this.expr(value as Expr)
    return mapped(value, (v) => this.#any(v))
  }

  expr(e: Expr): Expr {
    const { version } = this.#folding
    const no: Expr = { kind: 'bool', type: { kind: 'bool' }, value: false }
    if (version !== undefined && this.#isVersion(e)) return number(version, { kind: 'uint', bits: 8 })
    const fixed = e.kind === 'field' && e.of.type.kind === 'config' ? this.#folding.fixed.get(e.field) : undefined
    if (fixed !== undefined) return number(fixed, e.type)
    if (e.kind === 'has' && this.#isAbsent(e.of)) return no
    if (e.kind === 'maybe' && this.#isAbsent(e.of)) return e.type.kind === 'bool' ? no : number(0, e.type)
    const below = mapped(e, (v) => this.#any(v))
    switch (below.kind) {
      case 'not':
        return below.of.kind === 'bool' ? { ...below.of, value: !below.of.value } : below
      case 'and':
        if (below.left.kind === 'bool') return below.left.value ? below.right : below.left
        return below.right.kind === 'bool' ? (below.right.value ? below.left : below.right) : below
      case 'or':
        if (below.left.kind === 'bool') return below.left.value ? below.left : below.right
        return below.right.kind === 'bool' ? (below.right.value ? below.right : below.left) : below
      case 'compare':
        return this.#compare(below)
      case 'choose':
        return below.by.kind === 'number' ? below.cases.find((c) => c.value === (below.by as { value: number }).value)!.is : below
      case 'pack': {
        const parts = below.parts.filter(
          (p) => !(p.value.kind === 'bool' && !p.value.value) && !(p.value.kind === 'number' && p.value.value === 0),
        )
        return parts.length === below.parts.length ? below : { ...below, parts }
      }
      case 'arithmetic':
        if (below.left.kind !== 'number' || below.right.kind !== 'number' || !'+-'.includes(below.op)) return below
        return number(below.left.value + (below.op === '+' ? 1 : -1) * below.right.value, below.type)
      case 'make':
        return below.fields.some((f) => f.value.kind === 'none')
          ? { ...below, fields: below.fields.filter((f) => f.value.kind !== 'none') }
          : below
      default:
        return below
    }
  }
  #compare(e: Expr & { kind: 'compare' }): Expr {
    const most = e.right.kind === 'number' ? this.#most.get(JSON.stringify(e.left)) : undefined
    const known = (value: boolean): Expr => ({ kind: 'bool', type: { kind: 'bool' }, value })
    if (most !== undefined && e.right.kind === 'number') {
      if (e.op === '>' && e.right.value >= most) return known(false)
      if (most === 0 && e.right.value === 0 && e.op !== '>') return known(e.op === '==')
    }
    if (e.left.kind !== 'number' || e.right.kind !== 'number') return e
    const equal = e.left.value === e.right.value
    const value = e.op === '==' ? equal : e.op === '!=' ? !equal : undefined
    return value === undefined ? e : known(value)
  }
  /** A parameter that nobody needs is not judged either. */
  #isIdle(e: Expr): boolean {
    const { unused, fixed } = this.#folding
    return e.kind === 'field' && e.of.type.kind === 'config' && (unused.has(e.field) || fixed.has(e.field))
  }
  #isVersion(e: Expr): boolean {
    return (
      (e.kind === 'name' && e.name === 'version' && e.role === 'parameter') ||
      (e.kind === 'field' && e.field === 'version' && e.of.type.kind === 'config')
    )
  }
  #isAbsent(e: Expr): boolean {
    if (e.kind === 'present') return this.#isAbsent(e.of)
    if (e.kind === 'name') return e.role === 'part' && this.#parts.has(e.name)
    return e.kind === 'field' && e.of.type.kind === 'packet' && this.#folding.absent.has(`${e.of.type.name}.${e.field}`)
  }
}

function tidy(s: Stmt): Stmt {
  const { else: otherwise, ...rest } = s as Stmt & { kind: 'if' }
  return (otherwise ? { ...rest, else: otherwise } : rest) as Stmt
}
const STATEMENTS = new Set(
  (
    'if while let set answer stop do each_char each switch range break_rule check check_text begin write declare read take expect_more ' +
    'read_list finish result dial hang_up send deliver settle fail enter report violation arm disarm append move remove clear prune find for_each'
  ).split(' '),
)
