// session.py: what the spec answers as an error is raised, packets are arguments (unpack.ts), and a request is kept beside its bytes where
// it is looked into again.

import type { Loaded } from '../../generator/generate.ts'
import { type Expr, type Func, type Node, name, nodes, rewrite, type Stmt, same, type Type, within } from '../../generator/ir.ts'
import { once } from '../../generator/memo.ts'
import type { Printer } from '../../generator/print.ts'
import { type Context, type FuncView, viewFunction } from '../../generator/target.ts'
import type { Shape } from './print.ts'
import { ordered, ranged } from './ranges.ts'
import { type Encoder, encoderOf, isPacket, itemised, type Use, unpacked, useOf } from './unpack.ts'

const isOk = (e: Expr): boolean => e.kind === 'member' && e.owner === 'Error' && e.value === 0
const isRefused = (e: Expr): boolean => e.kind === 'name' && e.name === 'refused'
const isReject = (s: Stmt | undefined): boolean =>
  s?.kind === 'if' && s.branches[0].when.kind === 'compare' && isRefused(s.branches[0].when.left)
const call = (text: string, args: Expr[], method = false): Expr => ({ kind: 'call', type: { kind: 'none' }, name: text, args, method })
const run = (e: Expr): Stmt => ({ kind: 'do', call: e })

export class Raising {
  readonly #loaded: Loaded
  readonly use: Use
  readonly #encoders = new Map<string, Encoder>()

  constructor(loaded: Loaded) {
    this.#loaded = loaded
    this.use = useOf(loaded)
  }

  encoder(packet: string): Encoder {
    const known = this.#encoders.get(packet) ?? encoderOf(packet, this.#loaded, this.use)
    this.#encoders.set(packet, known)
    return known
  }

  /** A call of an encoder: the fields by place, then what it judges by. */
  #encode(packet: string, value: Expr): Expr {
    const { fields, versioned, sized } = this.encoder(packet)
    const types = this.#loaded.codec.model.world.packets.get(packet)!
    const given = (field: string): Expr => {
      if (value.kind === 'make') return value.fields.find((f) => f.name === field)?.value ?? { kind: 'none', type: { kind: 'none' } }
      return { kind: 'field', type: types.find((f) => f.name === field)!.type, of: value, field }
    }
    const plain = (e: Expr): Expr => (e.kind === 'present' ? e.of : e)
    const config = (field: string): Expr => ({
      kind: 'field',
      type: { kind: 'none' },
      of: name('config', { kind: 'config' }, 'variable'),
      field,
    })
    const more = [...(versioned ? [config('version')] : []), ...(sized ? [config('max_packet_size')] : [])]
    return { ...call(`encode_${packet}`, [...fields.map((f) => plain(given(f))), ...more]), type: { kind: 'frame' } }
  }

  function(f: Func): Func {
    const params = f.params.flatMap((p) => (p.type.kind === 'packet' ? this.#fields(f, p.type.name!) : [p]))
    const kept = this.#keepRequests(f)
    const judged = f.returns.kind === 'error' ? this.#raised(kept.body) : kept.body
    const placed = f.returns.kind === 'rule' ? this.#identity(judged) : judged
    const { phases, timers, stages } = this.#loaded.session
    const states = ranged(itemised(this.#given(unpacked(this.#calls(placed))), this.#loaded), { phases: ordered(phases, timers), stages })
    const body = this.#found(f, this.#shaped(states))
    const record = this.keyed(f)
    const used = (p: string) => within(body, (n) => n.kind === 'name' && n.name === p)
    const given = record ? [{ name: record, type: { kind: 'none' } as Type }, ...params.filter((p) => used(p.name))] : params
    return { ...f, params: given, body: isEvent(f) ? [...this.#unpacking(f), ...body] : body }
  }

  /** The record that an event is about, where it is looked up first; whoever calls has found it. */
  keyed(f: Func): string | undefined {
    const [find, ...more] = f.body
    return isEvent(f) && find?.kind === 'find' && find.key && more.length === 0 && this.shape(find.list) === 'records'
      ? find.item
      : undefined
  }
  #found(f: Func, body: Stmt[]): Stmt[] {
    const [find] = body
    if (!this.keyed(f) || find?.kind !== 'find') return body
    const when = name(find.item, { kind: 'rule' }) // a name that is its own condition
    return [{ kind: 'if', branches: [{ when, do: find.do }], else: find.else ?? [] }]
  }

  /** What a function is given of a packet: the fields an application has, or those that were read. One that hands it on takes it whole. */
  #fields(f: Func, packet: string): Func['params'] {
    const fields = this.#loaded.codec.model.world.packets.get(packet)!
    if (!isEvent(f)) return fields.filter((p) => !this.use.own.has(p.name))
    if (within(f.body, (n) => n.kind === 'deliver')) return [{ name: 'packet', type: { kind: 'packet', name: packet } }]
    return fields.filter((p) => this.use.read.get(packet)!.includes(p.name))
  }
  #unpacking(f: Func): Stmt[] {
    const [param] = f.params
    if (param?.type.kind !== 'packet' || !within(f.body, (n) => n.kind === 'deliver')) return []
    const used = new Set([...nodes(f.body)].flatMap((n) => (n.kind === 'field' && isPacket(n.of) ? [n.field] : [])))
    const names = this.#loaded.codec.model.world.packets.get(param.type.name!)!.map((p) => (used.has(p.name) ? p.name : '_'))
    return [{ kind: 'let', name: names.join(', '), value: name('packet', param.type, 'parameter'), changes: false }]
  }

  #raised(body: Stmt[], top = true): Stmt[] {
    const out: Stmt[] = []
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!
      const value = s.kind === 'let' ? s.value : s.kind === 'set' ? s.value : undefined
      if (value && isReject(body[i + 1])) {
        out.push({ ...this.#rejects(value), ...(s.note ? { note: s.note } : {}), ...(s.see ? { see: s.see } : {}) } as Stmt)
        i++
      } else if (s.kind === 'if') {
        const branches = s.branches.map((b) => ({ ...b, do: this.#raised(b.do, false) }))
        const [{ when }] = branches
        if (within(when, (n) => n.kind === 'size_of')) continue // an encoder judges it
        out.push({ ...s, branches, ...(s.else ? { else: this.#raised(s.else, false) } : {}) })
      } else if (s.kind === 'each') out.push({ ...s, do: this.#raised(s.do, false) })
      else out.push(s)
    }
    const last = out.at(-1)
    return top && last?.kind === 'answer' && isOk(last.value) ? out.slice(0, -1) : out
  }
  #rejects(value: Expr): Stmt {
    const [rule] = value.kind === 'call' && value.name === 'invalid' ? value.args : []
    if (!rule) return run(value)
    if (rule.kind !== 'rule_of') return run(rule)
    if (rule.value.type.kind === 'struct') return run(call(`rule_${rule.packet}`, [rule.value]))
    return {
      kind: 'let',
      name: 'frame',
      value: { kind: 'encode', type: { kind: 'frame' }, packet: rule.packet, value: rule.value },
      changes: false,
    }
  }

  /** A rule that is asked for is raised where it is broken; what the session judges by itself its encoder lets pass. */
  #identity(body: Stmt[]): Stmt[] {
    const made = body.find((s) => s.kind === 'let' && s.value.kind === 'make') as (Stmt & { kind: 'let' }) | undefined
    if (!made) return body
    return [run({ kind: 'encode', type: { kind: 'frame' }, packet: (made.value as { name: string }).name, value: made.value })]
  }

  /** Encoders are called by their arguments; a packet that was judged is not written twice where it goes out at once. */
  #calls(body: Stmt[]): Stmt[] {
    const frame = body.find((s) => s.kind === 'let' && s.name === 'frame') as (Stmt & { kind: 'let' }) | undefined
    const sent = frame && within(body, (n) => n.kind === 'send' && sameFrame(n.frame, frame.value))
    return rewrite(body, (node): Node => {
      if (node === frame && !sent)
        return run(this.#encode((frame.value as { packet: string }).packet, (frame.value as { value: Expr }).value))
      if (node.kind === 'send' && frame && sameFrame(node.frame, frame.value)) return { ...node, frame: name('frame', { kind: 'frame' }) }
      return node.kind === 'encode' ? this.#encode(node.packet, node.value) : node
    })
  }

  /** What a session sets in a packet is said where it is used: also where this one would do without, it does no harm. */
  #given(body: Stmt[]): Stmt[] {
    const known = new Map<string, Expr>()
    return body.flatMap((s) => {
      const [set] = s.kind === 'if' && s.branches.length === 1 && s.branches[0].do.length === 1 && !s.else ? s.branches[0].do : [s]
      if (set?.kind === 'set' && set.to.kind === 'name' && this.use.own.has(set.to.name)) {
        known.set(set.to.name, set.value)
        return []
      }
      return [rewrite(s, (n) => (n.kind === 'name' && known.get(n.name)) || n)]
    })
  }

  shape(list: string): Shape {
    const { lists, records } = this.#loaded.session
    const { key, record } = lists.find((l) => l.name === list)!
    return !key ? 'list' : records.find((r) => r.name === record)!.fields.length === 1 ? 'set' : 'records'
  }
  /** Tells what each list is; a set is asked by its keys. */
  #shaped(body: Stmt[]): Stmt[] {
    const marked = (tree: Stmt[], keys: Map<string, Expr>): Stmt[] =>
      rewrite(tree, (node) => {
        if (!('list' in node) || 'shape' in node || node.kind === 'list_count') return node
        const own = { ...node, shape: this.shape(node.list) }
        if (own.kind === 'remove' && own.shape === 'set' && own.item.kind === 'name') return { ...own, item: keys.get(own.item.name)! }
        if (own.kind !== 'find') return marked([own as Stmt], keys)[0]!
        const inside = own.key ? new Map([...keys, [own.item, own.key]]) : keys
        return { ...own, do: marked(own.do, inside), ...(own.else ? { else: marked(own.else, keys) } : {}) }
      })
    return marked(body, new Map())
  }

  #stored: Map<string, string> | undefined
  #keepRequests(f: Func): Func {
    const asked = () => nodes(this.#loaded.session.functions.map((g) => g.body)).filter((n) => n.kind === 'stored')
    this.#stored ??= new Map(asked().map((n) => [n.packet, n.field]))
    const stored = this.#stored
    if (stored.size === 0) return f
    return rewrite(f, (node) => {
      if (node.kind !== 'append' || node.record !== 'Outgoing') return node
      const packet = node.fields.find((x) => x.value.kind === 'encode')?.value as Expr & { kind: 'encode' }
      const kept = stored.get(packet.packet)
      const value: Expr = kept ? name(kept, { kind: 'none' }) : { kind: 'none', type: { kind: 'none' } }
      return { ...node, fields: [...node.fields, { name: 'request', value }] }
    })
  }
}

const CONFIG = name('config', { kind: 'config' })
/** One of some numbers without a gap is from the first to the last. */
function asRange(s: Stmt): Stmt {
  if (s.kind !== 'if') return s
  const [{ when, do: broken }] = s.branches
  const compared = [...nodes(when)].filter((n) => n.kind === 'compare')
  const values = compared.map((n) => (n.op === '!=' && n.right.kind === 'number' ? n.right.value : Number.NaN))
  const [rule] = broken
  if (rule?.kind !== 'break_rule' || !values.every((v, i) => v === values[0]! + i)) return s
  return { kind: 'range', of: compared[0]!.left, least: values[0]!, most: values.at(-1)!, rule: rule.rule }
}
const isEvent = (f: Func): boolean => f.name.startsWith('on_')
const sameFrame = (a: Expr, b: Expr): boolean =>
  a.kind === 'encode' && b.kind === 'encode' && a.packet === b.packet && same(a.value, b.value)

/** The view of session.py. */
export const sessionOf = (context: Context, loaded: Loaded, printer: Printer): object => viewOf(loaded, context, printer)
const viewOf = once((loaded: Loaded, context: Context, printer: Printer): object => {
  const view = context.session as View
  const raising = new Raising(loaded)
  const judging = ({ func }: FuncView) => {
    const body = func.body.at(-1)?.kind === 'answer' ? func.body.slice(0, -1) : func.body
    // A parameter that the session is not told is an attribute like the others.
    const kept = rewrite(body, (n) =>
      n.kind === 'name' && n.role === 'parameter' && n.type.kind !== 'config'
        ? { kind: 'field', type: n.type, of: CONFIG, field: n.name }
        : n,
    )
    const params = [{ name: 'config', type: CONFIG.type }]
    return viewFunction({ ...func, params, body: kept.map(asRange) }, printer.encoders)
  }
  const functions = view.functions
    .filter((f) => f.func.name !== 'invalid')
    .map((f) => ({ ...f, ...viewFunction(raising.function(f.func), printer, 2) }))
  const calls = functions.flatMap((f) => [...nodes(f.func.body)]).filter((n) => n.kind === 'call' && !n.method) as { name: string }[]
  const uses = new Set(calls.map((n) => printer.name('function', n.name)).filter((f) => f !== view.configRule.name))
  const lists = view.lists.map((l) => ({ ...l, empty: { list: '[]', set: 'set()', records: 'OrderedDict()' }[raising.shape(l.raw)] }))
  const kept = { name: 'request', doc: '' }
  const records = view.records
    .filter((r) => lists.some((l) => l.record === r.name && l.empty !== 'set()'))
    .map((r) => (r.fields.some((f) => f.kind.kind === 'frame') ? { ...r, fields: [...r.fields, kept] } : r))
  const packetEvents = view.packetEvents.map((e) => {
    const { func } = functions.find((f) => f.name === e.event)!
    const source = view.functions.find((f) => f.name === e.event)!.func
    const record = raising.keyed(source)
    const list = record && printer.name('list', (source.body[0] as { list: string }).list)
    const read = raising.use.read.get(e.raw)!
    const asked = func.params.slice(1).map((p) => `, packet[${read.indexOf(p.name)}]`)
    const fields = record
      ? asked.length === read.length
        ? ', *packet'
        : asked.join('')
      : func.params.length === 0
        ? ''
        : func.params[0]!.type.kind === 'packet'
          ? 'packet'
          : '*packet'
    return { ...e, list, given: `${record ?? ''}${fields}` }
  })
  const about = packetEvents.filter((e) => e.list)
  const { phases, timers } = loaded.session
  return {
    ...view,
    phases: ordered(phases, timers).map((p, value) => ({ ...view.phases.find((v) => v.raw === p.name), value })),
    functions,
    uses: [...uses].sort(),
    vars: view.vars.filter((v) => v.kind.kind !== 'rule'),
    lists,
    records,
    packetEvents: packetEvents.filter((e) => !e.list),
    about: about.length > 0 && { list: about[0]!.list, record: about[0]!.given.split(',')[0], events: about },
    configRule: judging(view.configRule),
    parameterRule: judging(view.parameterRule),
  }
})
interface View {
  phases: { raw: string }[]
  functions: FuncView[]
  configRule: FuncView
  parameterRule: FuncView
  vars: { kind: { kind: string } }[]
  lists: { raw: string; record: string }[]
  records: { name: string; fields: { kind: { kind: string } }[] }[]
  packetEvents: { raw: string; event: string }[]
}
