// `npm run sweep [-- target …]`: the whole hostile sweep, every byte of every vector with every value, through every target. Seconds for
// compiled targets, hours for slow ones: name those you mean.
import { countOf, everything, type Hostile, judge } from '../support/sweep.ts'
import { root, testeeCommand, testeeTargets } from '../support/targets.ts'
import { startTestee, type Testee } from '../support/testee.ts'

const BATCH = 5_000
const names = process.argv.length > 2 ? process.argv.slice(2) : testeeTargets()
const testees: [string, Testee][] = []
for (const name of names) testees.push([name, startTestee(await testeeCommand(name), { cwd: root, deadline: 120_000 })])

const total = countOf()
let done = 0
let failed = 0
let batch: Hostile[] = []
const flush = async (): Promise<void> => {
  const failures = await judge(testees, batch)
  for (const failure of failures.slice(0, 20 - failed)) console.error(failure)
  failed += failures.length
  done += batch.length
  batch = []
  if (process.stderr.isTTY) process.stderr.write(`\r${done.toLocaleString('en')} of ${total.toLocaleString('en')}`)
}
for (const hostile of everything()) {
  batch.push(hostile)
  if (batch.length === BATCH) await flush()
  if (failed >= 20) break
}
await flush()
for (const [, testee] of testees) await testee.close()
console.log(`\n${done.toLocaleString('en')} packets through ${names.join(', ')}: ${failed === 0 ? 'identical' : `${failed} differ`}`)
process.exitCode = failed === 0 ? 0 : 1
