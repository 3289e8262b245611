// What is wrong with a spec that reads well: states nobody enters, deadlines nobody handles, names nobody uses, clauses and features that
// do not exist, rules that nothing tests. What is wrong on a path through the session is flow.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './files.ts'
import { followPaths } from './flow.ts'
import type { Loaded } from './generate.ts'
import { type Node, nodes } from './ir.ts'
import { CLAUSE, untag } from './lines.ts'
import { type Item, type Problems, readYaml, type Spot, suggest } from './source.ts'

/** A profile's session; names that nobody uses count only where nothing was cut. */
export function lintSession({ session, sources }: Pick<Loaded, 'session' | 'sources'>, whole: boolean, problems: Problems): void {
  const root = sources.session.root
  const entered = followPaths(session, problems)
  const used = usesOf([session.functions.map((f) => f.body), session.vars.map((v) => v.is)])
  const keyOf = (section: string, name: string): Spot => keyIn(root.get(section), name)
  for (const timer of session.timers) {
    if (!session.events.some((e) => e.func.name === `on_${timer.name}_timer`))
      problems.add(keyOf('timers', timer.name), `nothing handles the deadline '${timer.name}': timer.${timer.name} is missing`)
    else if (whole && !used.has(`arm ${timer.name}`))
      problems.add(keyOf('timers', timer.name), `the deadline '${timer.name}' is never armed`)
  }
  if (!whole || !problems.none) return
  for (const p of session.phases) if (!entered.has(p.name)) problems.add(keyOf('phases', p.name), `the phase '${p.name}' is never entered`)
  for (const s of session.stages)
    if (!used.has(`state ${s.name}`)) problems.add(keyOf('stages', s.name), `nothing is ever in the stage '${s.name}'`)
  for (const v of session.vars)
    if (!used.has(`variable ${v.name}`)) problems.add(keyOf('vars', v.name), `nobody uses the variable '${v.name}'`)
  for (const l of session.lists) if (!used.has(`list ${l.name}`)) problems.add(keyOf('lists', l.name), `nobody uses the list '${l.name}'`)
  for (const section of ['do', 'answer'])
    for (const [key] of root.get(section).entries()) {
      const name = /^\w+/.exec(key.text)?.[0] ?? ''
      if (!used.has(`call ${name}`)) problems.add(key.spot, `nobody calls '${name}'`)
    }
  const columns = session.phases.filter((p) => entered.has(p.name)).map((p) => p.columns)
  statuses(sources, columns, problems)
}

/** What packets.yaml declares and nothing there names, and errors of client.yaml that do not exist. */
export function lintModel({ packets, client }: Loaded['sources'], problems: Problems): void {
  const text = packets.text.replace(/#.*/g, '')
  for (const section of ['enums', 'texts', 'functions', 'structs'])
    for (const [key] of packets.root.get(section).entries()) {
      const name = /^\w+/.exec(key.text)?.[0] ?? ''
      if ((text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length < 2) problems.add(key.spot, `nobody uses '${name}'`)
    }
  const errors = client.root.get('errors').keys
  for (const [, method] of client.root.get('methods').entries())
    for (const item of method.get('errors').items())
      if (!errors.includes(item.text)) problems.add(item.spot, `unknown error '${item.text}'${suggest(item.text, errors)}`)
}

/** What the application is told must be what the phases say, no more and no less: their one column of numbers. */
function statuses(sources: Loaded['sources'], columns: Record<string, unknown>[], problems: Problems): void {
  const documented = sources.client.root.get('statuses')
  const said = new Set(columns.flatMap((c) => Object.values(c).filter((v) => typeof v === 'number')))
  for (const [key] of documented.entries())
    if (!said.has(Number(key.text))) problems.add(key.spot, `the status ${key.text} cannot occur: no phase that is entered has it`)
  for (const [phase, row] of sources.session.root.get('phases').entries())
    for (const [, status] of row.entries())
      if (typeof status.value === 'number' && !documented.get(status.text).exists)
        problems.add(status.spot, `the status ${status.text} of '${untag(phase.text).text}' is not among the statuses of client.yaml`)
}

/** `call f`, `arm t`, `variable v`, `list l`, `state s`: what functions name. A state that is only compared with is not one they bring about. */
function usesOf(of: unknown): Set<string> {
  const all = nodes(of)
  const compared = new Set<Node>(all.flatMap((n) => (n.kind === 'compare' ? [n.left, n.right] : [])))
  const named = (n: Node): string[] => {
    const lists = ['list', 'from', 'to'].map((key) => (n as unknown as Record<string, unknown>)[key]).filter((l) => typeof l === 'string')
    if (lists.length > 0) return lists.map((list) => `list ${list}`)
    if (n.kind === 'call') return [`call ${n.name}`]
    if (n.kind === 'name' && n.role === 'variable') return [`variable ${n.name}`]
    if (n.kind === 'member' && n.type.kind === 'state' && !compared.has(n)) return [`state ${n.member}`]
    if (n.kind === 'arm') return [`arm ${n.timer}`]
    return n.kind === 'enter' ? ['variable phase'] : []
  }
  return new Set(all.flatMap(named))
}

function keyIn(map: Item, name: string): Spot {
  return map.entries().find(([k]) => untag(k.text).text === name)?.[0].spot ?? map.spot
}

/** Clauses that clauses.yaml does not have, tags that are no feature: both stand in comments and keys, so the text is what is read. */
export function lintNames(root: string, sources: Loaded['sources'], problems: Problems): void {
  const known = Object.keys((readYaml(join(root, 'spec/clauses.yaml')) as { clauses: object }).clauses)
  const kinds = new Set(known.map((k) => k.split(/[- ]/)[0]))
  for (const file of Object.values(sources))
    for (const found of file.text.matchAll(CLAUSE)) {
      if (!kinds.has(found[0].split(/[- ]/)[0]) || known.includes(found[0])) continue
      problems.add({ file, offset: found.index, length: found[0].length }, `unknown clause '${found[0]}'${suggest(found[0], known)}`)
    }
  const { session, packets } = sources
  const features = session.root.get('features').keys
  const unknown = (name: string) => `unknown feature '${name}'${suggest(name, features)}`
  for (const file of [session, packets])
    for (const found of file.text.matchAll(/^[^#\n]*?(?:\s@!?\w+)+/gm))
      for (const tag of found[0].matchAll(/\s@!?(\w+)/g)) {
        if (features.includes(tag[1])) continue
        problems.add({ file, offset: found.index + tag.index + tag[0].length - tag[1].length, length: tag[1].length }, unknown(tag[1]))
      }
  for (const [, list] of session.root.get('profiles').entries())
    for (const item of list.items()) if (!features.includes(item.text)) problems.add(item.spot, unknown(item.text))
}

/** Rules that no hand-written vector or scenario breaks. */
export function lintTests(root: string, { packets, session }: Loaded['sources'], rules: Iterable<string>, problems: Problems): void {
  const texts = ['vectors', 'scenarios'].flatMap((folder) => listFiles(join(root, 'spec', folder))).map((f) => readFileSync(f, 'utf8'))
  const broken = new Set([...texts.join('\n').matchAll(/\b(?:error:|violation) (\w+)/g)].map(([, rule]) => rule))
  for (const rule of rules) {
    if (broken.has(rule)) continue
    const own = new RegExp(`(?<=(error|over|short|long): )${rule}\\b`).exec(packets.text)
    const spot = own ? { file: packets, offset: own.index, length: rule.length } : keyIn(session.root.get('rules'), rule)
    problems.add(spot, `no vector and no scenario breaks the rule '${rule}'`)
  }
}
