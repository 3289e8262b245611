// How statements and expressions look in __NAME__. Layout and precedence are generator/print.ts. Each row of this table was copied from
// targets/_template and prints a made-up language: make it yours, row by row. CONTRIBUTING.md says what each node means.
import { type Expr, type Func, negate, type Type } from '../../generator/ir.ts'
import { atom, type Printer, type PrintTable } from '../../generator/print.ts'

const fields = (list: { name: string; value: Expr }[], p: Printer): string =>
  list.map((f) => `${p.name('field', f.name)}: ${p.expr(f.value)}`).join(', ')
const args = (list: (Expr | undefined)[], p: Printer): string => list.flatMap((e) => (e ? [p.expr(e)] : [])).join(', ')

function types(type: Type, p: Printer): string {
  switch (type.kind) {
    case 'uint':
      return `u${type.bits}`
    case 'enum':
    case 'struct':
    case 'record':
      return p.name('type', type.name)
    case 'packet':
      return type.name ? p.name('type', type.name) : 'Packet'
    case 'list':
      return `list of ${types(type.of, p)}`
    case 'optional':
      return `optional ${types(type.of, p)}`
    case 'none':
      return 'nothing'
    default:
      return type.kind
  }
}

const parameters = (f: Func, p: Printer): string[] => f.params.map((a) => p.name('local', a.name))
const call = (f: Func, p: Printer): string => `${p.name('function', f.name)}(${parameters(f, p).join(', ')})`

export const table: PrintTable = {
  indent: '  ',
  comment: '//',
  open: ' {',
  close: '}',
  empty: '',
  if: 'if {when}',
  elif: 'else if {when}',
  else: 'else',
  oneLine: false, // whether a block of one statement may stand behind its head
  width: 120,
  types,
  signature: (f, p) => `function ${call(f, p)} -> ${p.type(f.returns)}`,
  call,
  // The higher a row binds, the tighter: 90 member access, 80 unary, 60 arithmetic, 50 comparison, 40 and, 30 or, 20 choice.
  expressions: {
    number: atom((e) => (e.type.kind === 'rule' ? 'none' : String(e.value))),
    bool: atom('{value}'),
    none: atom('none'),
    character: atom("'{value}'"),
    text: atom('"{value}"'),
    member: atom((e, p) => `${e.owner}.${p.name('member', e.member)}`),
    name: atom((e, p) =>
      e.role === 'variable' ? `self.${p.name('variable', e.name)}` : p.name(e.role === 'part' ? 'part' : 'local', e.name),
    ),
    field: { binds: 90, as: '{of}.{field}' },
    has: { binds: 50, as: '{of} != none' },
    length: atom('length({of~})'),
    count: atom('count({of~})'),
    contains: atom((e, p) => `contains(${p.expr(e.of)}, '${e.value}')`),
    not: { binds: 80, as: 'not {of}' },
    and: { binds: 40, as: '{left} and {right}' },
    or: { binds: 30, as: '{left} or {right}' },
    compare: { binds: 50, as: '{left} {op} {right}' },
    arithmetic: { binds: 60, as: '{left} {op} {right}' },
    bits: { binds: 60, as: (e, p) => `bits(${p.expr(e.of)}, ${e.shift}, ${e.width})` },
    pack: atom((e, p) => `pack(${e.parts.map((part) => `${p.expr(part.value)} at ${part.shift}`).join(', ')})`),
    call: atom((e, p) => `${e.method ? 'self.' : ''}${p.name('function', e.name)}(${args(e.args, p)})`),
    make: atom((e, p) => `${p.name('type', e.name)}(${fields(e.fields, p)})`),
    choose: { binds: 20, as: (e, p) => `${p.expr(e.by)} of (${e.cases.map((c) => `${c.value}: ${p.expr(c.is)}`).join(', ')})` },
    present: { binds: 90, as: '{of}' },
    maybe: atom((e, p) => `${p.expr(e.of, 90)}?.${p.name('field', e.field)}`),
    rule_of: atom((e, p) => `${p.name('function', `rule_${e.packet}`)}(${args([e.value, e.version], p)})`),
    size_of: atom((e, p) => `${p.name('function', `size_${e.packet}`)}(${args([e.value, e.version], p)})`),
    encode: atom((e, p) => `${p.name('function', `encode_${e.packet}`)}(${args([e.value, e.version], p)})`),
    marked: atom('again({of~}, {version~})'),
    one: atom('[{item~}]'),
    stored: { binds: 90, as: (e, p) => `${p.name('function', `decode_${e.packet}`)}(${p.expr(e.of)}).${p.name('field', e.field)}` },
    list_count: atom('count(self.{list})'),
    armed: atom('self.timers.armed({timer})'),
    random: atom('self.random({most~})'),
    minimum: atom('min({left~}, {right~})'),
    now: atom('self.now'),
  },
  statements: {
    // shared
    while: (s, p) => ({ head: `while ${p.expr(s.when)}`, do: s.do }),
    let: (s, p) => `let ${p.name('local', s.name)} = ${p.expr(s.value)}`,
    set: (s, p) => `${p.expr(s.to)} ${s.add ? '+=' : '='} ${p.expr(s.value)}`,
    answer: 'return {value~}',
    stop: 'return',
    do: '{call~}',
    each_char: (s, p) => ({ head: `for ${p.name('local', s.item)} in ${p.expr(s.of)}`, do: s.do }),
    each: (s, p) => {
      const beside = s.with ? ` with ${p.name('local', s.with.item)} in ${p.expr(s.with.of)}` : ''
      return { head: `for ${p.name('local', s.item)} in ${p.expr(s.of)}${beside}`, do: s.do }
    },
    switch: (s, p) => {
      const cases = s.cases.flatMap((c) => [`case ${c.values.map((v) => p.expr(v)).join(', ')}:`, ...p.indented(p.block(c.do))])
      return [`switch ${p.expr(s.on)} {`, ...p.indented([...cases, 'default:', ...p.indented(p.block(s.else))]), '}']
    },
    // packets
    range: (s, p) => `if ${p.expr(s.of)} not in ${s.least}..${s.most} return rule ${p.name('rule', s.rule)}`,
    break_rule: 'return rule {rule}',
    check: (s, p) => `if ${p.expr(negate(s.must))} fail ${p.name('rule', s.rule)}, ${s.back}`,
    check_text: 'require {call~}',
    begin: 'out.begin({first~})',
    write: 'out.{wire}({value~})',
    declare: (s, p) => `let ${p.expr(s.part)} = ${s.part.type.kind === 'list' ? '[]' : 'none'}`,
    read: (s, p) => `${s.declares ? 'let ' : ''}${p.expr(s.to)} = input.${s.wire}()`,
    take: (s, p) => `${s.declares ? 'let ' : ''}${p.expr(s.to)} = ${p.expr(s.value)}`,
    expect_more: 'input.expect_more({rule})',
    read_list: (s, p) => ({ head: 'while input.more()', do: s.do, last: [`${p.expr(s.part)}.append(${p.expr(s.make)})`] }),
    finish: 'input.finish({rule})',
    result: (s, p) => `return ${p.name('type', s.packet)}(${fields(s.fields, p)})`,
    // session
    dial: 'self.host.dial()',
    hang_up: 'self.host.hang_up()',
    send: 'self.send({frame~})',
    deliver: 'self.host.deliver({packet~})',
    settle: (s, p) => `self.settle(${args([s.operation, s.result ?? s.results], p)})`,
    fail: 'self.fail({operation~}, {error~})',
    enter: 'self.enter({state~})',
    report: 'self.host.error({error~})',
    violation: 'self.host.violation({rule~}, {at~})',
    arm: (s, p) => `self.timers.${s.after ? 'arm' : 'arm_at'}(${p.name('timer', s.timer)}, ${p.expr(s.after ?? s.at!)})`,
    disarm: 'self.timers.disarm({timer})',
    append: (s, p) => {
      const add = `self.${p.name('list', s.list)}.add(${p.name('type', s.record)}(${fields(s.fields, p)}))`
      if (!s.limit) return add
      const full = p.block(s.full)
      const otherwise = full.length > 0 ? ['else {', ...p.indented(full), '}'] : []
      return [`if count(self.${p.name('list', s.list)}) < ${p.expr(s.limit)} {`, ...p.indented([add]), '}', ...otherwise]
    },
    move: '{item} = self.{from}.move_first_to(self.{to})',
    remove: 'self.{list}.remove({item~})',
    clear: 'self.{list}.clear()',
    prune: (s, p) => `self.${p.name('list', s.list)}.prune(${p.name('local', s.item)} => ${p.expr(s.where)})`,
    find: (s, p) => {
      const item = p.name('local', s.item)
      const otherwise = s.else ? ['else {', ...p.indented(p.block(s.else)), '}'] : []
      return [
        `${item} = self.${p.name('list', s.list)}.find(${item} => ${p.expr(s.where)})`,
        `if ${item} {`,
        ...p.indented(p.block(s.do)),
        '}',
        ...otherwise,
      ]
    },
    for_each: (s, p) => ({ head: `for ${p.name('local', s.item)} in self.${p.name('list', s.list)}`, do: s.do }),
  },
  // What an encoder says otherwise: it goes on, and remembers the first rule that is broken. Where rules are thrown there is no difference.
  encoders: {
    range: (s, p) => `out.within(${p.expr(s.of)}, ${s.least}, ${s.most}, ${p.name('rule', s.rule)})`,
    break_rule: 'out.fail({rule})',
    check_text: 'out.require({call~})',
  },
}
