// What templates and plug-ins see of the codec: its packets and functions, printed. What they see of the session is session-view.ts.
import type { Func } from './ir.ts'
import type { Codec } from './lower.ts'
import { Memo, once, textOf } from './memo.ts'
import type { Printer } from './print.ts'
import { wrap } from './wrap.ts'

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
  encode: FuncView
  decode: FuncView
}

const viewsOf = once((_: Printer) => new Memo<FuncView>())
/** `levels`: how deep it stands. */
export const viewFunction = (f: Func, printer: Printer, levels = 1): FuncView =>
  viewsOf(printer).of(`${levels} ${textOf(f)}`, () => print(f, printer, levels))
function print(f: Func, printer: Printer, levels: number): FuncView {
  let body: string | undefined
  return {
    name: printer.name('function', f.name),
    returns: printer.type(f.returns),
    signature: printer.signature(f),
    call: printer.table.call(f, printer),
    doc: f.doc,
    get body() {
      body ??= bodyOf(f, printer, levels) // many are never asked for
      return body
    },
    versioned: f.params.some((p) => p.name === 'version'),
    func: f,
  }
}

function bodyOf(f: Func, printer: Printer, levels: number): string {
  let lines = printer.body(f)
  for (let i = 0; i < levels; i++) lines = printer.indented(lines)
  return lines.flatMap((line) => wrap(line, printer.table)).join('\n')
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
      encode: viewFunction(fs.encode, printer.encoders),
      decode: view(fs.decode),
    })),
    functions: codec.functions.map(view),
    structRules: codec.structRules.map((f) => viewFunction(f, printer.encoders)),
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
