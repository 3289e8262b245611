// The C++ testee on the emulated rv32imc board: every vector, every scenario and a part of the hostile sweep, answered there as they are everywhere.
// What does not fit the board's memory is answered `bad too_long`; which that may be stands here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchanges, loadExamples } from './support/examples.ts'
import { randomOf } from './support/random.ts'
import { type Feature, lackedFeatures, loadScenarios, play } from './support/scenarios.ts'
import { judge, sample } from './support/sweep.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'
import { missingBoards } from './tools/boards.ts'

/** Bytes of a value that the board has no room for: only packets near the largest there can be, 268,435,455 bytes. */
const ROOM = 24 << 20
const longest = (request: string): number => Math.max(0, ...[...request.matchAll(/@(\d+)/g)].map(([, count]) => Number(count)))

/** Scenarios that take minutes there: 65,535 identifiers in use, each looked for among all. The host plays them. */
const SLOW = /ids-exhausted|B14/

describe.skipIf(missingBoards('rv32imc'))('the testee on rv32imc', () => {
  let testee: Testee
  let lacks: Set<Feature>
  beforeAll(async () => {
    testee = startTestee(await testeeCommand('cpp:rv32imc'), { cwd: root, deadline: 60_000 })
    lacks = await lackedFeatures(testee)
  }, 120_000)
  afterAll(() => testee?.close())

  it('answers every vector', { timeout: 120_000 }, async () => {
    const asked = loadExamples().flatMap((example) => example.versions.flatMap((version) => exchanges(example, version)))
    const answers = await testee.askAll(asked.map(({ request }) => request))
    const wrong = asked.flatMap(({ name, request, answer }, i) => {
      const got = answers[i].join('\n')
      return got === (longest(request) > ROOM ? 'bad too_long' : answer) ? [] : [`${name}: ${request.slice(0, 80)}: ${got.slice(0, 80)}`]
    })
    expect(wrong).toEqual([])
  })

  const scenarios = loadScenarios().filter(({ id, file }) => !SLOW.test(`${file} ${id}`))
  it('plays every scenario', { timeout: 180_000 }, async () => {
    const tooLong: string[] = []
    for (const scenario of scenarios) {
      const outcome = await play(testee, scenario, lacks)
      if (outcome === 'too_long') tooLong.push(scenario.id)
      else if (outcome !== 'unsupported') expect(outcome, scenario.id).toBe('passed')
    }
    expect([...lacks]).toEqual(['throw'])
    expect(tooLong).toEqual(['B25']) // 268,435,455 bytes
  })

  it('answers hostile bytes as the first target does', { timeout: 120_000 }, async () => {
    const first = startTestee(await testeeCommand('typescript'), { cwd: root })
    const both: [string, Testee][] = [
      ['typescript', first],
      ['rv32imc', testee],
    ]
    expect(await judge(both, [...sample(6_000, randomOf(20_251_126))])).toEqual([])
    await first.close()
  })
})
