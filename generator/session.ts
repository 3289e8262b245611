// session.yaml and the parameters of client.yaml as a model: states, deadlines, lists, variables, and a function for each event and procedure.
// The tables become branches here; statements are statements.ts. It knows tables of states, not what the states are.
import { parseExpression, Reader } from './expressions.ts'
import { and, compare, type Expr, type Func, NONE, name, number, or, type Param, RULE, type Stmt, type Type, U8, U16, U32 } from './ir.ts'
import type { Codec } from './lower.ts'
import type { PacketModel } from './model.ts'
import { type Field, memberOf, resolve, Scope, type World } from './resolve.ts'
import { type Item, type Problems, place, SpecError, type Spot, suggest } from './source.ts'
import { type Context, parseBody, remark, untag } from './statements.ts'

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
  rules: string[] // that only the session or the configuration can break
}
export interface ConfigField extends Field {
  default: unknown
  data: Record<string, unknown>
}

export function readSession(root: Item, client: Item, codec: Codec, profile: string, problems: Problems): Session {
  return new SessionReader(root, client, codec.model, profile, problems).read()
}

interface Heading {
  event: string
  params: Param[]
  when: string | undefined
  returns: Type
  key: Item
  inStage?: boolean
}
/** A table's cell: the states it is for, and what is done. */
interface Row {
  states: string[]
  body: Stmt[]
}

class SessionReader {
  readonly #root: Item
  readonly #client: Item
  readonly #world: World
  readonly #model: PacketModel
  readonly #problems: Problems
  readonly #features: Set<string>
  readonly #session: Session
  readonly #events = new Map<string, { heading: Heading; spot: Spot; branches: { when: Expr | undefined; body: Stmt[] }[] }>()

  constructor(root: Item, client: Item, model: PacketModel, profile: string, problems: Problems) {
    this.#root = root
    this.#client = client
    this.#world = model.world
    this.#model = model
    this.#problems = problems
    this.#features = new Set(
      root
        .get('profiles')
        .get(profile)
        .items()
        .map((i) => i.text),
    )
    const features = root
      .get('features')
      .entries()
      .map(([k, v]): [string, string] => [k.text, v.text])
    const admit: Func = { name: 'admit', params: [], returns: { kind: 'bool' }, doc: '', see: [], body: [] }
    const doc = 'The parameter outside its range that the session is not told, if any.'
    const parameterRule: Func = { name: 'parameter_rule', params: [], returns: RULE, doc, see: [], body: [] }
    this.#session = {
      features,
      has: [...this.#features],
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
      rules: [],
    }
  }

  read(): Session {
    this.#readClient()
    this.#declare()
    for (const root of ['do', 'answer', 'stats'] as const) this.#procedures(this.#root.get(root), (h, v) => this.#procedure(h, v))
    for (const [key, value] of this.#root.entries()) {
      const table = untag(key.text)
      if (table.text === 'on') this.#procedures(value, (h, v) => this.#event(h, v))
      if (table.text.startsWith('on ') && this.#keeps(table.tags)) this.#recordTable(new Reader(key, table.text).skip(), value)
    }
    for (const { heading, spot, branches } of this.#events.values()) {
      const func = place(this.#eventFunction(heading, branches, spot), spot)
      this.#session.functions.push(func)
      this.#session.events.push({ func, phases: this.#answered(heading.event) })
    }
    this.#session.admit.params = [{ name: 'type', type: { kind: 'enum', name: 'PacketType' } }]
    this.#admit()
    return this.#session
  }

  #keeps = (tags: string[]): boolean => tags.every((t) => (t.startsWith('!') ? !this.#features.has(t.slice(1)) : this.#features.has(t)))
  /** The entries of a map that this profile keeps, without their tags. */
  #kept(map: Item): [string, Item, Item][] {
    return map.entries().flatMap(([k, v]): [string, Item, Item][] => {
      const { text, tags } = untag(k.text)
      return this.#keeps(tags) ? [[text, v, k]] : []
    })
  }

  #readClient(): void {
    const { errors, config } = this.#session
    for (const [key, value] of this.#client.get('errors').entries()) {
      errors.push({ name: key.text, code: Number(value.get('code').text), doc: value.get('doc').value as { en: string; zh: string } })
    }
    if (!errors.some((e) => e.name === 'OK')) errors.unshift({ name: 'OK', code: 0, doc: { en: 'It worked.', zh: '成功。' } })
    for (const e of errors) this.#world.errors.set(e.name, e.code)
    for (const [key, value] of this.#client.get('parameters').entries()) {
      const data = value.value as Record<string, unknown>
      if (data.range || data.values) this.#rule(key.text)
      if (data.session) {
        const type = this.#type(value.get('type'))
        config.push({ name: key.text, type: data.optional ? { kind: 'optional', of: type } : type, default: data.default, data })
      } else if (data.range) this.#session.parameterRule.params.push({ name: key.text, type: this.#type(value.get('type')) })
    }
    for (const [key, value] of this.#root.get('rules').entries()) {
      this.#rule(key.text)
      this.#model.rules.set(
        key.text,
        value
          .get('see')
          .items()
          .map((i) => i.text),
      )
    }
    this.#world.config = config
    this.#world.variables.set('config', { kind: 'config' })
    this.#world.functions.set('config_rule', { params: [{ name: 'config', type: { kind: 'config' } }], returns: RULE, method: false })
    this.#session.functions.push(this.#configRule())
  }

  #rule(text: string): void {
    this.#world.rules.set(text, this.#world.rules.size + 1)
    this.#session.rules.push(text)
  }

  #configRule(): Func {
    const of = name('config', { kind: 'config' }, 'parameter')
    const { parameterRule, config } = this.#session
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
    const data = this.#client.get('parameters').get(parameter).value as { range?: [number, number]; values?: number[] }
    if (data.range) return [{ kind: 'range', of: value, least: data.range[0], most: data.range[1], rule: parameter }]
    const wrong = data.values?.map((v) => compare('!=', value, number(v, U8))).reduce(and)
    return wrong ? [{ kind: 'if', branches: [{ when: wrong, do: [{ kind: 'break_rule', rule: parameter }] }] }] : []
  }

  #declare(): void {
    for (const section of ['phases', 'stages', 'lists', 'vars'])
      for (const [key] of this.#root.get(section).entries()) {
        const { text, tags } = untag(key.text)
        if (!this.#keeps(tags)) this.#world.cut.add(text)
      }
    for (const table of ['phases', 'stages'] as const) {
      const states = this.#kept(this.#root.get(table)).map(
        ([text, v]): State => ({ name: text, doc: v.get('doc').text, columns: v.value as Record<string, unknown> }),
      )
      this.#session[table] = states
      const columns = new Map<string, Map<string, unknown>>()
      for (const s of states)
        for (const [c, value] of Object.entries(s.columns)) columns.set(c, (columns.get(c) ?? new Map()).set(s.name, value))
      this.#world.states.set(table, { members: states.map((s) => s.name), columns })
    }
    const phases = this.#session.phases.map((p) => p.name)
    for (const [text, v] of this.#kept(this.#root.get('timers'))) {
      const runs = v.text === 'any' ? phases : v.items().map((i) => this.#oneOf(i.text, phases, i, 'phase'))
      this.#session.timers.push({ name: text, phases: runs })
      this.#world.timers.add(text)
    }
    for (const [text, v] of this.#kept(this.#root.get('records'))) {
      const fields = v
        .get('fields')
        .entries()
        .map(([k, t]): Field => ({ name: k.text, type: this.#type(t) }))
      this.#session.records.push({ name: text, doc: v.get('doc').text, fields })
      this.#world.records.set(text, fields)
    }
    for (const [text, v] of this.#kept(this.#root.get('lists'))) this.#problems.guard(() => this.#list(text, v))
    for (const [text, v] of this.#kept(this.#root.get('vars'))) this.#world.variables.set(text, this.#type(v.get('type')))
    for (const [text, v] of this.#kept(this.#root.get('vars'))) {
      const type = this.#world.variables.get(text)!
      this.#problems.guard(() =>
        this.#session.vars.push({
          name: text,
          type,
          is: resolve(parseExpression(v.get('is')), new Scope(this.#world), type),
          doc: v.get('doc').text,
        }),
      )
    }
    for (const root of ['do', 'answer', 'stats'] as const) this.#procedures(this.#root.get(root), (h) => this.#sign(h))
    for (const [key, value] of this.#root.entries()) {
      if (!key.text.startsWith('on ') || !this.#keeps(untag(key.text).tags)) continue
      for (const [text, , k] of this.#kept(value))
        if (!text.startsWith('in.')) this.#problems.guard(() => this.#sign(this.#heading(text, k)))
    }
  }
  #list(text: string, v: Item): void {
    const record = this.#oneOf(v.get('of').text, [...this.#world.records.keys()], v.get('of'), 'record')
    const optional = (k: string) => (v.get(k).exists ? v.get(k).text : undefined)
    const key = optional('key')
    if (key)
      this.#oneOf(
        key,
        this.#world.records.get(record)!.map((f) => f.name),
        v.get('key'),
        'field',
      )
    const limit = optional('limit')
    if (limit)
      this.#oneOf(
        limit,
        this.#world.config.map((f) => f.name),
        v.get('limit'),
        'parameter',
      )
    this.#session.lists.push({ name: text, record, key, behind: optional('behind'), limit, doc: sentence(v.get('doc').text) })
    this.#world.lists.set(text, { record, ...(key ? { key } : {}), ...(limit ? { limit } : {}) })
  }

  #oneOf(text: string, known: string[], at: Item, what: string): string {
    if (!known.includes(text)) throw new SpecError(at.spot, `unknown ${what} '${text}'${suggest(text, known)}`)
    return text
  }

  #type(item: Item): Type {
    return this.#typeNamed(item.text, item)
  }
  #typeNamed(text: string, item: Item): Type {
    if (text.endsWith('?')) return { kind: 'optional', of: this.#typeNamed(text.slice(0, -1), item) }
    const plain: Record<string, Type> = {
      u8: U8,
      u16: U16,
      u32: U32,
      bool: { kind: 'bool' },
      text: { kind: 'text' },
      bytes: { kind: 'bytes' },
      frame: { kind: 'frame' },
      operation: { kind: 'operation' },
      rule: RULE,
      error: { kind: 'error' },
    }
    if (plain[text]) return plain[text]
    const { enums, structs, packets, records } = this.#world
    if (enums.has(text)) return { kind: 'enum', name: text }
    if (structs.has(text)) return { kind: 'struct', name: text }
    if (packets.has(text)) return { kind: 'packet', name: text }
    if (records.has(text)) return { kind: 'record', name: text }
    if (text === 'phases' || text === 'stages') return { kind: 'state', table: text }
    const known = [...Object.keys(plain), ...enums.keys(), ...structs.keys(), ...packets.keys(), ...records.keys(), 'phases', 'stages']
    throw new SpecError(item.spot, `unknown type '${text}'${suggest(text, known)}`)
  }

  /** `in.PACKET when packet.field == 0`, `renew(f Filter)`, `invalid(broken rule) -> error`. */
  #heading(text: string, key: Item): Heading {
    const [, event, list, when, returns] = /^([\w.]+)(?:\(([^)]*)\))?(?:\s+when\s+(.*?))?(?:\s*->\s*(\w+))?$/.exec(text) ?? []
    if (!event) throw new SpecError(key.spot, 'expected `name(parameter type, …)`, `in.PACKET when …` or `name(…) -> type`')
    const params = (list ?? '')
      .split(',')
      .filter((p) => p.trim())
      .map((p): Param => {
        const [param, type] = p.trim().split(/\s+/)
        return { name: param, type: this.#typeNamed(type ?? '', key) }
      })
    if (event.startsWith('in.') && this.#world.packets.has(event.slice(3)))
      params.unshift({ name: 'packet', type: { kind: 'packet', name: event.slice(3) } })
    return {
      event,
      params,
      when,
      returns: returns ? this.#typeNamed(returns, key) : event.startsWith('call.') ? { kind: 'error' } : NONE,
      key,
    }
  }
  #procedures(map: Item, read: (heading: Heading, body: Item) => void): void {
    for (const [text, v, k] of this.#kept(map)) this.#problems.guard(() => read(this.#heading(text, k), v))
  }
  #sign({ event, params, returns }: Heading): void {
    this.#world.functions.set(event, { params, returns, method: true })
  }
  #scope(params: Param[]): Scope {
    const scope = new Scope(this.#world)
    for (const p of params) scope.set(p.name, name(p.name, p.type, 'parameter'))
    return scope
  }
  #context(scope: Scope, returns: Type): Context {
    return { scope, returns, problems: this.#problems, keeps: this.#keeps }
  }

  #procedure(heading: Heading, value: Item): void {
    const { event, params, returns } = heading
    const text = remark(value.above)
    const body = parseBody(value, this.#context(this.#scope(params), returns))
    const isStat = this.#root
      .get('stats')
      .entries()
      .some(([k]) => k.node === heading.key.node)
    const func = { name: event, params, returns, doc: sentence(text.note), see: text.see ?? [], body, public: isStat }
    this.#session.functions.push(place(func, heading.key.spot))
  }

  /** Which phases an event can come in. */
  #possible(event: string): string[] {
    const phases = this.#session.phases
    const [kind, what] = event.split('.')
    if (kind === 'timer') return this.#session.timers.find((t) => t.name === what)?.phases ?? []
    if (kind !== 'in' || what === 'malformed') return phases.map((p) => p.name)
    return phases.filter((p) => p.columns.packets).map((p) => p.name)
  }

  /** Those of them in which it is this event's affair: the early ones take only packets that they name. */
  #answered(event: string): string[] {
    const possible = this.#possible(event)
    if (!this.#world.packets.has(event.replace(/^in\./, ''))) return possible
    return possible.filter((p, i) => i === possible.length - 1 || this.#names(this.#root.get('on').get(event), p))
  }
  /** Whether a table has a row of its own for a state. */
  #names(rows: Item, state: string): boolean {
    return rows.entries().some(([k]) =>
      untag(k.text)
        .text.split(',')
        .some((s) => s.trim() === state),
    )
  }

  #event(heading: Heading, value: Item): void {
    const { event, params, returns } = heading
    const scope = this.#scope(params)
    const possible = this.#possible(event)
    const isTable = value.isMap && value.entries().every(([k]) => this.#isStates(untag(k.text).text))
    const phase = name('phase', { kind: 'state', table: 'phases' }, 'variable')
    const body = isTable
      ? this.#branches(this.#rows(value, possible, heading, this.#context(scope, returns)), possible, phase)
      : parseBody(value, this.#context(scope, returns))
    this.#put(heading, value, scope, body)
  }
  #isStates(text: string): boolean {
    return (
      text
        .split(',')
        .every(
          (s) =>
            ['others', 'none', 'held'].includes(s.trim()) || [...this.#world.states.values()].some((t) => t.members.includes(s.trim())),
        ) || /^[a-z_, ]+$/.test(text)
    )
  }
  #put(heading: Heading, value: Item, scope: Scope, body: Stmt[]): void {
    const when = heading.when
      ? resolve(new Reader(heading.key, heading.when, heading.key.text.indexOf(heading.when)).expression(), scope)
      : undefined
    const known = this.#events.get(heading.event)
    const branch = { when, body }
    if (known) known.branches.push(branch)
    else this.#events.set(heading.event, { heading: { ...heading, key: value }, spot: heading.key.spot, branches: [branch] })
  }

  /** The rows of a table, with `others` spelled out. Every state that is possible must be answered. */
  #rows(value: Item, possible: string[], heading: Heading, context: Context): Row[] {
    const rows: Row[] = []
    let others: Item | undefined
    const answered = (s: string) => rows.some((r) => r.states.includes(s))
    for (const [text, v, key] of this.#kept(value)) {
      const states = text.split(',').map((s) => s.trim())
      if (states.includes('others')) others = v
      const named = states.filter((s) => s !== 'others' && !this.#world.cut.has(s))
      for (const s of named) {
        if (s !== 'none') this.#oneOf(s, [...this.#allStates(possible)], key, 'state')
        if (answered(s)) throw new SpecError(key.spot, `'${s}' is answered already`)
        if (s !== 'none' && !possible.includes(s))
          throw new SpecError(key.spot, `this row can never match: ${heading.event} does not come in '${s}'`)
      }
      if (named.length > 0 || states.includes('others')) rows.push({ states: named, body: parseBody(v, context) })
      if (states.includes('others')) rows.at(-1)!.states.push(...possible.filter((s) => !this.#namedLater(value, s)))
    }
    const whole = this.#world.cut.size === 0
    if (whole && others && possible.every((s) => this.#namedLater(value, s)))
      throw new SpecError(
        value.entries().find(([k]) => k.text.includes('others'))![0].spot,
        'this row can never match: there is no other state',
      )
    const early = !heading.inStage && this.#world.packets.has(heading.event.replace(/^in\./, '')) // in.other answers the rest
    const open = early ? [] : possible.filter((s) => !answered(s))
    if (open.length > 0) throw new SpecError(heading.key.spot, `${heading.event} is not answered in ${open.join(', ')}`)
    return rows
  }
  #allStates(possible: string[]): Set<string> {
    return new Set([...possible, ...this.#session.phases.map((p) => p.name), ...this.#session.stages.map((s) => s.name)])
  }
  #namedLater(value: Item, state: string): boolean {
    return this.#kept(value).some(([text]) => text.split(',').some((s) => s.trim() === state))
  }

  /** Rows as an if: nothing is asked where only one answer is left. */
  #branches(rows: Row[], possible: string[], subject: Expr): Stmt[] {
    const busy = rows.filter((r) => r.body.length > 0 && r.states.some((s) => possible.includes(s)))
    const left = new Set(possible)
    const branches: { when: Expr; do: Stmt[] }[] = []
    for (const row of busy) {
      const states = row.states.filter((s) => left.has(s))
      const rest = [...left].filter((s) => !states.includes(s))
      if (rest.length === 0 && row === busy.at(-1)) return branches.length === 0 ? row.body : [{ kind: 'if', branches, else: row.body }]
      const is = (s: string, op: '==' | '!=') => compare(op, subject, memberOf(subject.type, s, this.#world)!)
      const when = states.length <= rest.length ? states.map((s) => is(s, '==')).reduce(or) : rest.map((s) => is(s, '!=')).reduce(and)
      branches.push({ when, do: row.body })
      for (const s of states) left.delete(s)
    }
    return branches.length > 0 ? [{ kind: 'if', branches }] : []
  }

  /** `on outbox m:`: the record with the packet's identifier, then what its stage says. */
  #recordTable(r: Reader, table: Item): void {
    const list = r.word()
    const item = r.word()
    const { record, key } = this.#world.lists.get(this.#oneOf(list, [...this.#world.lists.keys()], r.item, 'list'))!
    const stages = this.#session.stages.map((s) => s.name)
    const subject: Expr = {
      kind: 'field',
      type: { kind: 'state', table: 'stages' },
      of: name(item, { kind: 'record', name: record }),
      field: 'stage',
    }
    this.#procedures(table, (heading, value) => {
      const scope = this.#scope(heading.params)
      if (!heading.event.startsWith('in.')) return this.#stageProcedure(heading, value, stages, subject)
      const inner = scope.inner()
      inner.set(item, name(item, { kind: 'record', name: record }))
      const context = this.#context(inner, heading.returns)
      const held = this.#kept(value).find(([text]) => text === 'held')
      const none = this.#kept(value).find(([text]) => text.split(',').some((s) => s.trim() === 'none'))
      if (!none) throw new SpecError(heading.key.spot, `${heading.event} does not say what if there is 'none'`)
      const found = held
        ? parseBody(held[1], context)
        : this.#branches(this.#rows(value, stages, { ...heading, inStage: true }, context), stages, subject)
      const wanted = resolve(
        { is: 'field', of: { is: 'name', name: 'packet', spot: heading.key.spot }, field: key!, spot: heading.key.spot },
        scope,
        U16,
      )
      const where = compare('==', { kind: 'field', type: U16, of: name(item, { kind: 'record', name: record }), field: key! }, wanted)
      const missing = parseBody(none[1], this.#context(scope, heading.returns))
      this.#put(heading, value, scope, [{ kind: 'find', item, record, list, where, key: wanted, do: found, else: missing }])
    })
  }
  #stageProcedure(heading: Heading, value: Item, stages: string[], subject: Expr): void {
    const scope = this.#scope(heading.params)
    const body = this.#branches(this.#rows(value, stages, { ...heading, inStage: true }, this.#context(scope, NONE)), stages, subject)
    const text = remark(value.above)
    this.#session.functions.push({
      name: heading.event,
      params: heading.params,
      returns: NONE,
      doc: sentence(text.note),
      see: text.see ?? [],
      body,
    })
  }

  /** Guards that compare a field with values of its enum must cover all of them. */
  #exhaustive(event: string, guards: Expr[], spot: Spot): void {
    const compared = guards.flatMap((g) => (g.kind === 'compare' && g.op === '==' ? [g] : []))
    const field = compared[0]?.left
    if (field?.kind !== 'field' || field.type.kind !== 'enum' || compared.length < guards.length || this.#world.cut.size > 0) return
    const values = compared.map((g) => (g.right as { value?: number }).value)
    for (const [member, value] of this.#world.enums.get(field.type.name)!)
      if (!values.includes(value)) this.#problems.add(spot, `no row of ${event} is for ${field.field} == ${value}, ${member}`)
  }

  #eventFunction({ event, params, returns, key }: Heading, branches: { when: Expr | undefined; body: Stmt[] }[], spot: Spot): Func {
    const [kind, what] = event.split('.')
    const names: Record<string, string> = { call: what, in: `on_${what}`, net: `on_${what}`, timer: `on_${what}_timer` }
    const { see, note } = remark(key.above)
    const guarded = branches.filter((b) => b.when)
    this.#exhaustive(
      event,
      guarded.map((b) => b.when!),
      spot,
    )
    const body =
      guarded.length > 0 ? [{ kind: 'if' as const, branches: guarded.map((b) => ({ when: b.when!, do: b.body })) }] : branches[0].body
    if (returns.kind === 'error') closeCall(body, memberOf({ kind: 'error' }, 'OK', this.#world)!)
    if (kind === 'in' && this.#world.packets.has(what)) this.#session.packets.push({ packet: what, event: names.in })
    return { name: names[kind] ?? `on_${event}`, params, returns, doc: sentence(note), see: see ?? [], body, public: kind === 'call' }
  }

  /** Whether a packet may come in the phase at hand; what is done if not. */
  #admit(): void {
    const { admit, packets, phases } = this.#session
    const handled = new Set(packets.map((p) => p.packet))
    const type = name('type', { kind: 'enum', name: 'PacketKind' }, 'parameter')
    const phase = name('phase', { kind: 'state', table: 'phases' }, 'variable')
    const early = phases.filter((p) => p.columns.packets).slice(0, -1)
    const is = (packet: string) =>
      compare('!=', type, { kind: 'member', type: type.type, owner: 'PacketKind', member: packet, value: this.#codeOf(packet) })
    for (const p of early) {
      const first = this.#root
        .get('on')
        .entries()
        .filter(([k, v]) => k.text.startsWith('in.') && handled.has(k.text.slice(3)) && this.#names(v, p.name))
      const own = first.map(([k]) => is(k.text.slice(3)))
      const when = [compare('==', phase, memberOf(phase.type, p.name, this.#world)!), ...own].reduce(and)
      const reject: Stmt[] = [
        { kind: 'do', call: { kind: 'call', type: NONE, name: 'on_other', args: [], method: true } },
        { kind: 'answer', value: { kind: 'bool', type: { kind: 'bool' }, value: false } },
      ]
      admit.body.push({ kind: 'if', branches: [{ when, do: reject }] })
    }
    admit.body.push({ kind: 'answer', value: { kind: 'bool', type: { kind: 'bool' }, value: true } })
    admit.doc = 'Whether a packet of this type may come now; if not, what is done about it.'
    admit.params = [{ name: 'type', type: type.type }]
  }
  #codeOf(packet: string): number {
    return this.#model.packets.find((p) => p.name === packet)!.code
  }
}

/** A call answers OK where it does not answer an error. */
function closeCall(body: Stmt[], ok: Expr): void {
  const walk = (block: Stmt[]): void => {
    for (const [i, s] of block.entries()) {
      if (s.kind === 'stop') block[i] = { kind: 'answer', value: ok }
      if (s.kind === 'if') {
        for (const b of s.branches) walk(b.do)
        if (s.else) walk(s.else)
      }
    }
  }
  walk(body)
  if (body.at(-1)?.kind !== 'answer') body.push({ kind: 'answer', value: ok })
}

/** A note as a doc comment begins. */
const sentence = (note = ''): string => note.charAt(0).toUpperCase() + note.slice(1)
