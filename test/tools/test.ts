// `npm test`: whether generated/ is what the spec says, format and lint, types, then every test, whatever failed before. The last line
// is the sum of all, `N passed, N failed`; the exit code is 1 where anything failed. The order of the tests is vitest.config.ts's.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startVitest } from 'vitest/node'
import { root } from '../support/targets.ts'

const sum = { passed: 0, failed: 0 }

const exitsWell = (command: string[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })

const check = async (what: string, command: string[]): Promise<void> => {
  const passed = await exitsWell(command)
  console.log(`${passed ? '✓' : '✗'} ${what}`)
  sum[passed ? 'passed' : 'failed'] += 1
}

const bin = (name: string): string => join(root, 'node_modules/.bin', name)
await check('generated/ is what the spec says', [process.execPath, '--import', 'tsx', 'generator/cli.ts', 'generate', '--check'])
await check('format and lint', [bin('biome'), 'check', '.'])
await check('types', [bin('tsc'), '--noEmit', '-p', '.'])

// The user's document the API was made from: tests compare with it where it lies beside the checkout.
const seed = join(root, '../shared/seed/umqtt.md')
if (existsSync(seed)) process.env.UMQTT_SEED ??= seed

const vitest = await startVitest('test', [], { root, watch: false })
for (const file of vitest.state.getTestModules()) {
  for (const test of file.children.allTests()) {
    const { state } = test.result()
    if (state === 'passed' || state === 'failed') sum[state] += 1
    if (test.diagnostic()?.flaky) console.log(`passed only when tried again: ${file.relativeModuleId}: ${test.fullName}`)
  }
  // What failed outside its tests, a hook or the loading of the file, counts once.
  if (file.state() === 'failed' && ![...file.children.allTests('failed')].length) sum.failed += 1
}
sum.failed += vitest.state.getUnhandledErrors().length
await vitest.close()

process.exitCode = sum.failed > 0 ? 1 : 0
console.log(`${sum.passed} passed, ${sum.failed} failed`)
