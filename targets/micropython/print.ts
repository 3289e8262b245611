// How statements and expressions look in Python. Layout and precedence are generator/print.ts; which functions a file holds is emit.ts.
// Text is UTF-8 in bytes everywhere. What fails in a record's field that was not given is None (wire.py).
import { type Expr, type Func, negate, type Stmt, same, type Type } from '../../generator/ir.ts'
import { atom, type Printed, type Printer, type PrintTable } from '../../generator/print.ts'
import { bits, isStruct, packPart } from './bits.ts'
import { folded } from './folded.ts'

const WRITES = { u8: 'out.append', u16: 'put_u16', utf8: 'put_text', bytes: 'put_bytes', rest: 'out.extend' }
const READS = { u8: 'u8', u16: 'u16', utf8: 'text', bytes: 'bytes', rest: 'rest' }

/** The rules of its own that a text has. */
const ruleOf = (type: Type, p: Printer): string => {
  const text = type.kind === 'optional' ? type.of : type
  return text.kind === 'text' && text.format ? p.name('function', `${text.format}_rule`) : ''
}
const version = (e: { version?: Expr }, p: Printer): string => (e.version ? `, ${p.expr(e.version)}` : '')
const isZero = (e: Expr): boolean => (e.kind === 'number' && e.value === 0) || (e.kind === 'bool' && !e.value) || e.kind === 'none'
const isOk = (e: Expr): boolean => e.kind === 'member' && e.owner === 'Error' && e.value === 0
const isAbsence = (e: Expr): boolean => e.kind === 'none' && e.type.kind !== 'frame'

/** Whether a value serves as its own condition. */
const isTruth = (e: Expr): boolean =>
  e.type.kind === 'rule' || e.type.kind === 'error' || e.kind === 'length' || e.kind === 'count' || e.kind === 'list_count'
const truth = (e: Expr): Expr => (e.kind === 'length' || e.kind === 'count' ? e.of : e)
const truthText = (e: Expr, p: Printer, least: number): string =>
  e.kind === 'list_count' ? `self._${p.name('list', e.list)}` : p.expr(truth(e), least)

const valuesOf = (fields: { value: Expr }[], p: Printer): string => fields.map((f) => p.expr(f.value)).join(', ')
const tuple = (fields: { value: Expr }[], p: Printer): string => `(${valuesOf(fields, p)}${fields.length === 1 ? ',' : ''})`
/** What a list holds: a struct is a tuple there. */
const itemOf = (e: Expr, p: Printer): string => (e.kind === 'make' ? tuple(e.fields, p) : p.expr(e))
/** One name, or those of what is taken apart (unpack.ts). */
const names = (text: string, p: Printer): string => text.replace(/\w+/g, (one) => (one === '_' ? one : p.name('local', one)))

const call = (f: Func, p: Printer): string =>
  `${p.name('function', f.name)}(${[...(f.name.startsWith('decode_') ? ['reader'] : []), ...f.params.map((a) => p.name('local', a.name))].join(', ')})`

/** `a == 1 or a == 2` is `a in (1, 2)`; `a != 1 and a != 2` is `a not in (1, 2)`. */
function oneOf(e: Expr & { kind: 'or' | 'and' }, p: Printer): string | undefined {
  const [op, word] = e.kind === 'or' ? ['==', 'in'] : ['!=', 'not in']
  const sides = flat(e)
  const compared = sides.map((s) =>
    s.kind === 'compare' && s.op === op && ['member', 'number', 'character'].includes(s.right.kind) ? s : undefined,
  )
  const first = compared[0]
  if (!first || !compared.every((c) => c && same(c.left, first.left))) return undefined
  return `${p.expr(first.left, 51)} ${word} (${compared.map((c) => p.expr(c!.right)).join(', ')})`
}
const flat = (e: Expr & { kind: 'or' | 'and' }): Expr[] =>
  [e.left, e.right].flatMap((side) => (side.kind === e.kind ? flat(side as typeof e) : [side]))
const joined = (e: Expr & { kind: 'or' | 'and' }, p: Printer): string => {
  const binds = e.kind === 'or' ? 30 : 35
  return (
    oneOf(e, p) ??
    flat(e)
      .map((side) => ((side.kind === 'or' || side.kind === 'and') && oneOf(side, p)) || p.expr(side, binds + 1))
      .join(` ${e.kind} `)
  )
}

function denied(of: Expr, p: Printer): string {
  if (of.kind === 'has' && !isStruct(of.of)) return `${p.expr(of.of, 51)} is None`
  if (of.kind === 'armed') return `${due(of.timer, p)} == _NEVER`
  return of.kind === 'contains' ? `b"${of.value}" not in ${p.expr(of.of, 51)}` : `not ${p.expr(of, 40)}`
}
const due = (timer: string, p: Printer): string => `self._due[_${p.name('timer', timer)}_TIMER]`

function compared(e: Expr & { kind: 'compare' }, p: Printer): string {
  if ((isZero(e.right) || isOk(e.right)) && isTruth(e.left)) {
    if (e.op === '==') return `not ${truthText(e.left, p, 45)}`
    if (e.op === '>' || e.op === '!=') return truthText(e.left, p, 0)
  }
  if (isAbsence(e.right) && e.left.type.kind === 'operation') return e.op === '==' ? `not ${p.expr(e.left, 45)}` : p.expr(e.left)
  if (isAbsence(e.right)) return `${p.expr(e.left, 51)} is ${e.op === '==' ? '' : 'not '}None`
  return `${p.expr(e.left, 51)} ${e.op} ${p.expr(e.right, 51)}`
}

/** A packet of our own is not read back: emit.ts keeps its values beside its bytes. */
const kept = (e: Expr & { kind: 'stored' }, p: Printer): string => {
  if (e.of.kind !== 'field') throw new Error(`${e.packet} is read back from no record`)
  return `${p.expr(e.of.of, 90)}.request`
}

/** Lists without a key are lists, those of nothing but keys are sets, the others are dictionaries by it, in the order in which they came: session.ts tells which. */
export type Shape = 'list' | 'set' | 'records'
const shapeOf = (s: { list: string; shape?: Shape }): Shape => s.shape ?? 'records'
const entries = (s: { list: string }, p: Printer): string => `self._${p.name('list', s.list)}${shapeOf(s) === 'records' ? '.values()' : ''}`
/** Where a record is kept. */
const place = (list: string, item: string): string => `${list}[${item}.packet_id]`
const removal = (s: { list: string; shape?: Shape }, item: string, p: Printer): string => {
  const list = `self._${p.name('list', s.list)}`
  return shapeOf(s) === 'records' ? `del ${place(list, item)}` : `${list}.remove(${item})`
}
/** The values of a record that is kept by its identifier; one that has none gets a number that nobody else has. */
const keyed = (s: Stmt & { kind: 'append' }, p: Printer): string =>
  s.fields
    .map(({ value }) => (value.kind === 'call' ? `${p.expr(value)}${value.name === 'id_of' ? ' or -id(op)' : ''}` : p.expr(value)))
    .join(', ')
const ends = (body: Stmt[]): boolean => ['answer', 'stop'].includes(body.at(-1)?.kind ?? '')

/** By its key a record is looked up; else a loop ends at the first that fits. */
function find(s: Stmt & { kind: 'find' }, p: Printer): Printed {
  const item = p.name('local', s.item)
  const [yes, no] = [p.block(s.do), s.else ? p.block(s.else) : []]
  if (s.key) {
    const list = `self._${p.name('list', s.list)}`
    const named = new RegExp(`\\b${item}\\b`).test(yes.join())
    const head = named ? [`${item} = ${list}.get(${p.expr(s.key)})`, `if ${item}:`] : [`if ${p.expr(s.key)} in ${list}:`]
    return [...head, ...p.indented(yes), ...(no.length > 0 ? ['else:', ...p.indented(no)] : [])]
  }
  const then = p.indented([`if ${p.expr(s.where)}:`, ...p.indented([...yes, ...(ends(s.do) ? [] : ['break'])])])
  return [`for ${item} in ${entries(s, p)}:`, ...then, ...(no.length === 0 ? [] : ends(s.do) ? no : ['else:', ...p.indented(no)])]
}

function switched(s: Stmt & { kind: 'switch' }, p: Printer): string[] {
  const cases = s.cases.flatMap((c, i) => {
    const values = c.values.map((v) => p.expr(v))
    const is = values.length === 1 ? `kind == ${values[0]}` : `kind in (${values.join(', ')})`
    return [`${i === 0 ? 'if' : 'elif'} ${is}:`, ...p.indented(p.block(c.do))]
  })
  return [
    `kind = ${p.expr(s.on)}`,
    ...cases,
    ...(s.cases.every((c) => ends(c.do) || c.do.at(-1)?.kind === 'break_rule')
      ? p.block(s.else)
      : ['else:', ...p.indented(p.block(s.else))]),
  ]
}

export const table: PrintTable = {
  indent: '    ',
  comment: '#',
  gap: '  ',
  open: ':',
  close: '',
  empty: 'pass',
  if: 'if {when}',
  elif: 'elif {when}',
  else: 'else',
  oneLine: false,
  width: 100,
  types: () => '',
  signature: call,
  call,
  expressions: {
    number: atom((e) => (e.type.kind === 'rule' ? 'None' : String(e.value))),
    bool: atom((e) => (e.value ? 'True' : 'False')),
    none: atom('None'),
    character: atom((e) => `"${e.value}"`),
    text: atom((e) => `b"${e.value}"`),
    member: atom((e, p) => {
      if (e.owner === 'Rule') return `"${e.member}"`
      if (e.owner === 'PacketType' || e.owner === 'PacketKind') return `_${p.name('member', e.member)}`
      if (e.owner === 'Error' || e.type.kind === 'state') return `_${p.name('member', e.member)}`
      return String(e.value)
    }),
    name: atom((e, p) => {
      if (e.role !== 'variable') return p.name(e.role === 'part' ? 'part' : 'local', e.name)
      return e.type.kind === 'config' ? 'self' : `self._${p.name('variable', e.name)}`
    }),
    field: { binds: 90, as: '{of}.{field}' },
    maybe: {
      binds: 20,
      as: (e, p) => {
        const field = `${p.expr(e.of, 90)}.${p.name('field', e.field)}`
        return e.type.kind === 'bool' ? `${p.expr(e.of, 35)} and ${field}` : `${field} if ${p.expr(e.of, 21)} else 0`
      },
    },
    has: { binds: 40, as: (e, p) => (isStruct(e.of) ? p.expr(e.of) : `${p.expr(e.of, 51)} is not None`) },
    length: atom('len({of~})'),
    count: atom('len({of~})'),
    contains: { binds: 40, as: (e, p) => `b"${e.value}" in ${p.expr(e.of, 51)}` },
    not: { binds: 40, as: (e, p) => denied(e.of, p) },
    present: { binds: 90, as: '{of}' },
    and: { binds: 35, as: joined },
    or: { binds: 30, as: joined },
    compare: { binds: 40, as: compared },
    arithmetic: { binds: 60, as: (e, p) => `${p.expr(e.left, 60)} ${e.op} ${p.expr(e.right, 61)}` },
    bits: { binds: 55, as: bits },
    pack: { binds: 54, as: (e, p) => e.parts.map((part) => packPart(part, p)).join(' | ') },
    call: atom((e, p) => `${e.method ? 'self._' : ''}${p.name('function', e.name)}(${e.args.map((a) => p.expr(a)).join(', ')})`),
    make: atom((e, p) => `${p.name('type', e.name)}(${valuesOf(e.fields, p)})`),
    choose: {
      binds: 20,
      as: (e, p) => `${p.expr(e.cases[0].is)} if ${p.expr(e.by)} == ${e.cases[0].value} else ${p.expr(e.cases[1].is)}`,
    },
    rule_of: atom((e, p) => `${p.name('function', `rule_${e.packet}`)}(${p.expr(e.value)}${version(e, p)})`),
    size_of: atom((e, p) => `${p.name('function', `size_${e.packet}`)}(${p.expr(e.value)}${version(e, p)})`),
    encode: atom((e, p) => `${p.name('function', `encode_${e.packet}`)}(${p.expr(e.value)}${version(e, p)})`),
    one: atom((e, p) => `[${itemOf(e.item, p)}]`),
    marked: atom('{of~}'),
    stored: { binds: 90, as: kept },
    list_count: atom('len(self._{list})'),
    armed: { binds: 40, as: (e, p) => `${due(e.timer, p)} != _NEVER` },
    random: atom('self._random({most~})'),
    minimum: atom('min({left~}, {right~})'),
    now: atom('self._now'),
  },
  statements: {
    while: (s, p) => ({ head: `while ${p.expr(s.when)}`, do: s.do }),
    let: (s, p) => folded(`${names(s.name, p)} = ${p.expr(s.value)}`),
    set: (s, p) => `${p.expr(s.to)} ${s.add ? '+=' : '='} ${p.expr(s.value)}`,
    answer: (s, p) => {
      if (s.value.type.kind !== 'error') return `return ${p.expr(s.value)}`
      if (isOk(s.value)) return 'return'
      return s.value.kind === 'call' ? `refuse(${p.expr(s.value.args[0]!)})` : `raise MQTTException(${p.expr(s.value)})`
    },
    stop: 'return',
    do: '{call~}',
    each_char: (s, p) => ({ head: `for ${p.name('local', s.item)} in ${p.expr(s.of, 90)}.decode()`, do: s.do }),
    each: (s, p) => {
      const item = names(s.item, p)
      if (!s.with) return { head: `for ${item} in ${p.expr(s.of)}`, do: s.do }
      const one = item.includes(',') ? `(${item})` : item
      return { head: `for ${one}, ${p.name('local', s.with.item)} in zip(${p.expr(s.of)}, ${p.expr(s.with.of)})`, do: s.do }
    },
    switch: switched,
    range: (s, p) => range(s, p),
    break_rule: 'return "{rule}"',
    check: (s, p) => [`if ${p.expr(negate(s.must))}:`, ...p.indented([`reader.fail("${s.rule}"${s.back ? `, ${s.back}` : ''})`])],
    check_text: '', // where the text is read
    begin: '', // emit.ts: where the packet is whole
    write: (s, p) => {
      const rule = s.wire === 'utf8' ? ruleOf(s.value.type, p) : ''
      const known = s.value.kind === 'text' || s.value.kind === 'choose'
      return folded(
        `${WRITES[s.wire === 'utf8' && known ? 'bytes' : s.wire]}(${s.wire === 'u8' || s.wire === 'rest' ? '' : 'out, '}${p.expr(s.value)}${rule ? `, ${rule}` : ''})`,
      )
    },
    declare: (s, p) => `${p.expr(s.part)} = ${s.part.type.kind === 'list' ? '[]' : 'None'}`,
    read: (s, p) => {
      const rule = 'rule' in s ? `"${s.rule}"` : s.wire === 'utf8' ? ruleOf(s.to.type, p) : ''
      return `${p.expr(s.to)} = reader.${READS[s.wire]}(${rule})`
    },
    take: (s, p) => `${p.expr(s.to)} = ${p.expr(s.value)}`,
    expect_more: 'reader.expect_more("{rule}")',
    read_list: (s, p) => ({ head: 'while reader.more()', do: s.do, last: [`${p.expr(s.part)}.append(${itemOf(s.make, p)})`] }),
    finish: '', // the same for every packet: whoever asked for one does it
    result: (s, p) => folded(`return ${tuple(s.fields, p)}`),
    dial: 'self._dial()',
    hang_up: 'self._hang_up()',
    send: (s, p) => folded(`self._${s.frame.kind === 'marked' ? 'send_again' : 'send'}(${p.expr(s.frame)})`),
    deliver: 'self._deliver({packet~})',
    settle: (s, p) => {
      const result = s.result ?? s.results
      return `self._settle(${p.expr(s.operation)}, 0${result ? `, ${p.expr(result)}` : ''})`
    },
    fail: 'self._settle({operation~}, {error~})',
    enter: 'self._enter({state~})',
    report: 'self._error({error~})',
    violation: 'self._violation({rule~}, {at~})',
    arm: (s, p) => {
      if (s.at) return `${due(s.timer, p)} = ${p.expr(s.at)}`
      return `self._arm(_${p.name('timer', s.timer)}_TIMER, ${p.expr(s.after!)})`
    },
    disarm: (s, p) => `${due(s.timer, p)} = _NEVER`,
    append: (s, p) => {
      const list = `self._${p.name('list', s.list)}`
      const item = p.name('local', s.item)
      if (shapeOf(s) === 'records')
        return [...folded(`${item} = ${p.name('type', s.record)}(${keyed(s, p)})`), `${place(list, item)} = ${item}`]
      const record = shapeOf(s) === 'set' ? valuesOf(s.fields, p) : `${p.name('type', s.record)}(${valuesOf(s.fields, p)})`
      const add = folded(`${list}.${shapeOf(s) === 'list' ? 'append' : 'add'}(${record})`)
      if (!s.limit) return add
      const full = p.block(s.full)
      return [`if len(${list}) < ${p.expr(s.limit)}:`, ...p.indented(add), ...(full.length > 0 ? ['else:', ...p.indented(full)] : [])]
    },
    move: (s, p) => {
      const [item, from, to] = [p.name('local', s.item), `self._${p.name('list', s.from)}`, `self._${p.name('list', s.to)}`]
      return [`${item} = ${from}.pop(next(iter(${from})))`, `${place(to, item)} = ${item}`]
    },
    remove: (s, p) => removal(s, p.expr(s.item), p),
    clear: 'self._{list}.clear()',
    prune: (s, p) => [
      `for ${p.name('local', s.item)} in list(${entries(s, p)}):`,
      ...p.indented([`if ${p.expr(s.where)}:`, ...p.indented([removal(s, p.name('local', s.item), p)])]),
    ],
    find,
    for_each: (s, p) => ({ head: `for ${p.name('local', s.item)} in ${entries(s, p)}`, do: s.do }),
  },
  encoders: { range: (s, p) => range(s, p, true), break_rule: 'refuse("{rule}")' },
}

/** A rule function answers what is broken, an encoder raises it. */
function range(s: Stmt & { kind: 'range' }, p: Printer, raises = false): string[] {
  const { of, least, most } = s
  if (raises && of.kind === 'field' && of.of.type.kind === 'config') {
    const bounds = most === 65535 ? `${least}` : `${least}, ${most}`
    return [`between(${p.expr(of.of)}, "${of.field}", ${bounds})`]
  }
  const value = p.expr(of, 51)
  const few = Array.from({ length: most < 3 ? most - least + 1 : 0 }, (_, i) => least + i)
  const wrong =
    of.kind === 'length'
      ? `${value} > ${most}`
      : few.length > 0
        ? `${value} not in (${few.join(', ')})`
        : `not ${least} <= ${value} <= ${most}`
  return [`if ${wrong}:`, ...p.indented([raises ? `refuse("${s.rule}")` : `return "${s.rule}"`])]
}
