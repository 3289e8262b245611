// The smaller profiles of the embedded client play every scenario they have the features for, and of the others as much as goes.
import { describe, expect, it } from 'vitest'
import { type Feature, lackedFeatures, loadScenarios, play, type Scenario } from './support/scenarios.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee } from './support/testee.ts'

const LACKS: Record<string, Feature[]> = {
  std: ['queue', 'qos2', 'deadlines', 'reconnect', 'rx_buffer'],
  tiny: ['queue', 'qos1', 'qos2', 'unsubscribe', 'deadlines', 'will', 'auth', 'reconnect', 'rx_buffer', 'version3'],
}
/** The full profile plays these in scenarios.test.ts. */
const LONG = ['ids-exhausted', 'B14', 'B25']

/** A profile keeps and counts less than `stats` says of the whole client, and what it lacks may be asked of it anywhere. */
const asked = (scenario: Scenario, lacks: Feature[]): Scenario => ({
  ...scenario,
  needs: lacks,
  steps: scenario.steps.filter(({ request }) => request !== 'stats'),
})

describe.each(Object.keys(LACKS))('%s', (profile) => {
  it('lacks what session.yaml says, and plays every scenario it has the features for', { timeout: 300_000 }, async () => {
    const testee = startTestee(await testeeCommand(`embedded-js:${profile}`), { cwd: root })
    const lacks = LACKS[profile]
    expect([...(await lackedFeatures(testee))].sort()).toEqual([...lacks].sort())
    const failures: string[] = []
    let passed = 0
    for (const scenario of loadScenarios().filter(({ id }) => !LONG.includes(id))) {
      const outcome = await play(testee, asked(scenario, lacks), new Set(lacks))
      const whole = scenario.needs.every((feature) => !lacks.includes(feature)) // what it lacks it ignores when it is received
      if (typeof outcome === 'object' && whole) failures.push(outcome.failed)
      if (outcome === 'passed') passed++
    }
    expect(await testee.close()).toBe(0)
    if (failures.length > 0) throw new Error(`${failures.length} failed\n\n${failures.join('\n\n')}\n`)
    expect(passed).toBeGreaterThan(60)
  })
})
