// Says whether a tool a test needs is on this machine, and what to install when it is not. With CI set a missing tool
// is an error: nothing is skipped there. What the tools do is known to the files that start them.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Tool {
  /** Programs looked up on PATH, files by absolute path, or `clang++:file` for a file of a compiler's own. */
  needs: string[]
  install: string
}

const TOOLS = {
  clang: { needs: ['clang++'], install: 'apt-get install clang' },
  libfuzzer: {
    needs: ['clang++', `clang++:libclang_rt.fuzzer-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.a`],
    install: 'apt-get install clang libclang-rt-14-dev',
  },
  gcc: { needs: ['g++'], install: 'apt-get install g++' },
  mosquitto: { needs: ['mosquitto'], install: 'apt-get install mosquitto' },
  openssl: { needs: ['openssl'], install: 'apt-get install openssl' },
  python3: { needs: ['python3'], install: 'apt-get install python3' },
  'g++': { needs: ['g++'], install: 'apt-get install g++' },
  duktape: { needs: ['cc', '/usr/include/duktape.h'], install: 'apt-get install gcc duktape-dev' },
  mujs: { needs: ['cc', '/usr/include/mujs.h'], install: 'apt-get install gcc libmujs-dev' },
} satisfies Record<string, Tool>

export type ToolName = keyof typeof TOOLS

/** Where a program lies; Debian keeps brokers in sbin, which is not on every user's PATH. */
export const programPath = (program: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, program)).find(isExecutable)

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isThere = (need: string): boolean => {
  const [compiler, file] = need.split(':')
  if (file) return programPath(compiler) !== undefined && existsSync(ownFile(compiler, file))
  return need.startsWith('/') ? existsSync(need) : programPath(need) !== undefined
}

/** Its path, or its bare name where the compiler has none. */
const ownFile = (compiler: string, file: string) => execFileSync(compiler, [`--print-file-name=${file}`], { encoding: 'utf8' }).trim()

/** The line that says what to install, or undefined when everything is there. */
export const whyMissing = (name: ToolName): string | undefined => {
  const { needs, install } = TOOLS[name]
  return needs.every(isThere) ? undefined : `${name} is not installed: ${install}`
}

const told = new Set<string>()

/** For `describe.skipIf(missing('mosquitto'))`: prints one line a reason, and throws where CI is set. */
export const missing = (...names: ToolName[]): boolean => {
  const reasons = names.map(whyMissing).filter((reason) => reason !== undefined)
  for (const reason of reasons) skipOrFail(reason)
  return reasons.length > 0
}

/** A reason to skip on a user's machine is a reason to fail in CI. */
export const skipOrFail = (reason: string): void => {
  if (process.env.CI) throw new Error(reason)
  if (!told.has(reason)) process.stderr.write(`skipped: ${reason}\n`)
  told.add(reason)
}
