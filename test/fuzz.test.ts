// Coverage-guided fuzzing of the C++ decoder and session: long enough in CI to go beyond the seeds, a glance elsewhere. `npm run fuzz` goes on.
import { expect, it } from 'vitest'
import { missing } from './support/missing.ts'
import { FUZZERS, fuzz } from './tools/fuzz.ts'

const seconds = process.env.CI ? 30 : 4

it.skipIf(missing('libfuzzer')).each(FUZZERS)('%s', { timeout: 300_000 }, async (fuzzer) => {
  expect(await fuzz(fuzzer, seconds)).toMatch(/^\w+: \d{4,} inputs/)
})
