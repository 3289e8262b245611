// What clauses.md shows: for each clause of the standard the rules and the rows of the session that name it, the hand-written vectors and
// scenarios that prove it, and what nothing proves. It reads the same YAML as the tests, and nothing of how they went.
import { join } from 'node:path'
import { targetNames } from '../../generator/files.ts'
import { type Item, readYaml, yamlFiles } from '../../generator/source.ts'
import type { Emit } from '../../generator/target.ts'
import { deriveVectors } from '../data/derive.ts'
import { anchor, headingAnchor } from './links.ts'
import { entriesOf } from './source.ts'

interface Clause {
  binds: 'client' | 'server' | 'both'
  kind: 'form' | 'behaviour' | 'server'
  doc: string
}
interface Named {
  name: string
  file: string
  see: string[]
  error?: string
  breaks?: string[]
}

const root = join(import.meta.dirname, '../..')
const yaml = <T>(path: string): T => readYaml(join(root, path)) as T

export const clauses: Emit<object> = async (_context, { codec, session, sources }) => {
  const all = yaml<{ clauses: Record<string, Clause> }>('spec/clauses.yaml').clauses
  const vectors = (await yamlFiles(join(root, 'spec/vectors'))).flatMap(([file, data]) =>
    (data as { vectors: Named[] }).vectors.map((v): Named => ({ ...v, file })),
  )
  const scenarios = (await yamlFiles(join(root, 'spec/scenarios'), headsOf)).flatMap(([file, data]) =>
    ((data as { scenarios?: (Named & { card?: string })[] }).scenarios ?? []).map((s): Named => ({ ...s, name: s.card ?? s.name, file })),
  )
  const derived = deriveVectors(codec)
  const rows = cited(sources.session.root)
  const rules = new Map([...codec.model.rules].map(([rule, see]) => [rule, see]))
  for (const [key, value] of sources.session.root.get('rules').entries())
    rules.set(
      key.text,
      value
        .get('see')
        .items()
        .map((i) => i.text),
    )
  const [byVector, byScenario] = [vectors, scenarios].map(byClause)
  const table = Object.entries(all).map(([id, clause]) => {
    const [own, played] = [byVector.get(id) ?? [], byScenario.get(id) ?? []]
    return {
      ...clause,
      id,
      anchor: anchor(id),
      rules: [...rules]
        .filter(([, see]) => see.includes(id))
        .map(([rule]) => `\`${rule}\``)
        .join(', '),
      rows: [...(rows.get(id) ?? [])].map((title) => `[${title.replace(/\(.*/, '')}](session.md#${headingAnchor(title)})`).join(', '),
      vectors: folded(own),
      scenarios: folded(played),
      proofs: own.length + played.length,
    }
  })
  const count = (list: { error?: string | undefined }[]) => {
    const found = new Map<string | undefined, number>()
    for (const { error } of list) found.set(error, (found.get(error) ?? 0) + 1)
    return found
  }
  const [hand, further] = [count(vectors), count(derived)]
  return {
    groups: (['form', 'behaviour', 'server'] as const).map((kind) => ({
      kind,
      title: TITLES[kind],
      clauses: table.filter((c) => c.kind === kind),
    })),
    rules: [...rules].map(([rule, see]) => ({
      rule,
      clauses: see.map((id) => `[${id}](#${anchor(id)})`).join(', '),
      hand: hand.get(rule) ?? 0,
      derived: further.get(rule) ?? 0,
      scenarios: scenarios.filter((s) => s.breaks!.includes(rule)).length,
    })),
    counts: { vectors: vectors.length, derived: derived.length, scenarios: scenarios.length, clauses: table.length },
    targets: targets(),
    features: session.features.map(([name]) => name),
    open: table.filter((c) => c.kind !== 'server' && c.proofs === 0),
    elsewhere: yaml<{ elsewhere: object[] }>('spec/scenarios/elsewhere.yaml').elsewhere,
  }
}

function byClause(list: Named[]): Map<string, Named[]> {
  const found = new Map<string, Named[]>()
  for (const n of list) for (const id of n.see) found.set(id, [...(found.get(id) ?? []), n])
  return found
}

/** Scenarios without their traces: of those only the rules count that are broken. */
const headsOf = (text: string): string =>
  text.replace(/^( +)trace:.*\n(?:\1 +.*\n|\s*\n)*/gm, (trace, indent) => {
    const broken = new Set([...trace.matchAll(/(?:violation|rejected 263) (\w+)/g)].map(([, rule]) => rule))
    return `${indent}breaks: [${[...broken].join(', ')}]\n`
  })

const TITLES = { form: 'What a packet may look like', behaviour: 'What a client does', server: "The server's affair" }

/** Which entries of the session name a clause in a comment. */
function cited(session: Item): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const [key, map] of session.entries()) {
    if (key.text !== 'on' && !key.text.startsWith('on ') && key.text !== 'do') continue
    for (const { title, text } of entriesOf(map))
      for (const [id] of text.matchAll(/\b(MQTT-[\d.]+-\d+|U-[\d.]+\d)/g)) found.set(id, (found.get(id) ?? new Set()).add(title))
  }
  return found
}

/** How many, and on a click which. */
function folded(list: Named[]): string {
  if (list.length === 0) return ''
  const names = list.map((n) => n.name.replaceAll('|', '\\|').replaceAll('<', '&lt;'))
  return list.length <= 2 ? names.join(', ') : `<details><summary>${list.length}</summary>${names.join(', ')}</details>`
}

/** The targets on which all of it runs: those with a testee. */
function targets(): { name: string; title: string }[] {
  return targetNames(root)
    .map((n) => ({ name: n, ...yaml<{ title: string; testee?: string[] }>(`targets/${n}/target.yaml`) }))
    .filter((t) => t.testee)
}
