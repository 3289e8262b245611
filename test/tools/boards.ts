// Starts a program on one of the boards of test/boards (native, rv32imc, mega) through boot.sh, bounded in time, and answers
// whether this machine has what a board needs. Leaves compiling to rv32.ts and PlatformIO.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programPath, skipOrFail } from '../support/missing.ts'

export type Board = 'native' | 'rv32imc' | 'mega'

export interface BootOptions {
  args?: string[]
  /** TCP port on 127.0.0.1 wired to the board's UART. */
  link?: number
  /** rv32imc: the wire may come later, and again after the other side closed it (board::wireDial). */
  redial?: boolean
  /** mega: which UART that is (3: the WiFi shim's modem; 0: Serial itself). */
  uart?: 0 | 3
  /** After so many seconds the run is ended with exit code 124. */
  seconds?: number
  /** rv32imc: one instruction is one nanosecond; counts are exact. */
  icount?: boolean
  /** rv32imc: MiB of memory. */
  memory?: number
}

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

const bootScript = fileURLToPath(new URL('../boards/boot.sh', import.meta.url))

/** PlatformIO in the repository's virtual environment, where `npm run setup:boards` made it. */
export const pio = fileURLToPath(new URL('../../.venv/bin/pio', import.meta.url))

const needed: Record<Board | 'pio', string[]> = {
  pio: [pio],
  native: ['g++'],
  rv32imc: ['riscv64-unknown-elf-gcc', 'qemu-system-riscv32'],
  mega: ['avr-g++', 'simavr', 'cc'],
}

/** For `describe.skipIf(missingBoards('rv32imc'))`: says what to run, and throws where CI is set. `pio` stands for PlatformIO. */
export function missingBoards(...names: (Board | 'pio')[]): boolean {
  const absent = names.flatMap((name) => needed[name]).filter((need) => !(existsSync(need) || programPath(need)))
  if (absent.length) skipOrFail(`${absent.map((need) => basename(need)).join(', ')} not installed: npm run setup:boards`)
  return absent.length > 0
}

/** Its standard streams are the program's; the caller ends it by its own `kill`, or boot.sh's time limit does. */
export function boot(board: Board, program: string, options: BootOptions = {}): ChildProcessWithoutNullStreams {
  const env = { ...process.env, UMQTT_SECONDS: String(options.seconds ?? 60) } as NodeJS.ProcessEnv
  for (const name of ['LINK', 'REDIAL', 'UART', 'ICOUNT', 'MEMORY']) delete env[`UMQTT_${name}`]
  if (options.link !== undefined) env.UMQTT_LINK = String(options.link)
  if (options.redial) env.UMQTT_REDIAL = '1'
  if (options.uart !== undefined) env.UMQTT_UART = String(options.uart)
  if (options.icount) env.UMQTT_ICOUNT = '1'
  if (options.memory !== undefined) env.UMQTT_MEMORY = String(options.memory)
  return spawn(bootScript, [board, program, ...(options.args ?? [])], { env, stdio: 'pipe' })
}

/** Boots, feeds `input`, and waits for the end. */
export function run(board: Board, program: string, options: BootOptions = {}, input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = boot(board, program, options)
    const result: Finished = { code: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text
    })
    child.stdin.on('error', () => {}) // a program may end before it has read everything
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...result, code }))
    child.stdin.end(input)
  })
}
