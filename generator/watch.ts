// `generate --watch`: generates after each change. Files are watched here; the work is done by watch-worker.ts in a process of its own,
// which keeps what it has loaded and is started anew when a program text of the generator or of a target changes.
import { type ChildProcess, fork } from 'node:child_process'
import { watch as watchFile } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { isIgnored } from './files.ts'

/** Editors write a file in several steps, and a checkout many files: what comes so close together, in ms, is one change. */
const TOGETHER = 10

export function watch(root: string): void {
  let worker = start(root)
  let changed = new Set<string>()
  let since = 0
  let timer: NodeJS.Timeout | undefined
  const tell = (): void => {
    const paths = [...changed]
    changed = new Set()
    if (paths.some((path) => path.endsWith('.ts')) || !worker.connected) {
      worker.kill()
      worker = start(root, { paths, since })
    } else worker.send({ paths, since })
  }
  const hear = (path: string): void => {
    if (changed.size === 0) since = Date.now()
    changed.add(relative(root, path))
    clearTimeout(timer)
    timer = setTimeout(tell, TOGETHER)
  }
  for (const part of ['spec', 'targets', 'generator'])
    watchFile(join(root, part), { recursive: true }, (_, name) => name && !name.split(sep).some(isIgnored) && hear(join(root, part, name)))
  watchFile(root, (_, name) => name === 'package.json' && hear(join(root, name)))
  const stop = (): void => {
    worker.kill()
    process.exit(0)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  console.log('watching spec/, targets/ and generator/; Ctrl+C ends it')
}

/** A worker; what it is started for, it does first. */
function start(root: string, first: Change = { paths: [], since: Date.now() }): ChildProcess {
  const worker = fork(join(import.meta.dirname, 'watch-worker.ts'), [root], { execArgv: ['--max-semi-space-size=64', '--import', 'tsx'] })
  worker.send(first)
  return worker
}

/** Files that have changed, and when the first of them did. */
export interface Change {
  paths: string[]
  since: number
}
