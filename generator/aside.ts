// Work for another thread, while this one goes on: what takes long to load or to read. A job is a plain module (.mjs), which starts
// without a loader; its default export answers its input.
import { Worker } from 'node:worker_threads'

interface Thread {
  worker: Worker
  waiting: Map<number, { resolve: (made: never) => void; reject: (error: unknown) => void }>
}
const threads = new Map<string, Thread>()
let asked = 0

/** Starts the job's thread, where it does not run: it stays for the next time, but keeps no process alive. */
export function prepare(job: URL): Thread {
  const thread = threads.get(job.href) ?? start(job)
  threads.set(job.href, thread)
  return thread
}

/** The job's answer. */
export function aside<T>(job: URL, input: unknown): Promise<T> {
  const { worker, waiting } = prepare(job)
  return new Promise<T>((resolve, reject) => {
    waiting.set(++asked, { resolve, reject })
    worker.ref()
    worker.postMessage({ id: asked, input })
  })
}

function start(job: URL): Thread {
  const worker = new Worker(new URL('aside-worker.mjs', import.meta.url), { workerData: job.href, execArgv: [] })
  // until it has loaded its job, which must not be interrupted, and while it has something to do, it keeps the process alive
  const waiting: Thread['waiting'] = new Map([[0, { resolve: () => {}, reject: () => {} }]])
  worker.on('message', ({ id, made, error }: { id: number; made: never; error?: unknown }) => {
    const { resolve, reject } = waiting.get(id)!
    waiting.delete(id)
    if (waiting.size === 0) worker.unref()
    if (error) reject(error)
    else resolve(made)
  })
  worker.on('error', (error) => {
    threads.delete(job.href)
    for (const { reject } of waiting.values()) reject(error)
  })
  return { worker, waiting }
}
