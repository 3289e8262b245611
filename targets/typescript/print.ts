// How statements and expressions look in TypeScript. Layout and precedence are generator/print.ts; declarations are emit.ts.
import { type Expr, type Func, negate, same, type Type } from '../../generator/ir.ts'
import { atom, type Printer, type PrintTable } from '../../generator/print.ts'

const cursor = (wire: string): string => (wire === 'bytes' ? 'binary' : wire)
const isFlag = (e: Expr): boolean => e.type.kind === 'bool'
const packetName = (p: Printer, packet: string): string => p.name('type', packet)

/** Bits of a byte: shifted and masked only as far as needed. */
function bits(e: Expr & { kind: 'bits' }, p: Printer): string {
  const of = p.expr(e.of, 60)
  const mask = 2 ** e.width - 1
  if (e.type.kind === 'bool') return `(${of} & 0x${(1 << e.shift).toString(16)}) !== 0`
  if (e.shift === 0) return `${of} & 0x${mask.toString(16)}`
  return e.shift + e.width === 8 ? `${of} >> ${e.shift}` : `(${of} >> ${e.shift}) & ${mask}`
}

const unwrapped = (text: string): string => text.replace(/^\((.*)\)$/, '$1')
const cast = (to: Expr, value: Expr, text: string, p: Printer): string =>
  to.type.kind === 'enum' && value.type.kind !== 'optional' && value.kind !== 'make'
    ? `${value.kind === 'bits' ? `(${text})` : text} as ${p.type(to.type)}`
    : text

function packPart(part: { value: Expr; shift: number }, p: Printer): string {
  if (part.value.kind === 'number') return `0x${part.value.value.toString(16)}`
  if (isFlag(part.value)) return `(${p.expr(part.value, 21)} ? 0x${(1 << part.shift).toString(16)} : 0)`
  return part.shift === 0 ? p.expr(part.value, 60) : `(${p.expr(part.value, 60)} << ${part.shift})`
}

const object = (fields: { name: string; value: Expr }[], p: Printer): string => {
  const parts = fields.map((f) => {
    const [key, value] = [p.name('field', f.name), p.expr(f.value)]
    return key === value ? key : `${key}: ${value}`
  })
  return parts.join(', ')
}

function types(type: Type, p: Printer): string {
  switch (type.kind) {
    case 'bool':
      return 'boolean'
    case 'uint':
    case 'char':
    case 'error':
      return 'number'
    case 'text':
      return 'string'
    case 'bytes':
      return 'Uint8Array'
    case 'frame':
      return 'Stored | undefined'
    case 'rule':
      return 'Rule | undefined'
    case 'enum':
      return type.name === 'PacketKind' ? "Packet['kind']" : p.name('type', type.name)
    case 'struct':
    case 'record':
      return p.name('type', type.name)
    case 'packet':
      return type.name ? packetName(p, type.name) : 'Packet'
    case 'list':
      return `${types(type.of, p)}[]`
    case 'optional':
      return `${types(type.of, p)} | undefined`
    case 'state':
      return 'number'
    case 'operation':
      return 'Operation | undefined'
    case 'config':
      return 'Config'
    case 'none':
      return 'void'
  }
}

const cursorOf = (f: Func): string[] => (f.name.startsWith('encode_') ? ['out'] : f.name.startsWith('decode_') ? ['input'] : [])
const call = (f: Func, p: Printer): string =>
  `${p.name('function', f.name)}(${[...cursorOf(f), ...f.params.map((a) => p.name('local', a.name))].join(', ')})`

/** Decoders of one shape: the version is the third. */
const decoding = (f: Func): string[] => {
  const names = f.params.map((a) => a.name)
  return names.includes('version') && !names.includes('first') ? ['_first: number'] : []
}

function signature(f: Func, p: Printer): string {
  const params = [
    ...cursorOf(f).map((c) => (c === 'out' ? 'out: Writer' : 'input: Reader')),
    ...(f.name.startsWith('decode_') ? decoding(f) : []),
    ...f.params.map((a) => `${p.name('local', a.name)}: ${p.type(a.type)}`),
  ]
  return `${p.name('function', f.name)}(${params.join(', ')}): ${p.type(f.returns)}`
}

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
  types,
  signature,
  call,
  expressions: {
    number: atom((e) => (e.type.kind === 'rule' ? 'undefined' : String(e.value))),
    bool: atom((e) => String(e.value)),
    none: atom('undefined'),
    character: atom((e) => `'${e.value}'`),
    text: atom((e) => `'${e.value}'`),
    member: atom((e, p) =>
      e.owner === 'Rule'
        ? `'${e.member}'`
        : e.owner === 'Error'
          ? `Code.${e.member}`
          : e.owner === 'PacketType'
            ? `PacketType.${e.member}`
            : e.owner === 'PacketKind'
              ? `'${e.member}'`
              : e.type.kind === 'state'
                ? p.name('member', e.member)
                : String(e.value),
    ),
    name: atom((e, p) =>
      e.role === 'variable' ? `this.#${p.name('variable', e.name)}` : p.name(e.role === 'part' ? 'part' : 'local', e.name),
    ),
    field: { binds: 90, as: '{of}.{field}' },
    maybe: {
      binds: 30,
      as: (e, p) => `${p.expr(e.of, 90)}?.${p.name('field', e.field)}${isFlag(e) ? '' : ' ?? 0'}`,
    },
    has: { binds: 50, as: '{of} !== undefined' },
    length: atom((e, p) => (e.of.type.kind === 'text' ? `utf8Length(${p.expr(e.of)})` : `${p.expr(e.of, 90)}.length`)),
    count: { binds: 90, as: '{of}.length' },
    contains: atom((e, p) => `${p.expr(e.of, 90)}.includes('${e.value}')`),
    not: { binds: 50, as: (e, p) => (e.of.kind === 'has' ? `${p.expr(e.of.of, 51)} === undefined` : `!${p.expr(e.of, 80)}`) },
    present: { binds: 90, as: '{of}!' },
    and: { binds: 40, as: (e, p) => among(e, p) ?? `${side(e.left, 40, p)} && ${side(e.right, 40, p)}` },
    or: {
      binds: 30,
      as: (e, p) => among(e, p) ?? [e.left, e.right].map((x) => side(x, x.kind === 'or' ? 30 : 41, p)).join(' || '),
    },
    compare: { binds: 50, as: (e, p) => compared(e, p) },
    arithmetic: { binds: 60, as: (e, p) => `${p.expr(e.left, 60)} ${e.op} ${p.expr(e.right, 61)}` },
    bits: { binds: 45, as: bits },
    pack: {
      binds: 44,
      as: (e, p) => (e.parts.length === 1 ? unwrapped(packPart(e.parts[0], p)) : e.parts.map((part) => packPart(part, p)).join(' | ')),
    },
    call: atom((e, p) => `${e.method ? 'this.#' : ''}${p.name('function', e.name)}(${e.args.map((a) => p.expr(a)).join(', ')})`),
    make: atom((e, p) => `{ ${e.type.kind === 'packet' ? `kind: '${e.name}', ` : ''}${object(e.fields, p)} }`),
    choose: {
      binds: 20,
      as: (e, p) => `${p.expr(e.by)} === ${e.cases[0].value} ? ${p.expr(e.cases[0].is)} : ${p.expr(e.cases[1].is)}`,
    },
    rule_of: atom((e, p) =>
      e.value.type.kind === 'packet' ? `ruleBy(${encoding(e, p)}, ${VERSION})` : `rule${packetName(p, e.packet)}(${p.expr(e.value)})`,
    ),
    size_of: atom((e, p) => `sizeBy(${encoding(e, p)}, ${VERSION})`),
    encode: atom('{value~}'), // kept as it is
    one: atom('[{item~}]'),
    marked: atom('marked({of~}, {version~})'),
    stored: {
      binds: 90,
      as: (e, p) => `(${p.expr(e.of)} as ${packetName(p, e.packet)}).${p.name('field', e.field)}`,
    },
    list_count: atom('this.#{list}.size'),
    armed: atom('this.#timers.armed({timer})'),
    random: atom('this.#random({most~})'),
    minimum: atom('Math.min({left~}, {right~})'),
    now: atom('this.#timers.now'),
  },
  statements: {
    while: (s, p) => ({ head: `while (${p.expr(s.when)})`, do: s.do }),
    let: (s, p) =>
      `${s.changes ? 'let' : 'const'} ${p.name('local', s.name)}${s.value.kind === 'make' ? `: ${p.type(s.value.type)}` : ''} = ${p.expr(s.value)}`,
    set: (s, p) => `${p.expr(s.to)} ${s.add ? '+=' : '='} ${p.expr(s.value)}`,
    answer: 'return {value~}',
    stop: 'return',
    do: '{call~}',
    each_char: (s, p) => ({ head: `for (const ${p.name('local', s.item)} of ${p.expr(s.of)})`, do: s.do }),
    each: (s, p) => {
      const item = p.name('local', s.item)
      if (!s.with) return { head: `for (const ${item} of ${p.expr(s.of)})`, do: s.do }
      const beside = `const ${p.name('local', s.with.item)} = ${p.expr(s.with.of)}[i]`
      return { head: `for (const [i, ${item}] of ${p.expr(s.of)}.entries())`, first: [beside], do: s.do }
    },
    switch: (s, p) => {
      const cases = s.cases.flatMap((c) => [...c.values.map((v) => `  case ${p.expr(v)}:`), ...p.indented(p.indented(p.block(c.do)))])
      return [`switch (${p.expr(s.on)}) {`, ...cases, '  default:', ...p.indented(p.indented(p.block(s.else))), '}']
    },
    range: (s, p) => range(s.of, s.least, s.most, s.rule, p),
    break_rule: "return '{rule}'",
    check: (s, p) => `if (${p.expr(negate(s.must))}) throw input.malformed('${s.rule}'${s.back ? `, ${s.back}` : ''})`,
    check_text: 'input.require({call~})',
    begin: (s, p) => {
      const first = s.first.kind === 'number' ? `0x${s.first.value.toString(16)}` : p.expr(s.first)
      return s.length ? `out.begin(${first}, ${s.length})` : `out.begin(${first})`
    },
    write: (s, p) => `out.${s.wire === 'rest' ? 'end' : cursor(s.wire)}(${p.expr(s.value)})`,
    declare: (s, p) =>
      s.part.type.kind === 'list'
        ? `const ${p.expr(s.part)}: ${p.type(s.part.type)} = []`
        : `let ${p.expr(s.part)}: ${p.type(s.part.type)}`,
    read: (s, p) => `${s.declares ? 'const ' : ''}${p.expr(s.to)} = ${cast(s.to, s.to, `input.${cursor(s.wire)}()`, p)}`,
    take: (s, p) => `${s.declares ? 'const ' : ''}${p.expr(s.to)} = ${cast(s.to, s.value, p.expr(s.value), p)}`,
    expect_more: "input.expect(true, '{rule}')",
    read_list: (s, p) => {
      const list = p.expr(s.part)
      return { head: 'while (input.more)', do: s.do, last: [`${list}.push(${p.expr(s.make)})`] }
    },
    finish: '', // of every packet alike: framing.ts does it
    result: (s, p) => `return { kind: '${s.packet}', ${object(s.fields, p)} }`,
    dial: 'this.#host.dial()',
    hang_up: 'this.#hangUp()',
    send: (s, p) => sending(s.frame, p),
    deliver: 'this.#host.deliver({packet~})',
    settle: (s, p) => {
      const result = s.result ?? s.results
      return `this.#settle(${p.expr(s.operation)}${result ? `, ${p.expr(result)}` : ''})`
    },
    fail: 'this.#fail({operation~}, {error~})',
    enter: 'this.#enter({state~})',
    report: 'this.#host.error({error~})',
    violation: 'this.#host.violation({rule~}!, {at~})',
    arm: (s, p) => {
      const timer = p.name('timer', s.timer)
      return s.after ? `this.#timers.arm(${timer}, ${p.expr(s.after)})` : `this.#timers.armAt(${timer}, ${p.expr(s.at!)})`
    },
    disarm: 'this.#timers.disarm({timer})',
    append: (s, p) => {
      const list = `this.#${p.name('list', s.list)}`
      const record = `{ ${object(s.fields, p)} }`
      const item = p.name('local', s.item)
      const named = s.named ? [`const ${item} = ${record}`] : [] // as a smaller profile has it
      const add = `${list}.add(${s.named ? item : record})`
      if (!s.limit) return [...named, add]
      return [...named, `if (${list}.size < ${p.expr(s.limit)}) ${add}`, ...otherwise(p.block(s.full), p)]
    },
    move: (s, p) => [
      `const ${p.name('local', s.item)} = this.#${p.name('list', s.from)}.shift()!`,
      `this.#${p.name('list', s.to)}.add(${p.name('local', s.item)})`,
    ],
    remove: 'this.#{list}.remove({item~})',
    clear: 'this.#{list}.clear()',
    prune: (s, p) => `this.#${p.name('list', s.list)}.prune((${p.name('local', s.item)}) => ${p.expr(s.where)})`,
    find: (s, p) => {
      const item = p.name('local', s.item)
      const list = `this.#${p.name('list', s.list)}`
      const [yes, no] = [p.block(s.do), s.else ? p.block(s.else) : []]
      const found = s.key ? `${list}.get(${p.expr(s.key)})` : `${list}.find((${item}) => ${p.expr(s.where)})`
      const [only] = s.do
      // what is done of one that looks otherwise is done of none, too
      if (
        s.else &&
        s.do.length === 1 &&
        only.kind === 'if' &&
        same(only.else, s.else) &&
        only.branches.every((b) => b.when.kind === 'compare')
      )
        return [`const ${item} = ${found}`, ...yes.map((line) => line.replace(/^((} )?else )?if \((\w+)\./, '$1if ($3?.'))]
      const named = new RegExp(`\\b${item}\\b`).test(yes.join())
      const head = `if (${named ? item : found})`
      const then = yes.length === 1 && no.length === 0 && /^(return|this)\b/.test(yes[0])
      const block = then
        ? [`${head} ${yes[0]}`]
        : [`${head} {`, ...p.indented(yes), ...(no.length > 0 ? ['} else {', ...p.indented(no)] : []), '}']
      return named ? [`const ${item} = ${found}`, ...block] : block
    },
    for_each: (s, p) => ({ head: `for (const ${p.name('local', s.item)} of this.#${p.name('list', s.list)})`, do: s.do }),
  },
  encoders: {
    range: (s, p) => `out.within(${p.expr(s.of)}, ${s.least}, ${s.most}, '${s.rule}')`,
    break_rule: "out.require('{rule}')",
    check_text: (s, p) => `out.check(${p.name('function', (s.call as { name: string }).name)})`,
  },
}

const otherwise = (lines: string[], p: Printer): string[] => (lines.length > 0 ? ['else {', ...p.indented(lines), '}'] : [])

const VERSION = 'this.#config.version'
const encoding = (e: { packet: string; value: Expr }, p: Printer): string =>
  `encode${packetName(p, e.packet)}${e.value.kind === 'none' ? '' : `, ${p.expr(e.value)}`}`

/** A packet at hand is encoded by its encoder, one that was kept by that of its kind. */
function sending(frame: Expr, p: Printer): string {
  const marked = frame.kind === 'marked'
  const of = marked ? frame.of : frame
  const again = marked ? ', true' : ''
  return of.kind === 'encode' ? `this.#send(${encoding(of, p)}${again})` : `this.#resend(${p.expr(of)}!${again})`
}

function compared(e: Expr & { kind: 'compare' }, p: Printer): string {
  if (e.right.kind === 'member' && e.right.owner === 'Error' && e.right.value === 0 && e.op === '!=') return p.expr(e.left, 51) // OK is 0
  if (e.left.kind === 'length' && e.right.kind === 'number' && e.right.value === 0)
    return `${p.expr(e.left.of, 90)}.length ${e.op === '==' ? '===' : e.op} 0`
  const op = e.op === '==' ? '===' : e.op === '!=' ? '!==' : e.op
  return `${p.expr(e.left, 51)} ${op} ${p.expr(e.right, 51)}`
}

function range(of: Expr, least: number, most: number, rule: string, p: Printer): string {
  const wrong = of.kind === 'length' ? `${p.expr(of, 51)} > ${most}` : `outside(${p.expr(of)}, ${least}, ${most})`
  return `if (${wrong}) return '${rule}'`
}

/** Which states of a table, where more than one is asked for. */
function among(e: Expr & { kind: 'and' | 'or' }, p: Printer): string | undefined {
  const parts = (x: Expr): Expr[] => (x.kind === e.kind ? [x.left, x.right].flatMap(parts) : [x])
  const op = e.kind === 'or' ? '==' : '!='
  const tests = parts(e)
    .filter((x) => x.kind === 'compare')
    .filter((x) => x.op === op && x.left.type.kind === 'state')
  if (tests.length < parts(e).length || !tests.every((x) => same(x.left, tests[0].left))) return undefined
  return `${op === '!=' ? '!' : ''}[${tests.map((x) => p.expr(x.right)).join(', ')}].includes(${p.expr(tests[0].left)})`
}

const side = (e: Expr, least: number, p: Printer): string => ((e.kind === 'and' || e.kind === 'or') && among(e, p)) || p.expr(e, least)
