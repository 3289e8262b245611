// What session.yaml and client.yaml declare: states, deadlines, records, lists, variables, parameters, errors, and how procedures are called.
// What is done with them is tables.ts; what a profile has not is left out everywhere.
import { parseExpression } from './expressions.ts'
import { and, compare, type Expr, type Func, NONE, name, number, type Param, RULE, type Stmt, type Type, U8, U32 } from './ir.ts'
import { type Context, sentence, untag } from './lines.ts'
import type { PacketModel } from './model.ts'
import { resolve } from './resolve.ts'
import type { Session, State } from './session.ts'
import { type Item, type Problems, SpecError, unknown } from './source.ts'
import { SESSION_TYPES, typeNamed } from './types.ts'
import { type Field, Scope, type World } from './world.ts'

export interface Heading {
  event: string
  params: Param[]
  when: string | undefined
  returns: Type
  key: Item
  inStage?: boolean
}

export class Declarations {
  readonly root: Item
  readonly client: Item
  readonly world: World
  readonly model: PacketModel
  readonly problems: Problems
  readonly features: Set<string>
  readonly session: Session

  constructor(root: Item, client: Item, model: PacketModel, profile: string, problems: Problems) {
    this.root = root
    this.client = client
    this.world = model.world
    this.model = model
    this.problems = problems
    this.features = new Set(root.get('profiles').get(profile).texts)
    const features = root.get('features').entries().map(([k, v]): [string, string] => [k.text, v.text]) // biome-ignore format: a line
    const admit: Func = { name: 'admit', params: [], returns: { kind: 'bool' }, doc: '', see: [], body: [] }
    const doc = 'The parameter outside its range that the session is not told, if any.'
    const parameterRule: Func = { name: 'parameter_rule', params: [], returns: RULE, doc, see: [], body: [] }
    this.session = {
      features,
      has: [...this.features],
      profile,
      phases: [],
      stages: [],
      timers: [],
      records: [],
      lists: [],
      vars: [],
      config: [],
      errors: [],
      functions: [],
      packets: [],
      events: [],
      admit,
      parameterRule,
      ports: client.get('parameters').get('port').get('zero').value as Session['ports'],
      rules: [],
    }
  }

  keeps = (tags: string[]): boolean => tags.every((t) => (t.startsWith('!') ? !this.features.has(t.slice(1)) : this.features.has(t)))
  /** The entries of a map that this profile keeps, without their tags. */
  kept(map: Item): [string, Item, Item][] {
    return map.entries().flatMap(([k, v]): [string, Item, Item][] => {
      const { text, tags } = untag(k.text)
      return this.keeps(tags) ? [[text, v, k]] : []
    })
  }

  readClient(): void {
    const { errors, config } = this.session
    for (const [key, value] of this.client.get('errors').entries()) {
      errors.push({ name: key.text, code: Number(value.get('code').text), doc: value.get('doc').value as { en: string; zh: string } })
    }
    if (!errors.some((e) => e.name === 'OK')) errors.unshift({ name: 'OK', code: 0, doc: { en: 'It worked.', zh: '成功。' } })
    for (const e of errors) this.world.errors.set(e.name, e.code)
    for (const [key, value] of this.client.get('parameters').entries()) {
      const data = value.value as Record<string, unknown>
      if (data.range || data.values) this.#rule(key.text)
      if (data.session) {
        const type = this.type(value.get('type'))
        config.push({ name: key.text, type: data.optional ? { kind: 'optional', of: type } : type, default: data.default, data })
      } else if (data.range) this.session.parameterRule.params.push({ name: key.text, type: this.type(value.get('type')) })
    }
    for (const [key, value] of this.root.get('rules').entries()) {
      this.#rule(key.text)
      this.model.rules.set(key.text, value.get('see').texts)
    }
    this.world.config = config
    this.world.variables.set('config', { kind: 'config' })
    this.world.functions.set('config_rule', { params: [{ name: 'config', type: { kind: 'config' } }], returns: RULE, method: false })
    this.session.functions.push(this.#configRule())
    for (const c of config) if (c.data.derived) c.derived = this.#derived(c.name)
  }
  #derived(parameter: string): Expr {
    const scope = new Scope(this.world)
    for (const { name: n, type } of this.session.config) scope.set(n, name(n, type, 'parameter'))
    const at = this.client.get('parameters').get(parameter)
    scope.set(parameter, number(Number(at.get('default').text), U32))
    return resolve(parseExpression(at.get('derived').get('is')), scope, U32)
  }

  #rule(text: string): void {
    this.world.rules.set(text, this.world.rules.size + 1)
    this.session.rules.push(text)
  }

  #configRule(): Func {
    const of = name('config', { kind: 'config' }, 'parameter')
    const { parameterRule, config } = this.session
    parameterRule.body = [
      ...parameterRule.params.flatMap((p) => this.#bounds(p.name, name(p.name, p.type, 'parameter'))),
      { kind: 'answer', value: number(0, RULE) },
    ]
    const body = config.flatMap((c) => this.#bounds(c.name, { kind: 'field', type: c.type, of, field: c.name }))
    body.push({ kind: 'answer', value: number(0, RULE) })
    return {
      name: 'config_rule',
      params: [{ name: 'config', type: { kind: 'config' } }],
      returns: RULE,
      doc: 'The parameter that is outside its range, if any.',
      see: [],
      body,
    }
  }
  #bounds(parameter: string, value: Expr): Stmt[] {
    const data = this.client.get('parameters').get(parameter).value as { range?: [number, number]; values?: number[] }
    if (data.range) return [{ kind: 'range', of: value, least: data.range[0], most: data.range[1], rule: parameter }]
    // a value that is a feature of its own takes that feature
    const lacks = (v: number) => this.session.features.some(([f]) => f === `${parameter}${v}` && !this.features.has(f))
    const wrong = data.values
      ?.filter((v) => !lacks(v))
      .map((v) => compare('!=', value, number(v, U8)))
      .reduce(and)
    return wrong ? [{ kind: 'if', branches: [{ when: wrong, do: [{ kind: 'break_rule', rule: parameter }] }] }] : []
  }

  declare(): void {
    for (const section of ['phases', 'stages', 'lists', 'vars']) {
      const names = this.root.get(section).keys.map((key) => untag(key).text)
      const kept = this.kept(this.root.get(section)).map(([text]) => text)
      for (const cut of names) if (!kept.includes(cut)) this.world.cut.add(cut)
    }
    for (const table of ['phases', 'stages'] as const) {
      const states = this.kept(this.root.get(table)).map(
        ([text, v]): State => ({ name: text, doc: v.get('doc').text, columns: v.value as Record<string, unknown> }),
      )
      this.session[table] = states
      const columns = new Map<string, Map<string, unknown>>()
      for (const s of states)
        for (const [c, value] of Object.entries(s.columns)) columns.set(c, (columns.get(c) ?? new Map()).set(s.name, value))
      this.world.states.set(table, { members: states.map((s) => s.name), columns })
    }
    const phases = this.session.phases.map((p) => p.name)
    for (const [text, v] of this.kept(this.root.get('timers'))) {
      const runs = v.text === 'any' ? phases : v.items().map((i) => this.oneOf(i.text, phases, i, 'phase'))
      this.session.timers.push({ name: text, phases: runs })
      this.world.timers.add(text)
    }
    for (const [text, v] of this.kept(this.root.get('records'))) {
      const fields = this.kept(v.get('fields')).map(([name, t]): Field => ({ name, type: this.type(t) }))
      this.session.records.push({ name: text, doc: v.get('doc').text, fields })
      this.world.records.set(text, fields)
    }
    for (const [text, v] of this.kept(this.root.get('lists'))) this.problems.guard(() => this.#list(text, v))
    for (const [text, v] of this.kept(this.root.get('vars'))) this.world.variables.set(text, this.type(v.get('type')))
    for (const [text, v] of this.kept(this.root.get('vars')))
      this.problems.guard(() => {
        const type = this.world.variables.get(text)!
        const is = resolve(parseExpression(v.get('is')), new Scope(this.world), type)
        this.session.vars.push({ name: text, type, is, doc: v.get('doc').text })
      })
    for (const root of ['do', 'answer', 'stats'] as const) this.procedures(this.root.get(root), (h) => this.#sign(h))
    for (const [key, value] of this.root.entries()) {
      if (!key.text.startsWith('on ') || !this.keeps(untag(key.text).tags)) continue
      for (const [text, , k] of this.kept(value)) if (!text.startsWith('in.')) this.problems.guard(() => this.#sign(this.heading(text, k)))
    }
  }
  #list(text: string, v: Item): void {
    const { lists, records, config } = this.world
    const named = (key: string, known: Iterable<string>, what: string): string | undefined =>
      v.get(key).exists ? this.oneOf(v.get(key).text, [...known], v.get(key), what) : undefined
    const is = named('is', lists.keys(), 'list')
    if (is) return void lists.set(text, { ...lists.get(is)!, is })
    const record = this.oneOf(v.get('of').text, [...records.keys()], v.get('of'), 'record')
    const key = named('key', records.get(record)!.map((f) => f.name), 'field') // biome-ignore format: a line
    const limit = named('limit', config.map((f) => f.name), 'parameter') // biome-ignore format: a line
    const behind = v.get('behind').text || undefined
    this.session.lists.push({ name: text, record, key, behind, limit, doc: sentence(v.get('doc').text) })
    lists.set(text, { record, ...(key && { key }), ...(limit && { limit }) })
  }

  oneOf(text: string, known: string[], at: Item, what: string): string {
    if (!known.includes(text)) throw unknown(what, text, at.spot, known)
    return text
  }

  type(item: Item, text = item.text): Type {
    return typeNamed(text, item, this.world, SESSION_TYPES)
  }

  /** `in.PACKET when packet.field == 0`, `renew(f Filter)`, `invalid(broken rule) -> error`. */
  heading(text: string, key: Item): Heading {
    const [, event, list, when, returns] = /^([\w.]+)(?:\(([^)]*)\))?(?:\s+when\s+(.*?))?(?:\s*->\s*(\w+))?$/.exec(text) ?? []
    if (!event) throw new SpecError(key.spot, 'expected `name(parameter type, …)`, `in.PACKET when …` or `name(…) -> type`')
    const params = (list ?? '')
      .split(',')
      .filter((p) => p.trim())
      .map((p): Param => {
        const [param, type] = p.trim().split(/\s+/)
        return { name: param, type: this.type(key, type ?? '') }
      })
    if (event.startsWith('in.') && this.world.packets.has(event.slice(3)))
      params.unshift({ name: 'packet', type: { kind: 'packet', name: event.slice(3) } })
    return {
      event,
      params,
      when,
      returns: returns ? this.type(key, returns) : event.startsWith('call.') ? { kind: 'error' } : NONE,
      key,
    }
  }
  procedures(map: Item, read: (heading: Heading, body: Item) => void): void {
    for (const [text, v, k] of this.kept(map)) this.problems.guard(() => read(this.heading(text, k), v))
  }
  #sign({ event, params, returns }: Heading): void {
    this.world.functions.set(event, { params, returns, method: true })
  }
  scope(params: Param[]): Scope {
    const scope = new Scope(this.world)
    for (const p of params) scope.set(p.name, name(p.name, p.type, 'parameter'))
    return scope
  }
  context(scope: Scope, returns: Type): Context {
    return { scope, returns, problems: this.problems, keeps: this.keeps }
  }
}
