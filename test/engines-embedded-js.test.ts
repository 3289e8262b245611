// The embedded client's testee on every JavaScript engine: vectors, scenarios and a seeded part of the hostile sweep, with transcripts
// identical to TypeScript's. Whether those are right, the tests of the vectors and scenarios say.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineMissing, engineNames, startEngine } from './support/engines/engines.ts'
import { exchanges, loadExamples } from './support/examples.ts'
import { randomOf } from './support/random.ts'
import { loadScenarios } from './support/scenarios.ts'
import { judge, sample } from './support/sweep.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'

const SEED = 20_251_126
const SWEEP = { quick: 4_000, slow: 1_000 }
/** Their size is a question of memory and minutes, not of the engine. */
const LONG = 5_000_000
/** Where a text is UTF-8 inside the engine, too, looking at each of its characters takes minutes. */
const LONG_TEXT = 5_000
const TOO_MUCH = ['B25', 'ids-exhausted']

const bundle = join(root, 'generated/embedded-js/testee/full.js')

/** Every request of the vectors and scenarios, but for the giants. */
const requests = (): string[] => {
  const vectors = loadExamples().flatMap((example) => example.versions.flatMap((version) => exchanges(example, version)))
  const scenarios = loadScenarios().filter(({ id, steps }) => !TOO_MUCH.includes(id) && steps.length < 2_000)
  return [...vectors.map(({ request }) => request), ...scenarios.flatMap(({ steps }) => steps.map(({ request }) => request))].filter(
    (line) => !(Number(line.split('@').at(-1)) > LONG) && line.length < LONG,
  )
}

/** Shortened as the client's files are. */
const minified = async (): Promise<string> => {
  const mangleCache = JSON.parse(readFileSync(join(root, 'targets/embedded-js/names.json'), 'utf8')) as Record<string, string>
  const { code } = await transform(readFileSync(bundle, 'utf8'), { target: 'es5', minify: true, mangleProps: /^_/, mangleCache })
  return code
}

let typescript: Testee
let expected: string[]
beforeAll(async () => {
  typescript = startTestee(await testeeCommand('typescript'), { cwd: root, deadline: 60_000 })
  expected = (await typescript.askAll(requests())).map((lines) => lines.join('\n'))
}, 300_000)
afterAll(() => typescript?.close())

describe.each(engineNames)('%s', (name) => {
  const absent = engineMissing(name)
  const withEngine = async (work: (engine: Testee) => Promise<void>, file = bundle) => {
    const engine = startEngine(name, file, { deadline: 120_000 })
    await work(engine)
    expect(await engine.close()).toBe(0)
  }

  const answersAll = (file: string) =>
    withEngine(async (engine) => {
      const all = requests()
      const isLong = (line: string) => line.length >= LONG_TEXT || Number(line.split('@').at(-1)) > LONG_TEXT
      const short = (line: string) => !['mujs', 'xs'].includes(name) || !isLong(line)
      const asked = all.filter(short)
      const answers = (await engine.askAll(asked)).map((lines) => lines.join('\n'))
      const wanted = expected.filter((_, i) => short(all[i]))
      const wrong = asked.flatMap((request, i) =>
        answers[i] === wanted[i] ? [] : [`> ${request.slice(0, 200)}\n- ${wanted[i].slice(0, 300)}\n+ ${answers[i].slice(0, 300)}`],
      )
      expect(wrong.slice(0, 5).join('\n')).toBe('')
    }, file)

  it.skipIf(absent)('answers every vector and scenario as TypeScript does', { timeout: 600_000 }, () => answersAll(bundle))

  it.skipIf(absent || name !== 'quickjs')('minified, too', { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'umqtt-testee-'))
    const file = join(folder, 'testee.js')
    writeFileSync(file, await minified())
    await answersAll(file)
    rmSync(folder, { recursive: true })
  })

  it.skipIf(absent)('and a part of the hostile sweep', { timeout: 600_000 }, () =>
    withEngine(async (engine) => {
      const hostile = [...sample(name === 'mujs' || name === 'xs' ? SWEEP.slow : SWEEP.quick, randomOf(SEED))]
      const short = hostile.filter(({ hex }) => hex.length < 20_000 && !hex.includes('@'))
      expect(
        (
          await judge(
            [
              ['typescript', typescript],
              [name, engine],
            ],
            short,
          )
        )
          .slice(0, 5)
          .join('\n'),
      ).toBe('')
    }),
  )
})
