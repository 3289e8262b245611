// Every row of every table of session.yaml, state by state, is taken by a hand-written scenario: what no scenario takes, no scenario proves.
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { emitted, Modules, resolved, sourceOf } from './support/memory.ts'
import { markOf, markRows, type Row } from './support/rows.ts'
import { loadScenarios } from './support/scenarios.ts'
import { root } from './support/targets.ts'

/** Rows that an application cannot bring about, and why. */
const UNREACHABLE: Record<string, string> = {
  'net.open(): others': 'a transport that nobody dialled does not open; a late event of one that was hung up is not handed on',
  'net.lost(): others': 'as above',
  'in.other: connected': 'each packet that a server may send has a row of its own there',
}

let rows: Row[]
const taken = new Map<number, string>()

interface Testee {
  answer(words: string[]): string[]
  violation(rule: string, offset: number): void
}

/** What is not understood takes no row. */
const ask = (testee: Testee, request: string): void => {
  try {
    testee.answer(request.split(' '))
  } catch {}
}

beforeAll(async () => {
  const sources = { packets: sourceOf('packets'), client: sourceOf('client'), session: sourceOf('session') }
  rows = markRows(sources.session)
  const loaded = resolved(sources)
  if (typeof loaded === 'string') throw new Error(loaded)
  const { Sessions } = await new Modules(await emitted(loaded)).load(join(root, 'targets', 'typescript', 'testee-session.ts'))
  const sessions = new (Sessions as new () => Testee)()
  let scenario = ''
  sessions.violation = (_, offset) => {
    const row = markOf(offset)
    if (row !== undefined && !taken.has(row)) taken.set(row, scenario)
  }
  for (const { id, steps } of loadScenarios()) {
    scenario = id
    for (const { request } of steps.slice(0, 5000)) ask(sessions, request)
  }
}, 60_000)

it('each row is taken by a scenario', () => {
  const missing = rows.flatMap(({ name, line }, i) => (taken.has(i) || name in UNREACHABLE ? [] : [`spec/session.yaml:${line}: ${name}`]))
  expect(missing).toEqual([])
})

it('no row is called unreachable that is there and taken', () => {
  expect(Object.keys(UNREACHABLE).filter((name) => !rows.some((row, i) => row.name === name && !taken.has(i)))).toEqual([])
})
