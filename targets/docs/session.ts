// What session.md shows: the tables of states, what every event does in each, diagrams of both, and each entry of session.yaml as it
// stands there. What an event does is found out by flow.ts.
import type { Loaded } from '../../generator/generate.ts'
import { once } from '../../generator/memo.ts'
import type { Session } from '../../generator/session.ts'
import type { Emit } from '../../generator/target.ts'
import { type Event, Flow, loud, OTHER, type Outcome } from './flow.ts'
import { entriesOf, sections } from './source.ts'

const KINDS: Record<Event['kind'], string> = { call: 'Calls', packet: 'Packets', transport: 'The transport', deadline: 'Deadlines' }

export const session: Emit<object> = (_context, loaded) => viewOf(loaded.session, loaded)

const viewOf = once((session: Session, { codec, sources }: Loaded): object => {
  const flow = new Flow(session, codec.model)
  const root = sources.session.root
  const byPhase = flow.phases()
  const running = (phase: string) => session.timers.filter((t) => t.phases.includes(phase)).map((t) => `\`${t.name}\``)
  const columns = new Set(session.phases.flatMap((p) => Object.keys(p.columns)).filter((c) => c !== 'doc' && c !== 'mqttsta'))
  return {
    features: session.features.map(([name, doc]) => ({ name, doc })),
    profiles: root
      .get('profiles')
      .entries()
      .map(([k, v]) => ({
        name: k.text,
        features: v
          .items()
          .map((i) => `\`${i.text}\``)
          .join(', '),
      })),
    phases: session.phases.map((p) => ({
      name: p.name,
      doc: p.doc,
      mqttsta: p.columns.mqttsta,
      has: [...columns].filter((c) => p.columns[c]).join(', '),
      timers: running(p.name).join(', '),
    })),
    phaseDiagram: phaseDiagram(byPhase),
    tables: Object.entries(KINDS).map(([kind, title]) => ({ title, ...phaseTable(flow, kind as Event['kind'], byPhase) })),
    stages: session.stages.map((s) => ({ name: s.name, doc: s.doc, request: s.columns.request === true })),
    lists: session.lists.map((l) => ({ ...l, limit: l.limit ?? '', key: l.key ?? '' })),
    records: session.records.map((r) => ({ ...r, fields: r.fields.map((f) => `\`${f.name}\``).join(', ') })),
    stageTables: flow.lists.map((l) => recordTable(flow, l.name, l.doc)),
    vars: session.vars.map((v) => ({ name: v.name, doc: v.doc })),
    sections: sections(root.get('on')),
    records_on: root
      .entries()
      .filter(([k]) => k.text.startsWith('on '))
      .map(([k, v]) => ({ title: k.text.replace(/ @.*/, ''), entries: entriesOf(v) })),
    procedures: ['do', 'answer', 'stats'].map((name) => ({ name, entries: entriesOf(root.get(name)) })),
  }
})

/** Refusals that hold in every phase are said once. */
function phaseTable(flow: Flow, kind: Event['kind'], byPhase: Map<string, Map<string, Outcome[]>>): object {
  const phases = [...byPhase.keys()]
  const labels = flow.events.filter((e) => e.kind === kind).map((e) => e.label)
  if (kind === 'packet') labels.push(OTHER)
  const rows = labels.map((label) => {
    const given = phases.map((p) => byPhase.get(p)!.get(label))
    const refusals = given.filter((g) => g !== undefined).map((g) => g.flatMap((o) => o.does.filter((d) => d.startsWith('refuse '))))
    const always = refusals.length > 1 ? refusals[0].filter((d) => refusals.every((r) => r.includes(d))) : []
    const cells = given.map((g, i) => (g ? cell(g, phases[i], always) : ''))
    return { label, always: always.map((a) => a.slice(7)).join(', '), cells }
  })
  const used = phases.map((_, i) => rows.some((r) => r.cells[i] !== ''))
  const shown = rows.map((r) => ({ ...r, cells: r.cells.filter((_, i) => used[i]) })).filter((r) => r.cells.some((c) => c !== ''))
  return { phases: phases.filter((_, i) => used[i]), rows: shown }
}

/** What is done and where it leads, one way to end after the other. */
function cell(outcomes: Outcome[], from: string, always: string[] = []): string {
  const refused = outcomes.flatMap((o) => o.does.filter((d) => d.startsWith('refuse ') && !always.includes(d)).map((d) => d.slice(7)))
  const ways = outcomes.map(({ to, does }) => {
    const next = to.filter((t) => t !== from).map((t) => `**${t}**`)
    const stays = next.length < to.length && next.length > 0 ? ['**stays**'] : []
    const done = loud(does).filter((d) => !d.startsWith('refuse '))
    return [...done, ...(next.length > 0 ? [`→ ${[...stays, ...next].join(' or ')}`] : [])].join('<br>')
  })
  const parts = [...new Set(ways.filter((w) => w !== '')), ...(refused.length > 0 ? [`refuse: ${[...new Set(refused)].join(', ')}`] : [])]
  return parts.length > 0 ? parts.join('<br>*or*<br>') : outcomes.some((o) => o.does.length > 0) ? '·' : ''
}

type Edges = Map<string, Set<string>>
const draw = (edges: Edges, edge: string, label: string): void => void edges.set(edge, (edges.get(edge) ?? new Set()).add(label))
const diagram = (edges: Edges, first: string[]): string =>
  ['stateDiagram-v2', ...first, ...[...edges].map(([edge, labels]) => `  ${edge}: ${[...labels].join(', ')}`)].join('\n')

function phaseDiagram(byPhase: Map<string, Map<string, Outcome[]>>): string {
  const edges: Edges = new Map()
  for (const [from, events] of byPhase)
    for (const [label, outcomes] of events)
      for (const to of outcomes.flatMap((o) => o.to)) if (to !== from) draw(edges, `${from} --> ${to}`, label)
  return diagram(edges, [`  [*] --> ${[...byPhase.keys()][0]}`])
}

function stageDiagram(flow: Flow, list: string): string {
  const edges: Edges = new Map()
  const records = flow.records(list)
  for (const { call, stage } of flow.begins()) if (records[0].by.has(stage)) draw(edges, `[*] --> ${stage}`, call)
  for (const { event, by } of records)
    for (const [from, outcomes] of by)
      for (const to of outcomes.flatMap((o) => o.to))
        if (to !== from && (from !== 'none' || by.has(to)))
          draw(edges, `${from === 'none' ? '[*]' : from} --> ${to === 'done' ? '[*]' : to}`, event)
  return diagram(edges, ['  direction LR'])
}

function recordTable(flow: Flow, list: string, doc: string): object {
  const found = flow.records(list)
  const quiet = (outcomes: Outcome[]) => outcomes.every((o) => o.does.every((d) => d.endsWith('+ 1')))
  const states = [...found[0].by.keys()].filter((s) => found.some(({ by }) => !quiet(by.get(s)!)))
  const rows = found.map(({ event, by }) => ({ event, cells: states.map((s) => cell(by.get(s)!, s) || '·') }))
  return { list, doc, states, rows, diagram: stageDiagram(flow, list) }
}
