// What a client does, as session.yaml and client.yaml say it: declarations.ts reads what there is, tables.ts what is done.
import { Declarations } from './declarations.ts'
import type { Expr, Func, Type } from './ir.ts'
import type { Codec } from './lower.ts'
import type { Item, Problems } from './source.ts'
import { Tables } from './tables.ts'
import type { Field } from './world.ts'

export interface State {
  name: string
  doc: string
  columns: Record<string, unknown>
}
export interface List {
  name: string
  record: string
  key: string | undefined
  behind: string | undefined
  limit: string | undefined
  doc: string
}
export interface Session {
  features: [string, string][]
  has: string[] // the features of this profile
  profile: string
  phases: State[]
  stages: State[]
  timers: { name: string; phases: string[] }[]
  records: { name: string; doc: string; fields: Field[] }[]
  lists: List[]
  vars: { name: string; type: Type; is: Expr; doc: string }[]
  config: ConfigField[]
  errors: { name: string; code: number; doc: { en: string; zh: string } }[]
  functions: Func[]
  packets: { packet: string; event: string }[] // which event each packet is
  events: { func: Func; phases: string[] }[] // and the phases each can come in
  admit: Func
  parameterRule: Func
  ports: { plain: number; tls: number } // that 0 stands for
  rules: string[] // that only the session or the configuration can break
}
export interface ConfigField extends Field {
  default: unknown
  derived?: Expr // over the names of other parameters; where it is 0, the default
  data: Record<string, unknown>
}

export function readSession(root: Item, client: Item, codec: Codec, profile: string, problems: Problems): Session {
  const declarations = new Declarations(root, client, codec.model, profile, problems)
  declarations.readClient()
  declarations.declare()
  return new Tables(declarations).read()
}
