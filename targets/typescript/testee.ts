// Starts the testee of this target: lines in on stdin, answers out on stdout. What is answered is testee-answer.ts's.
import { createInterface } from 'node:readline'
import { answer } from './testee-answer.ts'

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${[...answer(line), '.'].join('\n')}\n`)
