// What each event can do in each phase that can be reached, and what each packet does to a record in each stage: asked of run.ts, for the
// tables and diagrams of session.ts.
import type { Expr, Func, Stmt } from '../../generator/ir.ts'
import type { PacketModel } from '../../generator/model.ts'
import type { Session } from '../../generator/session.ts'
import { NOBODY, Runner, type State, stateKey, type Value } from './run.ts'

/** One way an event can end. */
export interface Outcome {
  to: string[] // phases, or stages
  does: string[]
}
export interface Event {
  func: Func
  label: string
  kind: 'call' | 'packet' | 'transport' | 'deadline'
}
export const OTHER = 'another packet'
const NET: Record<string, string> = { on_open: 'transport open', on_lost: 'transport lost', on_bytes: 'bytes' }

export class Flow {
  readonly #session: Session
  readonly #runner: Runner

  constructor(session: Session, model: PacketModel) {
    this.#session = session
    this.#runner = new Runner(session, model)
  }

  /** The lists whose records packets find by their identifier. */
  get lists(): Session['lists'] {
    return this.#session.lists.filter((l) => l.key && !l.behind)
  }

  /** Events that the application, the server, the transport or the clock causes. */
  get events(): Event[] {
    const timers = new Map(this.#session.timers.map((t) => [`on_${t.name}_timer`, t.name]))
    const packets = new Map(this.#session.packets.map((p) => [p.event, p.packet]))
    return this.#session.functions.flatMap((func): Event[] => {
      const { name } = func
      if (packets.has(name)) return [{ func, label: packets.get(name)!, kind: 'packet' }]
      if (name === 'on_malformed') return [{ func, label: 'malformed packet', kind: 'packet' }]
      if (timers.has(name)) return [{ func, label: `${timers.get(name)} deadline`, kind: 'deadline' }]
      if (name in NET) return [{ func, label: NET[name], kind: 'transport' }]
      return func.public && func.returns.kind === 'error' && name !== 'create' ? [{ func, label: `${name}()`, kind: 'call' }] : []
    })
  }

  /** By phase and event: the ways in which it ends. */
  phases(): Map<string, Map<string, Outcome[]>> {
    const { phases } = this.#session
    const found = new Map(phases.map((p) => [p.name, new Map<string, Outcome[]>()]))
    const seen = new Set<string>()
    const todo = this.#starts()
    const { events } = this
    for (let state = todo.pop(); state; state = todo.pop()) {
      if (seen.has(stateKey(state))) continue
      seen.add(stateKey(state))
      const from = phases[state.phase].name
      for (const event of events.filter((e) => this.#comes(e, from))) {
        const [ends, label] = this.#event(event, state)
        const outcomes = found.get(from)!.get(label) ?? []
        found.get(from)!.set(label, outcomes)
        for (const { phase, waits, does } of ends) {
          put(outcomes, phases[phase].name, does)
          todo.push({ ...state, phase, waits })
        }
      }
    }
    for (const of of found.values()) for (const [label, outcomes] of of) of.set(label, alike(outcomes))
    return found
  }

  /** The first phase, once for each way in which the yes-or-no parameters can be set. */
  #starts(): State[] {
    let configs: Record<string, boolean>[] = [{}]
    for (const { name, type } of this.#session.config)
      if (type.kind === 'bool') configs = configs.flatMap((c) => [true, false].map((v) => ({ ...c, [name]: v })))
    return configs.map((config) => ({ phase: 0, waits: NOBODY, config, stage: undefined, env: new Map(), does: [] }))
  }

  #comes({ func, kind }: Event, phase: string): boolean {
    const { columns } = this.#session.phases.find((p) => p.name === phase)!
    if (kind === 'packet') return columns.packets === true
    if (kind === 'transport') return columns.transport === true
    return kind === 'call' || this.#session.timers.some((t) => func.name === `on_${t.name}_timer` && t.phases.includes(phase))
  }

  /** The states after an event, and what it is called: a packet that may not come now is just another packet. */
  #event({ func, label }: Event, state: State): [State[], string] {
    const packet = this.#session.packets.find((p) => p.event === func.name)?.packet
    if (!packet) return [this.#runner.event(func, [state]), label]
    const { admit } = this.#session
    const code = all(admit.body)
      .flatMap((s) => (s.kind === 'if' ? s.branches.flatMap((b) => members(b.when)) : []))
      .find((m) => m.member === packet)?.value
    const env = new Map<string, Value[]>([[admit.params[0].name, [code ?? -1]]])
    const judged = this.#runner.block(admit.body, [{ ...state, env }])
    const may = judged.filter((s) => s.answer?.includes(true)).map(({ answer: _, ...s }) => ({ ...s, done: false }))
    const refused = judged.filter((s) => !s.answer?.includes(true))
    return [[...this.#runner.event(func, may), ...refused], may.length > 0 ? label : OTHER]
  }

  /** What a packet does to the record with its identifier: by stage, and where there is none. */
  records(list: string): { event: string; by: Map<string, Outcome[]> }[] {
    const { record } = this.#session.lists.find((l) => l.name === list)!
    const staged = this.#session.records.find((r) => r.name === record)!.fields.some((f) => f.name === 'stage')
    const names = staged ? this.#session.stages.map((s) => s.name) : ['held']
    const phase = this.#session.phases.findIndex((p) => p.columns.mqttsta === 0)
    return this.#session.packets.flatMap(({ packet, event }) => {
      const { body } = this.#session.functions.find((f) => f.name === event)!
      const find = all(body).find((s) => s.kind === 'find' && s.list === list && s.key)
      if (!find) return []
      const outcomes = (stage: State['stage']): Outcome[] => {
        const ends = this.#runner.block([find], [{ phase, waits: NOBODY, config: { reconn: true }, stage, env: new Map(), does: [] }])
        const found: Outcome[] = []
        for (const e of ends) put(found, typeof e.stage === 'number' ? names[e.stage] : e.stage === 'gone' ? 'done' : 'none', e.does)
        return alike(found)
      }
      return [{ event: packet, by: new Map([...names.map((n, i) => [n, outcomes(i)] as const), ['none', outcomes('none')]]) }]
    })
  }

  /** The stages in which a call puts a record into a list. */
  begins(): { call: string; stage: string }[] {
    const { stages } = this.#session
    const nothing: State = { phase: 0, waits: undefined, config: {}, stage: undefined, env: new Map(), does: [] }
    return this.events
      .filter((e) => e.kind === 'call')
      .flatMap(({ func, label }) => {
        const adds = all(func.body).filter((s) => s.kind === 'append')
        const values = adds.flatMap((s) => this.#runner.eval(s.fields.find((f) => f.name === 'stage')!.value, nothing))
        return values.filter((v) => typeof v === 'number').map((v) => ({ call: label, stage: stages[v].name }))
      })
  }
}

/** Ways that lead to the same place are one. */
function put(outcomes: Outcome[], to: string, does: string[]): void {
  const known = outcomes.find((o) => o.to.includes(to))
  if (!known) outcomes.push({ to: [to], does: [...does] })
  else for (const d of does) if (!known.does.includes(d)) known.does.push(d)
}
/** Ways on which the same is done, but for deadlines, are told together. */
function alike(outcomes: Outcome[]): Outcome[] {
  const found: Outcome[] = []
  for (const o of outcomes) {
    const known = found.find((f) => loud(f.does).join() === loud(o.does).join())
    if (known) known.to.push(...o.to)
    else found.push(o)
  }
  return found
}
/** What can be seen from outside. */
export const loud = (does: string[]): string[] => does.filter((d) => !/^(dis)?arm /.test(d))

/** Every statement below these. */
function all(block: Stmt[]): Stmt[] {
  return block.flatMap((s): Stmt[] => {
    const inner = s.kind === 'if' ? [...s.branches.flatMap((b) => b.do), ...(s.else ?? [])] : 'do' in s && Array.isArray(s.do) ? s.do : []
    return [s, ...all(inner), ...(s.kind === 'find' ? all(s.else ?? []) : []), ...(s.kind === 'append' ? all(s.full) : [])]
  })
}

function members(e: Expr): { member: string; value: number }[] {
  if (e.kind === 'member') return [e]
  if (e.kind === 'and' || e.kind === 'or' || e.kind === 'compare') return [...members(e.left), ...members(e.right)]
  return []
}
