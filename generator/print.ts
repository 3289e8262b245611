// Prints functions of ir.ts by a target's table: one row a statement or expression, a format or a short function. A missing row does not
// compile. Layout, precedence, names and comments are here; what a language looks like is targets/<name>/print.ts.
import type { Expr, Func, Stmt, Type } from './ir.ts'
import { same } from './ir.ts'
import { Fault } from './source.ts'

type Node = { kind: string }
/** `binds`: how tightly, to know where parentheses are needed. `{left}` in a format prints that property; `{of~}` needs none around it. */
export interface ExprRow<N> {
  binds: number
  as: string | ((node: N, print: Printer) => string)
}
/** A line, several, nothing, or a head with a block below it (and lines that begin and end the block). */
export type Printed = string | string[] | { head: string; first?: string[]; do: Stmt[]; last?: string[]; after?: string[] }
export type StmtRow<N> = string | ((node: N, print: Printer) => Printed)

export interface PrintTable {
  indent: string
  comment: string // what begins a comment on a line
  gap?: string // between a line and the comment behind it, where it is not one space
  open: string // a block, after its head
  close: string
  empty: string // a block that does nothing
  if: string
  elif: string
  else: string
  oneLine: boolean // a block of one statement may stand behind its head
  width: number
  methodLevel?: number // how deep a session's functions stand: 2 where inside a class
  types: (type: Type, print: Printer) => string
  signature: (f: Func, print: Printer) => string
  call: (f: Func, print: Printer) => string // with its own parameters as arguments
  expressions: { [K in Expr['kind']]: ExprRow<Extract<Expr, { kind: K }>> }
  statements: { [K in Exclude<Stmt['kind'], 'if'>]: StmtRow<Extract<Stmt, { kind: K }>> }
  encoders?: Partial<PrintTable['statements']> // rows that are others in an encoder, which goes on where a rule function answers
}

export type Case = 'camelCase' | 'snake_case' | 'PascalCase' | 'UPPER_CASE'
export type NameKind = 'local' | 'part' | 'field' | 'variable' | 'function' | 'type' | 'member' | 'rule' | 'error' | 'timer' | 'list'
export interface Naming {
  cases: Record<NameKind, Case>
  reserved: Set<string>
  escape: string // `{name}_`
}

const ATOM = 100

export class Printer {
  readonly table: PrintTable
  readonly naming: Naming

  readonly #place: string

  /** `place`: where the table stands, for messages. */
  constructor(table: PrintTable, naming: Naming, place = 'print.ts') {
    this.table = table
    this.naming = naming
    this.#place = place
  }

  /** The compiler finds a missing row, but only where it is asked. */
  #row<Row>(rows: Record<string, unknown>, what: 'expression' | 'statement', kind: string): Row {
    if (rows[kind] !== undefined) return rows[kind] as Row
    throw new Fault(
      `${this.#place}: error: no row for the ${what} '${kind}'; see CONTRIBUTING.md, "${what === 'expression' ? 'Expressions' : 'Statements'}"`,
    )
  }

  /** A name of the spec as this language spells it. */
  name(kind: NameKind, text: string): string {
    const key = `${kind} ${text}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const spelled = spell(text, this.naming.cases[kind])
    const safe = this.naming.reserved.has(spelled) ? this.naming.escape.replace('{name}', spelled) : spelled
    this.#names.set(key, safe)
    return safe
  }
  readonly #names = new Map<string, string>()
  /** For the functions that write. */
  get encoders(): Printer {
    const { statements, encoders } = this.table
    this.#encoders ??= new Printer({ ...this.table, statements: { ...statements, ...encoders } }, this.naming, this.#place)
    return this.#encoders
  }
  #encoders: Printer | undefined
  type(type: Type): string {
    return this.table.types(type, this)
  }
  signature(f: Func): string {
    return this.table.signature(f, this)
  }

  /** An expression, in parentheses where it binds less than `least`. */
  expr(node: Expr, least = 0): string {
    const row = this.#row<ExprRow<Expr>>(this.table.expressions, 'expression', node.kind)
    const text = typeof row.as === 'string' ? this.#format(row.as, node, row.binds) : row.as(node, this)
    return row.binds < least ? `(${text})` : text
  }

  /** The lines of a block, not indented. */
  block(body: Stmt[]): string[] {
    return merged(body).flatMap((s) => this.#statement(s))
  }
  /** A function's body. */
  body(f: Func): string[] {
    const lines = this.block(f.body)
    return lines.length > 0 ? lines : this.table.empty ? [this.table.empty] : []
  }
  indented(lines: string[]): string[] {
    return lines.map((line) => (line ? this.table.indent + line : line))
  }

  #statement(s: Stmt): string[] {
    if (s.kind === 'if') return this.#if(s)
    const row = this.#row<StmtRow<Stmt>>(this.table.statements, 'statement', s.kind)
    const printed = typeof row === 'string' ? this.#format(row, s, 0) : row(s, this)
    if (typeof printed === 'string') return printed ? this.#remark([printed], s) : []
    if (Array.isArray(printed)) return this.#remark(printed, s)
    const lines = [...(printed.first ?? []), ...this.block(printed.do), ...(printed.last ?? [])]
    return [...this.#remark(this.#under(printed.head, lines, !printed.first && !printed.last), s), ...(printed.after ?? [])]
  }

  #under(head: string, lines: string[], single: boolean): string[] {
    const { open, close, oneLine } = this.table
    if (single && oneLine && this.#fits(head, lines)) return [`${head} ${lines[0]}`]
    return [head + open, ...this.indented(this.#orEmpty(lines)), ...(close ? [close] : [])]
  }
  #orEmpty(lines: string[]): string[] {
    return lines.length > 0 || !this.table.empty ? lines : [this.table.empty]
  }
  /** Whether a block can stand behind its head: one line without a block of its own. */
  #fits(head: string, lines: string[]): boolean {
    const { comment, open, width } = this.table
    const [line = ''] = lines
    const plain =
      !line.startsWith(comment) && !line.split(comment)[0].trimEnd().endsWith(open.trim()) && !/^(if|for|while|switch)\b/.test(line)
    return lines.length === 1 && plain && head.length + line.length < width
  }

  #if(given: Stmt & { kind: 'if' }): string[] {
    const { table } = this
    const s = chained(given)
    const branches = s.branches.map((b, i) => ({
      head: this.#format(i === 0 ? table.if : table.elif, b, 0),
      lines: this.block(b.do),
      of: b,
    }))
    if (s.else) branches.push({ head: table.else, lines: this.block(s.else), of: { when: s.branches[0].when, do: [] } })
    if (s.else && branches.at(-1)!.lines.length === 0) branches.pop()
    if (branches.every((b) => b.lines.length === 0)) return []
    const remark = (i: number) => (i > 0 ? branches[i].of : { ...pick(branches[0].of), ...pick(s) })
    if (branches.length === 1) return this.#remark(this.#under(branches[0].head, branches[0].lines, true), remark(0))
    if (table.oneLine && branches.every((b) => this.#fits(b.head, b.lines)))
      return branches.flatMap((b, i) => this.#remark([`${b.head} ${b.lines[0]}`], remark(i)))
    const out: string[] = []
    for (const [i, b] of branches.entries()) {
      const before = table.close && i > 0 ? `${out.pop()} ` : ''
      const [head, ...more] = this.#remark([before + b.head + table.open], remark(i)).reverse()
      out.push(
        ...(i === 0 ? more : []),
        head,
        ...this.indented([...(i === 0 ? [] : more), ...this.#orEmpty(b.lines)]),
        ...(table.close ? [table.close] : []),
      )
    }
    return out
  }

  /** Clauses and reasons, behind the first line or above it. */
  #remark(lines: string[], s: { see?: string[]; note?: string }): string[] {
    const text = [s.see?.join(', '), s.note].filter(Boolean).join(': ')
    if (!text || lines.length === 0) return lines
    const behind = `${lines[0]}${this.table.gap ?? ' '}${this.table.comment} ${text}`
    if (behind.length <= this.table.width && !lines[0].includes(this.table.comment)) return [behind, ...lines.slice(1)]
    return [`${this.table.comment} ${text}`, ...lines]
  }

  #format(format: string, node: object, binds: number): string {
    return format.replace(/\{(\w+)(~?)\}/g, (_, key: string, loose: string) => {
      const value = (node as Record<string, unknown>)[key]
      if (typeof value === 'object' && value !== null) {
        const chained = (value as Expr).kind === (node as Node).kind && ['and', 'or'].includes((node as Node).kind)
        const least = loose || binds === 0 ? 0 : key === 'right' && !chained ? binds + 1 : binds
        return this.expr(value as Expr, least)
      }
      return typeof value === 'string' ? this.#word(key, value, node as Node) : String(value)
    })
  }
  #word(key: string, value: string, node: Node): string {
    const kind = key === 'name' ? nameKind(node as Expr) : WORDS[key]
    return kind ? this.name(kind, value) : value
  }
}

/** What the properties of nodes name. */
const WORDS: Record<string, NameKind> = {
  ...{ field: 'field', item: 'local', timer: 'timer', list: 'list', from: 'list', to: 'list', record: 'type', packet: 'type' },
  ...{ rule: 'rule', owner: 'type', member: 'member' },
}
const nameKind = (node: Expr): NameKind =>
  node.kind === 'call' ? 'function' : node.kind === 'make' ? 'type' : node.kind === 'name' ? roleKind(node.role) : 'local'
const roleKind = (role: string): NameKind => (role === 'part' ? 'part' : role === 'variable' ? 'variable' : 'local')

const pick = ({ see, note }: { see?: string[]; note?: string }): object => ({ ...(see && { see }), ...(note && { note }) })

/** An if that is all there is to an else goes on with its branches. */
function chained(s: Stmt & { kind: 'if' }): Stmt & { kind: 'if' } {
  const [inner, ...more] = s.else ? merged(s.else) : []
  if (inner?.kind !== 'if' || more.length > 0) return s
  const [first, ...rest] = inner.branches
  return chained({
    ...s,
    branches: [...s.branches, { ...first, ...pick(inner) }, ...rest],
    ...(inner.else ? { else: inner.else } : { else: [] }),
  })
}

/** What a profile leaves of an if whose condition it settles. */
function settled(s: Stmt): Stmt[] {
  if (s.kind !== 'if' || !s.branches.some((b) => b.when.kind === 'bool')) return [s]
  const branches = s.branches.filter((b) => b.when.kind !== 'bool' || b.when.value)
  const always = branches.findIndex((b) => b.when.kind === 'bool')
  const otherwise = always < 0 ? (s.else ?? []) : branches[always].do
  const left = always < 0 ? branches : branches.slice(0, always)
  return left.length === 0 ? otherwise : [{ ...s, branches: left, else: otherwise }]
}

/** Neighbouring ifs on one condition become one. */
function merged(body: Stmt[]): Stmt[] {
  const out: Stmt[] = []
  for (const s of body.flatMap(settled)) {
    const last = out.at(-1)
    const joins = s.kind === 'if' && last?.kind === 'if' && !s.else && !last.else && s.branches.length === 1 && last.branches.length === 1
    if (joins && same(s.branches[0].when, last.branches[0].when) && !ends(last.branches[0].do)) {
      const [a, b] = [last.branches[0], s.branches[0]]
      out[out.length - 1] = { ...last, branches: [{ ...a, do: [...a.do, ...b.do] }] }
    } else out.push(s)
  }
  return out
}
const ends = (body: Stmt[]): boolean => ['answer', 'stop', 'break_rule'].includes(body.at(-1)?.kind ?? '')

export const words = (text: string): string[] =>
  text
    .split(/[_.\s/-]+|(?<=[a-z0-9])(?=[A-Z])/)
    .filter(Boolean)
    .map((w) => w.toLowerCase())

export function spell(text: string, style: Case): string {
  const list = words(text)
  if (style === 'snake_case') return list.join('_')
  if (style === 'UPPER_CASE') return list.join('_').toUpperCase()
  const pascal = list.map((w) => w[0].toUpperCase() + w.slice(1)).join('')
  return style === 'PascalCase' ? pascal : pascal[0].toLowerCase() + pascal.slice(1)
}

/** For rows that need no parentheses. */
export const atom = <N>(as: ExprRow<N>['as']): ExprRow<N> => ({ binds: ATOM, as })
