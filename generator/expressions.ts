// The expression language of the spec: text to a syntax tree with positions. What its names mean is resolve.ts.
import { type Item, SpecError, type Spot } from './source.ts'

export type Syntax = { spot: Spot } & (
  | { is: 'number'; value: number }
  | { is: 'string'; value: string }
  | { is: 'name'; name: string }
  | { is: 'field'; of: Syntax; field: string }
  | { is: 'call'; name: string; args: Syntax[] }
  | { is: 'not'; of: Syntax }
  | { is: 'binary'; op: string; left: Syntax; right: Syntax }
  | { is: 'in'; of: Syntax; values: Syntax[] }
)

const TOKEN = /\s*(?:(0x[0-9a-fA-F]+|\d+)|([A-Za-z_]\w*)|'([^']*)'|(==|!=|<=|>=|\+=|&&|\|\||[-+*%<>=(),.!]))/y
const BINDS: Record<string, number> = {
  or: 1,
  and: 2,
  in: 4,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '%': 6,
}
const SPELLED: Record<string, string> = { '&&': 'and', '||': 'or', '!': 'not' }

interface Token {
  kind: 'number' | 'word' | 'string' | 'sign' | 'end'
  text: string
  at: number
  length: number
}

/** Reads tokens from one scalar of the spec; statements.ts uses it too. */
export class Reader {
  readonly item: Item
  readonly #tokens: Token[] = []
  #next = 0

  constructor(item: Item, text = item.text, shift = 0) {
    this.item = item
    TOKEN.lastIndex = 0
    let end = 0
    for (let m = TOKEN.exec(text); m; m = TOKEN.exec(text)) {
      const raw = m[1] ?? m[2] ?? m[4] ?? `'${m[3]}'`
      const kind = m[1] !== undefined ? 'number' : m[2] !== undefined ? 'word' : m[3] !== undefined ? 'string' : 'sign'
      const word = SPELLED[raw] ?? raw
      end = TOKEN.lastIndex
      this.#tokens.push({
        kind: word !== raw ? 'word' : kind,
        text: kind === 'string' ? m[3] : word,
        at: shift + end - raw.length,
        length: raw.length,
      })
    }
    if (text.slice(end).trim())
      throw new SpecError(item.part(shift + end + text.slice(end).search(/\S/), 1), 'this does not belong in an expression')
    this.#tokens.push({ kind: 'end', text: '', at: shift + text.length, length: 1 })
  }

  get spot(): Spot {
    const { at, length } = this.#tokens[this.#next]
    return this.item.part(at, length)
  }
  /** The next token, as written. */
  get text(): string {
    return this.#tokens[this.#next].text
  }
  /** Whether a sign stands anywhere ahead. */
  has(sign: string): boolean {
    return this.#tokens.slice(this.#next).some((t) => t.kind === 'sign' && t.text === sign)
  }
  /** Past the first word. */
  skip(): this {
    this.#next++
    return this
  }
  get done(): boolean {
    return this.#tokens[this.#next].kind === 'end'
  }
  peek(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.#next + ahead]
    return token !== undefined && token.kind !== 'string' && token.text === text
  }
  take(text: string): boolean {
    if (!this.peek(text)) return false
    this.#next++
    return true
  }
  expect(text: string): void {
    if (!this.take(text)) throw new SpecError(this.spot, `expected '${text}'${this.#found()}`)
  }
  word(what = 'a name'): string {
    const token = this.#tokens[this.#next]
    if (token.kind !== 'word') throw new SpecError(this.spot, `expected ${what}${this.#found()}`)
    this.#next++
    return token.text
  }
  end(): void {
    if (!this.done) throw new SpecError(this.spot, `nothing may follow here, found '${this.#tokens[this.#next].text}'`)
  }

  expression(least = 0): Syntax {
    let left = this.#operand()
    for (;;) {
      const op = this.#tokens[this.#next].kind === 'string' ? '' : this.#tokens[this.#next].text
      const binds = BINDS[op]
      if (binds === undefined || binds <= least) return left
      this.#next++
      if (op === 'in') left = { is: 'in', of: left, values: this.#list(), spot: left.spot }
      else left = { is: 'binary', op, left, right: this.expression(binds), spot: left.spot }
    }
  }

  #operand(): Syntax {
    const token = this.#tokens[this.#next]
    const spot = this.spot
    if (this.take('not')) return { is: 'not', of: this.expression(3), spot }
    if (this.take('(')) {
      const inner = this.expression()
      this.expect(')')
      return inner
    }
    this.#next++
    if (token.kind === 'number') return { is: 'number', value: Number(token.text), spot }
    if (token.kind === 'string') return { is: 'string', value: token.text, spot }
    if (token.kind !== 'word') {
      this.#next--
      throw new SpecError(spot, `expected a value${this.#found()}`)
    }
    let left: Syntax = this.peek('(') ? { is: 'call', name: token.text, args: this.#list(), spot } : { is: 'name', name: token.text, spot }
    while (this.take('.')) {
      const at = this.spot
      left = { is: 'field', of: left, field: this.word('a field'), spot: at }
    }
    return left
  }

  #list(): Syntax[] {
    this.expect('(')
    const list: Syntax[] = []
    while (!this.peek(')')) {
      list.push(this.expression())
      if (!this.take(',')) break
    }
    this.expect(')')
    return list
  }

  #found(): string {
    return this.done ? '; the line ends here' : `, found '${this.#tokens[this.#next].text}'`
  }
}

/** The whole of a scalar as one expression. */
export function parseExpression(item: Item): Syntax {
  const reader = new Reader(item)
  const syntax = reader.expression()
  reader.end()
  return syntax
}
