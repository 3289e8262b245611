// Runs Python scripts over the emitted MicroPython client: on CPython, and on MicroPython's WebAssembly build with its sockets bridged
// from Node. A script finds the packages on its path; `network` and `utime` are stubs where the host has none.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildMpy, mpyCross } from '../../targets/micropython/build.ts'
import { programPath, skipOrFail } from './missing.ts'
import { root } from './targets.ts'

/** `mpy` is MicroPython with the small build of the client, as boards get it. */
export type PythonHost = 'cpython' | 'micropython' | 'mpy'
export const pythonHosts: PythonHost[] = ['cpython', 'micropython', ...(missingMpyCross() ? [] : (['mpy'] as const))]

export function missingMpyCross(): boolean {
  const there = existsSync(mpyCross)
  if (!there) skipOrFail('mpy-cross not installed: npm run setup:boards')
  return !there
}

let small: Promise<string> | undefined
/** Built once a test file. */
const smallBuild = (): Promise<string> => {
  small ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'umqtt-mpy-build-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    await buildMpy(folder)
    return folder
  })()
  return small
}

export const generatedPython = join(root, 'generated/micropython')
const engines = join(root, 'test/support/engines')
/** MicroPython's WebAssembly build, as arguments of node. */
export const runner = ['--import', 'tsx', join(engines, 'micropython.ts')]

export interface Ran {
  out: string[]
  err: string
  code: number | null
}
export interface Running {
  /** Its lines so far. */
  out(): string[]
  /** Resolves when it has printed so many lines, or ended. */
  lines(count: number): Promise<void>
  end(): void
  done: Promise<Ran>
}

/** Starts a script; it is ended after `seconds`. */
export const startPython = (
  host: PythonHost,
  source: string,
  { seconds = 30, packages = generatedPython, python = 'python3' } = {},
): Running => {
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-python-'))
  const script = join(folder, 'script.py')
  writeFileSync(script, source)
  const stubs = join(folder, 'stubs')
  mkdirSync(stubs)
  copyFileSync(join(engines, 'micropython/network.py'), join(stubs, 'network.py'))
  writeFileSync(join(stubs, 'utime.py'), 'from time import *\n')
  const [program, ...args] =
    host === 'cpython'
      ? [programPath(python) ?? python, '-B', '-u', '-W', 'error', script]
      : [process.execPath, ...runner, '--mount', packages, 'run', script]
  const env = { ...process.env, PYTHONPATH: `${packages}:${stubs}`, PYTHONDEVMODE: '' }
  const child = spawn(program!, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: seconds * 1000, killSignal: 'SIGKILL' })
  let [text, err] = ['', '']
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part
  })
  const out = () => (text === '' ? [] : text.trimEnd().split('\n'))
  const done = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      rmSync(folder, { recursive: true })
      resolve({ out: out(), err, code })
    })
  })
  const lines = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (text.split('\n').length <= count) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void done.then(() => resolve())
    })
  return { out, lines, end: () => child.kill('SIGKILL'), done }
}

/** Where a host finds the client. */
export const packagesOf = async (host: PythonHost): Promise<{ packages: string }> => ({
  packages: host === 'mpy' ? await smallBuild() : generatedPython,
})

export const runPython = async (host: PythonHost, source: string, options = {}): Promise<Ran> =>
  startPython(host, source, { ...(await packagesOf(host)), ...options }).done
