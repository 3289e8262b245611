// What the spec names, and the scopes in which it is named. It knows no packet and no state by name; what an expression means is resolve.ts.
import type { Expr, Param, Type } from './ir.ts'

export interface Signature {
  params: Param[]
  returns: Type
  method: boolean
}
export interface Field {
  name: string
  type: Type
  doc?: string
  tags?: string[] // the features it takes
  since?: number
  until?: number
}
/** A table of states: the values of each column, by state. */
export interface States {
  members: string[]
  columns: Map<string, Map<string, unknown>>
}

/** Everything the spec names outside of functions. */
export interface World {
  enums: Map<string, Map<string, number>>
  texts: Set<string>
  structs: Map<string, Field[]>
  packets: Map<string, Field[]>
  records: Map<string, Field[]>
  lists: Map<string, { record: string; key?: string; limit?: string; is?: string }>
  states: Map<string, States>
  functions: Map<string, Signature>
  variables: Map<string, Type>
  timers: Set<string>
  rules: Map<string, number>
  errors: Map<string, number>
  config: Field[]
  /** Names that another profile has. */
  cut: Set<string>
  /** Packets whose encoder depends on the version. */
  versioned: Set<string>
}

export const emptyWorld = (): World => ({
  enums: new Map(),
  texts: new Set(),
  structs: new Map(),
  packets: new Map(),
  records: new Map(),
  lists: new Map(),
  states: new Map(),
  functions: new Map(),
  variables: new Map(),
  timers: new Set(),
  rules: new Map(),
  errors: new Map(),
  config: [],
  cut: new Set(),
  versioned: new Set(),
})

/** A copy to which more can be added. */
export const fork = (world: World): World =>
  Object.fromEntries(
    Object.entries(world).map(([key, names]) => [
      key,
      names instanceof Map ? new Map(names) : names instanceof Set ? new Set(names) : names,
    ]),
  ) as unknown as World

export class Scope {
  readonly world: World
  readonly #names = new Map<string, Expr>()
  readonly #parent: Scope | undefined

  constructor(world: World, parent?: Scope) {
    this.world = world
    this.#parent = parent
  }
  set(text: string, value: Expr): void {
    this.#names.set(text, value)
  }
  get(text: string): Expr | undefined {
    return this.#names.get(text) ?? this.#parent?.get(text)
  }
  inner(): Scope {
    return new Scope(this.world, this)
  }
  all(): string[] {
    return [...this.#names.keys(), ...(this.#parent?.all() ?? [])]
  }
}

export const bare = (type: Type): Type => (type.kind === 'optional' ? type.of : type)
export const sequence = (type: Type): boolean => ['text', 'bytes', 'frame'].includes(bare(type).kind)

/** The named values of an enumerated type. */
export function membersOf(type: Type | undefined, { enums, rules, errors, states }: World): Map<string, number> {
  if (type?.kind === 'enum') return enums.get(type.name) ?? new Map()
  if (type?.kind === 'state') return new Map(states.get(type.table)?.members.map((member, i) => [member, i]))
  return type?.kind === 'rule' ? rules : type?.kind === 'error' ? errors : new Map()
}
export function memberOf(type: Type, member: string, world: World): Expr | undefined {
  const value = membersOf(type, world).get(member)
  const owner = type.kind === 'enum' ? type.name : type.kind === 'state' ? type.table : type.kind === 'rule' ? 'Rule' : 'Error'
  return value === undefined ? undefined : { kind: 'member', type, owner, member, value }
}
/** A name that is one of a table of states, or of an enum. */
export function anyMember(text: string, world: World): Expr | undefined {
  const states = [...world.states.keys()].map((table): Type => ({ kind: 'state', table }))
  const types: Type[] = [...states, ...[...world.enums.keys()].map((name): Type => ({ kind: 'enum', name }))]
  return types.map((type) => memberOf(type, text, world)).find((found) => found !== undefined)
}

export function fieldsOf(type: Type, world: World): Field[] | undefined {
  const t = bare(type)
  if (t.kind === 'struct') return world.structs.get(t.name)
  if (t.kind === 'record') return world.records.get(t.name)
  if (t.kind === 'packet' && t.name) return world.packets.get(t.name)
  if (t.kind === 'config') return world.config
  return undefined
}

export function describeType(type: Type): string {
  if (type.kind === 'uint') return `u${type.bits}`
  if (type.kind === 'list') return `${describeType(type.of)}[]`
  if (type.kind === 'optional') return `${describeType(type.of)}?`
  if (type.kind === 'state') return type.table
  return ('name' in type && type.name) || type.kind
}
