// Declarations of the packets, their structs, enums and rules, by ts-morph: what an editor shows. Functions come from the print table.
import type { OptionalKind, PropertySignatureStructure } from 'ts-morph'
import { aside, prepare } from '../../generator/aside.ts'
import type { Stmt } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'
import { Memo } from '../../generator/memo.ts'
import type { Printer } from '../../generator/print.ts'
import type { Field } from '../../generator/resolve.ts'
import type { Emit } from '../../generator/target.ts'

const JOB = new URL('declare.mjs', import.meta.url)
prepare(JOB)
const declared = new Memo<Promise<string>>()

export const emit: Emit = async (context, { codec }, printer) => {
  const { model } = codec
  const constant = (name: string, initializer: string, doc: string): object => ({
    kind: 'VariableStatement',
    isExported: true,
    declarationKind: 'const',
    declarations: [{ name, initializer }],
    docs: [doc],
  })
  const alias = (name: string, type: string, doc: string): object => ({
    kind: 'TypeAlias',
    isExported: true,
    name,
    type,
    docs: [doc],
  })
  const shape = (name: string, doc: string, properties: OptionalKind<PropertySignatureStructure>[]): object => ({
    kind: 'Interface',
    isExported: true,
    name,
    docs: [doc],
    properties,
  })
  const versions = model.versions.map(([v]) => v).join(' | ')
  const codes = context.packets.map((p) => `  ${p.raw}: ${p.code},`).join('\n')
  const statements = [
    alias('Version', versions, `The protocol level: ${model.versions.map(([v, title]) => `${v} is ${title}`).join(', ')}.`),
    constant('PacketType', `{\n${codes}\n} as const`, 'The type of a control packet, the upper four bits of its first byte.'),
    ...model.enums.flatMap((e) => [
      constant(e.name, `{\n${e.members.map(([m, v]) => `  ${m}: ${v},`).join('\n')}\n} as const`, `The values of a ${e.name}.`),
      alias(e.name, e.members.map(([, v]) => v).join(' | '), `A value of ${e.name}.`),
    ]),
    alias('Rule', context.rules.map((r) => `'${r.raw}'`).join(' | '), 'The name of a rule of the standard, as errors carry it.'),
    constant(
      'wire',
      `{ ${Object.keys(wireParts(model)).join(', ')} } as const`,
      'Rules of the framing and of the primitive types, and its limits.',
    ),
    ...model.structs.map((s) =>
      shape(
        s.name,
        s.doc,
        s.fields.map((f) => property(f, printer)),
      ),
    ),
    ...model.packets.map((p) =>
      shape(printer.name('type', p.name), p.doc, [{ name: 'kind', type: `'${p.name}'` }, ...p.fields.map((f) => property(f, printer))]),
    ),
    alias('Packet', context.packets.map((p) => p.name).join(' | '), 'Any control packet.'),
  ]
  const names = `import { ${Object.keys(wireParts(model)).join(', ')} } from './wire.ts'`
  const text = await declared.of(JSON.stringify(statements), () => aside<string>(JOB, statements))
  return `${context.header}\n// The control packets as values: a union that \`kind\` tells apart. Encoders and decoders are codec.ts.\n${names}\n${text
    .replace(/;$/gm, '')
    .replace(/^( {4})+/gm, (s) => '  '.repeat(s.length / 4))}`
}

/** Rules of the framing and of the primitive types by what they are for, and its limits. */
const wireParts = ({ frame, wire }: Codec['model']): Record<string, string | number> => ({
  type: frame.type.rule,
  length: frame.length.rule,
  over: frame.over,
  short: frame.short,
  long: frame.long.rule,
  tooLong: wire.tooLong,
  illFormed: wire.illFormed,
  zero: wire.zero,
  lengthBytes: frame.lengthBytes,
  largest: 2 ** (7 * frame.lengthBytes) - 1,
})
export const wire: Emit<object> = (_, { codec }) => ({
  wireParts: Object.entries(wireParts(codec.model)).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? `'${value}'` : value,
  })),
})

function property(field: Field, printer: Printer): OptionalKind<PropertySignatureStructure> {
  const optional = field.type.kind === 'optional'
  return {
    name: printer.name('field', field.name),
    hasQuestionToken: optional,
    type: printer.type(field.type),
    ...(field.doc ? { docs: [field.doc] } : {}),
  }
}

/** `rule clause` of whatever in a tree breaks a rule; what is said of a statement holds for those in it. */
function breaks(tree: unknown, above: string[] = []): string[] {
  if (typeof tree !== 'object' || tree === null) return []
  const { rule, see } = tree as { rule?: unknown; see?: string[] }
  const clauses = see?.length ? see : above
  const own = typeof rule === 'string' ? clauses.map((clause) => `${rule} ${clause}`) : []
  const below = Object.entries(tree).filter(([key]) => key !== 'type' && key !== 'item') // where it stands is the whole spec
  return [...own, ...below.flatMap(([, value]) => breaks(value, clauses))]
}

/** The clauses that a client's error may name: not those of what only a server reads. */
export const clauses: Emit<object> = ({ rules }, { codec }) => {
  const { packets, functions, structRules } = codec
  const [heard, said] = (['client', 'server'] as const).map((other) => packets.filter((p) => p.packet.from !== other))
  const met = breaks([functions, structRules, heard.map((p) => [p.packet.header, p.decode]), said.map((p) => p.encode)])
  const others = new Set(breaks(packets.map((p) => [p.packet.header, p.decode])))
  for (const name of met) others.delete(name)
  return { clauses: rules.map(({ raw, see }) => ({ raw, see: see.filter((clause) => !others.has(`${raw} ${clause}`)).join(' ') })) }
}

/** Which encoders have to say where they end. */
export const coders: Emit<object> = (context) => {
  const ends = (body: Stmt[]): boolean => {
    const [first, last] = [body[0], body.at(-1)]
    // one without a length of its own ends the packet; one of a known length has no need to
    return !(first.kind === 'begin' && first.length !== undefined) && !(last?.kind === 'write' && last.wire === 'rest')
  }
  return { coders: context.packets.map((p) => ({ ...p, ends: ends(p.encode.func.body) })) }
}

/** What some servers take of a parameter, and the standard does not say. */
export const defaults: Emit<object> = (_, { session: { config } }) => ({
  usual: config.flatMap(({ name, data }) =>
    data.usual ? [{ name: `USUAL_${name.toUpperCase()}`, range: (data.usual as number[]).join(', ') }] : [],
  ),
})

/** What the session's template sees beside its view. */
export const session: Emit<object> = (context, { codec, session: { config } }, printer) => {
  const { uses, functions, packetEvents, timers, vars } = context.session as SessionView
  const packets = new Map(packetEvents.map((p) => [p.event, p.raw]))
  const handlers = new Map(functions.map((f) => [f.name, f.body.replace(/^/gm, '      ')]))
  const limits = config.flatMap(({ name, data }) => {
    const bounds = (data.range ?? data.values) as number[] | undefined
    return bounds ? [{ name: printer.name('field', name), least: bounds[0], most: bounds.at(-1) }] : []
  })
  return {
    codecs: uses.functions,
    againField: printer.name('field', codec.model.again),
    timers: timers.map((t) => ({ name: t.name, body: handlers.get(t.handler) })),
    functions: functions
      .filter((f) => timers.every((t) => t.handler !== f.name))
      .map((f) => ({ ...f, body: f.body, scope: f.public ? '' : packets.has(f.name) ? 'private ' : '#' }))
      .map((f) => ({ ...f, signature: f.signature.replace(f.name, packets.get(f.name) ?? f.name) })),
    vars: vars.map((v) => ({ ...v, late: v.is.startsWith('this.'), known: !/^this\.|^undefined$/.test(v.is) })),
    limits,
  }
}
interface SessionView {
  uses: { functions: string[] }
  functions: { name: string; signature: string; body: string; public: boolean }[]
  packetEvents: { raw: string; event: string }[]
  timers: { name: string; handler: string }[]
  vars: { name: string; is: string }[]
}
