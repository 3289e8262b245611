// Declarations of the packets, their structs and numbers, and the readers of lists in packets of our own. Functions come from the print table.
import type { Stmt, Type, Wire } from '../../generator/ir.ts'
import type { Codec, PacketFunctions } from '../../generator/lower.ts'
import { once } from '../../generator/memo.ts'
import type { Printer } from '../../generator/print.ts'
import type { Field } from '../../generator/resolve.ts'
import type { Emit } from '../../generator/target.ts'
import { plainFrom } from './coders.ts'

/** The first packet that is coded as this one is, but for its type: they are one struct, and one function reads them. */
export function twinOf(raw: string, { packets }: Codec): string {
  const own = packets.find((c) => c.packet.name === raw)!
  return own.packet.fields.length === 0 ? raw : packets.find((c) => shapeOf(c) === shapeOf(own))!.packet.name
}
const shapeOf = once(({ packet, decode }: PacketFunctions): string =>
  JSON.stringify([packet.fields, decode.body]).replaceAll(`"packet":"${packet.name}"`, ''),
)
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
    '#include "../block.h"',
    '#include "../config.h"',
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

export const isTail = ({ type }: Field): boolean => ['frame', 'text', 'bytes'].includes(type.kind)
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
