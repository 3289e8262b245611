// What templates see of the session: its tables as data, its functions printed.
import { number } from './ir.ts'
import type { Codec } from './lower.ts'
import { type Printer, spell } from './print.ts'
import type { ConfigField, Session, State } from './session.ts'
import { type FuncView, viewFunction } from './target.ts'

type View = Record<string, unknown>
const views = new WeakMap<Session, Map<Printer, View>>()

export function viewSession(session: Session, codec: Codec, printer: Printer): View {
  const known = views.get(session) ?? new Map<Printer, View>()
  views.set(session, known)
  const view = known.get(printer) ?? makeView(session, printer)
  known.set(printer, view)
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
  const phases = session.phases.map((p) => p.name)
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
  const fields = (list: { name: string; type: Parameters<Printer['type']>[0]; doc?: string }[]) =>
    list.map((f) => ({ raw: f.name, name: printer.name('field', f.name), type: printer.type(f.type), kind: f.type, doc: f.doc ?? '' }))
  return {
    profile: session.profile,
    features: session.has.map((f) => ({ raw: f, name: spell(f, 'UPPER_CASE') })),
    phases: states(session.phases).map((p) => ({ ...p, timers: running(p.raw) })),
    firstPhase: phases[0],
    stages: states(session.stages),
    timers,
    records: session.records.map((r) => ({ raw: r.name, name: printer.name('type', r.name), doc: r.doc, fields: fields(r.fields) })),
    lists: session.lists.map((l) => ({ ...l, raw: l.name, name: printer.name('list', l.name), record: printer.name('type', l.record) })),
    vars: session.vars.map((v) => ({
      raw: v.name,
      name: printer.name('variable', v.name),
      type: printer.type(v.type),
      kind: v.type,
      is: printer.expr(v.is),
      doc: v.doc,
    })),
    config: session.config.map((c) => ({
      raw: c.name,
      name: printer.name('field', c.name),
      type: printer.type(c.type),
      kind: c.type,
      default: c.default,
      data: c.data,
    })),
    ports: session.ports,
    defaults: session.config.filter((c) => !c.data.required && !c.data.optional).map((c) => viewDefault(c, printer)),
    errors: session.errors.map((e) => ({ raw: e.name, name: printer.name('error', e.name), code: e.code, doc: e.doc })),
    functions: functions.filter((f) => f.func.name !== 'config_rule'),
    configRule: viewFunction(session.functions.find((f) => f.name === 'config_rule')!, printer),
    parameterRule: viewFunction(session.parameterRule, printer),
    stored: [...storedPackets(session)].map(([raw, versioned]) => ({
      raw,
      name: printer.name('type', raw),
      encode: printer.name('function', `encode_${raw}`),
      versioned,
    })),
    delivered: session.packets.filter((p) => delivers(session, p.event)).map((p) => ({ raw: p.packet })),
    admit: viewFunction(session.admit, printer, printer.table.methodLevel ?? 2),
    uses: usesOf(session, printer),
    sessionRules: session.rules.map((r) => ({ raw: r, name: printer.name('rule', r) })),
  }
}

/** What a parameter is where nobody gives it: for clients on a computer, and with the memory of a board. */
function viewDefault({ name, type, default: value, data, derived }: ConfigField, printer: Printer): object {
  const literal = (v: unknown) => printer.expr(type.kind === 'bool' ? { kind: 'bool', type, value: v === true } : number(Number(v)))
  const is = { value: literal(value), embedded: literal(data.embedded ?? value), derived: derived && printer.expr(derived) }
  return { raw: name, name: printer.name('field', name), ours: data.ours === true, ...is }
}

/** The packets that records hold, and whether their encoder differs by version. */
function storedPackets(session: Session): Map<string, boolean> {
  const found = new Map<string, boolean>()
  const walk = (value: unknown, inside: boolean): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as { kind?: string; packet?: string; version?: unknown }
    if (inside && node.kind === 'encode') found.set(node.packet!, node.version !== undefined)
    for (const v of Object.values(value)) walk(v, inside || node.kind === 'append')
  }
  for (const f of session.functions) walk(f.body, false)
  return found
}

/** Whether an event hands something to the application. */
const delivers = (session: Session, event: string): boolean =>
  JSON.stringify(session.functions.find((f) => f.name === event)?.body ?? []).includes('"kind":"deliver"')

/** The codec's functions and types that the session names. */
function usesOf(session: Session, printer: Printer): { functions: string[]; types: string[]; stored: string[] } {
  const functions = new Set<string>()
  const types = new Set<string>()
  const stored = new Set<string>() // decoders of packets of our own
  const prefixes: Record<string, string> = { encode: 'encode', rule_of: 'rule', size_of: 'size' }
  const walk = (value: unknown, asType: boolean): void => {
    if (Array.isArray(value)) for (const v of value) walk(v, asType)
    else if (typeof value === 'object' && value !== null) {
      const node = value as { kind?: string; packet?: string; name?: string }
      if (node.kind && prefixes[node.kind] && node.packet) functions.add(printer.name('function', `${prefixes[node.kind]}_${node.packet}`))
      const made = (node as { value?: { kind: string; name: string } }).value
      if (node.kind === 'let' && made?.kind === 'make') types.add(printer.name('type', made.name))
      if (node.kind === 'stored') stored.add(printer.name('function', `decode_${node.packet}`))
      if (node.kind === 'stored') types.add(printer.name('type', node.packet!))
      if (asType && ['packet', 'struct', 'enum'].includes(node.kind ?? '') && node.name) types.add(printer.name('type', node.name))
      for (const v of Object.values(value)) walk(v, asType)
    }
  }
  for (const f of session.functions) {
    walk(f.body, false)
    walk([f.params, f.returns], true)
  }
  walk([session.records.map((r) => r.fields), session.vars.map((v) => v.type), session.config.map((c) => c.type)], true)
  return { functions: [...functions].sort(), types: [...types].sort(), stored: [...stored].sort() }
}
