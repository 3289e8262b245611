// `npm run walk [-- --seed N] [--minutes M] [target …]`: random walks through all testees that should be equal, until a difference or the end of
// the time. A difference is shrunk, printed as a scenario, and ends with exit code 1.
import { parseArgs } from 'node:util'
import { randomOf } from '../support/random.ts'
import { lackedFeatures } from '../support/scenarios.ts'
import { root, testeeCommand, testeeTargets } from '../support/targets.ts'
import { startTestee } from '../support/testee.ts'
import { asScenario, ofProfile, type Player, shrink, walk } from '../support/walk.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' }, minutes: { type: 'string' } } })
let seed = Number(values.seed ?? Date.now() % 1_000_000_007)
const end = Date.now() + 60_000 * Number(values.minutes ?? 10)
const names = positionals.length > 0 ? positionals : testeeTargets()
const players: Player[] = []
for (const name of names) {
  const testee = startTestee(await testeeCommand(name), { cwd: root, deadline: 60_000 })
  players.push({ name, testee: name.includes(':') ? ofProfile(testee) : testee })
}
const lacks = { throw: false, features: names.some((name) => name.includes(':')) }
for (const { testee } of players) lacks.throw ||= (await lackedFeatures(testee)).has('throw')
if (players.length < 2) console.log('only one testee: there is nothing to compare it with, but it must not fail')

let done = 0
while (Date.now() < end) {
  const found = await walk(players, randomOf(seed), 20_000, lacks, () => Date.now() > end)
  if (typeof found !== 'number') {
    console.log(`seed ${seed}: a difference after ${found.requests.length} requests; shrinking`)
    console.log(await asScenario(players, await shrink(players, found), seed))
    process.exitCode = 1
    break
  }
  done += found
  seed++
  if (process.stderr.isTTY) process.stderr.write(`\r${done.toLocaleString('en')} requests, seed ${seed}`)
}
for (const { testee } of players) await testee.close()
if (!process.exitCode) console.log(`\n${done.toLocaleString('en')} requests through ${names.join(', ')}: identical`)
