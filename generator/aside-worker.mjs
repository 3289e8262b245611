// The other thread of aside.ts: answers one input after the other with what the job's module makes of it.
import { parentPort, workerData } from 'node:worker_threads'

let turn = import(workerData)
parentPort.on('message', (input) => {
  turn = turn.then(async (job) => {
    try {
      parentPort.postMessage({ made: await job.default(input) })
    } catch (error) {
      parentPort.postMessage({ error })
    }
    return job
  })
})
