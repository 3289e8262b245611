// Declarations of the packets, their structs and numbers, and the readers of lists in packets of our own. Functions come from the print table.
import { type Expr, type Func, type Node, name, nodes, type Stmt, type Type, type Wire, within } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import type { Printer } from '../../generator/print.ts'
import type { Field } from '../../generator/resolve.ts'
import type { Session } from '../../generator/session.ts'
import { type Emit, type FuncView, viewFunction } from '../../generator/target.ts'
import { plainFrom } from './coders.ts'
import { sessionFold } from './folded.ts'
import { isGiven, isLarge, senders } from './print.ts'

/** The session's variables, words first: short instructions reach words that are near; and which do not begin as 0; what it sends; and what it does with each packet. */
export const sessionParts: Emit<object> = (context, loaded, printer) => {
  const { codec } = loaded
  const { fold, version } = sessionFold(loaded)
  const session = { ...loaded.session, functions: loaded.session.functions.map(fold) }
  const view = context.session as {
    functions: FuncView[]
    vars: { raw: string; kind: Type }[]
    packetEvents: { raw: string; type: string; event: string; decode: string }[]
  }
  const small = ({ kind }: { kind: Type }) => Number(['bool', 'rule'].includes(kind.kind))
  const groups = new Map<string, typeof view.packetEvents>()
  for (const event of view.packetEvents) groups.set(twinOf(event.raw, codec), [...(groups.get(twinOf(event.raw, codec)) ?? []), event])
  const functionOf = (event: { event: string }) => session.functions.find((f) => printer.name('function', f.name) === event.event)!
  const looked = (events: { event: string }[]) => (events.length > 1 ? sameLookUp(events.map(functionOf)) : undefined)
  const answers = new Set([...groups.values()].flatMap((events) => (looked(events) ? events.map((e) => functionOf(e).name) : [])))
  const isZero = (e: Expr): boolean => e.kind === 'none' || ('value' in e && Number(e.value) === 0)
  const all = nodes(session.functions.map((f) => f.body))
  return {
    vars: view.vars.filter((v) => !isLarge(v.kind)).toSorted((a, b) => small(a) - small(b)),
    begun: view.vars.filter((v) => !isZero(session.vars.find((s) => s.name === v.raw)!.is)),
    version: version ?? 'config_.version',
    configRule: viewFunction(session.functions.find((f) => f.name === 'config_rule')!, printer),
    functions: session.functions
      .filter((f) => view.functions.some((v) => v.func.name === f.name))
      .map((f) => viewFunction(answers.has(f.name) ? withRecord(f) : f, printer, printer.table.methodLevel))
      .map((f) => ({ ...judging(f), public: f.func.public, once: calledOnce(f.func, all) ? 'UMQTT_ONCE ' : '' })),
    sends: senders(session.functions, new Map(codec.packets.map((c) => [c.packet.name, c.encode])), printer),
    lists: session.lists.map((list) => listParts(list, session, printer)),
    cases: [...groups.values()].map((events) => packetCase(events, looked(events), printer)),
  }
}
/** What of the session's variables is in the caller's memory. */
export const config: Emit<object> = (context) => ({
  kept: (context.session as { vars: { kind: Type }[] }).vars.filter((v) => isLarge(v.kind)),
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
      ? `Rows<${record}> &${name}() { return ${name}_; }`
      : `${type} ${name}() { return ${type}(${printer.name('list', list.behind ?? list.name)}_); }`,
    member: list.behind ? '' : rows ? `Rows<${record}> ${name}_` : `Block *${name}_`,
    is: list.behind ? '' : rows ? `${name}_(memory.${name})` : `${name}_(Block::in(memory.${name}))`,
    trims: !list.behind && !rows,
  }
}
/** A call that judges a packet has written it. */
function judging(f: FuncView): FuncView {
  const has = (is: (node: Expr | Stmt) => boolean) => within(f.func.body, is)
  if (has((n) => n.kind === 'rule_of' && n.value.type.kind === 'packet')) return { ...f, body: `    Writer out(tx_);\n${f.body}` }
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
/** The first packet that is coded as this one is, but for its type: they are one struct, and one function reads them. */
function twinOf(raw: string, codec: Codec): string {
  const shape = (name: string) => {
    const { packet, decode } = codec.packets.find((c) => c.packet.name === name)!
    return JSON.stringify([packet.fields, decode.body]).replaceAll(`"packet":"${name}"`, '')
  }
  const { fields } = codec.packets.find((c) => c.packet.name === raw)!.packet
  return fields.length === 0 ? raw : codec.packets.find((c) => shape(c.packet.name) === shape(raw))!.packet.name
}
const lines = (...text: string[]): string => `${text.join('\n')}\n`
const doc = (text: string | undefined): string[] => (text ? [`/// ${text}`] : [])

/** Numbers that are not a type of their own: a field holds whatever was given, and its rule judges it. */
const numbers = (name: string, comment: string, members: [string, number | string][], printer: Printer): string[] => [
  '',
  ...doc(comment),
  `struct ${name} {`,
  `  enum : uint32_t { ${members.map(([m, v]) => `${printer.name('member', m)} = ${v}`).join(', ')} };`,
  '};',
]

export const packets: Emit = (context, { codec }, printer) => {
  const { model } = codec
  const { frame, wire } = model
  const rules = context.rules.map((r) => `  ${r.name},${r.see.length > 0 ? ` // ${r.see.join(', ')}` : ''}`)
  const primitive = {
    ...{ type: frame.type.rule, length: frame.length.rule, over: frame.over, pastEnd: frame.short, trailing: frame.long.rule },
    ...wire,
  }
  return lines(
    context.header,
    '// The control packets as values: what an encoder is given and a decoder fills. Texts and bytes point into the memory of others.',
    '#pragma once',
    '',
    '#include "span.h"',
    '',
    'namespace umqtt {',
    '',
    '/// The rules of the standard, as errors name them.',
    'enum class Rule : uint8_t {',
    '  none,',
    ...rules,
    '};',
    ...numbers(
      'PacketType',
      'The type of a control packet, the upper four bits of its first byte.',
      context.packets.map((p) => [p.raw, p.code]),
      printer,
    ),
    ...model.enums.flatMap((e) => numbers(e.name, `The values of a ${e.name}.`, e.members, printer)),
    '',
    '/// Rules of the framing and of the primitive types, and its limits.',
    'namespace wire {',
    ...Object.entries(primitive).map(([name, rule]) => `constexpr Rule ${name} = Rule::${printer.name('rule', String(rule))};`),
    `constexpr uint32_t lengthBytes = ${frame.lengthBytes};`,
    `constexpr uint32_t largest = ${2 ** (7 * frame.lengthBytes) - 1};`,
    `constexpr uint8_t plain = '${plainFrom(codec)}'; // from this character on ASCII breaks no rule of a text`,
    '} // namespace wire',
    '',
    '/// Texts, some with rules of their own.',
    `enum class TextKind : uint8_t { ${['utf8', ...model.texts.map((t) => t.name)].map((t) => printer.name('member', t)).join(', ')} };`,
    ...model.structs.flatMap((s) => struct(s.name, s.doc, s.fields, printer)),
    ...model.packets.flatMap((p) => {
      const [name, twin] = [p.name, twinOf(p.name, codec)].map((n) => printer.name('type', n))
      return name === twin ? struct(name, p.doc, p.fields, printer) : ['', `/// ${p.doc}`, `typedef ${twin} ${name};`]
    }),
    '',
    '} // namespace umqtt',
  )
}

function struct(name: string, comment: string, fields: Field[], printer: Printer): string[] {
  return ['', ...doc(comment), `struct ${name} {`, ...fields.flatMap((f) => fieldLines(f, printer)), '};']
}
function fieldLines(f: Field, printer: Printer): string[] {
  const notes = [f.doc, ...(f.type.kind === 'optional' ? [absent(f.type.of)] : [])].filter(Boolean)
  return [`  ${printer.type(f.type)} ${printer.name('field', f.name)};${notes.length > 0 ? ` // ${notes.join('; ')}` : ''}`]
}
const absent = (type: Type): string => (type.kind === 'uint' ? '0 where there is none' : 'may be absent')

/** For each list a packet of ours carries: its items, one by one, without judging them again. */
export const stored: Emit = (context, _, printer) => {
  const lists = context.packets
    .filter((p) => p.fromClient)
    .flatMap((p) => {
      const at = p.decode.func.body.findIndex((s) => s.kind === 'read_list')
      const list = p.decode.func.body[at] as (Stmt & { kind: 'read_list' }) | undefined
      return list ? [reader(p.name, p.raw, list, p.decode.func.body.slice(0, at), printer)] : []
    })
  return lines(
    context.header,
    '// Reads lists in packets that were encoded here, item by item and without judging them again.',
    '#pragma once',
    '',
    '#include "cursor.h"',
    '',
    'namespace umqtt {',
    ...lists.flat(),
    '',
    '} // namespace umqtt',
  )
}

const unread = (wire: Wire): Wire => (wire === 'utf8' ? 'bytes' : wire)
const plainText = (type: Type): Type => (type.kind === 'text' ? { kind: 'text' } : type)
function reader(name: string, raw: string, list: Stmt & { kind: 'read_list' }, before: Stmt[], printer: Printer): string[] {
  const unjudged = (body: Stmt[]): Stmt[] =>
    body.flatMap((s): Stmt[] =>
      s.kind === 'read'
        ? [{ ...s, wire: unread(s.wire), to: { ...s.to, type: plainText(s.to.type) }, see: [] }]
        : s.kind === 'take' || s.kind === 'let'
          ? [s]
          : [],
    )
  const item = printer.type((list.part.type as { of: Type }).of)
  const skipped = before.flatMap((s) => (s.kind === 'read' ? [`in_.${unread(s.wire)}();`] : []))
  const body = [...printer.block(unjudged(list.do)), `return ${printer.expr(list.make)};`].map((l) => l.replaceAll('in.', 'in_.'))
  return [
    '',
    `/// The items of a ${raw} of our own.`,
    `class Stored${name} {`,
    ' public:',
    `  explicit Stored${name}(Bytes frame) : in_(frame), index_(0) { ${skipped.join(' ')} }`,
    '  bool more() const { return in_.more(); }',
    '  uint32_t index() const { return index_; } // of the next item',
    `  ${item} next() {`,
    '    ++index_;',
    ...body.map((l) => `    ${l}`),
    '  }',
    '  uint32_t count() {',
    '    while (more()) next();',
    '    return index_;',
    '  }',
    '',
    ' private:',
    '  Stored in_;',
    '  uint32_t index_;',
    '};',
  ]
}

/** The fields of each packet by their names in the spec, for a testee: one function reads them from a line and prints them. */
export const fields: Emit = (context, { codec, session }, printer) => {
  const { model } = codec
  const [oldest, newest] = [model.versions[0][0], model.versions.at(-1)![0]]
  const visit = (f: Field, path: string, value: string, known: boolean): string[] => {
    const [name, at] = [path + f.name, `${value}.${printer.name('field', f.name)}`]
    const type = f.type.kind === 'optional' ? f.type.of : f.type
    const inner = type.kind === 'struct' && f.type.kind === 'optional' ? model.structs.find((s) => s.name === type.name)! : undefined
    const lines = inner
      ? [
          `if (v.group("${name}.", ${at}.isPresent)) {`,
          ...inner.fields.flatMap((g) => visit(g, `${name}.`, at, true)).map((l) => `  ${l}`),
          '}',
        ]
      : [`v.field("${name}", ${at}, ${f.type.kind === 'optional'});`]
    const [since, until] = [f.since ?? oldest, f.until ?? newest]
    const bounds = [...(since > oldest ? [`version >= ${since}`] : []), ...(until < newest ? [`version <= ${until}`] : [])]
    return bounds.length > 0 && !known ? lines.map((l) => `if (${bounds.join(' && ')}) ${l}`) : lines
  }
  const visitor = (name: string, all: Field[], lines: string[]): string[] => {
    const text = lines.join()
    const names = [all.length > 0 ? 'v' : '', text.includes('value') ? 'value' : '', text.includes('version') ? 'version' : '']
    return [
      '',
      `template <class Visitor> void visit(Visitor &${names[0]}, ${name} &${names[1]}, uint32_t${names[2] && ` ${names[2]}`}) {`,
      ...lines.map((l) => `  ${l}`),
      '}',
    ]
  }
  const visitors = [
    ...model.structs.map((s) => [s.name, s] as const),
    ...model.packets.filter((p) => twinOf(p.name, codec) === p.name).map((p) => [printer.name('type', p.name), p] as const),
  ]
  return lines(
    context.header,
    '// Every field of every packet by its name in the spec: what a testee needs to read and print packets.',
    '#pragma once',
    '',
    '#include "../src/umqtt/codec.h"',
    '#include "../src/umqtt/config.h"',
    '',
    'namespace umqtt {',
    ...visitors.flatMap(([name, t]) =>
      visitor(
        name,
        t.fields,
        t.fields.flatMap((f) => visit(f, '', 'value', false)),
      ),
    ),
    '',
    'template <class... Any> void unused(const Any &...) {}',
    ...context.packets.flatMap((p) => [
      '',
      `struct ${p.name}Coder {`,
      `  typedef ${p.name} Packet;`,
      `  enum : uint32_t { type = PacketType::${p.name} };`,
      `  static const char *name() { return "${p.raw}"; }`,
      `  static Rule encode(Writer &out, const Packet &packet, uint32_t version) { return unused(packet, version), ${p.encode.name}(${p.encode.func.params.length > 0 ? 'out, packet, version' : 'out'}); }`,
      `  static void decode(Reader &in, uint32_t first, uint32_t version, Packet &packet) { unused(first, version), ${p.decode.call}; }`,
      '};',
    ]),
    '',
    '/// `of` is told of each packet.',
    'template <class Of> void eachPacket(Of &of) {',
    ...context.packets.map((p) => `  of.template packet<${p.name}Coder>();`),
    '}',
    '',
    '/// The names of rules and errors, by their numbers.',
    `const char *const RULE_NAMES[] = { "none", ${context.rules.map((r) => `"${r.raw}"`).join(', ')} };`,
    'inline const char *errorName(Error code) {',
    '  switch (code) {',
    ...session.errors.map((e) => `    case Error::${printer.name('error', e.name)}: return "${e.name.toLowerCase()}";`),
    '  }',
    '  return "";',
    '}',
    '',
    '} // namespace umqtt',
  )
}

/** What the session keeps, and what one of its messages waits for. Only the last field of a record is of any length: it stands behind it. */
export const records: Emit = (context, { session }, printer) =>
  lines(
    context.header,
    '// What the session keeps of messages and filters. A text or packet stands behind its record, in the same block of memory.',
    '#pragma once',
    '',
    '#include "block.h"',
    '#include "config.h"',
    '',
    'namespace umqtt {',
    '',
    '/// What a message waits for.',
    'enum class Stage : uint8_t {',
    ...session.stages.map((s) => `  ${printer.name('member', s.name)}, // ${s.doc}`),
    '};',
    ...session.records.flatMap((r) => record(printer.name('type', r.name), r.doc, r.fields, printer)),
    '',
    '} // namespace umqtt',
  )

const isTail = ({ type }: Field): boolean => ['frame', 'text', 'bytes'].includes(type.kind)
function record(name: string, comment: string, all: Field[], printer: Printer): string[] {
  const tail = all.find(isTail)
  const narrow = ({ type }: Field) => (type.kind === 'uint' ? `uint${type.bits}_t` : type.kind === 'enum' ? 'uint8_t' : printer.type(type))
  const width = (f: Field) => Number(/(\d+)_t/.exec(narrow(f))?.[1] ?? (f.type.kind === 'operation' ? 32 : 8))
  const widest = all.filter((f) => f !== tail).sort((a, b) => width(b) - width(a)) // no gaps between them
  const fields = widest.map((f) => `  ${narrow(f)} ${printer.name('field', f.name)};`)
  if (!tail) return ['', ...doc(comment), `struct ${name} {`, ...fields, '', '  uint32_t bytes() const { return sizeof(*this); }', '};']
  const [text, type] = [printer.name('field', tail.name), printer.type(tail.type)]
  return [
    '',
    ...doc(comment),
    `struct ${name} {`,
    `  uint32_t tail; // bytes of ${text}`,
    ...fields,
    '',
    `  Span room() { return Span{reinterpret_cast<uint8_t *>(this + 1), tail}; }`,
    `  ${type} ${text}() const { return ${type}(this + 1, tail); }`,
    `  void put(Bytes value) { memcpy(room().data, value.data, value.size); }`,
    `  uint32_t bytes() const { return aligned<${name}>(sizeof(*this) + tail); }`,
    '};',
  ]
}
