// The packets as spec/packets.yaml has them: names resolved as far as types, with their places. It is read by packets.ts and lowered by lower.ts.
import type { Syntax } from './expressions.ts'
import type { Wire } from './ir.ts'
import type { Item } from './source.ts'
import type { Field, World } from './world.ts'

export interface Refusal {
  rule: string // '' where nothing can be wrong
  see: string[]
}
export interface Bounds {
  since: number
  until: number
}
export interface RuleSpec extends Refusal, Bounds {
  must: Syntax
  at: string | undefined
  item: Item
}
export interface Bit extends Refusal, Bounds {
  width: number
  is: 'value' | 'presence' | 'const'
  path: string
  value: number
  item: Item
}
export type Constant = Map<number, string | number>
export type Body =
  | ({
      is: 'wire'
      wire: Wire
      format: string | undefined
      path: string
      const: Constant | undefined
      min: number
      item: Item
    } & Refusal)
  | { is: 'byte'; bits: Bit[]; item: Item }
  | { is: 'when'; when: Syntax; do: Body[]; else: Body[]; item: Item }
  | { is: 'check'; rule: RuleSpec; item: Item }
  | ({ is: 'list'; path: string; do: Body[]; item: Item } & Refusal)
  | ({ is: 'absent'; path: string; item: Item } & Refusal)

export interface Packet {
  name: string
  code: number
  from: 'client' | 'server' | 'both'
  doc: string
  fields: Field[]
  rules: RuleSpec[]
  header: Bit[]
  body: Body[]
  item: Item
  source: string // as the spec has it
}
export interface Struct {
  name: string
  doc: string
  fields: Field[]
}
export interface Text {
  name: string
  doc: string
  rules: RuleSpec[]
}
export interface Enum {
  name: string
  members: [string, number][]
}
export interface FunctionSpec {
  name: string
  doc: string
  body: Item
}

export interface PacketModel {
  versions: [number, string][]
  enums: Enum[]
  structs: Struct[]
  texts: Text[]
  functions: FunctionSpec[]
  packets: Packet[]
  frame: {
    typeBits: number
    type: Refusal
    sender: Refusal
    lengthBytes: number
    length: Refusal
    over: string
    short: string
    long: Refusal
  }
  wire: { tooLong: string; illFormed: string; zero: string }
  again: string
  world: World
  shared: string // all of the spec that is of no packet alone
  /** Where each rule was named first, and the clauses it stands for. */
  rules: Map<string, string[]>
}
