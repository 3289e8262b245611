// codec.py and peer.py: which of the codec's functions a client needs, and which only its counterpart, a server or a test. A function
// whose body another one has already is a second name of it.

import { type Expr, type Func, name, type Stmt } from '../../generator/ir.ts'
import type { Printer } from '../../generator/print.ts'
import { type Context, type Emit, type FuncView, type PacketView, viewFunction } from '../../generator/target.ts'
import { describeModel, type FieldData } from '../data/describe.ts'

/** A function as text; the lines of a doc string and of the end are the caller's. */
interface Definition {
  view: FuncView
  doc: boolean
  last?: string
}

/** Functions one below the other, equal ones once. */
function define(definitions: Definition[], known = new Map<string, string>()): string[] {
  return definitions.map(({ view, doc, last }) => {
    const body = [view.body, ...(last ? [`    ${last}`] : [])].join('\n')
    const params = view.signature.slice(view.signature.indexOf('('))
    const twin = known.get(params + body)
    if (twin) return `${view.name} = ${twin}\n`
    known.set(params + body, view.name)
    return `def ${view.signature}:\n${doc ? `    """${view.doc}"""\n` : ''}${body}\n`
  })
}
/** Two empty lines around a definition, none between second names. */
const spaced = (definitions: string[]): string =>
  definitions.reduce((text, d, i) => {
    const alias = !d.startsWith('def ')
    const after = i > 0 && !definitions[i - 1].startsWith('def ')
    return `${text}${i === 0 ? '' : alias && after ? '' : '\n\n'}${d}`
  }, '')

const encoder = (p: PacketView): Definition => ({ view: p.encode, doc: true, last: 'return framed(out)' })
/** A reader knows the first byte and the version. */
function decoder(p: PacketView, printer: Printer): Definition {
  const func = JSON.parse(JSON.stringify(p.decode.func), (_, node: Expr) =>
    node?.kind === 'name' && node.role === 'parameter' ? { kind: 'field', type: node.type, of: READER, field: node.name } : node,
  ) as Func
  return { view: viewFunction({ ...func, params: [] }, printer), doc: true }
}
const READER = name('reader', { kind: 'none' })
const plain = (view: FuncView): Definition => ({ view, doc: true })

/** The checks and encoders its session asks for. */
function usesOf(context: Context): Set<string> {
  const { uses } = context.session as { uses: { functions: string[] } }
  return new Set(uses.functions)
}

const types = (context: Context): string => context.packets.map((p) => `_${p.raw} = const(${p.code})\n`).join('')

const CONST = `try:
    from micropython import const
except ImportError:  # CPython

    def const(value):
        return value
`

export const codec: Emit = (context, _, printer) => {
  const uses = usesOf(context)
  const all = context.packets
  const definitions = [
    ...[...context.functions, ...context.structRules, context.headerRule, context.senderRules[1], context.again].map(plain),
    ...all.flatMap((p) => [p.rule, p.size].filter((f) => uses.has(f.name)).map(plain)),
    ...all.filter((p) => uses.has(p.encode.name)).map(encoder),
    ...all.filter((p) => p.fromServer).map((p) => decoder(p, printer)),
  ]
  return `${context.header}
# Encoders and decoders of the control packets, as far as a client needs them; testing/peer.py has the rest. What the fields
# are made of is wire.py's. Text is UTF-8, in bytes.
${CONST}
from .wire import Record, framed, put_bytes, put_u16, utf8_rule

${types(context)}

${spaced(define(definitions))}

# By packet type: what a server sends.
DECODERS = {
${all
  .filter((p) => p.fromServer)
  .map((p) => `    _${p.raw}: ${p.decode.name},\n`)
  .join('')}}
`
}

const fields = (list: FieldData[]): string =>
  `[${list
    .map((f) => `("${f.name}", "${f.type}", ${f.optional ? 'True' : 'False'}, ${f.since}, ${f.until}, ${fields(f.fields ?? [])})`)
    .join(', ')}]`

const walked = (value: unknown, change: (node: Expr | Stmt) => unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, v) => change(v as Expr))

/** A request of our own is kept beside its bytes where a session looks into it again: nothing has to read them back (print.ts: stored). */
function keepRequests(func: Func, stored: Set<string>): Func {
  return walked(func, (node) => {
    if (node?.kind === 'append') {
      const packet = node.fields.find((f) => f.value.kind === 'encode' && stored.has(f.value.packet))?.value as Expr & { kind: 'encode' }
      return packet ? { ...node, fields: [...node.fields, { name: 'request', value: packet.value }] } : node
    }
    return node
  }) as Func
}

/** The view of session.py: functions that keep their requests. */
export const session: Emit<object> = (context, loaded, printer) => {
  const view = context.session as { functions: FuncView[] }
  const stored = new Set<string>()
  walked(loaded.session.functions, (node) => {
    if (node?.kind === 'stored') stored.add(node.packet)
    return node
  })
  const functions = view.functions.map((f) => ({ ...f, ...viewFunction(keepRequests(f.func, stored), printer, 2) }))
  return { session: { ...view, functions } }
}

/** What codec.py leaves out, for those who are no client. */
export const peer: Emit = (context, loaded, printer) => {
  const uses = usesOf(context)
  const all = context.packets
  const definitions = [
    ...all.flatMap((p) => [p.rule, p.size].filter((f) => !uses.has(f.name)).map(plain)),
    ...all.filter((p) => !uses.has(p.encode.name)).map(encoder),
    ...all.filter((p) => !p.fromServer).map((p) => decoder(p, printer)),
  ]
  const table = (what: (p: PacketView) => string) => all.map((p) => `    "${p.raw}": ${what(p)},\n`).join('')
  const called = (f: FuncView) => `lambda packet, version: ${f.call}`
  const model = (JSON.parse(describeModel(loaded.codec.model)) as { packets: Record<string, { fields: FieldData[] }> }).packets
  return `${context.header}
# The half of the codec that a client does not need: what only a server sends or reads, and each packet by its name.
from umqtt_haas.codec import *
from umqtt_haas.wire import Record, framed, put_bytes, put_u16, utf8_rule

${spaced(define(definitions))}

LARGEST = ${(context.wire as { largest: number }).largest}
TOO_LARGE = "${(context.wire as { over: string }).over}"
TYPES = {
${all.map((p) => `    ${p.code}: "${p.raw}",\n`).join('')}}
RULES = {
${table((p) => called(p.rule))}}
SIZES = {
${table((p) => called(p.size))}}
ENCODERS = {
${table((p) => called(p.encode))}}
DECODERS = {
${table((p) => p.decode.name)}}
# The fields of each packet in the order in which they are printed: name, type, optional, first and last version, and those of its parts.
FIELDS = {
${all.map((p) => `    "${p.raw}": ${fields(model[p.raw].fields)},\n`).join('')}}
`
}
