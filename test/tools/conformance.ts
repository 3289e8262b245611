// `npm run conformance -- <name>`: how much of vectors, sweep and scenarios a target already passes, packet by packet, and the first
// difference explained. The tests ask the same and want all of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lower } from '../../generator/lower.ts'
import { readPackets } from '../../generator/packets.ts'
import { Problems, Source } from '../../generator/source.ts'
import { type Exchange, exchanges, loadExamples, truncations } from '../support/examples.ts'
import { randomOf } from '../support/random.ts'
import { hasSession, lackedFeatures, loadScenarios, play } from '../support/scenarios.ts'
import { judge, sample } from '../support/sweep.ts'
import { root, testeeCommand, testeeTargets } from '../support/targets.ts'
import { startTestee, type Testee } from '../support/testee.ts'
import { lengthOf } from '../support/vectors.ts'
import { type Explained, explain } from './explain.ts'

const SWEEP = 6_000
const SHOWN = 160

interface Tally {
  passed: number
  all: number
}
const share = ({ passed, all }: Tally): string => `${passed} of ${all}${passed === all ? '' : ` (${Math.floor((100 * passed) / all)} %)`}`
const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)

const { packets } = JSON.parse(readFileSync(join(root, 'generated/data/model.json'), 'utf8')) as { packets: object }

/** The packet that an exchange is about. */
const packetOf = ({ name, request, answer }: Exchange): string =>
  `${request} ${answer} ${name}`.split(/\W+/).find((word) => word in packets) ?? 'framing'

/** Packet by packet, each with a testee of its own: one that ends spoils only its packet. */
async function vectors(start: () => Promise<Testee>): Promise<void> {
  const all = loadExamples().flatMap((example) =>
    example.versions.flatMap((version) => [
      ...exchanges(example, version),
      ...(example.kind === 'both' && lengthOf(example.bytes ?? '') <= 64 ? truncations(example, version) : []),
    ]),
  )
  const groups = new Map<string, Exchange[]>()
  for (const each of all.filter(({ request }) => !/@\d{7}/.test(request))) // giants are the tests' affair
    groups.set(packetOf(each), [...(groups.get(packetOf(each)) ?? []), each])
  const lines: string[] = []
  const sum = { passed: 0, all: 0 }
  const wrong: (Exchange & { got: string })[] = []
  for (const [packet, asked] of groups) {
    const { answers, end } = await answersOf(await start(), asked)
    const passed = asked.filter(({ answer }, i) => answers[i] === answer).length
    sum.passed += passed
    sum.all += asked.length
    lines.push(`  ${packet.padEnd(12)} ${share({ passed, all: asked.length })}${end ? `: ${end}` : ''}`)
    wrong.push(...asked.flatMap((each, i) => (answers[i] === each.answer || i >= answers.length ? [] : [{ ...each, got: answers[i] }])))
  }
  console.log([`vectors    ${share(sum)}`, ...lines].join('\n'))
  const first = wrong.sort((a, b) => a.request.length - b.request.length)[0] // the easiest to understand
  if (first) explainDifference(first)
}

/** What a testee said before it ended: the last line is the error's. */
const lastWords = (error: unknown): string => shorten((error as Error).message.trim().split('\n').at(-1)!.trim())

/** The answers up to where the testee ended, and its last words. */
async function answersOf(testee: Testee, asked: Exchange[]): Promise<{ answers: string[]; end?: string }> {
  const answers: string[] = []
  try {
    for (const { request } of asked) answers.push((await testee.ask(request)).join('\n'))
    await testee.close()
    return { answers }
  } catch (error) {
    return {
      answers,
      end: (error as Error).message
        .split('\n')
        .slice(1)
        .join(' ')
        .trim()
        .slice(0, 2 * SHOWN),
    }
  }
}

function explainDifference({ name, request, answer, got }: Exchange & { got: string }): void {
  console.log(`\nthe shortest of those that differ: ${name}`)
  console.log(`  > ${shorten(request)}\n  - ${shorten(answer)}\n  + ${shorten(got)}`)
  const [, version, hex] = /^decode (\d) ([0-9a-f]+)$/.exec(request) ?? /^encode (\d)/.exec(request) ?? []
  const bytes = hex ?? /^ok ([0-9a-f]+)$/.exec(answer)?.[1]
  if (bytes === undefined) return
  const wanted = rowsOf(bytes, Number(version))
  const found = /^ok ([0-9a-f]+)$/.test(got) ? rowsOf(got.slice(3), Number(version)) : undefined
  console.log(found ? '\n  field by field, wanted and found:' : '\n  field by field:')
  for (const [field, value] of wanted) {
    const other = found?.get(field)
    const mark = found && other !== value ? `≠ ${other ?? 'nothing'}` : ''
    console.log(`    ${field.padEnd(20)} ${value.padEnd(24)} ${mark}`.trimEnd())
  }
  console.log('')
}

function rowsOf(hex: string, version: number): Map<string, string> {
  const problems = new Problems()
  const codec = lower(readPackets(Source.read(join(root, 'spec/packets.yaml'), root).root, problems), problems)
  const rows = explain(Buffer.from(hex, 'hex'), version, codec!).flatMap((packet: Explained) => packet.rows)
  return new Map(rows.map((r, i) => [`${r.field}${rows.findIndex((o) => o.field === r.field) < i ? ` (byte ${r.at})` : ''}`, r.value]))
}

const REFERENCE = 'typescript'

/** Against a target that passes everything. */
async function sweep(testee: Testee, name: string): Promise<void> {
  const reference = name === REFERENCE ? testeeTargets().filter((other) => other !== name)[0] : REFERENCE
  const other = startTestee(await testeeCommand(reference), { cwd: root, deadline: 60_000 })
  const some = [...sample(SWEEP, randomOf(1))]
  const pair: [string, Testee][] = [
    [reference, other],
    [name, testee],
  ]
  const failures = await judge(pair, some)
  const differ = failures.filter((text) => text.includes(name))
  console.log(`sweep      ${share({ passed: some.length - differ.length, all: some.length })}`)
  if (differ.length > 0) console.log(`${differ[0]}\n`)
  await other.close()
}

async function scenarios(testee: Testee): Promise<void> {
  if (!(await hasSession(testee))) return console.log('scenarios  none yet: the testee does not answer `new`')
  const lacks = await lackedFeatures(testee)
  const all = loadScenarios().filter(({ needs }) => !(needs ?? []).some((feature) => lacks.has(feature)))
  let passed = 0
  let first = ''
  for (const scenario of all) {
    const outcome = await play(testee, scenario, lacks)
    if (outcome === 'passed') passed++
    else first ||= typeof outcome === 'string' ? `${scenario.title}: bad ${outcome}` : outcome.failed
  }
  console.log(`scenarios  ${share({ passed, all: all.length })}${lacks.size > 0 ? `, without ${[...lacks].join(', ')}` : ''}`)
  if (first) console.log(`\nthe first that differs: ${first}`)
}

const [name, ...more] = process.argv.slice(2)
if (name === undefined || more.length > 0) {
  process.stderr.write(`usage: npm run conformance -- <${testeeTargets().join(' | ')}>\n`)
  process.exit(2)
}
try {
  const command = await testeeCommand(name)
  const start = async (): Promise<Testee> => startTestee(command, { cwd: root, deadline: 60_000 })
  await vectors(start)
  for (const part of [sweep, scenarios])
    await start()
      .then((testee) => part(testee, name))
      .catch((error: unknown) => console.log(`${part.name.padEnd(10)} the testee ended: ${lastWords(error)}`))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nCONTRIBUTING.md, "The testee", says what it must answer.\n`)
  process.exitCode = 1
}
process.exit()
