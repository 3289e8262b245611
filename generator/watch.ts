// `generate --watch`: generates after each change. Files are watched here; the work is done by watch-worker.ts in a process of its own,
// which keeps what it has loaded and is started anew when a program text of the generator or of a target changes.
import { type ChildProcess, fork } from 'node:child_process'
import { join, relative } from 'node:path'

/**
 * Editors write a file in several steps, and a checkout many files: what comes so close together, in ms, is one change. chokidar says
 * nothing of a file that is written again within 50 ms, so it must not be read before.
 */
const TOGETHER = 60

export async function watch(root: string): Promise<void> {
  const { watch: watchFiles } = await import('chokidar')
  let worker = start(root)
  let changed: string[] = []
  let since = 0
  let timer: NodeJS.Timeout | undefined
  const tell = (): void => {
    const paths = [...new Set(changed)]
    changed = []
    if (paths.some((path) => path.endsWith('.ts')) || !worker.connected) {
      worker.kill()
      worker = start(root, { paths, since })
    } else worker.send({ paths, since })
  }
  const files = ['spec', 'targets', 'generator', 'package.json'].map((path) => join(root, path))
  const watcher = watchFiles(files, { ignoreInitial: true, ignored: /(^|[/\\])(node_modules|build|dist|__pycache__|\.\w[^/\\]*)$/ })
  watcher.on('all', (_, path) => {
    if (changed.length === 0) since = Date.now()
    changed.push(relative(root, path))
    clearTimeout(timer)
    timer = setTimeout(tell, TOGETHER)
  })
  const stop = (): void => {
    worker.kill()
    void watcher.close()
    process.exit(0)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  watcher.on('ready', () => console.log('watching spec/, targets/ and generator/; Ctrl+C ends it'))
}

/** A worker; what it is started for, it does first. */
function start(root: string, first: Change = { paths: [], since: Date.now() }): ChildProcess {
  const worker = fork(join(import.meta.dirname, 'watch-worker.ts'), [root], { execArgv: ['--import', 'tsx'] })
  worker.send(first)
  return worker
}

/** Files that have changed, and when the first of them did. */
export interface Change {
  paths: string[]
  since: number
}
