// Mutants of the spec must be noticed: by the lint, a hand-written vector or a hand-written scenario. A seeded few in every run, many more where CI is
// set; all of them, with the score, are `npm run mutate`.
import { beforeAll, expect, it } from 'vitest'
import { loadEquivalents, Mutation } from './support/mutation.ts'
import { randomOf } from './support/random.ts'
import { loadScenarios } from './support/scenarios.ts'

/** Another part of the mutants each month would be a test that fails without a change; the seed is fixed. */
const SEED = 20_251_125
const SECONDS = process.env.CI ? 150 : 12

let mutation: Mutation
beforeAll(async () => {
  mutation = await Mutation.begin()
}, 120_000)

it('unmutated, everything passes but what TypeScript has no buffer for', () => {
  const needed = loadScenarios().filter(({ needs }) => needs.includes('rx_buffer'))
  expect(mutation.lacking.sort()).toEqual(needed.map(({ id }) => `scenario ${id}`).sort())
})

it('every kind of thing is mutated', () => {
  const { mutants } = mutation
  expect(mutants.length).toBeGreaterThan(1_500)
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
  const kinds = [
    /the row '.*' is gone/,
    /the guard is its opposite/,
    /'send .*' is gone/,
    /change places/,
    /\d+ is \d+$/,
    /== is !=/,
    / is wait_puback/,
    /'must: .*' is gone/,
    /bits: '\d', \d/,
  ]
  for (const kind of kinds) expect(mutants.filter(({ id }) => kind.test(id)).length, String(kind)).toBeGreaterThan(3)
})

it('the list of equivalents names mutants there are', () => {
  const ids = new Set(mutation.mutants.map(({ id }) => id))
  expect(loadEquivalents().filter(({ mutant, reason }) => !ids.has(mutant) || !reason)).toEqual([])
})

it('those drawn are noticed', { timeout: 1000 * (SECONDS + 120) }, async () => {
  const equivalent = new Set(loadEquivalents().map(({ mutant }) => mutant))
  const random = randomOf(SEED)
  const left = mutation.mutants.filter(({ id }) => !equivalent.has(id))
  const end = Date.now() + 1000 * SECONDS
  const survived: string[] = []
  let judged = 0
  for (; left.length > 0 && Date.now() < end; judged++) {
    const [mutant] = left.splice(random(left.length), 1)
    const { by } = await mutation.judge(mutant)
    if (!by) survived.push(`spec/${mutant.file}.yaml:${mutant.line}: ${mutant.id}`)
  }
  expect(survived).toEqual([])
  expect(judged).toBeGreaterThan(10)
})
