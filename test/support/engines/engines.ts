// The JavaScript engines that a testee bundle runs on, each as a process that speaks the testee's line protocol. A bundle
// is one ES5 file that defines a global `testee(line)`, which gives all lines of one answer with the closing dot.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { skipOrFail, whyMissing } from '../missing.ts'
import { startTestee, type Testee, type TesteeOptions } from '../testee.ts'
import { nativeHost } from './native.ts'
import { xsWorker } from './xs.ts'

export const engineNames = ['node', 'quickjs', 'quickjs-ng', 'duktape', 'mujs', 'xs'] as const

export type EngineName = (typeof engineNames)[number]

/** Why an engine cannot run here, or undefined. */
export const whyEngineMissing = (name: EngineName): string | undefined => {
  if (name === 'duktape' || name === 'mujs') return whyMissing(name)
  if (name === 'xs' && !existsSync(xsWorker)) return 'xs (Moddable) is not built: npm run setup:xs'
  return undefined
}

/** For `test.skipIf`: in CI every engine must be there but XS, which is optional as it builds only on some systems. */
export const engineMissing = (name: EngineName): boolean => {
  const reason = whyEngineMissing(name)
  if (reason && name === 'xs') process.stderr.write(`skipped: ${reason}\n`)
  else if (reason) skipOrFail(reason)
  return reason !== undefined
}

const runner = fileURLToPath(new URL('run.ts', import.meta.url))

export const engineCommand = (name: EngineName, bundle: string): string[] =>
  name === 'duktape' || name === 'mujs' ? [nativeHost(name), bundle] : [process.execPath, '--import', 'tsx', runner, name, bundle]

export const startEngine = (name: EngineName, bundle: string, options?: TesteeOptions): Testee =>
  startTestee(engineCommand(name, bundle), options)
