// The small build that boards load, not the testee: every scenario that can be put as calls of the public API is played on it, over sockets
// and a clock that are the scenario's (support/micropython-product.py). What goes out, what is delivered, how calls are refused and what
// get_mqttsta says must be as the trace has it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { missingMpyCross, packagesOf, runPython } from './support/python.ts'
import { loadScenarios, type Scenario } from './support/scenarios.ts'
import { root } from './support/targets.ts'

/** Not of the API: what a handler does, a fixed buffer, and what the testee itself refuses; long texts a board has no room for. */
const isPlayable = ({ id, steps }: Scenario): boolean =>
  !EARLIER.includes(id) &&
  steps.length < 2000 &&
  steps.every(
    ({ request, answer }) =>
      !/^(handler|new .*(rx_buffer|colour)=)/.test(request) && !request.includes('@') && !answer.some((l) => l.startsWith('bad')),
  )
/** A deadline that is due at once is met by the next call; a testee waits for the next `tick`. */
const EARLIER = ['backoff-seed-zero', 'time-keepalive-before-connack']

it.skipIf(missingMpyCross())('the small build does what the scenarios say', { timeout: 120_000 }, async () => {
  const playable = loadScenarios().filter(isPlayable)
  expect(playable.length).toBeGreaterThan(380)
  const { packages } = await packagesOf('mpy')
  const traces = playable.map(({ id, steps }) => [id, steps.map(({ request, answer }) => [request, answer])])
  writeFileSync(join(packages, 'scenarios.json'), JSON.stringify(traces))
  const script = readFileSync(join(root, 'test/support/micropython-product.py'), 'utf8')
  const { out, err } = await runPython('mpy', script, { seconds: 100 })
  expect(err).toBe('')
  expect(out.filter((line) => !line.endsWith(' passed'))).toEqual([])
  expect(out.length).toBe(playable.length)
})
