// `npm run generate` as a tool: what --check finds, what it mends, how fast nothing is done, and --watch. What is generated is judged
// by the tests of the targets.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { targetNames } from '../generator/files.ts'
import { copyProject, type Ran, removeCopy, runIn } from './support/copy.ts'

let copy: string
const path = (name: string) => join(copy, name)
const generate = (...words: string[]): Promise<Ran> => runIn(copy, 'generator/cli.ts', 'generate', ...words)

beforeAll(async () => {
  copy = copyProject()
  expect(await generate()).toMatchObject({ code: 0 })
}, 180_000)
afterAll(() => removeCopy(copy))

describe('generate --check', { timeout: 120_000 }, () => {
  it('is content with what was just generated', async () => {
    expect(await generate('--check')).toMatchObject({ code: 0, output: 'generated/ is what the spec says\n' })
  })

  it('names every changed, missing and orphan file, and the command that mends them', async () => {
    appendFileSync(path('generated/typescript/src/codec.ts'), '// edited by hand\n')
    rmSync(path('generated/typescript/src/list.ts'))
    writeFileSync(path('generated/typescript/src/more.ts'), '')
    writeFileSync(path('generated/stray.txt'), '')
    mkdirSync(path('generated/gone/src'), { recursive: true })
    writeFileSync(path('generated/gone/src/old.c'), '')
    const { code, output } = await generate('--check')
    expect(code).toBe(1)
    expect(output.trimEnd().split('\n')).toEqual([
      'generated/gone/src/old.c: orphan',
      'generated/stray.txt: orphan',
      'generated/typescript/src/codec.ts: changed',
      'generated/typescript/src/list.ts: missing',
      'generated/typescript/src/more.ts: orphan',
      '5 files differ from what the spec says; `npm run generate` mends that',
    ])
    expect((await generate('--check', '--target', 'typescript')).output).toContain('3 files differ')
    expect(await generate()).toMatchObject({ code: 0, output: 'generated: 5 files written\n' })
    expect(existsSync(path('generated/gone'))).toBe(false)
    expect(await generate('--check')).toMatchObject({ code: 0 })
  })

  it('sees that a change of the spec has not been generated', async () => {
    const before = readFileSync(path('spec/packets.yaml'), 'utf8')
    writeFileSync(
      path('spec/packets.yaml'),
      before.replace('bits: 4, const: 0, error: reserved_bits', 'bits: 4, const: 1, error: reserved_bits'),
    )
    const { code, output } = await generate('--check')
    writeFileSync(path('spec/packets.yaml'), before)
    expect(code).toBe(1)
    expect(output).toContain('generated/typescript/src/codec.ts: changed')
  })
})

describe('generate', { timeout: 120_000 }, () => {
  it('does nothing twice, and fast', async () => {
    const written = statSync(path('generated/typescript/src/codec.ts')).mtimeMs
    const empty = join(copy, 'empty.ts')
    writeFileSync(empty, '')
    const least = async (run: () => Promise<Ran>) => Math.min(...[await run(), await run(), await run()].map(({ ms }) => ms))
    const bare = await least(() => runIn(copy, 'empty.ts'))
    const idle = await least(generate)
    expect((await generate()).output).toBe('generated/ is up to date\n')
    expect(statSync(path('generated/typescript/src/codec.ts')).mtimeMs).toBe(written)
    expect(idle / bare).toBeLessThan(2.5) // 1.5 on a quiet machine: npm run bench
  })

  it('does one target alone', async () => {
    rmSync(path('generated/typescript/src/codec.ts'))
    rmSync(path('generated/data/model.json'))
    expect(await generate('--target', 'typescript')).toMatchObject({ code: 0, output: 'generated: 1 file written\n' })
    expect(await generate()).toMatchObject({ code: 0, output: 'generated: 1 file written\n' })
  })

  it('knows which targets there are', async () => {
    const { code, output } = await generate('--target', 'typescipt')
    expect(code).toBe(1)
    expect(output).toBe(`error: no target 'typescipt'; did you mean 'typescript'? There are ${targetNames(copy).join(', ')}.\n`)
  })

  it('stops at a mistake, and leaves generated/ alone', async () => {
    const before = readFileSync(path('spec/packets.yaml'), 'utf8')
    writeFileSync(path('spec/packets.yaml'), before.replace('{ utf8: client_id,', '{ utf8: cliend_id,'))
    const { code, output } = await generate()
    const lint = await runIn(copy, 'generator/cli.ts', 'lint')
    writeFileSync(path('spec/packets.yaml'), before)
    expect(code).toBe(1)
    expect(output).toContain("error: unknown field 'cliend_id'; did you mean 'client_id'?")
    expect(lint).toMatchObject({ code: 1, output })
    expect(await generate('--check')).toMatchObject({ code: 0 })
    expect(await runIn(copy, 'generator/cli.ts', 'lint')).toMatchObject({ code: 0, output: 'spec/ is in order\n' })
  })
})

describe('generate --watch', { timeout: 180_000 }, () => {
  let child: ChildProcess
  let lines: string[]
  let heard: () => void

  /** The next line of that kind; what came before it is forgotten. */
  const next = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const at = lines.findIndex((line) => wanted.test(line))
      if (at >= 0) return lines.splice(0, at + 1)[at]
      await new Promise<void>((resolve) => {
        heard = resolve
      })
    }
  }
  const start = () => {
    lines = []
    heard = () => {}
    child = spawn(process.execPath, ['--import', 'tsx', path('generator/cli.ts'), 'generate', '--watch'], { cwd: copy })
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.trimEnd().split('\n'))
      heard()
    })
  }
  afterEach(() => child.kill())

  it('generates after a change, prints a mistake and goes on', async () => {
    start()
    for (const _ of ['watching …', 'spec/: nothing to do …']) await next(/^(watching|spec)/) // in either order

    const template = path('targets/typescript/templates/codec.ts.hbs')
    const whole = readFileSync(template, 'utf8')
    writeFileSync(template, whole.replace('Encoders and decoders', 'Coders'))
    const said = await next(/codec\.ts written in/)
    expect(readFileSync(path('generated/typescript/src/codec.ts'), 'utf8')).toContain('// Coders')
    expect(Number(/in (\d+) ms$/.exec(said)?.[1])).toBeLessThan(5000) // 150 on a quiet machine: npm run bench

    writeFileSync(template, whole.replace('{{headerRule.doc}}', '{{headerRule.dog}}'))
    expect(await next(/error/)).toMatch(/^targets\/typescript\/templates\/codec\.ts\.hbs:\d+:\d+: error: "dog" not defined/)
    writeFileSync(template, whole)
    await next(/written in/)

    const spec = path('spec/packets.yaml')
    const before = readFileSync(spec, 'utf8')
    writeFileSync(spec, before.replace('return_code == 0 or', 'retrun_code == 0 or'))
    expect(await next(/error/)).toMatch(/^spec\/packets\.yaml:\d+:\d+: error: unknown name 'retrun_code'; did you mean 'return_code'\?/)
    writeFileSync(spec, before)
    await next(/^spec\/packets\.yaml: nothing to do/)

    const table = readFileSync(path('targets/typescript/print.ts'), 'utf8')
    expect(table).toContain("comment: '//'")
    writeFileSync(path('targets/typescript/print.ts'), table.replace("comment: '//'", "comment: '///'"))
    await next(/^targets\/typescript\/print\.ts: /)
    expect(await generate('--check')).toMatchObject({ code: 0 })
  })
})
