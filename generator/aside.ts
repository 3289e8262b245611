// Work for another thread, while this one goes on: what takes long to load or to read. A job is a plain module (.mjs), which starts
// without a loader; its default export answers its input.
import { Worker } from 'node:worker_threads'

interface Thread {
  worker: Worker
  waiting: { resolve: (made: never) => void; reject: (error: unknown) => void }[]
}
const threads = new Map<string, Thread>()

/** Starts the job's thread before there is anything to do. */
export const prepare = (job: URL): void => {
  if (threads.has(job.href)) return
  const thread = start(job)
  thread.worker.unref()
  threads.set(job.href, thread)
}

/** The job's answer. Its thread stays for the next time, but keeps no process alive. */
export function aside<T>(job: URL, input: unknown): Promise<T> {
  const thread = threads.get(job.href) ?? start(job)
  threads.set(job.href, thread)
  return new Promise<T>((resolve, reject) => {
    thread.waiting.push({ resolve, reject })
    thread.worker.ref()
    thread.worker.postMessage(input)
  })
}

function start(job: URL): Thread {
  const worker = new Worker(new URL('aside-worker.mjs', import.meta.url), { workerData: job.href, execArgv: [] })
  const thread: Thread = { worker, waiting: [] }
  const next = () => {
    if (thread.waiting.length === 1) worker.unref()
    return thread.waiting.shift()
  }
  worker.on('message', ({ made, error }: { made: never; error?: unknown }) => {
    const asked = next()
    if (error) asked?.reject(error)
    else asked?.resolve(made)
  })
  worker.on('error', (error) => {
    threads.delete(job.href)
    for (const { reject } of thread.waiting) reject(error)
  })
  return thread
}
