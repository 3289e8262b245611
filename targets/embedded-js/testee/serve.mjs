// Speaks the line protocol of a testee bundle on stdin and stdout, on Node. The bundle defines a global function testee(line).
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { runInThisContext } from 'node:vm'

const [, , bundle] = process.argv
runInThisContext(readFileSync(bundle, 'utf8'), { filename: bundle })
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(globalThis.testee(line))
