// Holds a spec file against its JSON Schema, and says what is wrong at the line where it stands.
import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Item, type Problems, type Source, suggest } from './source.ts'

// The schemas are our own: checking them against the schema of schemas at each start would cost more than using them.
const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, meta: false, validateSchema: false, code: { optimize: false } })
const compiled = new Map<string, ValidateFunction>()
const valid = new WeakSet<Source>()

export function validate(source: Source, schemaPath: string, problems: Problems): void {
  for (const error of source.document.errors) {
    problems.add(
      { file: source, offset: error.pos[0], length: Math.max(1, error.pos[1] - error.pos[0]) },
      error.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, ''),
    )
  }
  if (source.document.errors.length > 0 || valid.has(source)) return
  const schema = readFileSync(schemaPath, 'utf8')
  const check = compiled.get(schema) ?? ajv.compile(JSON.parse(schema) as object)
  compiled.set(schema, check)
  if (check(source.root.value)) return void valid.add(source)
  for (const error of deepest(check.errors ?? [])) report(error, source, problems)
}

const unknownKey = ({ params }: ErrorObject): string | undefined => params.additionalProperty ?? params.unevaluatedProperty
const knownKeys = (e: ErrorObject): string[] => Object.keys((e.parentSchema as { properties?: object } | undefined)?.properties ?? {})

/** Of the errors of alternatives only those that got furthest tell something; a misspelt key is not missing as well. */
function deepest(all: ErrorObject[]): ErrorObject[] {
  const misspelt = all.flatMap((e) => (unknownKey(e) ? [`${e.instancePath} ${suggest(unknownKey(e)!, knownKeys(e))}`] : []))
  const errors = all.filter(
    (e) => e.keyword !== 'required' || !misspelt.includes(`${e.instancePath} ; did you mean '${e.params.missingProperty}'?`),
  )
  const useful = errors.filter((e) => !['oneOf', 'anyOf', 'if', 'not', 'propertyNames'].includes(e.keyword))
  const depth = (e: ErrorObject) => e.instancePath.split('/').length
  return useful.filter((e) => !useful.some((o) => o !== e && o.instancePath.startsWith(`${e.instancePath}/`) && depth(o) > depth(e)))
}

function report(error: ErrorObject, source: Source, problems: Problems): void {
  let at = source.root
  let key: Item | undefined
  for (const step of error.instancePath
    .split('/')
    .slice(1)
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (at.isList) at = at.items()[Number(step)]
    else {
      key = at.entries().find(([k]) => k.text === step)?.[0]
      at = at.get(step)
    }
  }
  const params = error.params as Record<string, unknown>
  const wrong = unknownKey(error)
  if (wrong !== undefined) {
    const found = at.entries().find(([k]) => k.text === wrong)?.[0] ?? at
    return problems.add(found.spot, `unknown key '${wrong}'${suggest(wrong, knownKeys(error))}`)
  }
  if (error.propertyName !== undefined) {
    const wrongKey = at.entries().find(([k]) => k.text === error.propertyName || (k.text === 'null' && error.propertyName === ''))?.[0]
    return problems.add(
      (wrongKey ?? at).spot,
      `'${wrongKey?.text ?? ''}' cannot be a key here, it is not written like this: ${String(params.pattern)}`,
    )
  }
  if (error.keyword === 'required') return problems.add((key ?? at).spot, `the key '${String(params.missingProperty)}' is missing here`)
  if (error.keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map(String)
    return problems.add(at.spot, `'${at.text}' is not one of ${allowed.join(', ')}${suggest(at.text, allowed)}`)
  }
  if (error.keyword === 'type' && at.text) return problems.add(at.spot, `expected ${[params.type].flat().join(' or ')}, found '${at.text}'`)
  if (error.keyword === 'pattern') return problems.add(at.spot, `'${at.text}' is not written like this: ${String(params.pattern)}`)
  problems.add(at.spot, `this ${error.message ?? 'is wrong'}`)
}
