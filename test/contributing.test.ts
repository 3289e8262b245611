// What people are told must be so: CONTRIBUTING.md knows every statement, expression, key and script there is, a new target made by its
// words generates at once, and the generator knows no language and no packet.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targetNames } from '../generator/files.ts'
import { copyProject, removeCopy, runIn } from './support/copy.ts'
import { root } from './support/targets.ts'

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const section = (title: string): string => page.split(/^#+ /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const kinds = (letter: 'E' | 'S') =>
  [...read('generator/ir.ts').matchAll(new RegExp(`\\b${letter}<'(\\w+)'>`, 'g'))].map(([, kind]) => kind)

describe('CONTRIBUTING.md', () => {
  it('explains every expression and every statement', () => {
    expect(kinds('E').length).toBeGreaterThan(30)
    expect(kinds('E').filter((kind) => !section('Expressions').includes(`\`${kind}\``))).toEqual([])
    expect(kinds('S').length).toBeGreaterThan(30)
    expect(kinds('S').filter((kind) => !section('Statements').includes(`\`${kind}\``))).toEqual([])
    const written = [...read('generator/lines.ts').matchAll(/^ {2}(\w+): \(/gm)].map(([, word]) => word).filter((w) => w !== 'keeps')
    expect(written.filter((word) => !new RegExp(`\`[^\`]*\\b${word}\\b`).test(section('Statements')))).toEqual([])
    const builtins = [...read('generator/resolve.ts').matchAll(/^ {2}(\w+): \((?:\[|values)/gm)].map(([, word]) => word)
    expect(builtins.filter((word) => !section('Expressions').includes(`${word}(`))).toEqual([])
  })

  it('has every section that an error names', () => {
    const named = readdirSync(join(root, 'generator')).flatMap((file) =>
      [...read(`generator/${file}`).matchAll(/CONTRIBUTING\.md, "([^"$]+)"/g)].map(([, title]) => title),
    )
    expect(named.length).toBeGreaterThan(3)
    for (const title of [...named, 'Expressions', 'Statements', 'The testee']) expect(section(title), title).not.toBe('')
  })

  it('explains every key of target.yaml, and names only scripts that exist', () => {
    const { properties } = JSON.parse(read('targets/target.schema.json')) as { properties: object }
    expect(Object.keys(properties).filter((key) => !section('target.yaml').includes(`\`${key}\``))).toEqual([])
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...page.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script]) => script)
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })
})

describe('a new target', () => {
  let copy: string
  const generate = () => runIn(copy, 'generator/cli.ts', 'generate', '--target', 'lua')
  /** What the generator says after a change of one file, which is then undone. */
  const spoilt = async (file: string, change: (text: string) => string): Promise<string> => {
    const path = join(copy, 'targets/lua', file)
    const before = readFileSync(path, 'utf8')
    expect(change(before)).not.toBe(before)
    writeFileSync(path, change(before))
    const { code, output } = await generate()
    writeFileSync(path, before)
    expect(code).toBe(1)
    return output
  }

  beforeAll(async () => {
    copy = copyProject()
    expect(await runIn(copy, 'test/tools/target-new.ts', 'lua')).toMatchObject({ code: 0 })
  })
  afterAll(() => removeCopy(copy))

  it('generates at once, and compiles', { timeout: 60_000 }, async () => {
    expect(await generate()).toMatchObject({ code: 0, output: 'generated: 1 file written\n' })
    expect(readFileSync(join(copy, 'generated/lua/codec.txt'), 'utf8')).toContain('function encode_puback(packet) -> nothing {')
    for (const file of ['print.ts', 'README.md', 'target.yaml'])
      expect(readFileSync(join(copy, 'targets/lua', file), 'utf8')).not.toContain('__NAME__')
    const options = ['--noEmit', '--module', 'nodenext', '--target', 'es2022', '--strict', '--allowImportingTsExtensions', '--skipLibCheck']
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), ...options, '--types', 'node', join(copy, 'targets/lua/print.ts')],
      { cwd: copy },
    )
  })

  it('is refused under a name that cannot be', async () => {
    expect(await runIn(copy, 'test/tools/target-new.ts', 'Lua!')).toMatchObject({
      code: 1,
      output: expect.stringContaining("'Lua!' is no name"),
    })
    expect(await runIn(copy, 'test/tools/target-new.ts', 'cpp')).toMatchObject({
      code: 1,
      output: expect.stringContaining("there is a target 'cpp' already"),
    })
  })

  it('is told what is missing, and which section explains it', { timeout: 60_000 }, async () => {
    expect(await spoilt('target.yaml', (t) => t.replace(/^escape.*\n/m, ''))).toMatch(
      /^targets\/lua\/target\.yaml:\d+:\d+: error: .*escape[\s\S]*CONTRIBUTING\.md, "target\.yaml"/,
    )
    expect(await spoilt('target.yaml', (t) => t.replace('comment:', 'coment:'))).toContain("unknown key 'coment'; did you mean 'comment'?")
    expect(await spoilt('print.ts', (t) => t.replace(/^ {4}check_text: .*\n/m, ''))).toBe(
      `targets/lua/print.ts: error: no row for the statement 'check_text'; see CONTRIBUTING.md, "Statements"\n`,
    )
    expect(await spoilt('print.ts', (t) => t.replace(/^ {4}choose: .*\n/m, ''))).toBe(
      `targets/lua/print.ts: error: no row for the expression 'choose'; see CONTRIBUTING.md, "Expressions"\n`,
    )
    expect(await spoilt('templates/codec.txt.hbs', (t) => t.replace('{{encode.doc}}', '{{encode.dog}}'))).toMatch(
      /^targets\/lua\/templates\/codec\.txt\.hbs:\d+:\d+: error: "dog" not defined here; see CONTRIBUTING\.md, "Templates"/,
    )
    expect(await spoilt('target.yaml', (t) => t.replace('codec.txt.hbs', 'codecs.txt.hbs'))).toContain('there is no such template')
    expect(await spoilt('target.yaml', (t) => t.replace('template: codec.txt.hbs', 'emit: emit.ts#all'))).toContain(
      "there is no plug-in 'all'",
    )
    renameSync(join(copy, 'targets/lua/print.ts'), join(copy, 'targets/lua/table.ts'))
    expect((await generate()).output).toContain('a target with names needs a print table; see CONTRIBUTING.md, "The print table"')
  })
})

describe('the generator', () => {
  it('names no language, no packet and none of the words of the protocol', () => {
    const { packets } = JSON.parse(read('generated/data/model.json')) as { packets: Record<string, unknown> }
    const languages = [
      'javascript',
      'typescript',
      'python',
      'micropython',
      'cpp',
      'c\\+\\+',
      'arduino',
      'rust',
      'lua',
      ...targetNames(root).filter((n) => n !== 'docs' && n !== 'data'),
    ]
    const words = new RegExp(`(?<![\\w+])(?:${[...Object.keys(packets), ...languages, 'mqtt', 'qos', 'topic'].join('|')})(?![\\w+])`, 'gi')
    const found = readdirSync(join(root, 'generator')).flatMap((file) =>
      read(`generator/${file}`)
        .split('\n')
        .flatMap((line, i) => (line.match(words) ?? []).map((word) => `${file}:${i + 1}: ${word}`)),
    )
    expect(found).toEqual([])
  })

  it('has no file of more than 300 lines', () => {
    expect(readdirSync(join(root, 'generator')).filter((file) => read(`generator/${file}`).trimEnd().split('\n').length > 300)).toEqual([])
  })
})
