// How a session sends: each packet by a function of its own, and those that differ in their first byte only by one more.
import { type Expr, type Func, nodes, rewrite, type Stmt, same, type Type, U32 } from '../../generator/ir.ts'
import type { Printer } from '../../generator/print.ts'

export const packetName = (p: Printer, packet: string): string => p.name('type', packet)

/** A packet is encoded where it goes out from, by a function of its own, or goes out from where it is kept. */
export function sending(frame: Expr, p: Printer): string[] {
  const marked = frame.kind === 'marked'
  const packet = marked ? frame.of : frame
  if (packet.kind !== 'encode') return [`${marked ? 'writeAgain' : 'write'}(${p.expr(packet)});`]
  if (isGiven(packet)) return ['write(out);']
  return [
    `${sender(packet, marked, p)}(${given(packet)
      .map((e) => p.expr(e))
      .join(', ')});`,
  ]
}
type Encode = Expr & { kind: 'encode' }
type Make = Expr & { kind: 'make' }

/** A packet that is made in several places, of almost the same: one function makes and writes it, told only what differs. */
export interface Common {
  make: Make
  differs: string[]
}
/** Those packets by their names, and the functions that make them with what differs only. */
export function common(functions: Func[]): { functions: Func[]; packets: Map<string, Common> } {
  const makes = new Map<string, Make[]>()
  for (const node of nodes(functions.map((f) => f.body)))
    if (node.kind === 'make' && node.type.kind === 'packet') makes.set(node.type.name!, [...(makes.get(node.type.name!) ?? []), node])
  const judged = new Set(functions.flatMap((f) => judgedAtOnce(f.body)?.name ?? []))
  const packets = new Map<string, Common>()
  for (const [name, all] of makes) {
    const [make] = all
    const differs = make.fields.filter((f, i) => all.some((m) => !same(m.fields[i].value, f.value))).map((f) => f.name)
    if (judged.has(name)) packets.set(name, { make, differs })
  }
  const told = <T>(tree: T): T =>
    rewrite(tree, (node) => {
      const of = node.kind === 'make' && node.type.kind === 'packet' ? packets.get(node.type.name!) : undefined
      return node.kind === 'make' && of ? { ...node, fields: node.fields.filter((f) => of.differs.includes(f.name)) } : node
    })
  return { functions: functions.map((f) => ({ ...f, body: told(judgedAtOnce(f.body)?.body ?? f.body) })), packets }
}
/** A packet that is made only to be judged needs no name. */
function judgedAtOnce([first, ...rest]: Stmt[]): { name: string; body: Stmt[] } | undefined {
  if (first?.kind !== 'let' || first.value.kind !== 'make' || first.value.type.kind !== 'packet') return undefined
  const { name, value } = first
  const isIt = (node: Expr | Stmt) => node.kind === 'rule_of' && node.value.kind === 'name' && node.value.name === name
  return { name: first.value.type.name!, body: rewrite(rest, (node) => (isIt(node) ? ({ ...node, value } as Expr) : node)) }
}
/** A packet of the caller's is in `out` already: judging it was writing it. */
export const isGiven = ({ value }: Encode): boolean => value.kind === 'name'
/** Everything by one function: judged, measured and written. */
export const encoding = (e: { packet: string; value: Expr }, out: string, p: Printer): string =>
  `encode${packetName(p, e.packet)}(${[out, ...(e.value.kind === 'none' ? [] : [p.expr(e.value), 'level()'])].join(', ')})`
const isKnown = (e: Expr): boolean => e.kind === 'bool' || e.kind === 'number' || e.kind === 'none'
/** What of a packet is not known before it is sent. */
const given = ({ value }: Encode): Expr[] => (value.kind === 'make' ? value.fields.map((f) => f.value).filter((e) => !isKnown(e)) : [])
const sender = (packet: Encode, marked: boolean, p: Printer): string => `send${packetName(p, packet.packet)}${marked ? 'Again' : ''}`

/** The functions that `send` statements call: one for each packet, whose arguments are what is not known before, and one for packets that differ
 * in their first byte only. */
export function senders(
  functions: Func[],
  encoders: Map<string, Func>,
  packets: Map<string, Common>,
  p: Printer,
): { once: string; signature: string; body: string }[] {
  const found = new Map<string, Sent>()
  const called: string[] = []
  const calls = (name: string): number => called.filter((other) => other === name).length
  for (const s of nodes(functions.map((f) => f.body))) {
    if (s.kind !== 'send') continue
    const marked = s.frame.kind === 'marked'
    const packet = s.frame.kind === 'marked' ? s.frame.of : s.frame
    if (packet.kind !== 'encode' || isGiven(packet)) continue
    called.push(sender(packet, marked, p))
    found.set(sender(packet, marked, p), { packet, marked, ...short(packet, encoders.get(packet.packet)!) })
  }
  const all = [...found.values()]
  const shapes = [...new Set(all.map((s) => s.shape).filter((shape, i, list) => shape && list.indexOf(shape) !== i))] // of several
  const print = (once: boolean, signature: string, body: string[]) => ({
    once: once ? 'UMQTT_ONCE ' : '',
    signature,
    body: p.indented(p.indented(body)).join('\n'),
  })
  return [
    ...shapes.map((shape) => {
      const { packet } = all.find((s) => s.shape === shape)!
      const params = given(packet).map((e, i) => `, ${p.type(e.type)} ${p.name('local', namesOf(packet)[i])}`)
      return print(false, `void ${shared(packet, p)}(uint32_t first${params.join('')})`, [
        'Writer out(config_.memory.tx);',
        alike(packet, p),
        'write(out);',
      ])
    }),
    ...all.map(({ packet, marked, shape, first }) => {
      const args = namesOf(packet).map((n) => p.name('local', n))
      const firstByte = marked ? `again(${hex(first)}, level())` : hex(first)
      const body = shapes.includes(shape)
        ? [`${shared(packet, p)}(${[firstByte, ...args].join(', ')});`]
        : [
            'Writer out(config_.memory.tx);',
            packets.has(packet.packet) ? `${writing(packet, p)};` : `encode${packetName(p, packet.packet)}(out${made(packet, p)});`,
            'write(out);',
          ]
      const name = sender(packet, marked, p)
      return print(calls(name) === 1 && !packets.has(packet.packet), `void ${name}(${parameters(packet, p)})`, body)
    }),
    ...[...packets].map(([name, { make, differs }]) => {
      const fields = make.fields.map((f) => (differs.includes(f.name) ? p.name('local', f.name) : p.expr(f.value)))
      const params = make.fields.filter((f) => differs.includes(f.name)).map((f) => `, ${p.type(f.value.type)} ${p.name('local', f.name)}`)
      const type = packetName(p, name)
      return print(false, `Rule write${type}(Writer &out${params.join('')})`, [
        `return encode${type}(out, ${type}{${fields.join(', ')}}, level());`,
      ])
    }),
  ]
}
interface Sent {
  packet: Encode
  marked: boolean
  first?: number
  shape?: string
}
const hex = (value?: number): string => `0x${value?.toString(16)}`
const shared = (packet: Encode, p: Printer): string =>
  p.name('function', ['send', ...(namesOf(packet).length > 0 ? ['with', ...namesOf(packet)] : ['bare'])].join('_'))
const namesOf = ({ value }: Encode): string[] =>
  value.kind === 'make' ? value.fields.filter((f) => !isKnown(f.value)).map((f) => f.name) : []
/** What is alike in several packets, by the codec's function for it. */
function alike(packet: Encode, p: Printer): string {
  const [field] = namesOf(packet)
  return field === undefined ? 'out.finish(first);' : `encode${p.name('type', field)}(out, ${p.name('local', field)}, first);`
}

/** A packet whose first byte is known: its encoder with the first byte and its fields as parameters. */
function short({ value }: Encode, encoder: Func): Partial<Sent> {
  const [begin] = encoder.body
  const fields = value.kind === 'make' ? value.fields : []
  const known = (e: Expr): number | undefined => {
    if (e.kind === 'number') return e.value
    if (e.kind === 'bool') return Number(e.value)
    if (e.kind === 'and') return [e.left, e.right].map(known).find((v) => v === 0)
    if (e.kind === 'field')
      return fields.map((f) => (f.name === e.field && isKnown(f.value) ? known(f.value) : undefined)).find((v) => v !== undefined)
    const parts = e.kind === 'pack' ? e.parts.map((part) => (known(part.value) ?? Number.NaN) << part.shift) : [Number.NaN]
    const complete = e.kind === 'pack' && e.parts.every((part) => known(part.value) !== undefined)
    return complete ? parts.reduce((all, part) => all | part) : undefined
  }
  if (begin.kind !== 'begin' || begin.length === undefined) return {}
  const first = known(begin.first)
  if (first === undefined) return {}
  const local = (name: string): Expr => ({ kind: 'name', type: U32, name, role: 'local' })
  const body = rewrite([{ ...begin, first: local('first') }, ...encoder.body.slice(1)], (node) =>
    node.kind === 'field' ? local(node.field) : node,
  )
  return { first, shape: JSON.stringify(body) }
}

function parameters(packet: Encode, p: Printer): string {
  const type = (e: Expr): string =>
    ['packet', 'struct', 'optional', 'list'].includes(e.type.kind) && !isText(e.type) ? `const ${p.type(e.type)} &` : `${p.type(e.type)} `
  return given(packet)
    .map((e, i) => `${type(e)}${p.name('local', namesOf(packet)[i])}`)
    .join(', ')
}
function made({ value }: Encode, p: Printer): string {
  if (value.kind !== 'make') return ''
  const fields = value.fields.map((f) => (isKnown(f.value) ? p.expr(f.value) : p.name('local', f.name))).join(', ')
  return `, ${p.type(value.type)}{${fields}}, level()`
}
/** By the function for a packet that is made in several places. */
export const writing = ({ packet, value }: { packet: string; value: Expr }, p: Printer): string =>
  `write${packetName(p, packet)}(${['out', ...(value.kind === 'make' ? value.fields : []).map((f) => (isKnown(f.value) ? p.expr(f.value) : p.name('local', f.name)))].join(', ')})`
const isText = (type: Type): boolean => (type.kind === 'optional' ? isText(type.of) : type.kind === 'text' || type.kind === 'bytes')
