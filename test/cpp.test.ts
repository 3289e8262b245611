// What only the C++ target promises: it compiles without a warning with gcc and clang in every standard, its profiles hold every scenario they
// have the features for, and sanitizers find nothing in vectors and scenarios. Sizes and speed are sizes.test.ts's.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { missing } from './support/missing.ts'
import { type Feature, lackedFeatures, loadScenarios, play, type Scenario } from './support/scenarios.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee } from './support/testee.ts'

const exec = promisify(execFile)
const sources = ['generated/cpp/src/umqtt', 'targets/cpp/testee'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.cpp') && !file.includes('arduino'))
    .map((file) => join(folder, file)),
)
const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wpedantic', '-Werror', '-fno-exceptions', '-fno-rtti', '-fsyntax-only']
const PROFILES = { full: [], std: ['-DUMQTT_STD'], tiny: ['-DUMQTT_TINY'] }

describe.skipIf(missing('gcc', 'clang')).each(['g++', 'clang++'])('%s', (compiler) => {
  it.each(['gnu++11', 'gnu++17', 'gnu++2b'])('compiles every profile in %s', { timeout: 120_000 }, async (standard) => {
    for (const define of Object.values(PROFILES))
      await exec(compiler, [...strict, `-std=${standard}`, ...define, '-Igenerated/cpp/testee', ...sources], { cwd: root })
  })
})

/** 65,535 identifiers in use: minutes under a sanitizer, and the full profile plays it in scenarios.test.ts. */
const LONG = ['ids-exhausted', 'B14', 'B25']

/** A profile keeps and counts less than `stats` says of the whole client, and what it lacks may be asked of it anywhere. */
const asked = (scenario: Scenario, lacks: Set<Feature>): Scenario =>
  lacks.has('reconnect') ? { ...scenario, needs: [...lacks], steps: scenario.steps.filter(({ request }) => request !== 'stats') } : scenario

describe.skipIf(missing('gcc')).each(['std', 'tiny', 'full-asan'])('%s', (profile) => {
  it('plays every scenario it has the features for', { timeout: 300_000 }, async () => {
    const testee = startTestee(await testeeCommand(`cpp:${profile}`), { cwd: root })
    const lacks = await lackedFeatures(testee)
    const failures: string[] = []
    let passed = 0
    for (const scenario of loadScenarios().filter(({ id }) => !LONG.includes(id))) {
      const outcome = await play(testee, asked(scenario, lacks), lacks)
      const whole = scenario.needs.every((feature) => !lacks.has(feature)) // what it lacks it ignores when it is received
      if (typeof outcome === 'object' && whole) failures.push(outcome.failed)
      if (outcome === 'passed') passed++
    }
    expect(await testee.close()).toBe(0)
    if (failures.length > 0) throw new Error(`${failures.length} failed\n\n${failures.join('\n\n')}\n`)
    expect(passed).toBeGreaterThan(20)
  })
})
