// How statements and expressions look in C++. Layout and precedence are generator/print.ts; declarations are emit.ts and the templates.
// Numbers are 32 bits wide wherever they are worked with: only records keep them narrow.
import { type Expr, type Func, negate, type Stmt, same, type Type } from '../../generator/ir.ts'
import { atom, type Printer, type PrintTable } from '../../generator/print.ts'
import { encoding, packetName, sending, writing } from './sending.ts'

/** `phases` is the table of what one calls a Phase. */
const stateName = (p: Printer, table: string): string => p.name('type', table.replace(/s$/, ''))
const number = (value: number): string => (value > 32767 ? `${value}U` : String(value)) // an int may have 16 bits

/** Bits of a byte: shifted and masked only as far as needed. */
function bits(e: Expr & { kind: 'bits' }, p: Printer): string {
  const of = p.expr(e.of, 60)
  const mask = 2 ** e.width - 1
  if (e.type.kind === 'bool') return `(${of} & 0x${(1 << e.shift).toString(16)}) != 0`
  if (e.shift === 0) return `${of} & 0x${mask.toString(16)}`
  return e.shift + e.width === 8 ? `${of} >> ${e.shift}` : `(${of} >> ${e.shift}) & ${mask}`
}

function packPart(part: { value: Expr; shift: number }, p: Printer): string {
  if (part.value.kind === 'number') return `0x${part.value.value.toString(16)}`
  if (part.value.type.kind === 'bool') return `(${p.expr(part.value, 21)} ? 0x${(1 << part.shift).toString(16)} : 0)`
  return part.shift === 0 ? p.expr(part.value, 60) : `${p.expr(part.value, 61)} << ${part.shift}`
}

function types(type: Type, p: Printer): string {
  switch (type.kind) {
    case 'bool':
      return 'bool'
    case 'uint':
    case 'enum':
      return 'uint32_t'
    case 'char':
      return 'uint8_t'
    case 'text':
      return 'Text'
    case 'bytes':
    case 'frame':
      return 'Bytes'
    case 'rule':
      return 'Rule'
    case 'error':
      return 'Error'
    case 'struct':
      return p.name('type', type.name)
    case 'record':
      return `${p.name('type', type.name)} *`
    case 'packet':
      return packetName(p, type.name ?? 'Packet')
    case 'list':
      return `List<${type.of.kind === 'enum' ? 'uint8_t' : types(type.of, p)}>`
    case 'optional':
      return type.of.kind === 'struct' ? `Optional<${types(type.of, p)}>` : types(type.of, p) // an absent text points nowhere, an absent number is 0
    case 'state':
      return stateName(p, type.table)
    case 'operation':
      return 'Operation'
    case 'config':
      return 'Config'
    case 'none':
      return 'void'
  }
}

/** How many bits a record keeps of it. */
function narrow(to: Expr, value: Expr, p: Printer): string {
  const width = to.type.kind === 'uint' ? to.type.bits : to.type.kind === 'enum' ? 8 : 32
  const inRecord = to.kind === 'field' && to.of.type.kind === 'record'
  return inRecord && width < 32 && value.kind !== 'number' ? `static_cast<uint${width}_t>(${p.expr(value)})` : p.expr(value)
}

const mentions = (code: unknown, name: string): boolean => JSON.stringify(code).includes(`"name":"${name}"`)
const assigns = (f: Func, name: string): boolean =>
  new RegExp(
    `"kind":"set","to":\\{"kind":"field","type":\\{[^{}]*(\\{[^{}]*\\})?\\},"of":\\{"kind":"name","type":\\{[^{}]*\\},"name":"${name}"`,
  ).test(JSON.stringify(f.body))
function parameter(f: Func, { name, type }: Func['params'][number], p: Printer): string {
  const named = mentions(f.body, name) ? p.name('local', name) : ''
  const text = p.type(type)
  const byReference = ['packet', 'struct', 'config'].includes(type.kind)
  const before = byReference ? `${assigns(f, name) ? '' : 'const '}${text} &` : text.endsWith('*') ? text : `${text} `
  return `${before}${named}`.trimEnd()
}

const isDecoder = (f: Func): boolean => f.name.startsWith('decode_')
const cursorOf = (f: Func): string[] => (f.name.startsWith('encode_') ? ['Writer &out'] : isDecoder(f) ? ['Reader &in'] : [])
const resultOf = (f: Func, p: Printer): string[] =>
  isDecoder(f) ? [`${p.type(f.returns)} &${JSON.stringify(f.body).includes('"role":"part"') ? 'packet' : ''}`] : []

const call = (f: Func, p: Printer): string => {
  const args = [
    ...cursorOf(f).map((c) => c.split('&')[1]),
    ...f.params.map((a) => p.name('local', a.name)),
    ...(isDecoder(f) ? ['packet'] : []),
  ]
  return `${p.name('function', f.name)}(${args.join(', ')})`
}
/** Without the type of the result: a member's definition has its class between them. */
function signature(f: Func, p: Printer): string {
  const params = [...cursorOf(f), ...f.params.map((a) => parameter(f, a, p)), ...resultOf(f, p)]
  return `${p.name('function', f.name)}(${params.join(', ')})`
}

type Of<K extends Stmt['kind']> = Stmt & { kind: K }
const fields = (e: { fields: { value: Expr }[] }, p: Printer): string => e.fields.map((f) => p.expr(f.value)).join(', ')
const listOf = (p: Printer, list: string): string => `${p.name('list', list)}()`

export const table: PrintTable = {
  indent: '  ',
  comment: '//',
  open: ' {',
  close: '}',
  empty: '',
  if: 'if ({when})',
  elif: 'else if ({when})',
  else: 'else',
  oneLine: true,
  width: 120,
  methodLevel: 2,
  types,
  signature,
  call,
  expressions: {
    number: atom((e) => (e.type.kind === 'rule' ? 'Rule::none' : number(e.value))),
    bool: atom((e) => String(e.value)),
    none: atom((e, p) => (e.type.kind === 'operation' ? '0' : e.type.kind === 'rule' ? 'Rule::none' : `${p.type(e.type)}()`)),
    character: atom((e) => `'${e.value}'`),
    text: atom((e) => `Text("${e.value}")`),
    member: atom((e, p) => member(e, p)),
    name: atom((e, p) =>
      e.role === 'part'
        ? ['packet', ...e.name.split('.').map((n) => p.name('field', n))].join('.')
        : e.role === 'variable'
          ? isLarge(e.type)
            ? `config_.${p.name('field', e.name)}`
            : `${p.name('variable', e.name)}_`
          : p.name('local', e.name),
    ),
    field: { binds: 90, as: (e, p) => field(e, p) },
    maybe: { binds: 90, as: '{of}.{field}' },
    has: { binds: 90, as: (e, p) => (isNumber(e.of.type) ? `${p.expr(e.of, 51)} != 0` : `${p.expr(e.of, 90)}.present()`) },
    length: { binds: 90, as: '{of}.size' },
    count: { binds: 90, as: (e, p) => (e.of.kind === 'stored' ? `${p.expr(e.of)}.count()` : `${p.expr(e.of, 90)}.count`) },
    contains: atom((e, p) => `${p.expr(e.of, 90)}.contains('${e.value}')`),
    not: {
      binds: 80,
      as: (e, p) => (e.of.kind === 'has' && isNumber(e.of.of.type) ? `${p.expr(e.of.of, 51)} == 0` : `!${p.expr(e.of, 80)}`),
    },
    present: { binds: 90, as: '{of}' },
    and: { binds: 40, as: '{left} && {right}' },
    or: { binds: 30, as: (e, p) => either(e, p) },
    compare: { binds: 50, as: (e, p) => compared(e, p) },
    arithmetic: { binds: 60, as: (e, p) => `${p.expr(e.left, 60)} ${e.op} ${p.expr(e.right, 61)}` },
    bits: { binds: 45, as: bits },
    pack: {
      binds: 44,
      as: (e, p) =>
        e.parts.length === 1 ? packPart(e.parts[0], p).replace(/^\((.*)\)$/, '$1') : e.parts.map((part) => packPart(part, p)).join(' | '),
    },
    call: atom((e, p) => `${p.name('function', e.name)}(${e.args.map((a) => p.expr(a)).join(', ')})`),
    make: atom((e, p) => `${p.type(e.type)}{${fields(e, p)}}`),
    choose: {
      binds: 20,
      as: (e, p) => `${p.expr(e.by)} == ${e.cases[0].value} ? ${p.expr(e.cases[0].is)} : ${p.expr(e.cases[1].is)}`,
    },
    rule_of: atom((e, p) =>
      e.value.kind === 'make'
        ? writing(e, p)
        : e.value.type.kind === 'packet'
          ? encoding(e, 'out', p)
          : `rule${packetName(p, e.packet)}(${p.expr(e.value)})`,
    ),
    size_of: atom('out.length()'), // of what was judged before
    encode: atom((e, p) => encoding(e, 'out', p)),
    one: atom('one({item~})'),
    marked: atom('{of~}'),
    stored: atom((e, p) => `Stored${packetName(p, e.packet)}(${p.expr(e.of)})`),
    list_count: atom((e, p) => `${listOf(p, e.list)}.count()`),
    armed: atom('timers_.armed(Timer::{timer})'),
    random: atom('random_.next({most~})'),
    minimum: atom('lesser({left~}, {right~})'),
    now: atom('timers_.now'),
  },
  statements: {
    while: (s, p) => ({ head: `while (${p.expr(s.when)})`, do: s.do }),
    let: (s, p) => {
      const is = s.value.kind === 'make' ? fields(s.value, p) : ''
      return `${s.changes ? '' : 'const '}${p.type(s.value.type)} ${p.name('local', s.name)}${is ? `{${is}}` : ` = ${p.expr(s.value)}`};`
    },
    set: (s, p) =>
      s.to.type.kind === 'frame' && s.value.kind === 'none' && s.to.kind === 'field'
        ? `dropTail(${p.expr(s.to.of)});`
        : isLarge(s.to.type)
          ? `${p.expr(s.to)}.${s.value.kind === 'none' ? 'clear()' : `set(${p.expr(s.value)})`};`
          : `${p.expr(s.to)} ${s.add ? '+=' : '='} ${narrow(s.to, s.value, p)};`,
    answer: 'return {value~};',
    stop: 'return;',
    do: '{call~};',
    each_char: (s, p) => ({ head: `for (const uint8_t ${p.name('local', s.item)} : ${p.expr(s.of)})`, do: s.do }),
    each: (s, p) => each(s, p),
    switch: (s, p) => {
      const cases = s.cases.flatMap((c) => [...c.values.map((v) => `  case ${p.expr(v)}:`), ...p.indented(p.indented(p.block(c.do)))])
      return [`switch (${p.expr(s.on)}) {`, ...cases, '  default:', ...p.indented(p.indented(p.block(s.else))), '}']
    },
    range: (s, p) => {
      const value = p.expr(s.of, 51)
      const low = s.least > 0 ? [`${value} < ${s.least}`] : []
      const high = s.most < 0xffffffff ? [`${value} > ${number(s.most)}`] : []
      return low.length + high.length > 0 ? `if (${[...low, ...high].join(' || ')}) return Rule::${p.name('rule', s.rule)};` : ''
    },
    break_rule: 'return Rule::{rule};',
    check: (s, p) => `if (${p.expr(negate(s.must))}) in.fail(Rule::${p.name('rule', s.rule)}${s.back ? `, ${s.back}` : ''});`,
    check_text: () => '', // what reads a text judges it
    begin: (s, p) => `return out.finish(${s.first.kind === 'number' ? `0x${s.first.value.toString(16)}` : p.expr(s.first)});`,
    write: (s: Of<'write'> & { within?: Of<'range'> }, p) => {
      const wire = s.value.kind === 'text' || s.value.kind === 'choose' ? 'bytes' : s.wire
      const judged = s.within ? `, ${s.within.least}, Rule::${p.name('rule', s.within.rule)}` : textKind(s.value.type, p, ', ')
      return `out.${wire}(${p.expr(s.value)}${judged});`
    },
    declare: (s, p) => (isByteList(s.part.type) ? '' : `${p.expr(s.part)} = ${isNumber(s.part.type) ? '0' : `${p.type(s.part.type)}()`};`),
    read: (s, p) => `${local(s, p)} = in.${s.wire}(${textKind(s.to.type, p)});`,
    take: (s, p) => (s.value.kind === 'make' ? `${p.expr(s.to)}.isPresent = true;` : `${local(s, p)} = ${p.expr(s.value)};`),
    expect_more: 'in.expectMore(Rule::{rule});',
    read_list: (s, p) => {
      const body = p.indented(p.block(s.do))
      if (isByteList(s.part.type)) return [`${p.expr(s.part)} = in.items();`, 'while (in.more()) {', ...body, '}']
      return ['while (in.more()) {', ...body, `  in.add(${p.expr(s.part)}, ${p.expr(s.make)});`, '}']
    },
    finish: 'in.finish();',
    result: () => '',
    dial: 'host().dial();',
    hang_up: 'host().hangUp();',
    send: (s, p) => sending(s.frame, p),
    deliver: 'handOver({packet~});',
    settle: (s, p) => `settle(${p.expr(s.operation)}, Error::OK${s.results ? `, ${p.expr(s.results)}` : ''});`, // a result alone is in a variable
    fail: 'settle({operation~}, {error~});',
    enter: 'enter({state~});',
    report: 'host().error({error~});',
    violation: 'host().violation({rule~}, {at~});',
    arm: (s, p) => `timers_.arm${s.after ? '' : 'At'}(Timer::${p.name('timer', s.timer)}, ${p.expr(s.after ?? s.at!)});`,
    disarm: 'timers_.disarm(Timer::{timer});',
    append: (s, p) => append(s, p),
    move: (s, p) => `${p.name('type', s.record)} *const ${p.name('local', s.item)} = ${listOf(p, s.from)}.moveFirst();`,
    remove: (s, p) => `${listOf(p, s.list)}.remove(${p.expr(s.item)});`,
    clear: (s, p) => `${listOf(p, s.list)}.clear();`,
    prune: (s, p) => `${listOf(p, s.list)}.prune(${fits(s, p)});`,
    find: (s, p) => {
      const [yes, no] = [p.block(s.do), s.else ? p.block(s.else) : []]
      const item = p.name('local', s.item)
      const key = s.key ?? keyOf(s)
      const found = `${listOf(p, s.list)}.find(${key ? p.expr(key) : fits(s, p)})`
      const named = new RegExp(`\\b${item}\\b`).test(yes.join())
      const head = `if (${named ? `${p.name('type', s.record)} *const ${item} = ` : ''}${found})`
      if (yes.length === 1 && no.length === 0 && head.length + yes[0].length < 120) return [`${head} ${yes[0]}`]
      return [`${head} {`, ...p.indented(yes), ...(no.length > 0 ? ['} else {', ...p.indented(no)] : []), '}']
    },
    for_each: (s, p) => {
      if (p.block(s.do).length === 0) return []
      const item = p.name('local', s.item)
      const first = mentions(s.do, s.item) ? {} : { first: [`static_cast<void>(${item});`] } // only counted
      return { head: `for (${p.name('type', s.record)} *const ${item} : ${listOf(p, s.list)})`, ...first, do: s.do }
    },
  },
  encoders: {
    range: (s, p) => `out.within(${p.expr(s.of)}, ${s.least}, ${number(s.most)}, Rule::${p.name('rule', s.rule)});`,
    break_rule: 'out.fail(Rule::{rule});',
    each: (s, p) => each({ ...s, of: { kind: 'call', type: s.of.type, name: 'backwards', args: [s.of], method: true } }, p),
  },
}

/** Nothing is shifted to be compared with a number. */
function compared({ left, op, right }: Expr & { kind: 'compare' }, p: Printer): string {
  if (left.kind !== 'bits' || left.shift === 0 || right.kind !== 'number') return `${p.expr(left, 51)} ${op} ${p.expr(right, 51)}`
  const hex = (n: number) => `0x${(n << left.shift).toString(16)}`
  return `(${p.expr(left.of, 60)} & ${hex(2 ** left.width - 1)}) ${op} ${right.value === 0 ? '0' : hex(right.value)}`
}

const isByteList = (type: Type): boolean => type.kind === 'list' && type.of.kind === 'enum'
/** Text with rules of its own says which. */
const textKind = (type: Type, p: Printer, before = ''): string =>
  type.kind === 'text' && type.format ? `${before}TextKind::${p.name('member', type.format)}` : ''

/** What takes much memory is the caller's: such a variable is in Config. */
export const isLarge = (type: Type): boolean => type.kind === 'optional' && type.of.kind === 'struct'
const isNumber = (type: Type): boolean => (type.kind === 'optional' ? isNumber(type.of) : type.kind === 'uint' || type.kind === 'enum')
const local = (s: { declares: boolean; to: Expr }, p: Printer): string =>
  s.declares && s.to.kind === 'name' && s.to.role !== 'part' ? `const ${p.type(s.to.type)} ${p.expr(s.to)}` : p.expr(s.to)

function member(e: Expr & { kind: 'member' }, p: Printer): string {
  if (e.owner === 'Rule') return `Rule::${p.name('rule', e.member)}`
  if (e.owner === 'Error') return `Error::${p.name('error', e.member)}`
  const owner = e.type.kind === 'state' ? stateName(p, e.owner) : e.owner === 'PacketKind' ? 'PacketType' : p.name('type', e.owner)
  return `${owner}::${p.name('member', e.member)}`
}

/** One walk through a text looks for two characters. */
function either(e: Expr & { kind: 'or' }, p: Printer): string {
  const { left, right } = e
  if (left.kind === 'contains' && right.kind === 'contains' && same(left.of, right.of))
    return `${p.expr(left.of, 90)}.contains('${left.value}', '${right.value}')`
  return [left, right].map((side) => p.expr(side, side.kind === 'or' ? 30 : 41)).join(' || ')
}

/** What is behind a record is of any length, and has a function. */
function field(e: Expr & { kind: 'field' }, p: Printer): string {
  const inRecord = e.of.type.kind === 'record'
  const tail = inRecord && ['frame', 'text', 'bytes'].includes(e.type.kind)
  const text = `${p.expr(e.of, 90)}${inRecord ? '->' : '.'}${p.name('field', e.field)}${tail ? '()' : ''}`
  return e.type.kind === 'error' ? `static_cast<Error>(${text})` : text // a code that was received
}

/** What one looks for whose packet identifier it is. */
function keyOf({ where: w, item }: Stmt & { kind: 'find' }): Expr | undefined {
  const byId = w.kind === 'compare' && w.op === '==' && w.left.kind === 'field' && w.left.field === 'packet_id'
  return byId && mentions(w.left, item) ? w.right : undefined
}

function fits(s: Stmt & { kind: 'find' | 'prune' }, p: Printer): string {
  const item = mentions(s.where, s.item) ? p.name('local', s.item) : ''
  return `[&](const ${p.name('type', s.record)} *${item}) { return ${p.expr(s.where)}; }`
}

function each(s: Stmt & { kind: 'each' }, p: Printer) {
  const item = p.name('local', s.item)
  if (s.of.kind === 'stored') {
    const beside = s.with ? [`const uint32_t ${p.name('local', s.with.item)} = ${p.expr(s.with.of)}[list.index()];`] : []
    const head = `for (Stored${packetName(p, s.of.packet)} list(${p.expr(s.of.of)}); list.more();)`
    const next = mentions(s.do, s.item) ? `const ${p.type(s.type)} ${item} = list.next();` : 'list.next();'
    return { head, first: [...beside, next], do: s.do }
  }
  const type =
    s.type.kind === 'struct' ? `const ${p.type(s.type)} &` : s.type.kind === 'enum' ? 'const uint8_t ' : `const ${p.type(s.type)} `
  return { head: `for (${type}${item} : ${p.expr(s.of)})`, do: s.do }
}

/** Room for the record and what is behind it; then its fields. */
function append(s: Stmt & { kind: 'append' }, p: Printer): string[] {
  const item = p.name('local', s.item)
  const list = listOf(p, s.list)
  const tail = s.fields.find((f) => ['frame', 'text', 'bytes'].includes(f.value.type.kind))?.value
  const limit = s.limit ? [p.expr(s.limit)] : []
  const size = tail?.kind === 'encode' ? 'out.size()' : tail ? `${p.expr(tail)}.size` : '' // judged before
  const put = s.fields.flatMap((f) => {
    const to: Expr = {
      kind: 'field',
      type: f.value.type,
      of: { kind: 'name', type: { kind: 'record', name: s.record }, name: s.item, role: 'local' },
      field: f.name,
    }
    if (f.value === tail) return []
    return [`${item}->${p.name('field', f.name)} = ${narrow(to, f.value, p)};`]
  })
  const last =
    tail?.kind === 'encode'
      ? [`Writer kept(${item}->room());`, `${encoding(tail, 'kept', p)};`]
      : tail
        ? [`${item}->put(${p.expr(tail)});`]
        : []
  const full = p.block(s.full)
  const refuse = full.length === 1 ? [`if (!${item}) ${full[0]}`] : full.length > 0 ? [`if (!${item}) {`, ...p.indented(full), '}'] : []
  const fill = full.length > 0 ? [...put, ...last] : [`if (${item}) {`, ...p.indented([...put, ...last]), '}']
  return [`${p.name('type', s.record)} *const ${item} = ${list}.add(${[size, ...limit].filter(Boolean).join(', ')});`, ...refuse, ...fill]
}
