// What the spec is lowered to, and all that a target prints: a closed list of expressions and statements, typed, with names as the
// spec writes them (each target respells them). Packets and session share it. How a node looks in a language is targets/*/print.ts.

export type Type =
  | { kind: 'bool' }
  | { kind: 'uint'; bits: 8 | 16 | 32 }
  | { kind: 'char' } // a byte of text, compared with a character
  | { kind: 'text'; format?: string } // UTF-8; `format` names its own rules
  | { kind: 'bytes' }
  | { kind: 'enum'; name: string }
  | { kind: 'struct'; name: string }
  | { kind: 'list'; of: Type }
  | { kind: 'optional'; of: Type }
  | { kind: 'packet'; name?: string } // decoded, any or this one
  | { kind: 'frame' } // an encoded packet
  | { kind: 'record'; name: string } // an entry of a list the session keeps
  | { kind: 'state'; table: string } // a row of a table of states
  | { kind: 'operation' } // a pending call, or none
  | { kind: 'rule' } // the number of a rule, or 0
  | { kind: 'error' } // a public error number, or 0
  | { kind: 'config' }
  | { kind: 'none' }

export type Compare = '==' | '!=' | '<' | '<=' | '>' | '>='
export type Arithmetic = '+' | '-' | '*' | '%' | '|'

interface E<K extends string> {
  kind: K
  type: Type
}
/** A name's role tells a target what to put before it. `part`: a field of the value that is being decoded. */
export type Role = 'local' | 'parameter' | 'variable' | 'part'

export type Expr =
  | (E<'number'> & { value: number })
  | (E<'bool'> & { value: boolean })
  | E<'none'>
  | (E<'character'> & { value: string })
  | (E<'text'> & { value: string })
  | (E<'member'> & { owner: string; member: string; value: number }) // of an enum, a table of states, the rules, the errors
  | (E<'name'> & { name: string; role: Role })
  | (E<'field'> & { of: Expr; field: string })
  | (E<'has'> & { of: Expr }) // an optional value is present
  | (E<'length'> & { of: Expr }) // bytes of a text or of bytes
  | (E<'count'> & { of: Expr }) // items of a list
  | (E<'contains'> & { of: Expr; value: string })
  | (E<'not'> & { of: Expr })
  | (E<'and'> & { left: Expr; right: Expr })
  | (E<'or'> & { left: Expr; right: Expr })
  | (E<'compare'> & { op: Compare; left: Expr; right: Expr })
  | (E<'arithmetic'> & { op: Arithmetic; left: Expr; right: Expr })
  | (E<'bits'> & { of: Expr; shift: number; width: number }) // `width` bits of a byte, as a number or, of type bool, as a flag
  | (E<'pack'> & { parts: { value: Expr; shift: number }[] }) // a byte from its bits
  | (E<'call'> & { name: string; args: Expr[]; method: boolean }) // a function of the spec; `method`: it reads the session
  | (E<'make'> & { name: string; fields: { name: string; value: Expr }[] }) // a struct, or a packet
  | (E<'choose'> & { by: Expr; cases: { value: number; is: Expr }[] }) // one value a version
  | (E<'present'> & { of: Expr }) // an optional value, known to be there by another field
  | (E<'maybe'> & { of: Expr; field: string }) // a field of a struct that may be absent: then 0 or false
  | (E<'rule_of'> & { packet: string; value: Expr; version?: Expr }) // the rule its values break, or 0
  | (E<'size_of'> & { packet: string; value: Expr; version?: Expr }) // the remaining length it would have
  | (E<'encode'> & { packet: string; value: Expr; version?: Expr }) // its bytes
  | (E<'marked'> & { of: Expr; version: Expr }) // a packet, marked as sent again
  | (E<'one'> & { item: Expr }) // a list of one
  | (E<'stored'> & { of: Expr; packet: string; field: string }) // a list in an encoded packet of our own
  | (E<'list_count'> & { list: string })
  | (E<'armed'> & { timer: string })
  | (E<'random'> & { most: Expr })
  | (E<'minimum'> & { left: Expr; right: Expr })
  | E<'now'>

interface S<K extends string> {
  kind: K
  see?: string[] // clauses of the standard
  note?: string // a reason
}
export type Wire = 'u8' | 'u16' | 'utf8' | 'bytes' | 'rest'
export type Branch = { when: Expr; do: Stmt[]; see?: string[]; note?: string }

export type Stmt =
  // shared
  | (S<'if'> & { branches: Branch[]; else?: Stmt[] })
  | (S<'while'> & { when: Expr; do: Stmt[] })
  | (S<'let'> & { name: string; value: Expr; changes: boolean }) // `changes`: assigned again later
  | (S<'set'> & { to: Expr; value: Expr; add: boolean }) // `add`: +=
  | (S<'answer'> & { value: Expr }) // the result; ends the function
  | S<'stop'> // ends it without one
  | (S<'do'> & { call: Expr }) // a procedure
  | (S<'each_char'> & { item: string; of: Expr; do: Stmt[] })
  | (S<'each'> & { item: string; type: Type; of: Expr; with?: { item: string; type: Type; of: Expr }; do: Stmt[] })
  | (S<'switch'> & { on: Expr; cases: { values: Expr[]; do: Stmt[] }[]; else: Stmt[] })
  // packets
  | (S<'range'> & { of: Expr; least: number; most: number; rule: string }) // a number outside breaks the rule
  | (S<'break_rule'> & { rule: string }) // an encoder notes the first, a rule function answers it
  | (S<'check'> & { must: Expr; rule: string; back: number }) // decoding: fails this many bytes before the field read last
  | (S<'check_text'> & { call: Expr }) // the text written or read last breaks the rule that this answers
  | (S<'begin'> & { first: Expr; length?: number }) // encoding: first byte, and the remaining length of what has always the same
  | (S<'write'> & { wire: Wire; value: Expr })
  | (S<'declare'> & { part: Expr }) // a part that only some packets have
  | (S<'read'> & { wire: Wire; to: Expr; declares: boolean })
  | (S<'take'> & { to: Expr; value: Expr; declares: boolean }) // a part gets its value
  | (S<'expect_more'> & { rule: string }) // fails here where nothing is left
  | (S<'read_list'> & { part: Expr; do: Stmt[]; make: Expr }) // items, to the end of the packet
  | (S<'finish'> & { rule: string }) // nothing may follow
  | (S<'result'> & { packet: string; fields: { name: string; value: Expr }[] })
  // session
  | S<'dial'>
  | S<'hang_up'>
  | (S<'send'> & { frame: Expr })
  | (S<'deliver'> & { packet: Expr })
  | (S<'settle'> & { operation: Expr; result?: Expr; results?: Expr })
  | (S<'fail'> & { operation: Expr; error: Expr })
  | (S<'enter'> & { state: Expr }) // the next phase: reports a new status, ends the deadlines that do not run in it
  | (S<'report'> & { error: Expr })
  | (S<'violation'> & { rule: Expr; at: Expr })
  | (S<'arm'> & { timer: string; after?: Expr; at?: Expr })
  | (S<'disarm'> & { timer: string })
  | (S<'append'> & {
      record: string
      list: string
      fields: { name: string; value: Expr }[]
      item: string
      named: boolean // the record is spoken of afterwards
      limit?: Expr
      full: Stmt[]
    })
  | (S<'move'> & { from: string; to: string; item: string; record: string })
  | (S<'remove'> & { item: Expr; list: string })
  | (S<'clear'> & { list: string })
  | (S<'prune'> & { item: string; record: string; list: string; where: Expr })
  | (S<'find'> & { item: string; record: string; list: string; where: Expr; key?: Expr; do: Stmt[]; else?: Stmt[] })
  | (S<'for_each'> & { item: string; record: string; list: string; do: Stmt[] })

export interface Param {
  name: string
  type: Type
}
export interface Func {
  public?: boolean // the runtime calls it
  name: string
  params: Param[]
  returns: Type
  doc: string
  see: string[]
  body: Stmt[]
}

export const BOOL: Type = { kind: 'bool' }
export const U8: Type = { kind: 'uint', bits: 8 }
export const U16: Type = { kind: 'uint', bits: 16 }
export const U32: Type = { kind: 'uint', bits: 32 }
export const RULE: Type = { kind: 'rule' }
export const NONE: Type = { kind: 'none' }

export const number = (value: number, type: Type = U32): Expr => ({ kind: 'number', type, value })
export const name = (text: string, type: Type, role: Role = 'local'): Expr => ({ kind: 'name', type, name: text, role })
export const compare = (op: Compare, left: Expr, right: Expr): Expr => ({
  kind: 'compare',
  type: BOOL,
  op,
  left,
  right,
})
const both = (kind: 'and' | 'or', left: Expr, right: Expr): Expr => {
  const [known, other] = left.kind === 'bool' ? [left, right] : right.kind === 'bool' ? [right, left] : []
  if (known && other) return known.value === (kind === 'and') ? other : known
  return { kind, type: BOOL, left, right }
}
export const and = (left: Expr, right: Expr): Expr => both('and', left, right)
export const or = (left: Expr, right: Expr): Expr => both('or', left, right)

const OPPOSITE: Record<Compare, Compare> = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' }

/** The opposite of a condition, pushed inwards as far as a person would. */
export function negate(e: Expr): Expr {
  switch (e.kind) {
    case 'not':
      return e.of
    case 'bool':
      return { ...e, value: !e.value }
    case 'compare': {
      const none = e.op === '>' && e.right.kind === 'number' && e.right.value === 0
      return { ...e, op: none ? '==' : OPPOSITE[e.op] }
    }
    case 'and':
      return or(negate(e.left), negate(e.right))
    case 'or':
      return and(negate(e.left), negate(e.right))
    default:
      return { kind: 'not', type: BOOL, of: e }
  }
}

/** Equal in what they say, wherever they stand. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** An expression or a statement. Types look alike; they are told apart by where they stand. */
export type Node = Expr | Stmt

/** Every node in a tree, from the outside in. */
export function nodes(tree: unknown): Node[] {
  const found: Node[] = []
  within(tree, (node) => {
    found.push(node)
    return false
  })
  return found
}
/** Whether a node in a tree is so. */
export function within(tree: unknown, is: (node: Node) => boolean): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if (Array.isArray(tree)) return tree.some((each) => within(each, is))
  if ('kind' in tree && is(tree as Node)) return true
  for (const key in tree) if (key !== 'type' && within(tree[key as keyof typeof tree], is)) return true
  return false
}
/** A tree with nodes changed, the outermost first. What holds no change stays the same object. */
export function rewrite<T>(tree: T, change: (node: Node) => Node): T {
  if (typeof tree !== 'object' || tree === null) return tree
  const node = 'kind' in tree ? change(tree as unknown as Node) : tree
  return (node === (tree as unknown) ? mapped(tree, (value) => rewrite(value, change)) : node) as T
}
/** An object or a list with what is in it changed, types excepted; itself, where nothing changes. */
export function mapped<T extends object>(of: T, change: (value: unknown, key: string) => unknown): T {
  let copy: T | undefined
  for (const key in of) {
    if (key === 'type') continue
    const value = change(of[key], key)
    if (value === of[key]) continue
    copy ??= (Array.isArray(of) ? [...of] : { ...of }) as T
    copy[key] = value as T[typeof key]
  }
  return copy ?? of
}
