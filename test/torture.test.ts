// A spec whose names are the reserved words of every language and the macros of Arduino: what is emitted must compile all the same. The
// words come from the targets and from here; how a name is escaped is said by each target.yaml.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { targetNames } from '../generator/files.ts'
import { copyProject, removeCopy, runIn } from './support/copy.ts'
import { missing } from './support/missing.ts'
import { root } from './support/targets.ts'

/** Arduino's, as its cores define them. */
const MACROS = [
  'F(text) (text)',
  ...['min(a, b) ((a) < (b) ? (a) : (b))', 'max(a, b) ((a) > (b) ? (a) : (b))', 'abs(x) ((x) > 0 ? (x) : -(x))', 'round(x) ((long)(x))'],
  ...['bit(b) (1UL << (b))', 'sq(x) ((x) * (x))', 'word(...) makeWord(__VA_ARGS__)', 'radians(d) ((d) * 0.017)', 'interrupts() sei()'],
  ...['PI 3.14', 'HIGH 1', 'LOW 0', 'INPUT 0', 'OUTPUT 1', 'DEFAULT 1', 'EXTERNAL 0', 'INTERNAL 3', 'CHANGE 1', 'RISING 3', 'SERIAL 0'],
  ...['DEC 10', 'HEX 16', 'OCT 8', 'BIN 2', 'B0 0', 'B1 1', 'DISABLED 0'],
]

const targets = targetNames(root).filter((name) => name !== 'docs')
const reserved = targets.flatMap(
  (name) => (parse(readFileSync(join(root, 'targets', name, 'target.yaml'), 'utf8')) as { reserved: string[] }).reserved ?? [],
)
const macros = MACROS.map((macro) => /^\w+/.exec(macro)![0])
const words = [...new Set([...reserved, ...macros].map((word) => word.toLowerCase()))].filter((word) => /^[a-z][a-z0-9_]*$/.test(word))

/** Each word as a member of an enum and as a field, of a packet, of a struct that may be absent and of the items of a list. */
const packets = (): string => {
  const half = Math.ceil(words.length / 2)
  const fields = (list: string[]) =>
    list.map((word, i) => `      "${word}": ${i % 3 === 0 ? 'utf8' : i % 3 === 1 ? 'Torture' : 'u16'}`).join('\n')
  const body = (list: string[]) =>
    list
      .map(
        (word, i) => `      - { ${i % 3 === 0 ? 'utf8' : i % 3 === 1 ? 'u8' : 'u16'}: "${word}"${i % 3 === 0 ? '' : ', error: torture'} }`,
      )
      .join('\n')
  return `
  DEFAULT:
    code: 15
    from: both
    doc: A torture.
    fields:
${fields(words.slice(0, half))}
    header: [ { bits: 4, const: 0, error: torture } ]
    body:
${body(words.slice(0, half))}

  INPUT:
    code: 0
    from: both
    doc: A torture.
    fields:
      new: Class?
      static: "Union[]"
${fields(words.slice(half).filter((word) => !['new', 'static'].includes(word)))}
    header: [ { bits: 4, const: 0, error: torture } ]
    body:
      - byte: [ { bit: new }, { bits: 7, const: 0, error: torture } ]
${body(words.slice(half).filter((word) => !['new', 'static'].includes(word)))}
      - { when: has(new), do: [ { utf8: new.operator }, { bytes: new.this } ] }
      - { list: static, error: torture, do: [ { utf8: delete }, { u8: default, error: torture } ] }
`
}
const STRUCTS = `
structs:
  Class:
    doc: A torture.
    fields: { operator: utf8, this: bytes }
  Union:
    doc: A torture.
    fields: { delete: utf8, default: Torture }`

let copy: string
beforeAll(async () => {
  copy = copyProject()
  const path = join(copy, 'spec/packets.yaml')
  const members = words.map((word, i) => `    "${word}": ${i}`).join('\n')
  const text = readFileSync(path, 'utf8')
    .replace('\nenums:', `\nenums:\n  Torture:\n${members}`)
    .replace('\nstructs:', STRUCTS)
    .replace(/\nagain:/, `${packets()}\nagain:`)
  writeFileSync(path, text)
  for (const target of targets) {
    const { code, output } = await runIn(copy, 'generator/cli.ts', 'generate', '--target', target)
    expect(code, `${target}: ${output.slice(0, 2000)}`).toBe(0)
  }
}, 120_000)
afterAll(() => removeCopy(copy))

const run = (command: string, ...args: string[]): void => {
  try {
    execFileSync(command, args, { cwd: copy, stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${stdout}${stderr}`.split('\n').slice(0, 40).join('\n'))
  }
}
const filesBelow = (folder: string, end: string): string[] =>
  readdirSync(join(copy, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => join(folder, file))

describe('reserved words as names', () => {
  it('are many', () => {
    expect(words.length).toBeGreaterThan(150)
  })

  it('compile in TypeScript', { timeout: 120_000 }, () => {
    const options = [
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--strict',
      '--allowImportingTsExtensions',
      '--skipLibCheck',
      '--lib',
      'es2023,esnext.disposable',
    ]
    run(
      process.execPath,
      join(root, 'node_modules/typescript/bin/tsc'),
      ...options,
      '--types',
      'node',
      ...filesBelow('generated/typescript/src', '.ts'),
    )
  })

  it('are understood by a JavaScript engine', () => {
    for (const file of filesBelow('generated/embedded-js', '.js')) run(process.execPath, '--check', file)
  })

  it.skipIf(missing('g++'))('compile in C++ under the macros of Arduino', { timeout: 120_000 }, () => {
    writeFileSync(join(copy, 'arduino-macros.h'), MACROS.map((macro) => `#define ${macro}\n`).join(''))
    const options = ['-std=gnu++11', '-fsyntax-only', '-Wall', '-Wextra', '-Igenerated/cpp/src', '-include', 'arduino-macros.h']
    for (const file of ['texts.cpp', 'client.cpp']) run('g++', ...options, join('generated/cpp/src/umqtt', file))
  })

  it.skipIf(missing('python3'))('compile in Python', { timeout: 120_000 }, () => {
    run(
      'python3',
      '-c',
      'import ast, sys\nfor path in sys.argv[1:]: ast.parse(open(path).read(), path)',
      ...filesBelow('generated/micropython', '.py'),
    )
  })
})
