// The functions of one profile's file. Everything printed or hand-written is a unit, a function or a table with its name; a file gets the
// units that its roots reach and nothing else. In hand-written units `@feature` after `/**` or at the end of a line's comment cuts as in the spec.
import { readFileSync } from 'node:fs'
import { Folder, type Folding, foldingOf } from '../../generator/fold.ts'
import type { Loaded } from '../../generator/generate.ts'
import { type Expr, type Func, rewrite, type Type, within } from '../../generator/ir.ts'
import { once } from '../../generator/memo.ts'
import { type Printer, spell } from '../../generator/print.ts'
import { type Context, type FuncView, templateOf, viewFunction } from '../../generator/target.ts'
import {
  eventPhases,
  givenFields,
  inPhases,
  judgingOnly,
  readFields,
  readingOnly,
  recordFields,
  tidied,
  withoutConstants,
  withoutPlaces,
  withoutStandIns,
  withoutUnused,
  withZeros,
} from './product.ts'
import { breaking, givenOnce, inOrder, judgingAll, namesOfParameters, phaseOrder, standing, withoutStops } from './shapes.ts'
import { isJudge, judge, judgingAlone, refusing } from './throwing.ts'

export interface Unit {
  names: string[]
  text: string
}
export interface Constant {
  name: string
  value: number
  doc: string
}
interface Named {
  raw: string
  name: string
  value: number
  doc: string
}
/** The part of the session's view that is read here. */
interface SessionView {
  phases: Named[]
  stages: Named[]
  timers: Named[]
  errors: { name: string; code: number; doc: { en: string } }[]
  functions: FuncView[]
  configRule: FuncView
  admit: FuncView
  packetEvents: { raw: string; event: string }[]
  ports: { tls: number; plain: number }
  vars: { raw: string; is: string; kind: { kind: string } }[]
}

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
export const render = (template: string, context: object): string => templateOf(here(`templates/${template}`))(context)

/** What a profile keeps of what is tagged. */
function keeper(loaded: Loaded, all: boolean): (tags: string[]) => boolean {
  const profile = loaded.sources.session.root.get('profiles').get(loaded.session.profile)
  const features = new Set([...profile.items().map((i) => i.text), ...(all ? ['testee'] : [])])
  return (tags) => tags.every((t) => (t.startsWith('!') ? !features.has(t.slice(1)) : features.has(t)))
}

const tagged = (line: string): string[] => [...line.matchAll(/ @(!?\w+)/g)].map((m) => m[1])

/** Units of hand-written text: they are parted by empty lines. */
export function unitsOf(text: string, keeps: (tags: string[]) => boolean): Unit[] {
  const blocks = text.replace(/^\/\/ .*\n/gm, '').split(/\n{2,}(?=\S)/)
  return blocks.flatMap((block): Unit[] => {
    const own = block.split(/\n{2,}/).filter((part) => keeps(tagged(/^ *\/\*\*.*/m.exec(part)?.[0] ?? '')))
    const lines = own.join('\n\n').split('\n')
    const kept = lines.filter((l) => !/\/\/.* @!?\w+/.test(l) || keeps(tagged(l)))
    const code = kept.map((l) => l.replace(/ @!?\w+/g, '').replace(/ \/\/$/, '')).join('\n')
    const [, head] = /^((?:function|var) [\w, ]+|\w+\.prototype)/m.exec(code) ?? []
    return head ? [{ names: namesOf(head), text: code.trim() }] : []
  })
}
/** What extends a unit has no name of its own. */
const namesOf = (head: string): string[] => {
  const [, names] = /^(?:function|var) ([\w, ]+)/.exec(head) ?? []
  return names ? names.split(',').map((n) => n.trim()) : []
}

function sessionOf(context: Context, loaded: Loaded): SessionView {
  const session = context.session as SessionView
  const phases = phaseOrder(loaded).map((raw, value) => ({ ...session.phases.find((p) => p.raw === raw)!, value }))
  return { ...session, phases }
}

export function constantsOf(context: Context, loaded: Loaded): Constant[] {
  const { codec } = loaded
  const session = sessionOf(context, loaded)
  const { frame, wire, rules: _ } = { ...codec.model }
  const rules = new Map([...codec.model.world.rules])
  const rule = (name: string, raw: string): Constant => ({ name, value: rules.get(raw)!, doc: '' })
  return [
    ...session.phases.map(({ name, value, doc }) => ({ name, value, doc })),
    ...session.stages.map(({ name, value, doc }) => ({ name, value, doc })),
    ...session.timers.map(({ name, value }) => ({ name: `TIMER_${name}`, value, doc: '' })),
    ...session.errors.map(({ name, code, doc }) => ({ name, value: code, doc: doc.en })),
    ...codec.model.packets.map((p) => ({ name: `TYPE_${p.name}`, value: p.code, doc: '' })),
    ...[...rules].map(([raw, value]) => ({ name: `RULE_${raw.toUpperCase()}`, value, doc: '' })),
    rule('FRAME_SHORT', frame.short),
    rule('FRAME_LONG', frame.long.rule),
    rule('FRAME_OVER', frame.over),
    rule('FRAME_LENGTH', frame.length.rule),
    { name: 'PORT_TLS', value: session.ports.tls, doc: '' },
    { name: 'PORT_PLAIN', value: session.ports.plain, doc: '' },
    { name: 'LENGTH_BYTES', value: frame.lengthBytes, doc: '' },
    rule('WIRE_ZERO', wire.zero),
    rule('WIRE_ILL_FORMED', wire.illFormed),
    rule('WIRE_TOO_LONG', wire.tooLong),
  ]
}

function unitOf({ name, signature, doc, body }: FuncView): Unit {
  return { names: [name], text: `${doc ? `/** ${doc} */\n` : ''}function ${signature} {${body ? `\n${body}\n` : ''}}` }
}

type View = (f: Func) => FuncView

/** Whether a packet goes out again is not said by the packet, and never so where none does. */
function marking(f: Func, field: string, ever: boolean): Func {
  const type: Type = { kind: 'bool' }
  const again: Expr = ever ? { kind: 'name', type, name: 'again', role: 'parameter' } : { kind: 'bool', type, value: false }
  const body = rewrite(f.body, (n) => (n.kind === 'field' && n.field === field && n.of.type.kind === 'packet' ? again : n))
  return ever && within(body, (n) => n === again) ? { ...f, body, params: [...f.params, { name: 'again', type }] } : { ...f, body }
}

/** A rule that is broken is thrown instead of answered. */
const judges = (f: Func): Func => (f.returns.kind === 'rule' ? { ...f, doc: f.doc.replace(/^The/, 'Throws the'), body: judge(f.body) } : f)

/** Encoders judge what the application gives; what the session makes needs no judge. */
function encodersOf(loaded: Loaded, view: View, all: boolean): Unit[] {
  const { codec, session } = loaded
  const judged = new Set(
    [...JSON.stringify(session.functions).matchAll(/"kind":"rule_of","type":\{"kind":"rule"\},"packet":"(\w+)"/g)].map((m) => m[1]),
  )
  const given = givenFields(loaded, gives)
  const ever = all || within(session.functions, (n) => n.kind === 'marked')
  return codec.packets.map(({ packet, encode }) => {
    const isGiven = judged.has(packet.name) ? (given.get(packet.name) ?? (() => true)) : () => false
    const body = all ? encode.body : judgingOnly(withZeros(loaded, encode.body, packet.name), packet.name, isGiven)
    return unitOf(view(marking({ ...encode, body }, codec.model.again, ever)))
  })
}
/** Whether client.js gives a packet this field, or reads it. */
const gives = (field: string): boolean => here('runtime/client.js').includes(` _${spell(field, 'camelCase')}: `)
const reads = (field: string): boolean => here('runtime/client.js').includes(`packet._${spell(field, 'camelCase')}`)

/** A decoder is told the first byte where it reads that. */
const withoutFirst = (f: Func): Func => ({
  ...f,
  params: f.params.filter((a) => within(f.body, (n) => n.kind === 'name' && n.name === a.name)),
})

/** What only tests ask for. */
const isCount = (f: Func): boolean => f.public === true && f.returns.kind === 'uint'

/** Every unit there is, in the order in which they are printed; `all`: for the testee, which reads and sets more. */
export function allUnits(context: Context, loaded: Loaded, printer: Printer, all = false): Unit[] {
  const keeps = keeper(loaded, all)
  const { folder, functions, state } = sessionUnits(context, loaded, printer, all)
  const isRead = readFields(loaded, reads)
  // the testee's packets are those of every profile
  const view: View = (f) => viewFunction(judges(all ? f : folder.func(f)), printer)
  const heard = loaded.codec.senderRule.get('server')!
  return [
    ...unitsOf(here('runtime/cursor.js'), keeps),
    ...unitsOf(here('runtime/text.js'), keeps),
    ...[...context.functions, ...context.structRules, context.headerRule].map((f) => unitOf(view(f.func))),
    unitOf(view({ ...heard, body: judge(heard.body) })),
    ...encodersOf(loaded, view, all),
    ...context.packets.map(({ raw, decode: { func } }) =>
      unitOf(view(all ? func : withoutFirst({ ...func, body: readingOnly(func.body, isRead(raw)) }))),
    ),
    ...unitsOf(here('runtime/session.js'), keeps),
    ...(all ? [unitOf(view(loaded.session.functions.find((f) => f.name === 'config_rule')!))] : []),
    ...functions,
    ...unitsOf(render('state.js.hbs', state), keeps),
    ...(all ? [] : unitsOf(here('runtime/client.js'), keeps)),
  ]
}

interface SessionUnits {
  folder: Folder
  functions: Unit[]
  state: object
}
const known = once((_: Loaded['session']) => new Map<string, SessionUnits>())
/** What is of the session: it stays while only packets change of which the session sees nothing. */
function sessionUnits(context: Context, loaded: Loaded, printer: Printer, all: boolean): SessionUnits {
  const runtime = here('runtime/client.js') + (all ? here('testee/testee.js') : '')
  const of = known(loaded.session)
  const own = of.get(runtime) ?? makeSession(context, loaded, printer, all, runtime)
  of.set(runtime, own)
  return own
}
function makeSession(context: Context, loaded: Loaded, printer: Printer, all: boolean, runtime: string): SessionUnits {
  const session = sessionOf(context, loaded)
  const { model } = loaded.codec
  const read = (variable: string) => runtime.includes(`._${spell(variable, 'camelCase')}`)
  const folding = { ...foldingOf(loaded, read), ...(all ? { unused: new Set<string>(), fixed: new Map<string, number>() } : {}) }
  const folder = new Folder(folding)
  const phases = eventPhases(loaded)
  const fold = (f: Func) => folder.func(f)
  const asked = [loaded.session.admit, ...loaded.session.functions].filter((f) => f.name !== 'config_rule' && (all || !isCount(f)))
  const constant = withoutConstants(
    asked.map((f) => fold(inPhases(f, phases.get(f.name)))),
    fold,
  )
  const given = givenFields(loaded, gives)
  const folded = withoutUnused(all ? constant : constant.map((f) => withoutStandIns(withoutPlaces(f), given)))
  const handlers = new Set([loaded.session.admit.name, 'on_other', ...loaded.session.packets.map((q) => q.event)])
  const shaped = inOrder(all ? folded : standing(folded.map((f) => breaking(judgingAll(f), handlers))), loaded)
  const throwing = new Set(['config_rule', ...shaped.filter(isJudge).map((f) => f.name)])
  const refuses = (f: Func): Func =>
    f.returns.kind === 'error' ? { ...f, body: refusing(f.body, throwing) } : throwing.has(f.name) ? judgingAlone(f) : f
  const kept = recordFields(loaded, shaped)
  const functions = shaped.map((f) => withoutStops(refuses(givenOnce(tidied(f, kept)))))
  const packetRows = session.packetEvents.map(({ raw, event }) => {
    const { code } = model.packets.find((p) => p.name === raw)!
    return { raw, code, event, decode: printer.name('function', `decode_${raw}`) }
  })
  const is = (v: { raw: string; is: string }) => printer.expr(folder.expr(loaded.session.vars.find((w) => w.name === v.raw)!.is))
  const needed = session.vars
    .map((v) => ({ ...v, is: is(v) }))
    .filter((v) => v.kind.kind === 'uint' || !['0', 'false'].includes(v.is))
    .filter((v) => !folding.unread.has(v.raw) && (all || !v.is.includes('client.'))) // what is of the parameters connect() sets
  const isZero = (v: { is: string; kind: { kind: string } }) => v.is === '0' || ['state', 'error'].includes(v.kind.kind)
  const vars = { zeros: needed.filter(isZero), vars: needed.filter((v) => !isZero(v)) }
  const settings = settingsOf(loaded, folding, printer, namesOfParameters(folded))
  const state = { session, ...vars, packetRows, settings }
  return { folder, functions: functions.map((f) => unitOf(viewFunction(f, printer))), state }
}

/** With the parameters it names taken from the client. */
const ofClient = (e: Expr, names: Map<string, string>): Expr =>
  rewrite(e, (n) => (n.kind === 'name' ? { ...n, name: names.get(n.name) ?? n.name, role: 'variable' } : n))

/** How each parameter is taken from the options and judged; the first is the constructor's own. */
function settingsOf({ session }: Loaded, folding: Folding, printer: Printer, names: Map<string, string>): { key: string; value: string }[] {
  return session.config
    .filter((c) => !c.data.required && !folding.unused.has(c.name) && !folding.fixed.has(c.name))
    .map(({ name, type, default: otherwise, derived, data }) => {
      const key = `_${printer.name('field', names.get(name) ?? name)}`
      const option = `options.${name}`
      if (type.kind === 'bool') return { key, value: otherwise ? `${option} != false` : option }
      const bounds = (data.range ?? data.values) as number[] | undefined
      const isBytes = type.kind === 'optional' && type.of.kind === 'bytes'
      if (!bounds) return { key, value: isBytes ? `${option} == undefined ? ${option} : bytesOf(${option})` : option }
      const usual = derived ? `${printer.expr(ofClient(derived, names))} || ${data.embedded ?? otherwise}` : (data.embedded ?? otherwise)
      const rule = `RULE_${printer.name('rule', name)}`
      const [least, most] = [bounds[0], bounds.at(-1)!]
      const limits = [...(least > 0 || most < 2 ** 32 - 1 ? [most] : []), ...(least > 0 ? [least] : [])]
      return { key, value: `parameter(${[option, usual, rule, ...limits].join(', ')})` }
    })
}

/** The units that `roots` reach, in their order, and the constants those use. */
export function reached(units: Unit[], constants: Constant[], roots: string): { units: Unit[]; constants: Constant[] } {
  const byName = new Map(units.flatMap((u) => u.names.map((n) => [n, u] as const)))
  const kept = new Set<Unit>()
  const words = new Set<string>()
  const walk = (text: string): void => {
    for (const [word] of text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').matchAll(/(?<![.\w])[A-Za-z]\w*/g)) {
      words.add(word)
      const unit = byName.get(word)
      if (!unit || kept.has(unit)) continue
      kept.add(unit)
      walk(unit.text)
    }
  }
  walk(roots)
  return { units: units.filter((u) => kept.has(u)), constants: constants.filter((c) => words.has(c.name)) }
}
