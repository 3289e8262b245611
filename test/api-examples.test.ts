// The examples in the documents of the API are code of their language against the emitted clients: targets/<name>/api.yaml. That a client
// does what they say is the clients' own tests' concern.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { missing } from './support/missing.ts'
import { root } from './support/targets.ts'

interface Spelling {
  setup: string
  calls: Record<string, string>
  examples: Record<string, string>
}
const spelling = (target: string): Spelling => parse(readFileSync(join(root, 'targets', target, 'api.yaml'), 'utf8')) as Spelling
const indented = (text: string, by: string): string => text.trimEnd().replace(/^(?=.)/gm, by)
const client = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')) as { client: { name: string }; methods: object }

// Below the root, so that what they import is found as by any other file of the project.
const folder = mkdtempSync(join(root, 'node_modules/.cache-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (file: string, ...args: string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(file, args, { cwd: root }).catch(
    (error) => error as { stdout: string; stderr: string },
  )
  return stdout + stderr
}

/** The README's code of a language, in both tongues. */
const shown = (language: string): string => {
  const blocks = ['README.md', 'README.zh-CN.md'].map((name) =>
    [...readFileSync(join(root, name), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))]
      .map((m) => m[1])
      .join('\n'),
  )
  expect(blocks[1]).toBe(blocks[0])
  expect(blocks[0]).not.toBe('')
  return blocks[0]
}

describe.each(['cpp', 'embedded-js', 'micropython', 'typescript'])('%s', (target) => {
  it('spells and shows every call', () => {
    const { calls, examples } = spelling(target)
    const all = [client.client.name, ...Object.keys(client.methods)]
    expect(Object.keys(calls)).toEqual(all)
    expect(Object.keys(examples)).toEqual(all)
  })
})

it('TypeScript has the right types', { timeout: 60_000 }, async () => {
  const { setup, examples } = spelling('typescript')
  const blocks = Object.values(examples).map((code) => `{\n${indented(code, '  ')}\n}`)
  writeFileSync(join(folder, 'examples.ts'), [setup, ...blocks].join('\n'))
  writeFileSync(join(folder, 'readme.ts'), shown('ts'))
  const compilerOptions = { noUnusedLocals: false, paths: { umqtt: [join(root, 'generated/typescript/src/index.ts')] } }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }),
  )
  expect(await run(join(root, 'node_modules/.bin/tsc'), '--noEmit', '-p', folder)).toBe('')
})

it('embedded JavaScript is ES5', async () => {
  const { setup, examples } = spelling('embedded-js')
  const code = [setup, ...Object.values(examples), shown('js')].join('\n')
  expect((await transform(code, { target: 'es5' })).warnings).toEqual([])
})

it.skipIf(missing('python3'))('Python compiles', async () => {
  const { setup, examples } = spelling('micropython')
  writeFileSync(join(folder, 'examples.py'), [setup, ...Object.values(examples), shown('python')].join('\n'))
  expect(await run('python3', '-m', 'py_compile', join(folder, 'examples.py'))).toBe('')
})

it.skipIf(missing('g++'))('C++ compiles', { timeout: 60_000 }, async () => {
  const { setup, examples } = spelling('cpp')
  const functions = Object.values(examples).map((code, i) => `void example${i}() {\n${indented(code, '  ')}\n}`)
  shown('cpp') // not compiled: it needs Arduino and Wi-Fi
  const head = ['#include <stdio.h>', '#include <umqtt/client.h>', 'extern umqtt::Transport &net, &tls;', setup]
  writeFileSync(join(folder, 'examples.cpp'), [...head, ...functions].join('\n'))
  const flags = ['-std=gnu++11', '-Wall', '-Wextra', '-fsyntax-only', '-I', 'generated/cpp/src']
  expect(await run('g++', ...flags, join(folder, 'examples.cpp'))).toBe('')
})
