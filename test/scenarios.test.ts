// Every golden scenario on every target that has a testee, and the list of cards that must be covered. The traces stand
// in spec/scenarios, how they are played in support/scenarios.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Feature,
  hasSession,
  lackedFeatures,
  loadElsewhere,
  loadScenarios,
  play,
  type Scenario,
  scenarioFiles,
} from './support/scenarios.ts'
import { root, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'

const CARDS = [
  'A01 A02 A03 A04 A05 A06 A07 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25',
  'B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B14 B15 B16 B17 B18 B19 B20 B21 B22 B23 B24 B25 B26 B27 B28',
  'B29 B30 C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19',
  'D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14 E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E12 E13',
  'F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F12 F13 F14 F15 G01 G02 G03 G04 G05 G06 G07 G08 G09 G10 G11',
  'H01 H02 H03 H04 H05',
].flatMap((line) => line.split(' '))

const scenarios = loadScenarios()

/** The two features a whole target may do without: a fixed receive buffer, and a language's exceptions. */
const OPTIONAL: Feature[] = ['rx_buffer', 'throw']

/** Milliseconds for one answer: to find no free identifier among 65,535 a list without an index is walked as often. */
const DEADLINE = 120_000

/** 268 million bytes in one call: a target whose memory is the caller's may answer `bad too_long`. */
const GIANTS = ['B25']

it('every card is a scenario or listed with the place where it is tested', () => {
  const covered = new Set([...scenarios.map(({ card }) => card), ...loadElsewhere().map(({ card }) => card)])
  expect(CARDS.filter((card) => !covered.has(card))).toEqual([])
  expect([...covered].filter((card) => card !== undefined && !CARDS.includes(card))).toEqual([])
})

it('no card is both a scenario and elsewhere', () => {
  const traced = new Set(scenarios.map(({ card }) => card))
  expect(loadElsewhere().filter(({ card }) => traced.has(card))).toEqual([])
})

it.each(loadElsewhere())('$card is tested where it says', ({ card, tested }) => {
  if (!tested.startsWith('not yet')) expect(readFileSync(join(root, tested), 'utf8')).toContain(`(${card})`)
})

describe.each(testeeTargets())('%s', (target) => {
  let testee: Testee
  let lacks: Set<Feature>
  let codecOnly = false

  beforeAll(async () => {
    testee = startTestee(await testeeCommand(target), { cwd: root, deadline: DEADLINE })
    codecOnly = !(await hasSession(testee))
    lacks = await lackedFeatures(testee)
  }, 300_000)
  afterAll(() => testee?.close())
  beforeEach((test) => test.skip(codecOnly, 'no session yet'))

  it('lacks nothing but what a whole target may lack', () => {
    expect([...lacks].filter((feature) => !OPTIONAL.includes(feature))).toEqual([])
  })

  it.each(scenarioFiles())('%s', { timeout: 300_000 }, async (file) => {
    const failures: string[] = []
    for (const scenario of scenarios.filter((each) => each.file === file)) {
      const outcome = await playOrCrash(scenario)
      if (typeof outcome === 'object') failures.push(outcome.failed)
      if (outcome === 'too_long' && !GIANTS.includes(scenario.id)) failures.push(`${scenario.id}: bad too_long`)
    }
    if (failures.length > 0) throw new Error(`${failures.length} failed\n\n${failures.join('\n\n')}\n`)
  })

  /** A testee that crashes fails the scenario it played; the next one gets a new process. */
  const playOrCrash = async (scenario: Scenario) => {
    try {
      return await play(testee, scenario, lacks)
    } catch (error) {
      await testee.close()
      testee = startTestee(await testeeCommand(target), { cwd: root, deadline: DEADLINE })
      return { failed: `${scenario.id}: ${scenario.title} (${scenario.file})\n    ${(error as Error).message}` }
    }
  }
})
