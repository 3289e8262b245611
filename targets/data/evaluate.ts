// Runs the encoders of the packets as they were lowered, on values in memory: derive.ts asks which rule a value breaks before any target is
// asked. It knows the statements that encoders and rules are made of, and no other, and writes nothing.
import type { Expr, Func, Stmt } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'

/** Text or bytes: one character a byte, or so many bytes 78. */
export type Bytes = string | { times: number }
export type Value = number | boolean | Bytes | Value[] | Fields | undefined
export interface Fields {
  [name: string]: Value
}

export const lengthOf = (bytes: Bytes): number => (typeof bytes === 'string' ? bytes.length : bytes.times)
const characters = (bytes: Bytes): string => (typeof bytes === 'string' ? bytes : 'xx')

type Names = Map<string, Value>
const NONE = Symbol('no answer yet')
type Answer = Value | typeof NONE
const answered = (answer: Answer): Value => (answer === NONE ? undefined : answer)

export class Evaluator {
  readonly #codec: Codec
  readonly #functions: Map<string, Func>

  constructor(codec: Codec) {
    this.#codec = codec
    this.#functions = new Map(codec.functions.map((f) => [f.name, f]))
  }

  /** The rule that the values of a packet break, or undefined. */
  broken(packet: string, value: Fields, version: number): string | undefined {
    const { encode } = this.#codec.packets.find((p) => p.packet.name === packet)!
    const names: Names = new Map<string, Value>([['packet', value], ['version', version]]) // biome-ignore format: a table
    return answered(this.#block(encode.body, names)) as string | undefined
  }
  /** The rule that a text of its own kind breaks, or undefined. */
  text(format: string, text: Bytes): string | undefined {
    return this.#call(this.#functions.get(`${format}_rule`)!, [text]) as string | undefined
  }
  /** A condition on the fields of a packet. */
  holds(condition: Expr, value: Fields, version: number): boolean {
    const names: Names = new Map<string, Value>([['packet', value], ['version', version]]) // biome-ignore format: a table
    return this.#expr(condition, names) === true
  }

  #call(f: Func, args: Value[]): Value {
    return answered(this.#block(f.body, new Map(f.params.map((p, i) => [p.name, args[i]]))))
  }

  #block(body: Stmt[], names: Names): Answer {
    for (const s of body) {
      const answer = this.#statement(s, names)
      if (answer !== NONE) return answer
    }
    return NONE
  }

  #statement(s: Stmt, names: Names): Answer {
    switch (s.kind) {
      case 'if': {
        const taken = s.branches.find((b) => this.#expr(b.when, names))
        return this.#block(taken ? taken.do : (s.else ?? []), names)
      }
      case 'let':
        names.set(s.name, this.#expr(s.value, names))
        return NONE
      case 'set':
        names.set((s.to as { name: string }).name, this.#expr(s.value, names))
        return NONE
      case 'begin':
        return NONE
      case 'write':
        return this.#written(s, names) ?? NONE
      case 'check_text':
        return this.#expr(s.call, names) ?? NONE
      case 'answer':
        return s.value.type.kind === 'rule' && s.value.kind === 'number' ? undefined : this.#expr(s.value, names)
      case 'break_rule':
        return s.rule
      case 'range': {
        const is = Number(this.#expr(s.of, names))
        return is >= s.least && is <= s.most ? NONE : s.rule
      }
      case 'each_char':
        return this.#each([...characters(this.#expr(s.of, names) as Bytes)], s.item, s.do, names)
      case 'each':
        return this.#each(this.#expr(s.of, names) as Value[], s.item, s.do, names)
      default:
        throw new Error(`a rule holds no statement '${s.kind}'`)
    }
  }
  #each(items: Value[], item: string, body: Stmt[], names: Names): Answer {
    for (const value of items) {
      names.set(item, value)
      const answer = this.#block(body, names)
      if (answer !== NONE) return answer
    }
    return NONE
  }

  #expr(e: Expr, names: Names): Value {
    switch (e.kind) {
      case 'number':
        return e.type.kind === 'rule' ? undefined : e.value
      case 'bool':
      case 'character':
      case 'text':
      case 'member':
        return e.value
      case 'none':
        return undefined
      case 'name':
        return names.get(e.name)
      case 'field':
      case 'maybe':
        return (this.#expr(e.of, names) as Fields | undefined)?.[e.field] ?? (e.kind === 'maybe' ? 0 : undefined)
      case 'has':
        return this.#expr(e.of, names) !== undefined
      case 'present':
        return this.#expr(e.of, names)
      case 'length':
        return lengthOf(this.#expr(e.of, names) as Bytes)
      case 'count':
        return (this.#expr(e.of, names) as Value[]).length
      case 'contains':
        return characters(this.#expr(e.of, names) as Bytes).includes(e.value)
      case 'not':
        return !this.#expr(e.of, names)
      case 'and':
        return Boolean(this.#expr(e.left, names)) && Boolean(this.#expr(e.right, names))
      case 'or':
        return Boolean(this.#expr(e.left, names)) || Boolean(this.#expr(e.right, names))
      case 'compare':
        return compared(e.op, this.#expr(e.left, names), this.#expr(e.right, names))
      case 'call':
        return this.#call(
          this.#functions.get(e.name)!,
          e.args.map((a) => this.#expr(a, names)),
        )
      default:
        throw new Error(`a rule holds no expression '${e.kind}'`)
    }
  }
  /** What a writer judges. Text here is well-formed, but for a zero and its length. */
  #written({ wire, value }: Stmt & { kind: 'write' }, names: Names): string | undefined {
    if ((wire !== 'utf8' && wire !== 'bytes') || value.kind === 'choose') return undefined
    const bytes = this.#expr(value, names) as Bytes
    const { tooLong, zero } = this.#codec.model.wire
    if (lengthOf(bytes) > 0xffff) return tooLong
    return wire === 'utf8' && characters(bytes).includes('\0') ? zero : undefined
  }
}

function compared(op: string, left: Value, right: Value): boolean {
  if (op === '==') return left === right
  if (op === '!=') return left !== right
  const [a, b] = [Number(left), Number(right)]
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b
}
