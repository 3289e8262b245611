// The same testee on MicroPython's WebAssembly build: vectors, scenarios and a seeded part of the hostile sweep and of the walks, its
// answers held against those of TypeScript's testee. On CPython it is one of the targets of every other test.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Exchange, exchanges, GIANT, loadExamples } from './support/examples.ts'
import { generatedPython } from './support/python.ts'
import { randomOf } from './support/random.ts'
import { loadScenarios, play } from './support/scenarios.ts'
import { judge, sample } from './support/sweep.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'
import { lengthOf } from './support/vectors.ts'
import { walk } from './support/walk.ts'

const SEED = 20_251_125
const SWEPT = 6_000
const BATCH = 1_000
const WALKED = 6_000

/** What no board has the memory for: all 65,535 packet identifiers taken, and a message of 268 MB. */
const BEYOND = ['ids-exhausted', 'B14', 'B25']

const folders = [generatedPython, join(generatedPython, 'testing'), join(root, 'targets/micropython')]
const command = [
  process.execPath,
  ...['--import', 'tsx', 'test/support/engines/micropython.ts'],
  ...folders.flatMap((folder) => ['--mount', folder]),
  ...['testee', 'targets/micropython/testee.py'],
]

let board: Testee
let other: Testee
beforeAll(async () => {
  board = startTestee(command, { cwd: root, deadline: 60_000 })
  other = startTestee(await testeeCommand('typescript'), { cwd: root, deadline: 60_000 })
}, 60_000)
afterAll(() => Promise.all([board?.close(), other?.close()]))

it('every vector', { timeout: 300_000 }, async () => {
  const asked = loadExamples()
    .filter(({ bytes, packet }) => lengthOf(bytes ?? '') < GIANT / 64 && !/@\d{6,}/.test(packet ?? ''))
    .flatMap((example): Exchange[] => example.versions.flatMap((version) => exchanges(example, version)))
  expect(asked.length).toBeGreaterThan(1000)
  const answers = await board.askAll(asked.map(({ request }) => request))
  expect(asked.filter(({ answer }, i) => answers[i]!.join('\n') !== answer).map(({ name }) => name)).toEqual([])
})

it('every scenario', { timeout: 300_000 }, async () => {
  const failures: unknown[] = []
  for (const scenario of loadScenarios().filter(({ id }) => !BEYOND.includes(id))) {
    const outcome = await play(board, scenario, new Set(['rx_buffer']))
    if (typeof outcome === 'object') failures.push(outcome.failed)
  }
  expect(failures).toEqual([])
})

it('a seeded part of the sweep', { timeout: 300_000 }, async () => {
  const testees: [string, Testee][] = [
    ['micropython', board],
    ['typescript', other],
  ]
  const hostile = [...sample(SWEPT, randomOf(SEED))].filter(({ hex }) => lengthOf(hex) <= 70_000)
  for (let at = 0; at < hostile.length; at += BATCH) {
    const failures = await judge(testees, hostile.slice(at, at + BATCH))
    expect(failures).toEqual([])
  }
})

it('a seeded walk', { timeout: 300_000 }, async () => {
  const players = [
    { name: 'typescript', testee: other },
    { name: 'micropython', testee: board },
  ]
  expect(await walk(players, randomOf(SEED), WALKED, {}, () => false)).toBe(WALKED)
})
