// What client.h says of the API: its documentation as comments, from client.yaml.
import type { Emit } from '../../generator/target.ts'

const WIDTH = 140

interface Method {
  camel: string
  doc: { en: string }
  errors?: string[]
}
interface Parameter {
  unit?: string
  doc: { en: string }
}

/** A comment of whole lines, `///` in front of each. */
function comment(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`${indent}/// ${word}`)
  }
  return lines.join('\n')
}

export const client: Emit<object> = (_context, { sources }, printer) => {
  const methods = sources.client.root.get('methods').value as Record<string, Method>
  const parameters = sources.client.root.get('parameters').value as Record<string, Parameter>
  const errors = (names: string[] = []) => (names.length > 0 ? ` Errors: ${names.map((n) => printer.name('error', n)).join(', ')}.` : '')
  const docs = Object.values(methods).map((m) => [m.camel, comment(m.doc.en + errors(m.errors), '  ')])
  const fields = Object.entries(parameters).map(([raw, p]) => [raw, comment(p.doc.en + (p.unit ? ` In ${p.unit}.` : ''), '  ')])
  return { doc: Object.fromEntries(docs), parameter: Object.fromEntries(fields) }
}
