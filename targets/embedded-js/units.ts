// The functions of one profile's file. Everything printed or hand-written is a unit, a function or a table with its name; a file gets the
// units that its roots reach and nothing else. In hand-written units `@feature` after `/**` or at the end of a line's comment cuts as in the spec.
import { readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { Loaded } from '../../generator/generate.ts'
import type { Printer } from '../../generator/print.ts'
import type { Context, FuncView } from '../../generator/target.ts'

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
  vars: { is: string }[]
}

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
export const render = (template: string, context: object): string =>
  Handlebars.compile(here(`templates/${template}`), { strict: true, noEscape: true })(context)

/** What a profile keeps of what is tagged. */
function keeper(loaded: Loaded): (tags: string[]) => boolean {
  const profile = loaded.sources.session.root.get('profiles').get(loaded.session.profile)
  const features = new Set(profile.items().map((i) => i.text))
  return (tags) => tags.every((t) => (t.startsWith('!') ? !features.has(t.slice(1)) : features.has(t)))
}

/** Units of hand-written text: they are parted by empty lines. */
export function unitsOf(text: string, keeps: (tags: string[]) => boolean): Unit[] {
  const tagged = (line: string) => [...line.matchAll(/ @(!?\w+)/g)].map((m) => m[1])
  const blocks = text.split(/\n{2,}/).filter((b) => /^(function|var|\w+\.prototype)\b/m.test(b))
  return blocks.flatMap((block): Unit[] => {
    const lines = block.split('\n').filter((l) => !/^\/\/ /.test(l))
    const doc = lines[0].startsWith('/**') ? lines[0] : ''
    if (!keeps(tagged(doc))) return []
    const kept = lines.filter((l) => !/\/\/.* @!?\w+/.test(l) || keeps(tagged(l)))
    const clean = kept.map((l) => l.replace(/ @!?\w+/g, '').replace(/ \/\/$/, ''))
    return [{ names: namesOf(lines.find((l) => !/^( \*|\/\*\*)/.test(l))!), text: clean.join('\n').trim() }]
  })
}
const namesOf = (head: string): string[] => {
  const [, kind, names] = /^(function|var) ([\w, ]+)/.exec(head) ?? []
  return kind ? names.split(',').map((n) => n.trim()) : []
}

export function constantsOf(context: Context, { codec }: Loaded): Constant[] {
  const session = context.session as SessionView
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
    { name: 'LENGTH_BYTES', value: frame.lengthBytes, doc: '' },
    rule('WIRE_ZERO', wire.zero),
    rule('WIRE_ILL_FORMED', wire.illFormed),
    rule('WIRE_TOO_LONG', wire.tooLong),
  ]
}

/** A printed function. Encoders answer what they wrote; decoders are all called alike. */
function unitOf(f: FuncView, client: boolean): Unit {
  const { name } = f
  const given = f.func.params.map((p) => p.name)
  const params = /^\w+\((.*)\)$/.exec(f.signature)![1]
  const kind = f.func.name.split('_')[0]
  const own = kind === 'decode' ? (given.includes('version') ? 'first, version' : given.join()) : params
  const all = [...(client ? ['client'] : []), ...(own ? [own] : [])].join(', ')
  const body = kind === 'encode' ? `${f.body}\n  return out` : f.body
  const doc = f.doc ? `/** ${f.doc} */\n` : ''
  return { names: [name], text: body ? `${doc}function ${name}(${all}) {\n${body}\n}` : `${doc}function ${name}() {}` }
}

/** Every unit there is, in the order in which they are printed. */
export function allUnits(context: Context, loaded: Loaded, printer: Printer): Unit[] {
  const session = context.session as SessionView
  const keeps = keeper(loaded)
  const { model } = loaded.codec
  const packetRows = session.packetEvents.map(({ raw, event }) => {
    const { code } = model.packets.find((p) => p.name === raw)!
    return { raw, code, event, decode: printer.name('function', `decode_${raw}`) }
  })
  const vars = session.vars.filter((v) => v.is !== 'undefined')
  const state = { session: { ...session, vars }, packetRows, againField: `_${printer.name('field', model.again)}` }
  const outdented = (f: FuncView): FuncView => ({ ...f, body: f.body.replace(/^ {2}/gm, '') })
  return [
    ...unitsOf(here('runtime/cursor.js'), keeps),
    ...unitsOf(here('runtime/text.js'), keeps),
    ...[...context.functions, ...context.structRules, context.headerRule, ...context.senderRules].map((f) => unitOf(f, false)),
    ...context.packets.flatMap((p) => [p.rule, p.size, p.encode, p.decode].map((f) => unitOf(f, false))),
    ...unitsOf(here('runtime/session.js'), keeps),
    unitOf(session.configRule, false),
    unitOf(outdented(session.admit), true),
    ...session.functions.map((f) => unitOf(outdented(f), true)),
    ...unitsOf(render('state.js.hbs', state), keeps),
  ]
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
