// What templates see of the session: its tables as data, its functions printed.
import { nodes, number, type Stmt, type Type, within } from './ir.ts'
import type { Codec } from './lower.ts'
import { once } from './memo.ts'
import { type NameKind, type Printer, spell } from './print.ts'
import type { ConfigField, Session, State } from './session.ts'
import { type FuncView, viewFunction } from './target.ts'

type View = Record<string, unknown>
/** The session's own part, which stays while only packets change. */
const viewsOf = once((_: Session) => new Map<Printer, View>())

export function viewSession(session: Session, codec: Codec, printer: Printer): View {
  const views = viewsOf(session)
  const view = views.get(printer) ?? makeView(session, printer)
  views.set(printer, view)
  const decode = (packet: string) => printer.table.call(codec.packets.find((c) => c.packet.name === packet)!.decode, printer)
  const packetEvents = session.packets.map((p) => ({
    raw: p.packet,
    type: printer.name('type', p.packet),
    event: printer.name('function', p.event),
    decode: decode(p.packet),
  }))
  return { ...view, packetEvents }
}

function makeView(session: Session, printer: Printer): View {
  const bodyOf = (name: string) => session.functions.find((f) => f.name === name)!.body
  const states = (list: State[]) =>
    list.map((s, value) => ({ ...s.columns, raw: s.name, name: printer.name('member', s.name), value, doc: s.doc }))
  const functions = session.functions.map((f): FuncView & { public: boolean; count: boolean } => ({
    ...viewFunction(f, printer, printer.table.methodLevel ?? 2),
    public: f.public === true,
    count: f.public === true && f.returns.kind === 'uint', // of stats, for tests
  }))
  const timers = session.timers.map((t, value) => ({
    raw: t.name,
    name: printer.name('timer', t.name),
    value,
    handler: printer.name('function', `on_${t.name}_timer`),
  }))
  const running = (phase: string) => session.timers.reduce((mask, t, i) => mask + (t.phases.includes(phase) ? 2 ** i : 0), 0)
  const typed = ({ name, type, doc = '' }: { name: string; type: Type; doc?: string }, kind: NameKind = 'field') => {
    return { raw: name, name: printer.name(kind, name), type: printer.type(type), kind: type, doc }
  }
  return {
    profile: session.profile,
    features: session.has.map((f) => ({ raw: f, name: spell(f, 'UPPER_CASE') })),
    phases: states(session.phases).map((p) => ({ ...p, timers: running(p.raw) })),
    stages: states(session.stages),
    timers,
    records: session.records.map((r) => ({
      raw: r.name,
      name: printer.name('type', r.name),
      doc: r.doc,
      fields: r.fields.map((f) => typed(f)),
    })),
    lists: session.lists.map((l) => ({ ...l, raw: l.name, name: printer.name('list', l.name), record: printer.name('type', l.record) })),
    vars: session.vars.map((v) => ({ ...typed(v, 'variable'), is: printer.expr(v.is) })),
    config: session.config.map((c) => ({ ...typed(c), default: c.default, data: c.data })),
    ports: session.ports,
    defaults: session.config.filter((c) => !c.data.required && !c.data.optional).map((c) => viewDefault(c, printer)),
    errors: session.errors.map((e) => ({ raw: e.name, name: printer.name('error', e.name), code: e.code, doc: e.doc })),
    functions: functions.filter((f) => f.func.name !== 'config_rule'),
    configRule: viewFunction(session.functions.find((f) => f.name === 'config_rule')!, printer),
    parameterRule: viewFunction(session.parameterRule, printer),
    stored: [...storedPackets(session.functions.map((f) => f.body))].map(([raw, versioned]) => ({
      raw,
      name: printer.name('type', raw),
      encode: printer.name('function', `encode_${raw}`),
      versioned,
    })),
    delivered: session.packets.filter((p) => within(bodyOf(p.event), (n) => n.kind === 'deliver')).map((p) => ({ raw: p.packet })),
    admit: viewFunction(session.admit, printer, printer.table.methodLevel ?? 2),
    uses: { functions: functionsOf(session, printer), types: typesOf(session, printer) },
  }
}

/** What a parameter is where nobody gives it: for clients on a computer, and with the memory of a board. */
function viewDefault({ name, type, default: value, data, derived }: ConfigField, printer: Printer): object {
  const literal = (v: unknown) => printer.expr(type.kind === 'bool' ? { kind: 'bool', type, value: v === true } : number(Number(v)))
  const is = { value: literal(value), embedded: literal(data.embedded ?? value), derived: derived && printer.expr(derived) }
  return { raw: name, name: printer.name('field', name), ours: data.ours === true, ...is }
}

/** The packets that records hold, and whether their encoder differs by version. */
function storedPackets(bodies: Stmt[][]): Map<string, boolean> {
  const inRecords = nodes(nodes(bodies).filter((n) => n.kind === 'append'))
  return new Map(inRecords.flatMap((n) => (n.kind === 'encode' ? [[n.packet, n.version !== undefined] as const] : [])))
}

/** The codec's functions that the session calls, and its types that it names. */
function functionsOf({ functions }: Session, printer: Printer): string[] {
  const called = nodes(functions.map((f) => f.body)).flatMap((n) =>
    n.kind === 'encode' || n.kind === 'rule_of' || n.kind === 'size_of'
      ? [`${n.value.type.kind === 'struct' ? 'rule' : 'encode'}_${n.packet}`]
      : [],
  )
  return [...new Set(called)].map((name) => printer.name('function', name)).sort()
}
function typesOf({ functions, records, vars, config }: Session, printer: Printer): string[] {
  const found = new Set<string>()
  const add = (type: Type): void => {
    if ('of' in type) add(type.of)
    if ((type.kind === 'packet' || type.kind === 'struct' || type.kind === 'enum') && type.name) found.add(type.name)
  }
  for (const { params, returns } of functions) for (const type of [returns, ...params.map((p) => p.type)]) add(type)
  for (const { type } of [...records.flatMap((r) => r.fields), ...vars, ...config]) add(type)
  for (const n of nodes(functions.map((f) => f.body))) {
    if (n.kind === 'stored') found.add(n.packet)
    if (n.kind === 'let' && n.value.kind === 'make') found.add(n.value.name)
  }
  return [...found].map((type) => printer.name('type', type)).sort()
}
