// The small builds that boards load, not the testee: every scenario that can be put as calls of the public API is played on them, over
// sockets and a clock that are the scenario's (support/micropython-product.py). What goes out, what is delivered, how calls are refused and
// what get_mqttsta says must be as the trace has it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildMpy } from '../targets/micropython/build.ts'
import { missingMpyCross, runPython } from './support/python.ts'
import { type Feature, loadScenarios, type Scenario } from './support/scenarios.ts'
import { root } from './support/targets.ts'

const { features, profiles } = parse(readFileSync(join(root, 'spec/session.yaml'), 'utf8')) as {
  features: Record<Feature, string>
  profiles: Record<string, Feature[]>
}
const lacks = (profile: string): Feature[] => (Object.keys(features) as Feature[]).filter((f) => !profiles[profile]!.includes(f))

/** A deadline that is due at once is met by the next call; a testee waits for the next `tick`. */
const EARLIER = ['backoff-seed-zero', 'time-keepalive-before-connack']

/** Not of the API: what a handler does, a fixed buffer, and what the testee itself refuses; long texts a board has no room for. */
const isPlayable = ({ id, steps }: Scenario): boolean =>
  !EARLIER.includes(id) &&
  steps.length < 2000 &&
  steps.every(
    ({ request, answer }) =>
      !/^(handler|new .*(rx_buffer|colour)=)/.test(request) && !request.includes('@') && !answer.some((l) => l.startsWith('bad')),
  )
/** A subscription at a QoS that a profile cannot take. */
const isOver = ({ steps }: Scenario, most: number): boolean =>
  steps.some(
    ({ request }) => /^call subscribe/.test(request) && [...request.matchAll(/(?:qos=|:)(\d)/g)].some(([, qos]) => Number(qos) > most),
  )

it.skipIf(missingMpyCross()).for([
  ['full', 380],
  ['std', 100],
  ['tiny', 55],
] as const)('%s does what the scenarios say', { timeout: 120_000 }, async ([profile, least]) => {
  const most = (['qos1', 'qos2'] as const).filter((f) => profiles[profile]!.includes(f)).length
  const playable = loadScenarios().filter((s) => isPlayable(s) && !isOver(s, most) && !s.needs.some((f) => lacks(profile).includes(f)))
  expect(playable.length).toBeGreaterThan(least)
  const packages = mkdtempSync(join(tmpdir(), 'umqtt-mpy-product-'))
  try {
    await buildMpy(packages, profile)
    const traces = playable.map(({ id, steps }) => [id, steps.map(({ request, answer }) => [request, answer])])
    writeFileSync(join(packages, 'scenarios.json'), JSON.stringify(traces))
    const script = readFileSync(join(root, 'test/support/micropython-product.py'), 'utf8')
    const { out, err } = await runPython('mpy', script, { seconds: 100, packages })
    expect(err).toBe('')
    expect(out.filter((line) => !line.endsWith(' passed'))).toEqual([])
    expect(out.length).toBe(playable.length)
  } finally {
    rmSync(packages, { recursive: true })
  }
})
