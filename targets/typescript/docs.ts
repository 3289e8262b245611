// The client and its options with the words of spec/client.yaml: each `@doc name` in runtime/ becomes the comment of that call, callback or
// parameter. The code is runtime/'s, as it stands there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Emit } from '../../generator/target.ts'

const WIDTH = 140

interface Described {
  doc: { en: string }
  returns?: { en: string }
  errors?: string[]
  unit?: string
  default?: unknown
  derived?: { en: string }
}
interface Api {
  client: Described
  parameters: Record<string, Described>
  methods: Record<string, Described>
  errors: Record<string, Described>
}

const documented =
  (file: string): Emit =>
  (context, { sources }) => {
    const api = sources.client.document.toJS() as Api
    const source = readFileSync(join(import.meta.dirname, 'runtime', file), 'utf8')
    const described = source.replace(/^( *)\/\*\* @doc (\w+) \*\/$/gm, (_, indent: string, name: string) => {
      const said = name === 'client' ? api.client : (api.methods[name] ?? api.parameters[name])
      if (!said) throw new Error(`targets/typescript/runtime/${file}: spec/client.yaml says nothing of '${name}'`)
      return comment(said, indent)
    })
    return `${context.header}\n${described}`
  }

export const client = documented('client.ts')
export const options = documented('options.ts')

function comment({ doc, returns, errors, unit, default: standard, derived }: Described, indent: string): string {
  const lines = [...wrapped(doc.en, indent)]
  if (unit) lines.push(`In ${unit}.`)
  if (derived) lines.push(`@default ${derived.en}`)
  else if (standard !== undefined) lines.push(`@default ${JSON.stringify(standard)}`)
  if (returns) lines.push(...wrapped(`@returns ${returns.en}`, indent))
  if (errors) lines.push(...wrapped(`@throws MqttError: ${errors.join(', ')}`, indent))
  if (lines.length === 1) return `${indent}/** ${lines[0]} */`
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`].join('\n')
}

function wrapped(text: string, indent: string): string[] {
  const lines = ['']
  for (const word of text.replaceAll('*/', '*\\/').split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim()
    if (longer.length + indent.length + 3 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
