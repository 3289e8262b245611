// A temporary copy of what the generator reads and writes, so that a test may spoil it; and the generator run in that copy.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './targets.ts'

const WANTED = ['spec', 'generator', 'targets', 'generated', 'package.json', 'test/tools/target-new.ts']

export const copyProject = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'umqtt-copy-'))
  const skip = /[/\\](node_modules|build|dist|\.pio)$/
  for (const part of WANTED) cpSync(join(root, part), join(copy, part), { recursive: true, filter: (path) => !skip.test(path) })
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'))
  return copy
}

export const removeCopy = (copy: string): void => rmSync(copy, { recursive: true, force: true })

export interface Ran {
  code: number
  output: string
  ms: number
}

/** `npm run <command>` of the copy, without npm. */
export const runIn = (copy: string, script: string, ...words: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const start = performance.now()
    const command = ['--import', 'tsx', join(copy, script), ...words]
    execFile(process.execPath, command, { cwd: copy, env: { ...process.env, NO_COLOR: '1' } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) || 1 : 0, output: stdout + stderr, ms: performance.now() - start }),
    )
  })
