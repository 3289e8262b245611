// The firmware of generated/cpp on the emulated rv32imc board: compiled without PlatformIO, and booted with its UART wired to a broker. What it is
// asked to do there is the tests' and the demo's concern.
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/targets.ts'
import { boot } from './boards.ts'
import { compile } from './rv32.ts'

const cpp = join(root, 'generated/cpp')

/** The program's path; everything else stays in `dir`. */
export async function buildFirmware(dir: string): Promise<string> {
  const sources = readdirSync(join(cpp, 'src/umqtt')).filter((name) => name.endsWith('.cpp'))
  const program = await compile({
    dir,
    sources: [...sources, 'full/session.cpp'].map((name) => join(cpp, 'src/umqtt', name)),
    driver: [join(cpp, 'firmware/rv32imc.cpp')],
    include: [join(cpp, 'src')],
  })
  return program.elf
}

/** How long the wire needs to come back, in ms: QEMU dials again a second after the other side closed it. */
const WIRE = 1100

/** Boots it to answer one partner, or without an id to answer itself. */
export function bootFirmware(elf: string, port: number, id?: string, seconds = 60): ChildProcessWithoutNullStreams {
  const answers = id === undefined ? {} : { args: [id, String(WIRE)], redial: true }
  return boot('rv32imc', elf, { link: port, seconds, ...answers })
}
