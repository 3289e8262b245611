// What api.md and api.zh-CN.md show: the user's document again, from client.yaml, each call with the spelling and an example of every
// language that has them in targets/<name>/api.yaml.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readYaml } from '../../generator/source.ts'
import type { Emit } from '../../generator/target.ts'
import { labels } from './labels.ts'

type Tongue = 'en' | 'zh'
type Bilingual = Record<Tongue, string>
interface Parameter {
  ours?: true
  internal?: true
  type: string
  required?: true
  optional?: true
  list?: true
  unit?: string
  default?: unknown
  embedded?: unknown
  derived?: Bilingual
  range?: [number, number]
  values?: number[]
  fields?: Record<string, { type: string; doc: Bilingual }>
  calls?: string
  doc: Bilingual
}
interface Method {
  ours?: true
  camel?: string
  parameters: Record<string, Parameter>
  returns?: Bilingual
  errors?: string[]
  doc: Bilingual
}
interface Client {
  principles: Bilingual[]
  client: { name: string; doc: Bilingual; returns: Bilingual; errors: string[] }
  parameters: Record<string, Parameter>
  callbacks: Record<string, Method>
  methods: Record<string, Method>
  statuses: Record<string, Bilingual>
  errors: Record<string, { code: number; doc: Bilingual }>
  settled: { of: string[]; seed: string; reading: Bilingual }[]
}
interface Spelling {
  name: string
  title: string
  language: string
  embedded?: boolean
  example?: string
  calls: Record<string, string>
  examples: Record<string, string>
  more?: ({ call: string } & Bilingual)[]
}

export const english: Emit<object> = (_context, { sources }) => view(sources.client.root.value as Client, 'en')
export const chinese: Emit<object> = (_context, { sources }) => view(sources.client.root.value as Client, 'zh')

function view(client: Client, tongue: Tongue): object {
  const words = labels[tongue]
  const spellings = readSpellings()
  const spelled = (call: string) =>
    spellings.map((s) => ({ title: s.title, call: `\`${needed(s, 'calls', call).replaceAll('|', '\\|')}\`` }))
  const examples = (call: string) => spellings.map((s) => ({ ...s, code: needed(s, 'examples', call).trimEnd() }))
  const parameters = (given: Record<string, Parameter>) =>
    Object.entries(given)
      .filter(([, p]) => !p.internal)
      .map(([name, p]) => ({
        name,
        type: words.types[p.type] + (p.list ? words.list : ''),
        needed: p.required ? words.yes : words.no,
        default: defaultOf(p, tongue),
        ours: p.ours === true,
        doc: p.doc[tongue] + fieldsOf(p, tongue),
      }))
  const builder: Method = { ...client.client, parameters: client.parameters }
  const theirs = Object.fromEntries(Object.entries(client.parameters).filter(([, p]) => !p.ours))
  const method = ([name, m]: [string, Method]) => ({
    name,
    anchor: name.toLowerCase(),
    ours: m.ours === true,
    doc: m.doc[tongue],
    signature: signature(name, m.parameters),
    parameters: parameters(m.parameters),
    returns: m.returns?.[tongue] ?? words.nothing,
    errors: (m.errors ?? []).map((e) => `[${e}](#${e.toLowerCase()}) (${client.errors[e].code})`).join(words.comma),
    spelled: spelled(name),
    examples: examples(name),
  })
  return {
    words,
    languages: spellings.map((s) => s.title),
    whole: spellings.filter((s) => s.example).map((s) => ({ title: s.title, file: s.example! })),
    principles: client.principles.map((p) => p[tongue]),
    builder: { ...method([client.client.name, builder]), signature: signature(client.client.name, theirs) },
    methods: Object.entries(client.methods).map(method),
    names: Object.entries(client.methods).map(([name, m]) => ({
      name,
      ours: m.ours === true,
      camel: m.camel,
      spelled: spellings.map((s) =>
        [...new Set(needed(s, 'calls', name).match(/\b[a-z][A-Za-z_]*(?=\()/g))].slice(0, 1).map((n) => `\`${n}\``),
      ),
    })),
    callbacks: Object.entries(client.callbacks).map(([name, c]) => ({
      name,
      ours: c.ours === true,
      doc: c.doc[tongue],
      parameters: parameters(c.parameters),
    })),
    statuses: Object.entries(client.statuses).map(([value, doc]) => ({ value, doc: doc[tongue] })),
    errors: Object.entries(client.errors).map(([name, e]) => ({ name, anchor: name.toLowerCase(), code: e.code, doc: e.doc[tongue] })),
    settled: client.settled.map((s) => ({
      of: s.of.map((n) => `\`${n}\``).join(words.comma),
      seed: s.seed.replaceAll('|', '\\|'),
      reading: s.reading[tongue],
    })),
    more: spellings
      .filter((s) => s.more)
      .map((s) => ({ title: s.title, rows: s.more!.map((m) => ({ call: m.call.replaceAll('|', '\\|'), doc: m[tongue] })) })),
  }
}

/** Every language that says how it spells the API. */
function readSpellings(): Spelling[] {
  const targets = join(import.meta.dirname, '..')
  return readdirSync(targets)
    .filter((name) => existsSync(join(targets, name, 'api.yaml')))
    .sort()
    .map((name) => {
      const { title } = readYaml(join(targets, name, 'target.yaml')) as { title: string }
      return { ...(readYaml(join(targets, name, 'api.yaml')) as Spelling), name, title }
    })
}

function needed(s: Spelling, part: 'calls' | 'examples', call: string): string {
  const text = s[part][call]
  if (!text) throw new Error(`targets/${s.name}/api.yaml: '${call}' is missing under ${part}:`)
  return text
}

/** As the user's document writes it. */
function signature(name: string, parameters: Record<string, Parameter>): string {
  const list = Object.entries(parameters)
    .filter(([, p]) => !p.internal)
    .map(([parameter, p]) => (p.required ? parameter : `${parameter}=${python(p.default)}`))
  return `${name}(${list.join(', ')})`
}
const python = (value: unknown): string => {
  if (value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? '{}' : typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function defaultOf(p: Parameter, tongue: Tongue): string {
  const words = labels[tongue]
  const unit = p.unit ? ` ${words.units[p.unit]}` : ''
  const range = p.range ? `; ${p.range[0]}–${p.range[1]}` : p.values ? `; ${p.values.join(words.comma)}` : ''
  if (p.required) return range.slice(2)
  const is = p.derived ? p.derived[tongue] : `\`${python(p.default)}\`${unit}`
  const embedded = p.embedded === undefined ? '' : ` (${words.embedded} ${p.embedded})`
  return `${is}${embedded}${range}`
}

function fieldsOf(p: Parameter, tongue: Tongue): string {
  const { semicolon, colon } = labels[tongue]
  const fields = Object.entries(p.fields ?? {}).map(([name, f]) => `\`${name}\`${colon}${f.doc[tongue]}`)
  return fields.length > 0 ? `<br>${fields.join(semicolon)}` : ''
}
