// The other thread of aside.ts: answers each input with what the job's module makes of it.
import { parentPort, workerData } from 'node:worker_threads'

const job = await import(workerData)
parentPort.postMessage({ id: 0 })
parentPort.on('message', async ({ id, input }) => {
  try {
    parentPort.postMessage({ id, made: await job.default(input) })
  } catch (error) {
    parentPort.postMessage({ id, error })
  }
})
