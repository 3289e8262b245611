// What the session's template prints beside the functions of the spec: variables, lists, what it sends, and what it does with each packet.
import { type Expr, type Func, type Node, name, nodes, rewrite, type Stmt, type Type, within } from '../../generator/ir.ts'
import type { Printer } from '../../generator/print.ts'
import { rangeOf } from '../../generator/ranges.ts'
import type { Session } from '../../generator/session.ts'
import { type Emit, type FuncView, viewFunction } from '../../generator/target.ts'
import { isTail, twinOf } from './emit.ts'
import { sessionFold } from './folded.ts'
import { isLarge } from './print.ts'
import { common, isGiven, senders } from './sending.ts'

/** The session's variables, words first: short instructions reach words that are near; and which do not begin as 0; what it sends; and what it does with each packet. */
export const sessionParts: Emit<object> = (context, loaded, printer) => {
  const { codec } = loaded
  const { fold, version } = sessionFold(loaded)
  const { functions, packets } = common(loaded.session.functions.map((f) => lastOnes(fold(f), loaded.session.stages)))
  const session = { ...loaded.session, functions }
  const view = context.session as {
    functions: FuncView[]
    vars: { raw: string; kind: Type }[]
    packetEvents: { raw: string; type: string; event: string; decode: string }[]
    phases: { mqttsta: number; packets?: boolean }[]
  }
  const small = ({ kind }: { kind: Type }) => Number(kind.kind === 'bool')
  const groups = new Map<string, typeof view.packetEvents>()
  for (const event of view.packetEvents) groups.set(twinOf(event.raw, codec), [...(groups.get(twinOf(event.raw, codec)) ?? []), event])
  const functionOf = (event: { event: string }) => session.functions.find((f) => printer.name('function', f.name) === event.event)!
  const looked = (events: { event: string }[]) => (events.length > 1 ? sameLookUp(events.map(functionOf)) : undefined)
  const answers = new Set([...groups.values()].flatMap((events) => (looked(events) ? events.map((e) => functionOf(e).name) : [])))
  const isZero = (e: Expr): boolean => e.kind === 'none' || ('value' in e && Number(e.value) === 0)
  const all = nodes(session.functions.map((f) => f.body))
  return {
    vars: view.vars.filter((v) => !isLarge(v.kind)).toSorted((a, b) => small(a) - small(b)),
    random: all.some((node) => node.kind === 'random'),
    begun: view.vars.filter((v) => v.kind.kind === 'state' || !isZero(session.vars.find((s) => s.name === v.raw)!.is)),
    version: version ?? 'config_.version',
    phases: view.phases.toSorted((a, b) => (a.mqttsta >>> 0) - (b.mqttsta >>> 0) || Number(b.packets ?? 0) - Number(a.packets ?? 0)),
    lastWithPackets: view.phases
      .filter((p) => p.packets)
      .toSorted((a, b) => a.mqttsta - b.mqttsta)
      .at(-1),
    functions: session.functions
      .filter((f) => view.functions.some((v) => v.func.name === f.name))
      .map((f) => viewFunction(answers.has(f.name) ? withRecord(f) : f, printer, printer.table.methodLevel))
      .map((f) => ({ ...judging(f), public: f.func.public, once: calledOnce(f.func, all) ? 'UMQTT_ONCE ' : '' })),
    sends: senders(session.functions, new Map(codec.packets.map((c) => [c.packet.name, c.encode])), packets, printer),
    lists: session.lists.map((list) => listParts(list, session, printer)),
    cases: [...groups.values()].map((events) => packetCase(events, looked(events), printer)),
  }
}
/** What of the session's variables is in the caller's memory. */
export const config: Emit<object> = (context) => ({
  kept: (context.session as { vars: { kind: Type }[] }).vars.filter((v) => isLarge(v.kind)),
})
/** Whether it is one of the last of a table: a comparison with the first of them. */
const lastOnes = (f: Func, table: Session['stages']): Func =>
  rewrite(f, (node) => {
    const range = rangeOf(node, { stages: table.map((s) => s.name) })
    return range?.ends && range.inside ? range.compare('>=', range.least) : node
  })
/** What has one place to be called from: the host's, for a call, that of an event, or another function's. */
function calledOnce({ name, public: called, returns }: Func, all: Node[]): boolean {
  const calls = all.filter((node) => node.kind === 'call' && node.name === name).length
  return name.startsWith('on_') ? calls === 0 : called ? returns.kind === 'error' : calls === 1
}
type Find = Stmt & { kind: 'find' }
/** What each of these functions does first: it looks up one and the same record, and that is all its body. */
function sameLookUp(functions: Func[]): Find | undefined {
  const found = functions.map(({ body }) => (body.length === 1 && body[0].kind === 'find' && body[0].key ? body[0] : undefined))
  const key = (f?: Find) => JSON.stringify([f?.list, f?.key, f?.item]).replace(/"name":"[A-Z]+"/, '')
  return found.every((f) => f && key(f) === key(found[0])) ? found[0] : undefined
}
/** Such a function, given the record. */
function withRecord(f: Func): Func {
  const find = f.body[0] as Find
  const type: Type = { kind: 'record', name: find.record }
  const when = name(find.item, type)
  const body: Stmt[] = [{ kind: 'if', branches: [{ when, do: find.do }], ...(find.else ? { else: find.else } : {}) }]
  return { ...f, params: [...f.params, { name: find.item, type }], body }
}
/** Records with something behind them stand in a block, others in rows. */
function listParts(list: Session['lists'][number], session: Session, printer: Printer): object {
  const record = printer.name('type', list.record)
  const name = printer.name('list', list.name)
  const rows = session.records.find((r) => r.name === list.record)!.fields.every((f) => !isTail(f))
  const type = `Records<${record}, ${list.behind ? 1 : 0}>`
  return {
    name,
    record,
    rows,
    accessor: rows
      ? `Rows<${record}> ${name}() { return Rows<${record}>(config_.memory.${name}, ${name}Count_); }`
      : `${type} ${name}() { return ${type}(${printer.name('list', list.behind ?? list.name)}_); }`,
    member: list.behind ? '' : rows ? `uint32_t ${name}Count_` : `Block *${name}_`,
    is: list.behind ? '' : rows ? `${name}Count_(0)` : `${name}_(Block::in(config.memory.${name}))`,
    trims: !list.behind && !rows,
  }
}
/** A call that judges a packet has written it. */
function judging(f: FuncView): FuncView {
  const has = (is: (node: Expr | Stmt) => boolean) => within(f.func.body, is)
  if (has((n) => n.kind === 'rule_of' && n.value.type.kind === 'packet'))
    return { ...f, body: `    Writer out(config_.memory.tx);\n${f.body}` }
  if (has((n) => n.kind === 'size_of' || (n.kind === 'encode' && isGiven(n))))
    throw new Error(`${f.name}: a packet of the caller's is to be judged first`)
  return f
}
function packetCase(events: { type: string; event: string; decode: string }[], find: Find | undefined, printer: Printer): string {
  const [{ type, decode, event }] = events
  const args = find ? `packet, ${printer.name('local', find.item)}` : 'packet'
  const handle = ({ event: e }: { event: string }) => `${e}(${args});`
  const several = [
    ...(find
      ? [
          `${printer.type({ kind: 'record', name: find.record })}const ${printer.name('local', find.item)} = ${printer.name('list', find.list)}().find(${printer.expr(find.key!)});`,
        ]
      : []),
    ...events.map(
      (e, i) => `${i > 0 ? 'else ' : ''}${i < events.length - 1 ? `if (first >> 4 == PacketType::${e.type}) ` : ''}${handle(e)}`,
    ),
  ]
  return [
    ...events.slice(0, -1).map((e) => `      case PacketType::${e.type}:`),
    `      case PacketType::${events.at(-1)!.type}: {`,
    `        ${type} packet;`,
    `        ${decode};`,
    ...(events.length === 1
      ? [`        if (accepts(in)) ${event}(packet);`]
      : ['        if (accepts(in)) {', ...several.map((line) => `          ${line}`), '        }']),
    '        break;',
    '      }',
  ].join('\n')
}
