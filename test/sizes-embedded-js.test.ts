// The weight of the embedded client, its heap on QuickJS, and that a payload is never handled byte by byte. `npm run sizes -- embedded-js` prints
// the figures beside the peers'.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './support/targets.ts'
import { engines, heapOf, PROFILES, type Profile, speedOf, weigh } from './tools/sizes/embedded-js.ts'

/** Bytes minified and gzipped: what was reached, so that nothing grows unnoticed. The goals are in bench/figures.yaml. */
const MOST: Record<Profile, [number, number]> = {
  full: [9_545, 4_256],
  std: [7_600, 3_529],
  tiny: [6_286, 3_047],
}

it.each(PROFILES)('%s', (profile) => {
  const { minified, gzipped } = weigh(profile)
  expect(minified).toBeLessThanOrEqual(MOST[profile][0])
  expect(gzipped).toBeLessThanOrEqual(MOST[profile][1])
})

it('the README tells it as it is', async () => {
  const readme = readFileSync(join(root, 'targets/embedded-js/README.md'), 'utf8')
  for (const profile of PROFILES) {
    const { minified, gzipped } = weigh(profile)
    const { loaded, connected } = await heapOf(profile)
    const told = new RegExp(`^\\| ${profile} \\|(.*)\\|$`, 'm').exec(readme)?.[1].split('|').map(Number.parseFloat)
    for (const [i, bytes] of [minified, gzipped, connected, loaded].entries())
      expect(Math.abs(told![i] * 1000 - bytes) / bytes, `${profile}, column ${i + 1}`).toBeLessThan(0.04)
  }
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
