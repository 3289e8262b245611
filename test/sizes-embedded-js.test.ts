// The weight of the embedded client, its heap on QuickJS, and that a payload is never handled byte by byte. `npm run sizes -- embedded-js` prints
// the figures beside the peers'.
import { describe, expect, it } from 'vitest'
import { engines, heapOf, PROFILES, type Profile, speedOf, weigh } from './tools/sizes/embedded-js.ts'

/** Bytes minified and gzipped: what was reached, so that nothing grows unnoticed. The goals are in bench/figures.yaml. */
const MOST: Record<Profile, [number, number]> = {
  full: [13_300, 5_520],
  std: [11_500, 4_880],
  tiny: [10_450, 4_480],
}

it.each(PROFILES)('%s', (profile) => {
  const { minified, gzipped } = weigh(profile)
  expect(minified).toBeLessThanOrEqual(MOST[profile][0])
  expect(gzipped).toBeLessThanOrEqual(MOST[profile][1])
})

it('connected and subscribed it holds at most 6 KB on QuickJS beside its code', async () => {
  for (const profile of PROFILES) expect((await heapOf(profile)).connected).toBeLessThanOrEqual(6 * 1024)
})

describe.each(engines())('%s', (name) => {
  it('a longer payload costs no more than its copy', { timeout: 120_000 }, async () => {
    const { receiveMore, copyMore, receive } = await speedOf(name)
    expect(receiveMore).toBeLessThanOrEqual(3 * copyMore + receive / 100) // noise of the measurement
  })
})
