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
  /** Whether `text` is named in this very block. */
  has(text: string): boolean {
    return this.#names.has(text)
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

export function anyState(text: string, world: World): Expr | undefined {
  for (const table of world.states.keys()) {
    const found = memberOf({ kind: 'state', table }, text, world)
    if (found) return found
  }
  for (const owner of world.enums.keys()) {
    const found = memberOf({ kind: 'enum', name: owner }, text, world)
    if (found) return found
  }
  return undefined
}

export function membersOf(type: Type | undefined, world: World): string[] {
  if (type?.kind === 'enum') return [...(world.enums.get(type.name)?.keys() ?? [])]
  if (type?.kind === 'state') return world.states.get(type.table)?.members ?? []
  if (type?.kind === 'rule') return [...world.rules.keys()]
  if (type?.kind === 'error') return [...world.errors.keys()]
  return []
}

/** A named value of an enumerated type. */
export function memberOf(type: Type, member: string, world: World): Expr | undefined {
  const at = (value: number | undefined, owner: string): Expr | undefined =>
    value === undefined ? undefined : { kind: 'member', type, owner, member, value }
  if (type.kind === 'enum') return at(world.enums.get(type.name)?.get(member), type.name)
  if (type.kind === 'rule') return at(world.rules.get(member), 'Rule')
  if (type.kind === 'error') return at(world.errors.get(member), 'Error')
  if (type.kind !== 'state') return undefined
  const index = world.states.get(type.table)?.members.indexOf(member) ?? -1
  return at(index < 0 ? undefined : index, type.table)
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
  switch (type.kind) {
    case 'uint':
      return `u${type.bits}`
    case 'enum':
    case 'struct':
    case 'record':
      return type.name
    case 'packet':
      return type.name ?? 'packet'
    case 'state':
      return type.table
    case 'list':
      return `${describeType(type.of)}[]`
    case 'optional':
      return `${describeType(type.of)}?`
    default:
      return type.kind
  }
}
