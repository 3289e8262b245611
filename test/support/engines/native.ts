// Compiles the C hosts of the native engines when they are first asked for, and keeps them by the hash of their source.
// Which engines there are is said in engines.ts.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Where built engines are kept: with the other caches, so that a clean install starts afresh. */
export const cache = join(here, '..', '..', '..', 'node_modules', '.cache', 'umqtt-engines')

const LIBRARIES = { duktape: ['-lduktape', '-lm'], mujs: ['-lmujs', '-lm'] }

export const nativeHost = (engine: keyof typeof LIBRARIES): string => {
  const source = join(here, `${engine}.c`)
  const hash = createHash('sha256')
    .update(readFileSync(source))
    .update(readFileSync(join(here, 'host.h')))
  const host = join(cache, `${engine}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(host)) return host
  mkdirSync(cache, { recursive: true })
  // Two test processes may compile it at once: each makes its own, and the last rename wins.
  const own = `${host}.${process.pid}`
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', source, '-o', own, ...LIBRARIES[engine]], { stdio: 'pipe' })
  renameSync(own, host)
  return host
}
