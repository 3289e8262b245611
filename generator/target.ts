// A target: its target.yaml, print table, templates and emit plug-in, and the files it makes of the model. Which targets there are is the
// content of the folder targets/; this file names none.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import Handlebars from 'handlebars'
import { listFiles } from './files.ts'
import type { Loaded } from './generate.ts'
import { Memo } from './memo.ts'
import { type Case, type NameKind, Printer, type PrintTable } from './print.ts'
import { validate } from './schema.ts'
import { viewSession } from './session-view.ts'
import { Fault, Problems, Source } from './source.ts'
import { type Context, makeContext } from './views.ts'

export { type Context, type FuncView, type PacketView, viewFunction } from './views.ts'

export interface TargetSpec {
  name: string
  title: string
  naming?: Partial<Record<NameKind, Case>> & { default: Case }
  reserved?: string[]
  escape?: string
  comment: string // a line of comment: `// {text}`
  files: { template?: string; emit?: string; copy?: string; to: string; profile?: string; data?: Record<string, unknown> }[]
  testee?: string[]
  build?: string[]
}
/** A plug-in gets everything, and answers a file's text, or what the file's template sees beside the header. */
export type Emit<Made = string> = (context: Context, loaded: Loaded, printer: Printer) => Promise<Made> | Made

const specs = new Memo<TargetSpec>()
export function readTarget(root: string, name: string): TargetSpec {
  const path = `targets/${name}/target.yaml`
  const text = readFileSync(join(root, path), 'utf8')
  return specs.of(`${path}\n${text}`, () => checked(root, new Source(path, text)))
}
function checked(root: string, source: Source): TargetSpec {
  const problems = new Problems()
  validate(source, join(root, 'targets/target.schema.json'), problems)
  if (!problems.none) throw new Fault(`${problems.report()}\nsee CONTRIBUTING.md, "target.yaml"`)
  return source.root.value as TargetSpec
}

const printers = new Memo<Promise<Printer>>()
const printerOf = (root: string, spec: TargetSpec, name: string): Promise<Printer> =>
  printers.of(JSON.stringify([root, name, spec.naming, spec.reserved, spec.escape]), () => makePrinter(root, spec, name))

export async function makePrinter(root: string, spec: TargetSpec, name: string): Promise<Printer> {
  const naming = spec.naming!
  const path = `targets/${name}/print.ts`
  if (!existsSync(join(root, path)))
    throw new Fault(`${path}: error: a target with names needs a print table; see CONTRIBUTING.md, "The print table"`)
  const { table } = (await import(pathToFileURL(join(root, path)).href)) as { table: PrintTable }
  const kinds: NameKind[] = ['local', 'part', 'field', 'variable', 'function', 'type', 'member', 'rule', 'error', 'timer', 'list']
  const cases = Object.fromEntries(kinds.map((k) => [k, naming[k] ?? naming.default])) as Record<NameKind, Case>
  return new Printer(table, { cases, reserved: new Set(spec.reserved), escape: spec.escape ?? '' }, path)
}

/** The files of one target, by path below generated/<name>; only those `wanted`. */
export async function makeTarget(
  root: string,
  name: string,
  loaded: Loaded,
  header: string,
  profile: (name: string) => Loaded,
  wanted: (to: string) => boolean = () => true,
): Promise<Map<string, string | Buffer>> {
  const spec = readTarget(root, name)
  const folder = join(root, 'targets', name)
  // A target that names nothing prints no code; its files see the header, and what their plug-ins answer.
  const printer = spec.naming ? await printerOf(root, spec, name) : undefined
  const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const contexts = new Map<string, Context>()
  const contextOf = (of: Loaded): Context => {
    const key = of.session.profile
    const line = spec.comment.replace('{text}', header)
    if (!printer) return { header: line, version: pkg.version } as Context
    const made =
      contexts.get(key) ?? makeContext(of.codec, printer, line, pkg.version, { session: viewSession(of.session, of.codec, printer) })
    contexts.set(key, made)
    return made
  }
  const make = async (file: TargetSpec['files'][number]): Promise<[string, string | Buffer][]> => {
    const own = file.profile ? profile(file.profile) : loaded
    const context = { ...contextOf(own), ...file.data }
    const made = file.emit && (await runPlugin(folder, file.emit, context, own, printer!))
    if (file.template) {
      const view = typeof made === 'object' ? { ...context, ...made } : context
      return [[file.to, render(root, join(folder, 'templates', file.template), view)]]
    }
    if (typeof made === 'string') return [[file.to, made]]
    return file.copy ? copies(folder, file.copy, file.to) : []
  }
  const made = await Promise.all(spec.files.filter((f) => wanted(f.to)).map(make))
  return new Map(made.flat())
}

type Plugins = Record<string, Emit<string | object>>
const modules = new Memo<Promise<Plugins>>()
const load = async (path: string): Promise<Plugins> => (existsSync(path) ? ((await import(pathToFileURL(path).href)) as Plugins) : {})

/** Begins to load what the targets are printed with; mistakes are told when it is used. */
export function preload(root: string, names: string[]): void {
  for (const name of names)
    try {
      const spec = readTarget(root, name)
      if (spec.naming) printerOf(root, spec, name).catch(() => {})
      const folder = join(root, 'targets', name)
      for (const { emit } of spec.files) if (emit) pluginsOf(join(folder, emit.split('#')[0])).catch(() => {})
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
}
const pluginsOf = (path: string): Promise<Plugins> => modules.of(path, () => load(path))

/** `emit.ts#plugin`, or `emit.ts`, whose plug-in is then called emit. */
async function runPlugin(folder: string, place: string, context: Context, loaded: Loaded, printer: Printer): Promise<string | object> {
  const [path, plugin = 'emit'] = place.split('#')
  const module = await pluginsOf(join(folder, path))
  if (!module[plugin])
    throw new Fault(`targets/${basename(folder)}/${path}: error: there is no plug-in '${plugin}'; see CONTRIBUTING.md, "Plug-ins"`)
  return module[plugin](context, loaded, printer)
}

const templates = new Memo<(context: object) => string>()
/** A template, compiled. */
export const templateOf = (text: string): ((context: object) => string) =>
  templates.of(text, () => Handlebars.compile(text, { strict: true, noEscape: true, knownHelpersOnly: true }))

function render(root: string, path: string, context: Context): string {
  const place = relative(root, path)
  if (!existsSync(path)) throw new Fault(`${place}: error: there is no such template; see CONTRIBUTING.md, "Templates"`)
  try {
    return templateOf(readFileSync(path, 'utf8'))(context)
  } catch (error) {
    if (error instanceof Fault) throw error // of the print table: it is asked when a template prints
    throw new Fault(templateMessage(place, (error as Error).message))
  }
}
/** Handlebars says where at the end of a line, or with a picture of the line. */
function templateMessage(place: string, message: string): string {
  const missing = /^("\w+" not defined) in .* - (\d+):(\d+)$/s.exec(message)
  if (missing) return `${place}:${missing[2]}:${Number(missing[3]) + 1}: error: ${missing[1]} here; see CONTRIBUTING.md, "Templates"`
  const parse = /^Parse error on line (\d+):\n(.*)$/s.exec(message)
  return parse ? `${place}:${parse[1]}: error: this is no template\n  ${parse[2].replaceAll('\n', '\n  ')}` : `${place}: error: ${message}`
}

function copies(folder: string, from: string, to: string): [string, Buffer][] {
  const paths = listFiles(join(folder, from))
  if (paths.length === 0)
    throw new Fault(`targets/${basename(folder)}/${from}: error: there is nothing to copy; see CONTRIBUTING.md, "target.yaml"`)
  return paths.map((path) => [join(to, relative(join(folder, from), path)), readFileSync(path)])
}
