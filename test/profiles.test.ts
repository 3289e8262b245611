// The smaller profiles on every testee that has one, and on TypeScript's session made in memory: what they cannot do they refuse. What they
// have in common with the whole client, scenarios.test.ts and the walks show.
import { describe, expect, it } from 'vitest'
import { answerOf, emitted, resolved, sourceOf } from './support/memory.ts'
import { loadProfileScenarios, type Scenario } from './support/scenarios.ts'
import { root, targetProfiles, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee } from './support/testee.ts'

const scenarios = loadProfileScenarios()
const profiles = [...new Set(scenarios.map(({ profile }) => profile))]

/** The answers up to one that says the request is not understood for want of a feature: that is a refusal, too. */
const compare = (scenario: Scenario, answers: string[][]): void => {
  const stop = answers.findIndex((answer) => answer.join() === 'bad unsupported')
  const end = stop < 0 ? answers.length : stop
  const given = (answer: string[][]) => scenario.steps.slice(0, end).map(({ request }, i) => ({ request, answer: answer[i] }))
  expect(given(answers), scenario.id).toEqual(given(scenario.steps.map(({ answer }) => answer)))
}

describe.each(profiles)('%s', (profile) => {
  const own = scenarios.filter((scenario) => scenario.profile === profile)

  it('typescript, in memory', { timeout: 60_000 }, async () => {
    const loaded = resolved({ packets: sourceOf('packets'), client: sourceOf('client'), session: sourceOf('session') }, profile)
    if (typeof loaded === 'string') throw new Error(loaded)
    const answer = await answerOf(await emitted(loaded))
    for (const scenario of own) {
      const answers = scenario.steps.map(({ request }) => answer(request))
      expect(answers.flat()).not.toContain('bad unsupported')
      compare(scenario, answers)
    }
  })

  it.each(testeeTargets().filter((target) => targetProfiles(target).includes(profile)))('%s', { timeout: 300_000 }, async (target) => {
    const testee = startTestee(await testeeCommand(`${target}:${profile}`), { cwd: root })
    try {
      for (const scenario of own) compare(scenario, await testee.askAll(scenario.steps.map(({ request }) => request)))
    } finally {
      await testee.close()
    }
  })
})
