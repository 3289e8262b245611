// The functions of codec.h: encoders that judge what they write, from the end of a packet to its beginning; packets that are coded
// alike share one; and what may be judged of a first byte.

import { type Expr, type Func, name, nodes, RULE, rewrite, type Stmt, same, U8, U16 } from '../../generator/ir.ts'
import type { Codec, PacketFunctions } from '../../generator/lower.ts'
import type { Printer } from '../../generator/print.ts'
import { type Emit, viewFunction } from '../../generator/target.ts'
import { wrap } from '../../generator/wrap.ts'
import { Evaluator } from '../data/evaluate.ts'
import { codecFold } from './folded.ts'
import { table } from './print.ts'

type Of<K extends Stmt['kind']> = Stmt & { kind: K }
const VERSION = { name: 'version', type: U8 }
const FIRST = name('first', U8, 'parameter')

/** What is written last comes first. A number of two bytes is judged by what writes it. */
function backwards(body: Stmt[]): Stmt[] {
  const out: Stmt[] = []
  for (const s of body) {
    const last = out.at(-1)
    if (s.kind === 'write' && s.wire === 'u16' && last?.kind === 'range' && same(last.of, s.value)) {
      out[out.length - 1] = Object.assign({ within: last, see: last.see ?? [] }, s)
    } else if (s.kind === 'if') {
      const branches = s.branches.map((b) => ({ ...b, do: backwards(b.do) }))
      out.push({ ...s, branches, ...(s.else ? { else: backwards(s.else) } : {}) })
    } else out.push(s.kind === 'each' ? { ...s, do: backwards(s.do) } : s)
  }
  return out.reverse()
}

interface Coder {
  raw: string
  name: string
  doc: string
  encode: Func
  decode: Func
}
const coderOf = ({ packet, decode, encode }: PacketFunctions, printer: Printer): Coder => {
  const params = packet.fields.length > 0 ? [{ name: 'packet', type: { kind: 'packet', name: packet.name } as const }, VERSION] : []
  const written = { ...encode, params, returns: RULE, body: backwards(encode.body) }
  return {
    raw: packet.name,
    name: printer.name('type', packet.name),
    doc: packet.doc,
    encode: written,
    decode: { ...decode, body: formed(decode.body) },
  }
}
/** A text is judged by what reads it. */
function formed(body: Stmt[]): Stmt[] {
  return body.flatMap((s, i): Stmt[] => {
    const next = body[i + 1]
    if (s.kind === 'check_text') return []
    if (s.kind === 'if') return [{ ...s, branches: s.branches.map((b) => ({ ...b, do: formed(b.do) })) }]
    if (s.kind === 'read_list') return [{ ...s, do: formed(s.do) }]
    return [s.kind === 'read' && next?.kind === 'check_text' && next.see ? { ...s, see: next.see } : s]
  })
}

interface Printed {
  doc: string
  head: string
  body: string
}
const printed = (doc: string, head: string, lines: string[]): Printed => {
  const body = lines.flatMap((line) => wrap(`  ${line}`, table)).join('\n')
  const short = !/\n|\/\//.test(body) && head.length + body.length < table.width
  return { doc, head, body: short ? ` ${lines[0]} ` : `\n${body}\n` }
}

/** Packets that are one and the same field behind their first byte: written and read by one function, which the field names. */
interface Shared {
  field: string
  coders: Coder[]
}
const rest = (c: Coder): Stmt[] => c.encode.body.filter((s) => s.kind !== 'begin')
const isTake = (s: Stmt): boolean => s.kind === 'take' && [...nodes(s.value)].some((n) => same(n, FIRST))
const read = (c: Coder): Stmt[] => c.decode.body.filter((s) => !isTake(s) && s.kind !== 'result')
function shared(coders: Coder[]): Shared[] {
  const bodies = new Map<string, Shared>()
  for (const coder of coders) {
    const [field, ...more] = new Set([...nodes(rest(coder))].flatMap((n) => (n.kind === 'field' ? [n.field] : [])))
    if (field === undefined || more.length > 0 || rest(coder).length > 1) continue
    const key = JSON.stringify([rest(coder), read(coder)]).replaceAll(`"name":"${coder.raw}"`, '')
    bodies.set(key, { field, coders: [...(bodies.get(key)?.coders ?? []), coder] })
  }
  return [...bodies.values()].filter((s) => s.coders.length > 1)
}
/** Its two functions: of the first byte, and of the field. */
function sharedFunctions({ field, coders }: Shared, printer: Printer): Printed[] {
  const [first] = coders
  const value = name(field, U16, 'parameter')
  const isIt = (node: Expr | Stmt) => (node.kind === 'field' && node.field === field) || (node.kind === 'name' && node.name === field)
  const own = <T>(tree: T): T =>
    rewrite(tree, (node) => (isIt(node) ? value : node.kind === 'read' ? { ...node, to: value, declares: false } : node))
  const [type, local] = [printer.name('type', field), printer.name('local', field)]
  const all = `${coders
    .slice(0, -1)
    .map((c) => c.raw)
    .join(', ')} and ${coders.at(-1)!.raw}`
  const begin: Stmt = { kind: 'begin', first: FIRST }
  return [
    printed(
      `Writes ${all}: their first byte and what is behind it.`,
      `Rule encode${type}(Writer &out, uint32_t ${local}, uint32_t first)`,
      printer.encoders.block([...own(rest(first)), begin]),
    ),
    printed(`Reads their body.`, `void decode${type}(Reader &in, uint32_t &${local})`, printer.block(own(read(first)))),
  ]
}

/** Encoder and decoder of a packet. */
function functionsOf(coder: Coder, list: Shared[], printer: Printer): Printed[] {
  const { encode, decode } = coder
  const at = list.find((s) => s.coders.includes(coder))
  const [type, value] = at ? [printer.name('type', at.field), `packet.${printer.name('field', at.field)}`] : []
  const begin = encode.body.at(-1) as Of<'begin'>
  const first = begin.first.kind === 'number' ? `0x${begin.first.value.toString(16)}` : printer.expr(begin.first)
  const takes = decode.body.filter(isTake)
  const written = at ? [`return encode${type}(out, ${value}, ${first});`] : printer.encoders.block(encode.body)
  const given = at ? [...printer.block(takes), `decode${type}(in, ${value});`] : printer.block(decode.body)
  return [
    printed(encode.doc, `Rule ${printer.signature(encode)}`, written),
    printed(decode.doc, `void ${printer.signature(decode)}`, given),
  ]
}

/** What a struct must be, judged as it is written. */
function structRule(rule: Func, printer: Printer): Printed {
  const lines = printer.encoders.block(backwards(rule.body))
  return printed(rule.doc, `Rule ${printer.signature(rule)}`, ['Writer out;', ...lines, 'return out.rule();'])
}

/** The first of the ASCII characters that break no rule of a text where they stand alone, as those after it. */
export function plainFrom(codec: Codec): string {
  const evaluator = new Evaluator(codec)
  const breaks = (code: number) => codec.model.texts.some((t) => evaluator.text(t.name, String.fromCharCode(code)) !== undefined)
  return String.fromCharCode(1 + Math.max(...Array.from({ length: 0x80 }, (_, code) => (breaks(code) ? code : 0))))
}

export const coders: Emit<object> = (_, loaded, printer) => {
  const codec = codecFold(loaded)
  const all = codec.packets.map((p) => coderOf(p, printer))
  const list = shared(all)
  const texts = codec.model.texts.map((t) => ({
    kind: printer.name('member', t.name),
    rule: printer.name('function', `${t.name}_rule`),
    doc: t.doc,
  }))
  return {
    texts,
    structs: codec.structRules.map((rule) => structRule(rule, printer)),
    shared: list.flatMap((s) => sharedFunctions(s, printer)),
    coders: all.map((c) => ({ raw: c.raw, functions: functionsOf(c, list, printer) })),
    headerRule: viewFunction(codec.headerRule, printer),
    again: viewFunction(codec.again, printer),
    senders: [...codec.senderRule.values()].map((rule) => viewFunction(rule, printer)),
  }
}
