// The files of a profile: its units in the shapes that engines load, readable and minified; and the bundle of the testee.
import { readFileSync } from 'node:fs'
import { aside, prepare } from '../../generator/aside.ts'
import type { Loaded } from '../../generator/generate.ts'
import { Memo, once } from '../../generator/memo.ts'
import type { Printer } from '../../generator/print.ts'
import type { Context, Emit } from '../../generator/target.ts'
import { wrap } from '../../generator/wrap.ts'
import { describeModel, type FieldData } from '../data/describe.ts'
import { chosen, inlined, tabled } from './inline.ts'
import { allUnits, type Constant, constantsOf, reached, render, type Unit } from './units.ts'

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** How an engine loads the client. */
const SHAPES = {
  commonjs: 'exports.MQTTClient = ',
  module: 'export var MQTTClient = ',
  global: 'var umqtt = {}\numqtt.MQTTClient = ',
}
type Shape = keyof typeof SHAPES

/** The client in the shape and size that target.yaml asks for. */
export const client: Emit = async (context, loaded, printer) => {
  const prefix = SHAPES[context.shape as Shape]
  if (context.minified) return prefix.replace(/ = /g, '=').replace('\n', ';') + (await minified(loaded, context, printer))
  return `${context.header}\n${prefix}${closed(render('client.js.hbs', clientOf(context, loaded, printer)))}`
}

/** Espruino looks for the value of a bare `return` on the next lines, unless a block ends there. */
const closed = (code: string): string => code.replace(/^([^/\n]*\breturn)(?=( *\/\/.*)?\n(?!\s*\}))/gm, '$1;')

interface Code {
  text: string
  constants: Constant[]
}
export const clientOf = (context: Context, loaded: Loaded, printer: Printer): Code => codeOf(loaded, context, printer)
const codeOf = once((loaded: Loaded, context: Context, printer: Printer): Code => {
  const { units, constants } = partsOf(loaded, context, printer)
  return { text: units.map((u) => u.text).join('\n\n'), constants }
})
interface Parts {
  units: Unit[]
  constants: Constant[]
}
const partsOf = once((loaded: Loaded, context: Context, printer: Printer): Parts => {
  const all = allUnits(context, loaded, printer)
  const roots = all.filter((u) => u.names.length === 0)
  const found = reached(all, constantsOf(context, loaded), `MQTTClient ${roots.map((u) => u.text).join(' ')}`)
  const units = all.filter((u) => roots.includes(u) || found.units.includes(u))
  const wrapped = (text: string) =>
    text
      .split('\n')
      .flatMap((line) => wrap(line, printer.table))
      .join('\n')
  return {
    units: inlined(units, 'MQTTClient')
      .map(chosen)
      .map((u) => ({ ...u, text: wrapped(u.text) })),
    constants: found.constants,
  }
})

const minified = once((loaded: Loaded, context: Context, printer: Printer): Promise<string> => {
  const { units, constants } = partsOf(loaded, context, printer)
  const text = tabled(shared(units))
    .map((u) => u.text.replace(/^\/\*\*.*\n/gm, ''))
    .join('\n\n')
  const code = minify(`MQTTClient=${render('client.js.hbs', { constants: [], text })}`, constants)
  return code.then((c) => c.replace(/^MQTTClient=/, ''))
})

/** Properties keep their short names from version to version and from profile to profile; a new one belongs into names.json. */
const names = JSON.parse(here('names.json')) as Record<string, string>

const JOB = new URL('minify.mjs', import.meta.url)
prepare(JOB)
const minifiedTexts = new Memo<Promise<string>>()

function minify(code: string, constants: Constant[]): Promise<string> {
  const define = Object.fromEntries(constants.map((c) => [c.name, String(c.value)]))
  const options = { target: 'es5', minify: true, mangleProps: /^_/, mangleCache: { ...names }, define }
  return minifiedTexts.of(JSON.stringify([code, define]), () => aside<string>(JOB, { code, options }))
}

/** Of functions that do the same only the first is kept. */
function shared(units: Unit[]): Unit[] {
  const kept = new Map<string, string>()
  const twins = new Map<string, string>()
  for (const {
    names: [name],
    text,
  } of units) {
    if (!name || !/^(\/\*\*.*\n)?function/.test(text)) continue
    const body = text.replace(/^\/\*\*.*\n/, '').replace(`function ${name}(`, 'function (')
    const first = kept.get(body)
    if (first === undefined) kept.set(body, name)
    else twins.set(name, first)
  }
  const renamed = (text: string) => text.replace(/(?<![.\w])[a-z]\w*/g, (word) => twins.get(word) ?? word)
  return units.filter((u) => !twins.has(u.names[0])).map((u) => ({ ...u, text: renamed(u.text) }))
}

/** The testee in one scope with all the functions it needs: those of the client, and the packets a client never sends or gets. */
export const testee: Emit = (context, loaded, printer) => {
  const driver = here('testee/testee.js')
  const data = testeeData(loaded, printer)
  const { units, constants } = reached(allUnits(context, loaded, printer, true), constantsOf(context, loaded), driver + data)
  const code = { constants, units: inlined(units, driver + data) }
  const indented = `${render('core.js.hbs', code)}\n${data}\n${driver}`
  return `${context.header}\nvar testee = (function () {\n${closed(indented)}\nreturn testee\n})()\n`
}

/** The model as the testee needs it, with the names its objects carry. */
function testeeData({ codec, session, sources }: Loaded, printer: Printer): string {
  const model = JSON.parse(describeModel(codec.model)) as { packets: Record<string, { code: number; fields: FieldData[] }> }
  const keyed = (f: FieldData): object => ({ ...f, key: key(printer, f.name), fields: f.fields?.map(keyed) })
  const functions = (name: string) => ['encode', 'decode'].map((f) => `${f}: ${printer.name('function', `${f}_${name}`)}`).join(', ')
  const packets = Object.entries(model.packets).map(
    ([name, { code, fields }]) => `  { name: '${name}', code: ${code}, ${functions(name)}, fields: ${JSON.stringify(fields.map(keyed))} }`,
  )
  const config = session.config.map((c) => ({
    name: c.name,
    key: key(printer, c.name),
    type: c.type.kind === 'optional' ? c.type.of.kind : c.type.kind,
    otherwise: c.default,
  }))
  const rules = [...codec.model.world.rules].map(([name, number]) => `${number}: '${name}'`)
  const errors = session.errors.map((e) => `${e.code}: '${e.name.toLowerCase()}'`)
  const features = sources.session.root.get('profiles').get(session.profile).items()
  const timers = session.timers.map((t) => t.name)
  return `var MODEL = { largest: ${2 ** (7 * codec.model.frame.lengthBytes) - 1}, timers: ${JSON.stringify(timers)}, config: ${keys(JSON.stringify(config))}, packets: [
${keys(packets.join(',\n'))}
] }
var RULES = { ${rules.join(', ')} }
var ERRORS = { ${errors.join(', ')} }
var FEATURES = { ${features.map((f) => `${f.text}: 1`).join(', ')} }
`
}
/** Names in strings are shortened with the properties they name. */
const keys = (json: string): string => json.replace(/"key":"/g, '"key":/* @__KEY__ */"')
const key = (printer: Printer, name: string): string => `_${printer.name('field', name)}`
