// `npm run explore [-- whole]`: every interleaving of calls, packets and losses within the bounds of worlds.ts. A counterexample is the shortest,
// and is printed as a scenario.
import { asScenario, requestsOf, search } from '../support/explore/search.ts'
import { Explored } from '../support/explore/world.ts'
import { LARGE, SMALL, WHOLE } from '../support/explore/worlds.ts'
import { answerOf, emitted, theSpec } from '../support/memory.ts'

const worlds = process.argv[2] === 'whole' ? WHOLE : { ...SMALL, ...LARGE }
for (const [name, bounds] of Object.entries(worlds)) {
  const explored = await Explored.of(bounds)
  const begun = Date.now()
  const seconds = (): string => `${((Date.now() - begun) / 1000).toFixed(0)} s`
  const { states, finals, depth, counterexample } = search(explored, Infinity, (count) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${count.toLocaleString('en')} states`)
  })
  const result = counterexample ? counterexample.wrong : 'nothing is wrong in any of them'
  console.log(
    `${process.stderr.isTTY ? '\r' : ''}${name}: ${states.toLocaleString('en')} states, ${finals} final, up to ${depth} events deep, ${seconds()}: ${result}`,
  )
  if (!counterexample) continue
  console.log(asScenario(requestsOf(explored, counterexample.path), counterexample.wrong, await answerOf(await emitted(theSpec()))))
  process.exitCode = 1
  break
}
