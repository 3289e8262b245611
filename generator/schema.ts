// Holds a spec file against its JSON Schema, and says what is wrong at the line where it stands. It knows the keywords that our schemas are
// made of and no other; read with positions, a file needs no second walk to find where a mistake is, and loading no library.
import { readFileSync } from 'node:fs'
import { type Item, type Problems, type Source, type Spot, suggest } from './source.ts'

type Schema = { [keyword: string]: never }
interface Wrong {
  path: string
  spot: Spot
  message: string
}
/** What is held against the schema: a value, where it lies, the key it stands behind. */
interface Place {
  at: Item
  path: string
  key?: Item
  schema: Schema
  root: Schema
}

/** For editors, or read with another keyword. */
const BESIDE = new Set(['$schema', '$defs', 'title', 'description', 'then', 'else'])

const valid = new WeakSet<Source>()

export function validate(source: Source, schemaPath: string, problems: Problems): void {
  for (const error of source.document.errors) {
    problems.add(
      { file: source, offset: error.pos[0], length: Math.max(1, error.pos[1] - error.pos[0]) },
      error.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, ''),
    )
  }
  if (source.document.errors.length > 0 || valid.has(source)) return
  const root = JSON.parse(readFileSync(schemaPath, 'utf8')) as Schema
  const found = check(root, { at: source.root, path: '', root })
  // of alternatives only what got furthest tells something
  for (const w of found) if (!found.some((other) => other.path.startsWith(`${w.path}/`))) problems.add(w.spot, w.message)
  if (found.length === 0) valid.add(source)
}

function check(schema: Schema, place: Omit<Place, 'schema'>): Wrong[] {
  return Object.entries(schema).flatMap(([keyword, is]) => {
    if (BESIDE.has(keyword)) return []
    const rule = RULES[keyword]
    if (!rule) throw new Error(`no rule for the keyword '${keyword}' of a schema`)
    return rule(is, { ...place, schema })
  })
}

const patterns = new Map<string, RegExp>()
function fits(pattern: string, text: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(pattern, 'u')
  patterns.set(pattern, known)
  return known.test(text)
}

const wrong = ({ at, path }: Place, message: string, spot = at.spot): Wrong[] => [{ path, spot, message }]
const missing = (names: string[], place: Place): Wrong[] => {
  if (place.at.kind !== 'object') return []
  const misspelt = unknown(place).map(({ text }) => suggest(text, known(place)))
  return names
    .filter((name) => !place.at.get(name).exists && !misspelt.includes(suggest(name, [name])))
    .flatMap((name) => wrong(place, `the key '${name}' is missing here`, (place.key ?? place.at).spot))
}
const known = ({ schema }: Place): string[] => Object.keys(schema.properties ?? {})
const unknown = ({ at, schema }: Place): Item[] => {
  const patterns = Object.keys(schema.patternProperties ?? {})
  const open = schema.additionalProperties === undefined || schema.additionalProperties !== (false as never)
  if (open) return []
  return at.entries().flatMap(([key]) => (key.text in (schema.properties ?? {}) || patterns.some((p) => fits(p, key.text)) ? [] : [key]))
}
/** The values of a map that `of` picks. */
const each = (place: Place, of: (key: string) => Schema | undefined): Wrong[] =>
  place.at.entries().flatMap(([key, at]) => {
    const schema = of(key.text)
    return schema ? check(schema, { at, key, path: `${place.path}/${key.text}`, root: place.root }) : []
  })
const longer = (least: number, length: number, what: string, place: Place): Wrong[] =>
  length < least ? wrong(place, `this has fewer than ${least} ${what}`) : []

// biome-ignore lint/suspicious/noExplicitAny: what a keyword takes, the schema of schemas says
const RULES: Record<string, (is: any, place: Place) => Wrong[]> = {
  $ref: (is: string, place) =>
    check(
      is
        .split('/')
        .slice(1)
        .reduce((of, step) => of[step], place.root),
      place,
    ),
  type: (is: string | string[], place) => {
    const { kind, text } = place.at
    if ([is].flat().some((type) => type === kind || (type === 'number' && kind === 'integer'))) return []
    return wrong(place, text ? `expected ${[is].flat().join(' or ')}, found '${text}'` : `this must be ${[is].flat().join(' or ')}`)
  },
  enum: (is: string[], place) => {
    const { text } = place.at
    return is.map(String).includes(text) ? [] : wrong(place, `'${text}' is not one of ${is.join(', ')}${suggest(text, is.map(String))}`)
  },
  const: (is, place) => (place.at.text === String(is) ? [] : wrong(place, `this must be ${is}`)),
  pattern: (is: string, place) =>
    place.at.kind !== 'string' || fits(is, String(place.at.value))
      ? []
      : wrong(place, `'${place.at.text}' is not written like this: ${is}`),
  minLength: (is: number, place) => longer(is, place.at.kind === 'string' ? String(place.at.value).length : is, 'characters', place),
  minimum: (is: number, place) => (Number(place.at.text) < is ? wrong(place, `this must be at least ${is}`) : []),
  maximum: (is: number, place) => (Number(place.at.text) > is ? wrong(place, `this must be at most ${is}`) : []),
  minItems: (is: number, place) => longer(is, place.at.isList ? place.at.items().length : is, 'items', place),
  maxItems: (is: number, place) => (place.at.isList && place.at.items().length > is ? wrong(place, `this has more than ${is} items`) : []),
  uniqueItems: (_, place) => (new Set(place.at.texts).size < place.at.texts.length ? wrong(place, 'this has an item twice') : []),
  minProperties: (is: number, place) => longer(is, place.at.isMap ? place.at.keys.length : is, 'keys', place),
  required: (is: string[], place) => missing(is, place),
  dependentRequired: (is: Record<string, string[]>, place) =>
    Object.entries(is).flatMap(([key, names]) => (place.at.get(key).exists ? missing(names, place) : [])),
  properties: (is: Record<string, Schema>, place) => each(place, (key) => is[key]),
  patternProperties: (is: Record<string, Schema>, place) =>
    each(place, (key) => Object.entries(is).find(([pattern]) => fits(pattern, key))?.[1]),
  additionalProperties: (is: Schema | boolean, place) => {
    if (typeof is !== 'boolean') return each(place, (key) => (known(place).includes(key) ? undefined : is))
    return unknown(place).flatMap((key) => wrong(place, `unknown key '${key.text}'${suggest(key.text, known(place))}`, key.spot))
  },
  propertyNames: ({ pattern }: { pattern: string }, place) =>
    place.at
      .entries()
      .filter(([key]) => !fits(pattern, key.text))
      .flatMap(([key]) => wrong(place, `'${key.text}' cannot be a key here, it is not written like this: ${pattern}`, key.spot)),
  items: (is: Schema, place) =>
    place.at.isList ? place.at.items().flatMap((at, i) => check(is, { at, path: `${place.path}/${i}`, root: place.root })) : [],
  anyOf: (is: Schema[], place) => {
    const found = is.map((schema) => check(schema, place))
    return found.some((f) => f.length === 0) ? [] : found.flat()
  },
  oneOf: (is: Schema[], place) => RULES.anyOf(is, place),
  if: (is: Schema, place) => check(place.schema[check(is, place).length === 0 ? 'then' : 'else'], place),
}
