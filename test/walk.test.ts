// A short random walk through every target, and each profile among the targets that have it; `npm run walk` goes on for as long as one
// likes. That it finds a difference and makes it short is shown with a testee that lies.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomOf } from './support/random.ts'
import { hasSession, lackedFeatures } from './support/scenarios.ts'
import { root, targetProfiles, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'
import { asScenario, eventsOf, ofProfile, type Player, shrink, walk } from './support/walk.ts'

const SEED = 20_251_125
const SECONDS = 12

const PROFILES = ['full', 'std', 'tiny']

const start = async (name: string): Promise<Player> => {
  const testee = startTestee(await testeeCommand(name), { cwd: root, deadline: 60_000 })
  return { name, testee: name.includes(':') ? ofProfile(testee) : testee }
}

it('every event of the tables is drawn', () => {
  expect(eventsOf()).toEqual(
    expect.arrayContaining(['call.connect', 'call.publish', 'net.lost', 'timer.ack', 'in.PUBREC', 'in.SUBACK', 'in.malformed']),
  )
})

describe.each(PROFILES)('%s', (profile) => {
  let players: Player[] = []
  beforeAll(async () => {
    const names = testeeTargets().flatMap((target) =>
      profile === 'full' ? [target] : targetProfiles(target).includes(profile) ? [`${target}:${profile}`] : [],
    )
    players = await Promise.all(names.map(start))
    const sessions = await Promise.all(players.map(({ testee }) => hasSession(testee)))
    for (const { testee } of players.filter((_, i) => !sessions[i])) await testee.close()
    players = players.filter((_, i) => sessions[i])
  }, 600_000)
  afterAll(() => Promise.all(players.map(({ testee }) => testee.close())))

  it('answers are identical', { timeout: 300_000 }, async (test) => {
    test.skip(players.length === 0, 'no target has this profile')
    const lacks = await Promise.all(players.map(({ testee }) => lackedFeatures(testee)))
    const end = Date.now() + 1000 * (profile === 'full' ? SECONDS : SECONDS / 2)
    const found = await walk(
      players,
      randomOf(SEED),
      300_000,
      { throw: lacks.some((l) => l.has('throw')), features: profile !== 'full' },
      () => Date.now() > end,
    )
    if (typeof found !== 'number') throw new Error(await asScenario(players, await shrink(players, found), SEED))
  })
})

/** Says another number of unexpected acknowledgements, once there are two. */
const liar = (honest: Testee): Testee => {
  const lie = (lines: string[]): string[] => lines.map((line) => line.replace(/unexpected=([2-9]|\d\d+)/, 'unexpected=1'))
  return {
    ask: async (line) => lie(await honest.ask(line)),
    askAll: async (lines) => (await honest.askAll(lines)).map(lie),
    close: () => honest.close(),
  }
}

it('a planted difference is found and shrunk', { timeout: 120_000 }, async () => {
  const honest = await start('typescript')
  const other = await start('typescript')
  const players = [honest, { name: 'liar', testee: liar(other.testee) }]
  const found = await walk(players, randomOf(SEED), 300_000, {})
  if (typeof found === 'number') throw new Error('nothing was found')
  const short = await shrink(players, found)
  // new, connect, open, CONNACK, two acknowledgements in one read or two, stats
  expect(short.requests.length).toBeLessThanOrEqual(7)
  expect(short.requests.at(-1)).toBe('stats')
  expect(await asScenario(players, short, SEED)).toMatch(/# liar:\n# {3}stats .*unexpected=1/)
  await Promise.all(players.map(({ testee }) => testee.close()))
})
