// codec.py and peer.py: which of the codec's functions a client needs, and which only its counterpart, a server or a test. A function
// whose body another one has already is a second name of it. What encoders and decoders look like is unpack.ts's.

import type { Loaded } from '../../generator/generate.ts'
import type { Printer } from '../../generator/print.ts'
import { type Context, type Emit, type FuncView, type PacketView, viewFunction } from '../../generator/target.ts'
import { describeModel, type FieldData } from '../data/describe.ts'
import { hex } from './bits.ts'
import { folded } from './folded.ts'
import { ordered } from './ranges.ts'
import { Raising, sessionOf } from './session.ts'
import { decoderOf, type Encoder, encoderOf } from './unpack.ts'

/** A function as text; `first` and `last` stand around what the spec says. */
interface Definition {
  view: FuncView
  first?: string
  last?: string[]
}

/** Functions one below the other, equal ones once. */
function define(definitions: Definition[], known = new Map<string, string>()): string[] {
  return definitions.map(({ view, first, last }) => {
    const inside = [
      ...(first ? [`    ${first}`] : []),
      ...(view.body === '    pass' && last ? [] : [view.body]),
      ...(last ?? []).map((line) => `    ${line}`),
    ]
    const body = inside.join('\n')
    const params = view.signature.slice(view.signature.indexOf('('))
    const twin = known.get(params + body)
    if (twin) return `${view.name} = ${twin}\n`
    known.set(params + body, view.name)
    return `def ${view.signature}:\n    """${view.doc}"""\n${body}\n`
  })
}
/** Two empty lines around a definition, none between second names. */
const spaced = (definitions: string[]): string =>
  definitions.reduce((text, d, i) => {
    const alias = !d.startsWith('def ')
    const after = i > 0 && !definitions[i - 1].startsWith('def ')
    return `${text}${i === 0 ? '' : alias && after ? '' : '\n\n'}${d}`
  }, '')

/** An encoder, with its frame. */
function encoder({ func, first, sized }: Encoder, printer: Printer): Definition {
  const byte = first.kind === 'number' ? hex(first.value) : printer.expr(first)
  const [only, ...more] = func.body
  if (!only) return { view: viewFunction(func, printer.encoders), last: [`return bytearray((${byte}, 0))`] }
  if (more.length === 0 && only.kind === 'write' && only.wire === 'u16')
    return { view: viewFunction({ ...func, body: [] }, printer), last: [`return short(${byte}, ${printer.expr(only.value)})`] }
  const last = folded(`return framed(${byte}, out${sized ? ', most' : ''})`)
  return { view: viewFunction(func, printer.encoders), first: 'out = bytearray()', last }
}
const decoder = (p: PacketView, loaded: Loaded, printer: Printer, fields?: string[]): Definition => ({
  view: viewFunction(decoderOf(p.raw, loaded, fields), printer),
})
const plain = (view: FuncView): Definition => ({ view })

const types = (context: Context): string => context.packets.map((p) => `_${p.raw} = const(${p.code})\n`).join('')

const CONST = `try:
    from micropython import const
except ImportError:  # CPython

    def const(value):
        return value
`

/** A struct that a packet may have: its values, and what judges them, which is the packet that carries it. */
function structs(loaded: Loaded, raising: Raising, printer: Printer): string[] {
  const { model } = loaded.codec
  return model.packets.flatMap((packet) =>
    packet.fields.flatMap((field) => {
      const type = field.type.kind === 'optional' && field.type.of.kind === 'struct' ? field.type.of.name : ''
      const struct = model.structs.find((s) => s.name === type)
      if (!struct || !loaded.session.vars.some((v) => v.name === field.name)) return []
      const names = struct.fields.map((f) => printer.name('field', f.name))
      const { func } = raising.encoder(packet.name)
      const zero: Record<string, string> = { text: 'b""', bytes: 'b""', uint: '0', bool: 'True', optional: 'None' }
      const args = func.params.map((p) =>
        p.name === field.name ? printer.name('local', p.name) : p.name === 'version' ? String(context_newest(loaded)) : zero[p.type.kind],
      )
      return [
        `class ${struct.name}:\n    """${struct.doc}"""\n\n    def __init__(self, ${names.join(', ')}):\n${names.map((n) => `        self.${n} = ${n}\n`).join('')}`,
        `def ${printer.name('function', `rule_${struct.name}`)}(${printer.name('local', field.name)}):\n    """Raises the rule that a ${struct.name.toLowerCase()} breaks, if any."""\n    ${printer.name('function', func.name)}(${args.join(', ')})\n`,
      ]
    }),
  )
}
const context_newest = (loaded: Loaded): number => Math.max(...loaded.codec.model.versions.map(([v]) => v))

/** What a client reads; of equal decoders all but the first are second names. */
function decodersOf(context: Context, loaded: Loaded, printer: Printer, raising: Raising): { raw: string; name: string; text: string }[] {
  const list = context.packets.filter((p) => p.fromServer)
  const texts = define(list.map((p) => decoder(p, loaded, printer, raising.use.read.get(p.raw))))
  return list.map((p, i) => ({ raw: p.raw, name: p.decode.name, text: texts[i]! }))
}

/** The decoder of each type; the one that most have comes last. */
function dispatch(list: { raw: string; name: string; text: string }[]): string {
  const groups = new Map<string, string[]>()
  for (const { raw: code, name, text } of list) {
    const decoder = text.startsWith('def ') ? name : text.trim().split(' = ')[1]!
    groups.set(decoder, [...(groups.get(decoder) ?? []), code])
  }
  const sorted = [...groups].sort(([, a], [, b]) => a.length - b.length)
  return sorted
    .map(([decoder, [code]], i) =>
      i < sorted.length - 1 ? `    if kind == _${code}:\n        return ${decoder}(reader)\n` : `    return ${decoder}(reader)\n`,
    )
    .join('')
}

export const codec: Emit = (context, loaded, printer) => {
  const raising = new Raising(loaded)
  const uses = new Set((sessionOf(context, loaded, printer) as { uses: string[] }).uses)
  const needed = context.packets.filter((p) => uses.has(p.encode.name))
  const [record, judge] = structs(loaded, raising, printer)
  const decoders = decodersOf(context, loaded, printer, raising)
  return `${context.header}
# Encoders and decoders of the control packets, as far as a client needs them; testing/peer.py has the rest. Encoders judge as they write, and
# raise. What the fields are made of is wire.py's. Text is UTF-8, in bytes.
${CONST}
from .errors import refuse
from .wire import framed, put_bytes, put_text, put_u16, short

${types(context)}

${spaced(define([...context.functions, context.senderRules[1], context.again].map(plain)))}

${spaced([...(record ? [record] : []), ...define(needed.map((p) => encoder(raising.encoder(p.raw), printer))), ...(judge ? [judge] : [])]).replaceAll('\n\n\n\ndef', '\n\n\ndef')}

${spaced(decoders.map(({ text }) => text).filter((text) => text.startsWith('def ')))}

def decoded(kind, reader):
    """What a packet of this type says, which only a server sends."""
${dispatch(decoders)}`
}

export const session: Emit<object> = (context, loaded, printer) => ({ session: sessionOf(context, loaded, printer) })

const fields = (list: FieldData[]): string =>
  `[${list
    .map((f) => `("${f.name}", "${f.type}", ${f.optional ? 'True' : 'False'}, ${f.since}, ${f.until}, ${fields(f.fields ?? [])})`)
    .join(', ')}]`

/** What codec.py leaves out, for those who are no client: each packet with all its fields, and all its rules. */
export const peer: Emit = (context, loaded, printer) => {
  const raising = new Raising(loaded)
  const uses = new Set((sessionOf(context, loaded, printer) as { uses: string[] }).uses)
  const all = context.packets
  const { again } = loaded.codec.model
  const isWhole = (p: PacketView) => p.fromServer && raising.use.read.get(p.raw)?.length === fieldNames(loaded, p.raw).length
  const own = new Set(decodersOf(context, loaded, printer, raising).flatMap(({ raw, text }) => (text.startsWith('def ') ? [raw] : [])))
  const definitions = [
    plain(context.headerRule),
    ...all.map((p) => encoder(encoderOf(p.raw, loaded), printer)),
    ...all.filter((p) => !isWhole(p) || !own.has(p.raw)).map((p) => decoder(p, loaded, printer)),
  ]
  const table = (list: PacketView[], what: (p: PacketView) => string) => list.map((p) => `    "${p.raw}": ${what(p)},\n`).join('')
  const called = ({ func, fields: given }: Encoder) => {
    const args = func.params.map((a) =>
      given.includes(a.name) ? `packet.${printer.name('field', a.name)}` : printer.name('local', a.name),
    )
    return `${printer.name('function', func.name)}(${args.join(', ')})`
  }
  const ofClient = (p: PacketView) => {
    const made = `codec.${called(raising.encoder(p.raw))}`
    return fieldNames(loaded, p.raw).includes(again) ? `marked(${made}, packet.${again}, version)` : made
  }
  const model = (JSON.parse(describeModel(loaded.codec.model)) as { packets: Record<string, { fields: FieldData[] }> }).packets
  return `${context.header}
# The half of the codec that a client does not need: each packet by its name and with all its fields, with encoders that judge also what a
# client's packets cannot break, and decoders of what only a server reads.
from umqtt_haas import codec
from umqtt_haas.codec import *
from umqtt_haas.codec import Will, again
from umqtt_haas.errors import between, refuse
from umqtt_haas.wire import framed, put_bytes, put_text, put_u16, short

${types(context)}
LARGEST = ${(context.wire as { largest: number }).largest}
TOO_LARGE = "${(context.wire as { over: string }).over}"


class Record:
    """Values by name. One that was not given is None."""

    def __init__(self, **fields):
        for name in fields:
            setattr(self, name, fields[name])

    def __getattr__(self, name):
        return None


def marked(frame, dup, version):
    if dup:
        frame[0] = again(frame[0], version)
    return frame


${spaced(define(definitions))}

TYPES = {
${all.map((p) => `    ${p.code}: "${p.raw}",\n`).join('')}}
ENCODERS = {
${table(all, (p) => `lambda packet, version: ${called(encoderOf(p.raw, loaded))}`)}}
# What a client writes of the same packets, with so many bytes at most.
CLIENT = {
${table(
  all.filter((p) => uses.has(p.encode.name)),
  (p) => `lambda packet, version, most: ${ofClient(p)}`,
)}}
DECODERS = {
${table(all, (p) => p.decode.name)}}
# The fields of each packet in the order in which they are printed: name, type, optional, first and last version, and those of its parts.
FIELDS = {
${all.map((p) => `    "${p.raw}": ${fields(model[p.raw].fields)},\n`).join('')}}
`
}
const fieldNames = (loaded: Loaded, packet: string): string[] => loaded.codec.model.world.packets.get(packet)!.map((f) => f.name)

/** Where the fields of a message stand that an application is handed; the numbers of phases and errors. */
export const client: Emit<object> = (context, loaded) => {
  const { delivered } = context.session as { delivered: { raw: string }[] }
  return {
    place: Object.fromEntries(fieldNames(loaded, delivered[0]!.raw).map((field, i) => [field, i])),
    phases: Object.fromEntries(ordered(loaded.session.phases, loaded.session.timers).map(({ name }, value) => [name, value])),
    codes: Object.fromEntries(loaded.session.errors.map(({ name, code }) => [name, code])),
  }
}
