// The sizes that are promises: no change makes the npm package larger unnoticed. What each target's own tests hold is not repeated here.
import { expect, test } from 'vitest'
import { weigh } from './tools/sizes/typescript.ts'

test.each([
  ['index', 12_000],
  ['codec-entry', 4390],
  ['core', 7170],
])('%s: at most %i bytes minified and gzipped', async (entry, most) => {
  const { gzipped } = await weigh(entry)
  expect(gzipped).toBeLessThanOrEqual(most)
})
