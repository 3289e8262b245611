// `npm run mutate [-- part of a name …]`: every mutant of the spec, or those whose names have these parts; prints the ones that survive.
import { loadEquivalents, Mutation, type Verdict } from '../support/mutation.ts'

const parts = process.argv.slice(2)
const mutation = await Mutation.begin()
const known = new Map(loadEquivalents().map(({ mutant, reason }) => [mutant, reason]))
const mutants = mutation.mutants.filter(({ id, file }) => parts.every((part) => `${file} ${id}`.includes(part)))
const verdicts: Verdict[] = []
const by = new Map<string, number>()

const WIDTH = 30
const bar = (done: number): string => {
  const filled = Math.round((WIDTH * done) / mutants.length)
  return `\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done} of ${mutants.length}`
}
for (const mutant of mutants) {
  const verdict = await mutation.judge(mutant)
  verdicts.push(verdict)
  const kind =
    verdict.by
      ?.split(' ')
      .slice(0, verdict.by.startsWith('the ') ? 2 : 1)
      .join(' ') ?? (known.has(mutant.id) ? 'nothing, as listed' : 'nothing')
  by.set(kind, (by.get(kind) ?? 0) + 1)
  if (process.stderr.isTTY) process.stderr.write(bar(verdicts.length))
  if (!verdict.by && !known.has(mutant.id))
    console.log(`${process.stderr.isTTY ? '\n' : ''}spec/${mutant.file}.yaml:${mutant.line}: survived: ${mutant.id}`)
  if (parts.length > 0 && verdict.by) console.log(`${mutant.id}: noticed by ${verdict.by}`)
}

const survived = verdicts.filter(({ mutant, by: noticed }) => !noticed && !known.has(mutant.id))
const wrong = verdicts.filter(({ mutant, by: noticed }) => noticed && known.has(mutant.id))
for (const { mutant, by: noticed } of wrong) console.log(`listed as equivalent, but noticed by ${noticed}: ${mutant.id}`)
const counts = [...by].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`)
const judged = verdicts.length - verdicts.filter(({ mutant }) => known.has(mutant.id)).length
console.log(
  `\n${judged} mutants, ${survived.length} survived: ${((100 * (judged - survived.length)) / Math.max(1, judged)).toFixed(1)} % noticed (${counts.join(', ')})`,
)
process.exitCode = survived.length + wrong.length === 0 ? 0 : 1
