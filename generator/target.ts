// A target: its target.yaml, print table, templates and emit plug-in, and the files it makes of the model. Which targets there are is the
// content of the folder targets/; this file names none.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import Handlebars from 'handlebars'
import { parse } from 'yaml'
import { listFiles } from './files.ts'
import type { Loaded } from './generate.ts'
import type { Func } from './ir.ts'
import type { Codec } from './lower.ts'
import { type Case, type NameKind, Printer, type PrintTable } from './print.ts'
import { viewSession } from './session-view.ts'
import { Fault } from './source.ts'

export interface TargetSpec {
  name: string
  title: string
  naming?: Partial<Record<NameKind, Case>> & { default: Case }
  reserved: string[]
  escape: string
  comment: string // a line of comment: `// {text}`
  files: { template?: string; emit?: string; copy?: string; to: string; profile?: string; data?: Record<string, unknown> }[]
  testee?: string[]
  build?: string[]
}
/** What templates and emit plug-ins see. */
export interface Context {
  header: string
  version: string
  packets: PacketView[]
  functions: FuncView[]
  structRules: FuncView[]
  headerRule: FuncView
  senderRules: FuncView[]
  again: FuncView
  rules: { name: string; raw: string; number: number; see: string[] }[]
  [more: string]: unknown
}
export interface FuncView {
  name: string
  returns: string // its type, for languages that put it first
  signature: string
  call: string
  doc: string
  body: string
  versioned: boolean
  func: Func
}
export interface PacketView {
  raw: string
  name: string
  code: number
  doc: string
  from: string
  fromServer: boolean
  fromClient: boolean
  rule: FuncView
  size: FuncView
  encode: FuncView
  decode: FuncView
}
/** A plug-in gets everything, and answers a file's text, or what the file's template sees beside the header. */
export type Emit<Made = string> = (context: Context, loaded: Loaded, printer: Printer) => Promise<Made> | Made

export function readTarget(root: string, name: string): TargetSpec {
  return parse(readFileSync(join(root, 'targets', name, 'target.yaml'), 'utf8')) as TargetSpec
}

export async function makePrinter(root: string, spec: TargetSpec, name: string): Promise<Printer> {
  const { table } = (await import(pathToFileURL(join(root, 'targets', name, 'print.ts')).href)) as { table: PrintTable }
  const naming = spec.naming!
  const kinds: NameKind[] = ['local', 'part', 'field', 'variable', 'function', 'type', 'member', 'rule', 'error', 'timer', 'list']
  const cases = Object.fromEntries(kinds.map((k) => [k, naming[k] ?? naming.default])) as Record<NameKind, Case>
  return new Printer(table, { cases, reserved: new Set(spec.reserved), escape: spec.escape })
}

export function viewFunction(f: Func, printer: Printer, levels = 1): FuncView {
  let lines = printer.body(f)
  for (let i = 0; i < levels; i++) lines = printer.indented(lines)
  return {
    name: printer.name('function', f.name),
    returns: printer.type(f.returns),
    signature: printer.signature(f),
    call: printer.table.call(f, printer),
    doc: f.doc,
    body: lines.join('\n'),
    versioned: f.params.some((p) => p.name === 'version'),
    func: f,
  }
}

export function makeContext(codec: Codec, printer: Printer, header: string, version: string, more: Record<string, unknown>): Context {
  const view = (f: Func) => viewFunction(f, printer)
  return {
    header,
    version,
    packets: codec.packets.map(({ packet, ...fs }) => ({
      raw: packet.name,
      name: printer.name('type', packet.name),
      code: packet.code,
      doc: packet.doc,
      from: packet.from,
      fromServer: packet.from !== 'client',
      fromClient: packet.from !== 'server',
      rule: view(fs.rule),
      size: view(fs.size),
      encode: view(fs.encode),
      decode: view(fs.decode),
    })),
    functions: codec.functions.map(view),
    structRules: codec.structRules.map(view),
    types: codecTypes(codec, printer),
    newest: Math.max(...codec.model.versions.map(([v]) => v)),
    headerRule: view(codec.headerRule),
    senderRules: [...codec.senderRule.values()].map(view),
    again: view(codec.again),
    wire: wireOf(codec),
    rules: [...codec.model.world.rules].map(([raw, number]) => ({
      name: printer.name('rule', raw),
      raw,
      number,
      see: codec.model.rules.get(raw) ?? [],
    })),
    ...more,
  }
}

/** The rules of the framing and of the primitive types by what they are for, and the limits of a remaining length. */
function wireOf({ model: { frame, wire } }: Codec): Record<string, string | number> {
  const { type, length, long } = frame
  const limits = { lengthBytes: frame.lengthBytes, lengthBits: 7 * frame.lengthBytes, largest: 2 ** (7 * frame.lengthBytes) - 1 }
  return { ...wire, type: type.rule, length: length.rule, over: frame.over, short: frame.short, long: long.rule, ...limits }
}

/** The types that functions name, in the order of the alphabet. */
function codecTypes({ model }: Codec, printer: Printer): string[] {
  const lists = [model.packets, model.structs].flat().map((t) => printer.name('type', t.name))
  const enums = model.enums.map((e) => printer.name('type', e.name))
  return [...lists, ...enums, 'Packet', 'Rule', 'Version'].sort()
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
  const printer = spec.naming ? await makePrinter(root, spec, name) : undefined
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
  const files = new Map<string, string | Buffer>()
  const engine = Handlebars.create()
  for (const file of spec.files.filter((f) => wanted(f.to))) {
    const own = file.profile ? profile(file.profile) : loaded
    const context = { ...contextOf(own), ...file.data }
    const made = file.emit && (await runPlugin(folder, file.emit, context, own, printer!))
    if (file.template) {
      const view = typeof made === 'object' ? { ...context, ...made } : context
      files.set(file.to, render(engine, root, join(folder, 'templates', file.template), view))
    } else if (typeof made === 'string') files.set(file.to, made)
    else for (const path of listFiles(join(folder, file.copy!))) copyFile(files, folder, file, path)
  }
  return files
}

/** `emit.ts#plugin`, or `emit.ts`, whose plug-in is then called emit. */
async function runPlugin(folder: string, place: string, context: Context, loaded: Loaded, printer: Printer): Promise<string | object> {
  const [path, plugin = 'emit'] = place.split('#')
  const module = (await import(pathToFileURL(join(folder, path)).href)) as Record<string, Emit<string | object>>
  return module[plugin](context, loaded, printer)
}

function render(engine: typeof Handlebars, root: string, path: string, context: Context): string {
  const place = relative(root, path)
  if (!existsSync(path)) throw new Fault(`${place}: error: there is no such template; see CONTRIBUTING.md, "Templates"`)
  try {
    return engine.compile(readFileSync(path, 'utf8'), { strict: true, noEscape: true })(context)
  } catch (error) {
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

function copyFile(files: Map<string, string | Buffer>, folder: string, file: TargetSpec['files'][number], path: string): void {
  const inside = relative(join(folder, file.copy!), path)
  files.set(inside ? join(file.to, inside) : file.to, readFileSync(path))
}
