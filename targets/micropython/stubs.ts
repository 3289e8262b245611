// The type stub: the client's declarations with the documentation of client.yaml, for editors; no board reads it.
import type { Emit } from '../../generator/target.ts'

interface Text {
  en: string
}
interface Parameter {
  type: string
  required?: boolean
  optional?: boolean
  ours?: boolean
  internal?: boolean
  list?: boolean
  calls?: string
  also?: string
  default?: unknown
  embedded?: number
  unit?: string
  range?: [number, number]
  values?: number[]
  doc: Text
}
interface Method {
  parameters: Record<string, Parameter>
  returns?: Text
  errors?: string[]
  doc: Text
}
interface Client {
  client: Method
  parameters: Record<string, Parameter>
  callbacks: Record<string, { doc: Text }>
  methods: Record<string, Method>
  statuses: Record<string, Text>
  errors: Record<string, { code: number; doc: Text }>
}

const WIDTH = 116
/** What only this language has, behind what the others have too. */
const MORE: Record<string, string[]> = {
  set_last_will: ['msg: _Data | None = None'],
  publish: ['wait: bool = True', 'message: _Data | None = None'],
}
const RETURNS: Record<string, string> = { connect: 'int', publish: 'int | bool | None', subscribe: 'list[int] | None', get_mqttsta: 'int' }
const CALLBACKS: Record<string, string> = {
  message: 'Callable[[bytes, bytes], object] | None',
  error: 'Callable[[MQTTException], object] | None',
  progress: 'Callable[[str, object], object] | None',
}

function typeOf(p: Parameter): string {
  if (p.calls) return CALLBACKS[p.calls]!
  const plain =
    p.type === 'bool'
      ? 'bool'
      : /^u\d/.test(p.type)
        ? 'int'
        : p.type === 'options'
          ? 'dict[str, object] | str'
          : p.type === 'text'
            ? '_Data'
            : '_Data'
  const many = p.list ? ` | Sequence[${p.type === 'topic_filter' ? '_Data | tuple[_Data, int]' : plain}]` : ''
  return `${plain}${many}${p.optional ? ' | None' : ''}`
}
function literal(p: Parameter): string {
  if (p.default === undefined) return 'None'
  return typeof p.default === 'boolean' ? (p.default ? 'True' : 'False') : typeof p.default === 'object' ? '{}' : JSON.stringify(p.default)
}
/** What follows a parameter that may be left out may be left out, too. */
function declare(name: string, p: Parameter, also: boolean): string {
  const type = typeOf(p)
  if (p.required && !also) return `${name}: ${type}`
  return p.required ? `${name}: ${type}${type.endsWith('None') ? '' : ' | None'} = None` : `${name}: ${type} = ${literal(p)}`
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(indent + word)
  }
  return lines.join('\n')
}

function documentation(doc: string, parameters: Record<string, Parameter>, method?: Method): string {
  const pad = '        '
  const lines = Object.entries(parameters).map(([n, p]) => wrapped(`${n}: ${p.doc.en}${limits(p)}`, `${pad}    `).replace('    ', ''))
  const parts = [
    wrapped(doc, pad).trimStart(),
    ...(lines.length > 0 ? [`${pad}Parameters:\n${lines.map((l) => `    ${l}`).join('\n')}`] : []),
  ]
  if (method?.returns) parts.push(wrapped(`Returns: ${method.returns.en}.`, pad))
  if (method?.errors) parts.push(wrapped(`Raises MQTTException: ${method.errors.join(', ')}.`, pad))
  return `${pad}"""${parts.join('\n\n')}\n${pad}"""`
}
function limits(p: Parameter): string {
  const unit = p.unit ? ` ${p.unit}` : ''
  const range = p.range ? `${p.range[0]} to ${p.range[1]}${unit}` : p.values ? p.values.join(', ') : ''
  const is = p.embedded ?? (p.ours && p.default !== undefined ? literal(p) : undefined)
  return is === undefined ? (range ? ` (${range})` : '') : ` (${is}${unit}${range ? `; ${range}` : ''})`
}

export const stubs: Emit = (context, { sources }) => {
  const client = sources.client.root.value as Client
  const own = Object.entries(client.parameters).filter(([, p]) => !p.internal)
  const parameters = own.map(([n, p]) => `        ${p.ours ? `${n}: ${typeOf(p)} = ${p.embedded ?? literal(p)}` : declare(n, p, false)},`)
  const keywords = own.findIndex(([, p]) => p.ours)
  parameters.splice(keywords, 0, '        *,')
  const methods = Object.entries(client.methods).map(([name, m]) => {
    let optional = false
    const list = Object.entries(m.parameters).map(([n, p]) => {
      const other = MORE[name]?.some((text) => text.endsWith('None')) && p.type === 'bytes'
      optional ||= other === true
      return declare(n, p, optional)
    })
    const all = ['self', ...list, ...(MORE[name] ?? [])].join(', ')
    return `    def ${name}(${all}) -> ${RETURNS[name] ?? 'None'}:\n${documentation(m.doc.en, m.parameters, m)}\n`
  })
  const errors = Object.entries(client.errors).filter(([, e]) => e.code > 0)
  return `${context.header}
from collections.abc import Callable, Sequence

_Data = str | bytes | bytearray | memoryview

class MQTTException(OSError):
    """What went wrong. Its number is code, errno and args[0]; args[1] says it in words.

${errors.map(([name, e]) => wrapped(`${e.code} ${name}: ${e.doc.en}`, '    ')).join('\n')}
    """

    code: int
    rule: str | None
    """The rule that was broken, by the caller (INVALID_ARGUMENT) or by the server (PROTOCOL_ERROR)."""
    offset: int | None
    """Where in the server's packet, in bytes from its first."""
    cause: BaseException | None
    """The exception behind it: the system's own, or what a callback raised."""

class MQTTClient:
    def __init__(
        self,
${parameters.join('\n')}
    ) -> None:
${documentation(client.client.doc.en, Object.fromEntries(own))}

${methods.join('\n')}`
}
