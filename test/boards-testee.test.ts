// The C++ testee on the emulated rv32imc, an int of another width and a libc of its own: every vector, and every scenario that is not hundreds of
// thousands of requests, answered as on this machine. What does not fit the board's memory is answered `bad too_long`, and only that.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadScenarios } from './support/scenarios.ts'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee } from './support/testee.ts'
import { missingBoards, run } from './tools/boards.ts'
import { compile } from './tools/rv32.ts'

const src = join(root, 'generated/cpp/src/umqtt')
const testee = join(root, 'targets/cpp/testee')
const MEGABYTE = 1 << 20
/** Of each of the testee's buffers, as far as QEMU's board gives memory. */
const ROOM = MEGABYTE
const MOST_STEPS = 2000

interface Vector {
  versions: number[]
  bytes?: string
  packet?: string
}

const requests = (): string[] => {
  const vectors = JSON.parse(readFileSync(join(root, 'generated/data/vectors.json'), 'utf8')) as Vector[]
  const packets = vectors.flatMap(({ versions, bytes, packet }) =>
    versions.flatMap((version) => [...(bytes ? [`decode ${version} ${bytes}`] : []), ...(packet ? [`encode ${version} ${packet}`] : [])]),
  )
  const sessions = loadScenarios().flatMap(({ steps }) => (steps.length > MOST_STEPS ? [] : steps.map(({ request }) => request)))
  return [...packets, ...sessions]
}

/** Lines up to each line with a dot. */
const answersOf = (text: string): string[] => {
  const answers: string[] = []
  let lines: string[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    if (line !== '.') lines.push(line)
    else {
      answers.push(lines.join('\n'))
      lines = []
    }
  }
  return answers
}

describe.skipIf(missingBoards('rv32imc'))('rv32imc', () => {
  it('answers every vector and scenario as this machine does', { timeout: 300_000 }, async () => {
    const asked = requests()
    const program = await compile({
      dir: join(root, 'node_modules/.cache/umqtt-testee-rv32imc'),
      sources: ['texts'].map((file) => join(src, `${file}.cpp`)),
      driver: ['testee', 'session'].map((file) => join(testee, `${file}.cpp`)),
      include: [join(root, 'generated/cpp/testee')],
      defines: [`TESTEE_ROOM=${ROOM}u`],
      ram: 10 * MEGABYTE,
    })
    const { code, stdout, stderr } = await run('rv32imc', program.elf, { seconds: 200, memory: 16 }, `${asked.join('\n')}\n`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const told = answersOf(stdout)
    expect(told.length).toBe(asked.length)
    const host = startTestee(await testeeCommand('cpp'), { cwd: root, deadline: 60_000 })
    const wanted = (await host.askAll(asked)).map((lines) => lines.join('\n'))
    await host.close()
    const wrong = asked.flatMap((request, i) => (told[i] === wanted[i] ? [] : [`> ${request.slice(0, 80)}: ${told[i].slice(0, 80)}`]))
    const tooLong = wrong.filter((line) => line.endsWith(': bad too_long'))
    expect(wrong.filter((line) => !line.endsWith(': bad too_long')).slice(0, 5)).toEqual([])
    expect(tooLong.length).toBeLessThan(40)
  })
})
