// How statements and expressions look in ES5 for small engines. A text is the engine's, a flag any number that is not 0, an encoded packet
// the packet with its encoder. Functions stand alone; the client at hand is a variable. Layout and precedence are generator/print.ts;
// which functions a file gets is units.ts.
import { type Expr, type Func, negate, type Stmt, type Type } from '../../generator/ir.ts'
import { atom, type Printed, type Printer, type PrintTable } from '../../generator/print.ts'
import { testsOf } from '../../generator/ranges.ts'

const field = (p: Printer, name: string): string => `_${p.name('field', name)}`
const list = (p: Printer, name: string): string => `client._${p.name('list', name)}`
const ofPacket = (p: Printer, what: string, packet: string): string => p.name('function', `${what}_${packet}`)
const hex = (n: number): string => (n < 10 ? String(n) : `0x${n.toString(16)}`)

/** Bits of a byte: shifted only where their value counts. */
function bits(e: Expr & { kind: 'bits' }, p: Printer): string {
  const of = p.expr(e.of, 60)
  const mask = 2 ** e.width - 1
  if (e.type.kind === 'bool') return `${of} & ${hex(1 << e.shift)}`
  if (e.shift === 0) return `${of} & ${hex(mask)}`
  return e.shift + e.width === 8 ? `${of} >> ${e.shift}` : `${of} >> ${e.shift} & ${hex(mask)}`
}

function packPart({ value, shift }: { value: Expr; shift: number }, p: Printer): string {
  if (value.kind === 'number') return hex(value.value)
  if (value.type.kind === 'bool') return flag(value, p) + (shift > 0 ? ` << ${shift}` : '')
  return shift === 0 ? p.expr(value, 45) : `${p.expr(value, 51)} << ${shift}`
}
/** As 0 or 1. */
const flag = (e: Expr, p: Printer): string =>
  e.kind === 'compare' || (e.kind === 'has' && has(e.of.type)) ? `(${p.expr(e)})` : `!!${p.expr(e, 80)}`

/** Where only truth counts, a number is not compared with 0. */
function condition(e: Expr, p: Printer, least = 0): string {
  return e.kind === 'compare' ? compared(e, p, least) : p.expr(e, least)
}
/** Which values of a table of states, as bits. */
function among(e: Expr & { kind: 'or' | 'and' }, p: Printer): string | undefined {
  const tests = testsOf(e)
  if (!tests) return undefined
  return inSet(
    p.expr(tests[0].left, 60),
    tests.map((x) => x.right),
    e.kind === 'or',
    p,
  )
}
function inSet(subject: string, members: (Expr & { kind: 'member' })[], any: boolean, p: Printer): string {
  const mask = members.reduce((sum, m) => sum + 2 ** m.value, 0)
  const names = members.map((m) => constant(p, m)).join(', ')
  const test = `${mask} >> ${subject} & 1 /* ${names} */`
  return any ? test : `!(${test})`
}
function compared(e: Expr & { kind: 'compare' }, p: Printer, least: number): string {
  const none = e.right.kind === 'none' || (e.right.kind === 'number' && e.right.value === 0) || isZero(e.right)
  if (none && e.op === '==') return `!${p.expr(e.left, 80)}`
  if (none && (e.op === '!=' || e.op === '>')) return p.expr(e.left, least)
  const text = `${p.expr(e.left, 51)} ${e.op} ${p.expr(e.right, 51)}`
  return least > 50 ? `(${text})` : text
}
const isZero = (e: Expr): boolean => e.kind === 'member' && e.value === 0 && e.type.kind === 'error'

/** Fields that are 0 or false are left out of a packet: they read as that. */
function object(fields: { name: string; value: Expr }[], p: Printer): string {
  const zero = (v: Expr) => (v.kind === 'number' && v.value === 0) || (v.kind === 'bool' && !v.value)
  const kept = fields.filter((f) => !zero(f.value))
  return kept.length === 0 ? '{}' : `{ ${kept.map((f) => `${field(p, f.name)}: ${p.expr(f.value)}`).join(', ')} }`
}

const params = (f: Func, p: Printer): string =>
  f.params
    .filter((a) => a.name !== 'version')
    .map((a) => p.name('local', a.name))
    .join(', ')
/** Whether presence is not the same as truth. */
const has = (type: Type): boolean => type.kind === 'optional' && type.of.kind !== 'struct'
/** A flag without comparison; the rest as it is. */
const value = (e: Expr, p: Printer): string => (e.kind === 'compare' && e.type.kind === 'bool' ? compared(e, p, 0) : p.expr(e))
const constant = (p: Printer, e: Expr & { kind: 'member' }): string =>
  e.type.kind === 'rule'
    ? rule(p, e.member)
    : e.type.kind === 'error'
      ? p.name('error', e.member)
      : e.type.kind === 'state'
        ? p.name('member', e.member)
        : e.owner.startsWith('Packet')
          ? `TYPE_${p.name('member', e.member)}`
          : hex(e.value)
const rule = (p: Printer, name: string): string => `RULE_${p.name('rule', name)}`
const timer = (p: Printer, name: string): string => `TIMER_${p.name('timer', name)}`

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
  types: () => '',
  signature: (f, p) => `${p.name('function', f.name)}(${params(f, p)})`,
  call: (f, p) => `${p.name('function', f.name)}(${params(f, p)})`,
  expressions: {
    number: atom((e) => String(e.value)),
    bool: atom((e) => String(e.value)),
    none: atom(() => '0'),
    character: atom((e) => `'${e.value}'`),
    text: atom((e) => `'${e.value}'`),
    member: atom((e, p) => constant(p, e)),
    name: atom((e, p) =>
      e.type.kind === 'config'
        ? 'client'
        : e.name === 'version' && e.role === 'parameter'
          ? 'client._version'
          : e.role === 'variable'
            ? `client._${p.name('variable', e.name)}`
            : p.name(e.role === 'part' ? 'part' : 'local', e.name),
    ),
    field: { binds: 90, as: (e, p) => (e.type.kind === 'frame' ? p.expr(e.of, 90) : `${p.expr(e.of, 90)}.${field(p, e.field)}`) },
    maybe: { binds: 90, as: (e, p) => `(${p.expr(e.of)} || 0).${field(p, e.field)}` },
    has: { binds: 50, as: (e, p) => (has(e.of.type) ? `${p.expr(e.of, 51)} != undefined` : p.expr(e.of)) },
    length: { binds: 90, as: '{of}.length' },
    count: { binds: 90, as: '{of}.length' },
    contains: { binds: 50, as: (e, p) => `${p.expr(e.of, 90)}.indexOf('${e.value}') >= 0` },
    not: {
      binds: 80,
      as: (e, p) =>
        e.of.kind !== 'has'
          ? `!${p.expr(e.of, 80)}`
          : has(e.of.of.type)
            ? `${p.expr(e.of.of, 51)} == undefined`
            : `!${p.expr(e.of.of, 80)}`,
    },
    present: { binds: 90, as: '{of}' },
    and: { binds: 40, as: (e, p) => among(e, p) ?? [e.left, e.right].map((side) => condition(side, p, 40)).join(' && ') },
    or: {
      binds: 30,
      as: (e, p) => among(e, p) ?? [e.left, e.right].map((side) => condition(side, p, side.kind === 'or' ? 30 : 41)).join(' || '),
    },
    compare: { binds: 50, as: (e, p) => compared(e, p, 0) },
    arithmetic: { binds: 60, as: (e, p) => `${p.expr(e.left, 60)} ${e.op} ${p.expr(e.right, 61)}` },
    bits: { binds: 45, as: bits },
    pack: { binds: 44, as: (e, p) => e.parts.map((part) => packPart(part, p)).join(' | ') },
    call: atom((e, p) => `${p.name('function', e.name)}(${e.args.map((a) => p.expr(a)).join(', ')})`),
    make: atom((e, p) => object(e.fields, p)),
    choose: {
      binds: 20,
      as: (e, p) => `${p.expr(e.by)} == ${e.cases[0].value} ? ${p.expr(e.cases[0].is)} : ${p.expr(e.cases[1].is)}`,
    },
    rule_of: atom((e, p) => `ruleOf(${ofPacket(p, 'encode', e.packet)}, ${p.expr(e.value)})`),
    size_of: atom(() => 'total'), // of the packet judged before
    encode: atom((e, p) => encoding(e, p)),
    one: atom('[{item~}]'),
    marked: atom('{of~}'),
    stored: { binds: 90, as: (e, p) => `${p.expr(e.of, 90)}.${field(p, e.field)}` },
    list_count: { binds: 90, as: (e, p) => `${list(p, e.list)}.length` },
    armed: atom((e, p) => `armed(${timer(p, e.timer)})`),
    random: atom('random({most~})'),
    minimum: atom('Math.min({left~}, {right~})'),
    now: atom('client._now'),
  },
  statements: {
    while: (s, p) => ({ head: `while (${condition(s.when, p)})`, do: s.do }),
    let: (s, p) => `var ${p.name('local', s.name)} = ${value(s.value, p)}`,
    set: (s, p) => (s.to.type.kind === 'frame' ? '' : `${p.expr(s.to)} ${s.add ? '+=' : '='} ${value(s.value, p)}`),
    answer: (s, p) => (s.value.type.kind === 'error' ? `raise(${p.expr(s.value)})` : `return ${value(s.value, p)}`),
    stop: 'return',
    do: (s, p) => judging(s.call, p) ?? p.expr(s.call),
    each_char: (s, p) => over(p.name('local', s.item), p.expr(s.of, 90), s.do, []),
    each: (s, p) => {
      const beside = s.with ? [`var ${p.name('local', s.with.item)} = ${p.expr(s.with.of, 90)}[i]`] : []
      return each(s.item, p.expr(s.of, 90), s.do, beside, p)
    },
    switch: (s, p) => {
      const cases = s.cases.flatMap((c, i) => {
        const members = c.values as (Expr & { kind: 'member' })[]
        const test = members.length > 1 ? inSet('type', members, true, p) : `type == ${p.expr(members[0])}`
        return [`${i > 0 ? '} else ' : ''}if (${test}) {`, ...p.indented(p.block(c.do))]
      })
      return [`var type = ${p.expr(s.on)}`, ...cases, '} else {', ...p.indented(p.block(s.else)), '}']
    },
    range: (s, p) => `within(${[p.expr(s.of), rule(p, s.rule), s.most, ...(s.least ? [s.least] : [])].join(', ')})`,
    break_rule: (s, p) => `malformed(${rule(p, s.rule)})`,
    check: (s, p) => `if (${condition(negate(s.must), p)}) malformed(${rule(p, s.rule)}${s.back ? `, ${s.back}` : ''})`,
    check_text: '{call~}',
    begin: (s, p) => `begin(${p.expr(s.first)})`,
    write: (s, p) => `${{ u8: 'putU8', u16: 'putU16', utf8: 'putText', bytes: 'putBytes', rest: 'put' }[s.wire]}(${p.expr(s.value)})`,
    declare: (s, p) => (s.part.type.kind === 'list' ? `var ${p.expr(s.part)} = []` : `var ${p.expr(s.part)}`),
    read: (s, p) => {
      const get = { u8: 'getU8', u16: 'getU16', utf8: 'getText', bytes: 'getBytes', rest: 'getRest' }[s.wire]
      return `${s.declares ? 'var ' : ''}${p.expr(s.to)} = ${get}()`
    },
    take: (s, p) => `${s.declares ? 'var ' : ''}${p.expr(s.to)} = ${value(s.value, p)}`,
    expect_more: (s, p) => `expectMore(${rule(p, s.rule)})`,
    read_list: (s, p) => ({ head: 'while (at < end)', do: s.do, last: [`${p.expr(s.part)}.push(${p.expr(s.make)})`] }),
    finish: '',
    result: (s, p) => (s.fields.length > 0 ? `return ${object(s.fields, p)}` : ''),
    dial: 'dial()',
    hang_up: 'hangUp()',
    send: (s, p) => sending(s.frame, p),
    deliver: 'deliver({packet~})',
    settle: (s, p) => {
      const result = s.result ?? s.results
      return `settle(${p.expr(s.operation)}, 0${result ? `, ${p.expr(result)}` : ''})`
    },
    fail: 'settle({operation~}, {error~})',
    enter: 'enter({state~})',
    report: 'report({error~})',
    violation: (s, p) =>
      `violated(${[s.rule, s.at]
        .filter((e) => e.kind !== 'none')
        .map((e) => p.expr(e))
        .join(', ')})`,
    arm: (s, p) =>
      s.after ? `arm(${timer(p, s.timer)}, ${p.expr(s.after)})` : `client._due[${timer(p, s.timer)}] = ${p.expr(s.at as Expr)}`,
    disarm: (s, p) => `disarm(${timer(p, s.timer)})`,
    append: (s, p) => {
      const item = p.name('local', s.item)
      const packet = s.fields.map(({ value }) => value).find((v) => v.kind === 'encode')
      if (packet) return keeping(s, packet, p)
      const [to, record] = [list(p, s.list), object(s.fields, p)]
      if (!s.limit) return s.named ? [`var ${item} = ${record}`, `${to}.push(${item})`] : `${to}.push(${record})`
      const full = p.block(s.full)
      const otherwise = full.length > 0 ? ['else {', ...p.indented(full), '}'] : []
      return [`if (${to}.length < ${p.expr(s.limit, 51)}) ${to}.push(${record})`, ...otherwise]
    },
    move: (s, p) => [`var ${p.name('local', s.item)} = ${list(p, s.from)}.shift()`, `${list(p, s.to)}.push(${p.name('local', s.item)})`],
    remove: (s, p) => `remove(${list(p, s.list)}, ${p.expr(s.item)})`,
    clear: (s, p) => `${list(p, s.list)} = []`,
    prune: (s, p) => `${list(p, s.list)} = ${list(p, s.list)}.filter(${test(s.item, negate(s.where), p)})`,
    find: (s, p) => {
      const item = p.name('local', s.item)
      const found = s.key ? `byId(${list(p, s.list)}, ${p.expr(s.key)})` : `${list(p, s.list)}.filter(${test(s.item, s.where, p)})[0]`
      const [yes, no] = [p.block(s.do), s.else ? p.block(s.else) : []]
      const named = new RegExp(`\\b${item}\\b`).test(yes.join())
      const head = `if (${named ? item : found})`
      const otherwise = no.length > 0 ? ['} else {', ...p.indented(no)] : []
      const isShort = no.length === 0 && yes.length === 1 && !/^if|\{$/.test(yes[0]) && head.length + yes[0].length < 120
      const lines = isShort ? [`${head} ${yes[0]}`] : [`${head} {`, ...p.indented(yes), ...otherwise, '}']
      return [...(named ? [`var ${item} = ${found}`] : []), ...lines]
    },
    for_each: (s, p) => each(s.item, list(p, s.list), s.do, [], p),
  },
}

/** A packet that is kept is its own record. */
function keeping(s: Stmt & { kind: 'append' }, { packet, value: of }: Expr & { kind: 'encode' }, p: Printer): string[] {
  const kept = p.expr(of)
  const fields = s.fields.filter((f) => f.value.kind !== 'encode')
  const lines = fields.map((f) => `${kept}.${field(p, f.name)} = ${value(f.value, p)}`)
  return [...lines, `${kept}._encode = ${ofPacket(p, 'encode', packet)}`, `${list(p, s.list)}.push(${kept})`]
}

const test = (item: string, where: Expr, p: Printer): string => `function (${p.name('local', item)}) { return ${condition(where, p)} }`

/** A loop that may be left in the middle. */
const over = (item: string, of: string, body: Stmt[], beside: string[]) => ({
  head: `for (var i = 0; i < ${of}.length; i++)`,
  first: [`var ${item} = ${of}[i]`, ...beside],
  do: body,
})
const leaves = (body: Stmt[]): boolean => /"kind":"(answer|stop)"/.test(JSON.stringify(body))
function each(name: string, of: string, body: Stmt[], beside: string[], p: Printer): Printed {
  const item = p.name('local', name)
  if (leaves(body)) return over(item, of, body, beside)
  const [only, more] = body
  const call = only?.kind === 'do' && !more && beside.length === 0 && only.call.kind === 'call' ? only.call : undefined
  const called = call && p.name('function', call.name)
  if (call && p.expr(call) === `${called}(${item})`) return `${of}.forEach(${called})`
  const head = `${of}.forEach(function (${item}${beside.length > 0 ? ', i' : ''}) {`
  return [head, ...p.indented([...beside, ...p.block(body)]), '})']
}

/** What throws where a rule is broken; there is nothing to be told. */
function judging(e: Expr, p: Printer): string | undefined {
  if (e.kind !== 'rule_of') return undefined
  return `${ofPacket(p, e.value.type.kind === 'struct' ? 'rule' : 'encode', e.packet)}(${p.expr(e.value)})`
}

const encoding = (e: Expr & { kind: 'encode' }, p: Printer): string =>
  [ofPacket(p, 'encode', e.packet), ...(e.value.kind === 'none' ? [] : [p.expr(alike(e.value))])].join(', ')
/** Of a packet with one field, what has that field, too. */
function alike(e: Expr): Expr {
  const [only, more] = e.kind === 'make' ? e.fields.filter((f) => f.value.kind !== 'bool') : []
  const value = only?.value.kind === 'present' ? only.value.of : only?.value
  return value?.kind === 'field' && !more && value.field === only.name ? value.of : e
}

/** A packet at hand is encoded at once, one that was kept by its own encoder. */
function sending(frame: Expr, p: Printer): string {
  const marked = frame.kind === 'marked'
  const of = marked ? frame.of : frame
  if (of.kind !== 'encode') return `resend(${p.expr(of)}${marked ? ', 1' : ''})`
  return `send(${encoding(of, p)}${marked ? ', 1' : ''})`
}
