// The firmware of generated/cpp on the emulated rv32imc board, or as a host's program: compiled without PlatformIO, and booted with its UART or its
// sockets at a broker. What it is asked to do there is the tests' and the demo's concern.
import { type ChildProcessWithoutNullStreams, execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../support/targets.ts'
import { boot } from './boards.ts'
import { compile } from './rv32.ts'

const cpp = join(root, 'generated/cpp')

const sources = readdirSync(join(cpp, 'src/umqtt'))
  .filter((name) => name.endsWith('.cpp'))
  .map((name) => join(cpp, 'src/umqtt', name))

export type FirmwareBoard = 'rv32imc' | 'native'

/** The program's path; everything else stays in `dir`. On the host with sanitizers. */
export async function buildFirmware(dir: string, board: FirmwareBoard = 'rv32imc'): Promise<string> {
  const driver = join(cpp, `firmware/${board}.cpp`)
  if (board === 'rv32imc') return (await compile({ dir, sources, driver: [driver], include: [join(cpp, 'src')] })).elf
  const program = join(dir, 'native')
  const flags = ['-std=gnu++11', '-g', '-O1', '-fsanitize=address,undefined', '-DBOARD_NATIVE', `-I${join(cpp, 'src')}`]
  await promisify(execFile)('g++', [...flags, driver, ...sources, '-o', program])
  return program
}

/** How long the wire needs to come back, in ms: QEMU dials again a second after the other side closed it. */
const WIRE = 1100

/** Boots it to answer one partner, or without an id to answer itself. */
export function bootFirmware(
  program: string,
  port: number,
  id?: string,
  seconds = 60,
  board: FirmwareBoard = 'rv32imc',
): ChildProcessWithoutNullStreams {
  const answers = id === undefined ? {} : { args: [id, String(WIRE)], redial: true }
  return boot(board, program, { link: port, seconds, ...answers })
}
