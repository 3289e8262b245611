// Moddable's XS: builds the worker of npm's @agoric/xsnap from the sources in its package (started as a program, `npm
// run setup:xs`), and talks to it by netstrings on file descriptors 3 and 4. Optional: it is no dependency, for its own
// dependencies are many and only the worker is wanted.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { cache } from './native.ts'

const VERSION = '0.15.0'
const folder = join(cache, `xsnap-${VERSION}`)
const makefiles = join(folder, 'package/xsnap-native/xsnap/makefiles/lin')

export const xsWorker = join(folder, 'package/xsnap-native/xsnap/build/bin/lin/release/xsnap-worker')

const build = () => {
  if (existsSync(xsWorker)) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  execFileSync('npm', ['pack', '--silent', `@agoric/xsnap@${VERSION}`], { cwd: folder, stdio: 'pipe' })
  execFileSync('tar', ['xzf', `agoric-xsnap-${VERSION}.tgz`], { cwd: folder, stdio: 'inherit' })
  const settings = ['GOAL=release', `MODDABLE=${join(folder, 'package/moddable')}`, `XSNAP_VERSION=${VERSION}`]
  const compiler = 'CC=cc "-D__has_builtin(x)=1"'
  execFileSync('make', ['-f', 'xsnap-worker.mk', ...settings, compiler], { cwd: makefiles, stdio: 'inherit' })
}

// The worker gives an answer's bytes back only when it is an ArrayBuffer.
const PRELUDE = `
function handleCommand(command) {
  return new TextEncoder().encode(testee(new TextDecoder().decode(command))).buffer
}`

export const loadXs = async (source: string): Promise<(line: string) => Promise<string>> => {
  const worker = spawn(xsWorker, [], { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] })
  const [, , , to, from] = worker.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting: ((body: Buffer) => void)[] = []
  readNetstrings(from, (body) => waiting.shift()?.(body))
  worker.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
  const command = async (kind: 'e' | '?', text: string): Promise<string> => {
    const answered = new Promise<Buffer>((resolve) => waiting.push(resolve))
    to.write(`${text.length + 1}:${kind}${text},`, 'latin1')
    const body = (await answered).toString('latin1')
    if (!body.startsWith('.')) throw new Error(body.slice(1))
    return body.slice(body.indexOf('\u0001') + 1)
  }
  await command('e', `(0, eval)(${JSON.stringify(source + PRELUDE)})`)
  return (line) => command('?', line)
}

const readNetstrings = (from: Readable, onBody: (body: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let colon = rest.indexOf(':'); colon > 0; colon = rest.indexOf(':')) {
      const end = colon + 1 + Number(rest.toString('latin1', 0, colon))
      if (end >= rest.length) return
      onBody(rest.subarray(colon + 1, end))
      rest = rest.subarray(end + 1)
    }
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) build()
