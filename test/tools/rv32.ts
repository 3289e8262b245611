// Measures C++ on rv32imc, the ESP32-C3's instruction set: compiles and links like test/boards/rv32imc, then reads flash from the
// linker's map, object sizes from symbols, heap use from references, and exact instruction counts from QEMU. The worst stack is
// rv32-stack.ts's; starting programs is boards.ts's. Knows neither MQTT nor the client: callers name sources and their own symbols.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { run } from './boards.ts'

const exec = promisify(execFile)
const board = fileURLToPath(new URL('../boards/rv32imc', import.meta.url))
const cross = 'riscv64-unknown-elf-'
const machine = ['-march=rv32imc', '-mabi=ilp32', '--specs=picolibc.specs']
const language = ['-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics']

export interface CompileOptions {
  /** Where objects, map and program go; made when missing. */
  dir: string
  /** What is measured. */
  sources: string[]
  /** A program that uses it (with main), not counted but for `own` symbols in it: inline functions and templates of our headers. */
  driver: string[]
  include?: string[]
  defines?: string[]
  std?: string
  /** Millicode for prologues: smaller, a few instructions slower. */
  saveRestore?: boolean
  /** Bytes of memory beyond the 320 KiB of the board's layout, for a testee with long vectors (boot with `memory` to match). */
  ram?: number
  /** Which symbols of the driver's objects are ours, by mangled name. */
  own?: RegExp
}

export interface Program {
  elf: string
  map: string
  /** Object files of `sources`. */
  objects: string[]
  /** Object files of `driver`. */
  driver: string[]
  own: RegExp
}

export interface Flash {
  total: number
  text: number
  rodata: number
  /** Initialised data: in flash and copied to memory. */
  data: number
  /** Memory only; no part of the total. */
  bss: number
  /** Our sections, largest first: what a size can be won from. */
  sections: { name: string; size: number }[]
}

export const tool = async (name: string, args: string[]): Promise<string> => (await exec(cross + name, args, { maxBuffer: 1 << 28 })).stdout

function compileFlags(options: CompileOptions): string[] {
  return [
    ...machine,
    ...language,
    `-std=${options.std ?? 'gnu++11'}`,
    '-Os',
    '-ffunction-sections',
    '-fdata-sections',
    ...(options.saveRestore ? ['-msave-restore'] : []),
    ...[board, ...(options.include ?? [])].map((folder) => `-I${folder}`),
    ...['BOARD_RV32IMC', ...(options.defines ?? [])].map((define) => `-D${define}`),
  ]
}

function linkFlags(ram: number): string[] {
  const layout = { __flash: 0x80000000, __flash_size: 0x200000, __ram: 0x80200000, __ram_size: ram, __stack_size: 0x2000 }
  return [
    ...machine,
    '--crt0=semihost',
    '--oslib=semihost',
    '-T',
    'picolibcpp.ld',
    '-Wl,--gc-sections,--no-warn-rwx-segments,--no-demangle',
    ...Object.entries(layout).map(([name, value]) => `-Wl,--defsym=${name}=0x${value.toString(16)}`),
  ]
}

/** Compiles everything (with the call graph beside each object) and links it; gcc's messages come out as the error's. */
export async function compile(options: CompileOptions): Promise<Program> {
  await mkdir(options.dir, { recursive: true })
  const flags = compileFlags(options)
  const toObject = async (source: string, group: string): Promise<string> => {
    const object = join(options.dir, `${group}-${basename(source).replace(/\.\w+$/, '')}.o`)
    await tool('g++', [...flags, '-fcallgraph-info=su', '-c', source, '-o', object])
    return object
  }
  const objects: string[] = []
  const driver: string[] = []
  for (const source of options.sources) objects.push(await toObject(source, 'own'))
  for (const source of [...options.driver, join(board, 'board.cpp')]) driver.push(await toObject(source, 'driver'))
  const elf = join(options.dir, 'program.elf')
  const map = join(options.dir, 'program.map')
  // Linked by gcc: Debian has no C++ library for bare metal.
  await tool('gcc', [...linkFlags(0x50000 + (options.ram ?? 0)), `-Wl,-Map=${map}`, ...objects, ...driver, '-o', elf])
  return { elf, map, objects, driver, own: options.own ?? /^$/ }
}

interface Section {
  name: string
  size: number
  object: string
}

const KINDS = { text: /^\.text|^\.init$/, rodata: /^\.s?rodata|^\.init_array|^\.data\.rel\.ro/, data: /^\.s?data/, bss: /^\.s?bss|^COMMON/ }

/** The input sections that survived --gc-sections. Strings that the linker shares with others' count as if it had not. */
function parseMap(map: string): Section[] {
  const sections: Section[] = []
  const memory = map.slice(map.indexOf('Linker script and memory map'))
  const line = /^ (\.?[\w.$*]+)\s+0x([0-9a-f]{8})\s+0x([0-9a-f]+) (\S+)(?:\n\s+0x([0-9a-f]+) \(size before relaxing\))?/gm
  for (const [, name, address, size, object, before] of memory.matchAll(line)) {
    if (Number.parseInt(address, 16) < 0x80000000) continue
    const merged = /\.(str|cst)\d/.test(name) && before
    sections.push({ name, size: Number.parseInt(merged ? before : size, 16), object })
  }
  return sections
}

/** Bytes of flash that are ours after linking; what we draw in from libgcc and libc is `library()`'s. */
export async function flash(program: Program): Promise<Flash> {
  const symbol = (name: string): string => name.replace(/^\.[a-z]+\.(?:(?:startup|unlikely|hot|rel\.ro|local)\.)*/, '')
  const ours = parseMap(await readFile(program.map, 'utf8')).filter(
    ({ name, object }) => program.objects.includes(object) || (program.driver.includes(object) && program.own.test(symbol(name))),
  )
  const sum = (kind: RegExp): number => ours.filter(({ name }) => kind.test(name)).reduce((n, { size }) => n + size, 0)
  const rodata = sum(KINDS.rodata)
  const data = ours.filter(({ name }) => KINDS.data.test(name) && !KINDS.rodata.test(name)).reduce((n, s) => n + s.size, 0)
  const text = sum(KINDS.text)
  const sections = ours.filter(({ name, size }) => size && !KINDS.bss.test(name)).sort((a, b) => b.size - a.size)
  return { total: text + rodata + data, text, rodata, data, bss: sum(KINDS.bss), sections }
}

/** Functions of libgcc and libc that our objects call by name (memcpy, __udivdi3 …): soft-float would show here. */
export async function library(program: Program): Promise<string[]> {
  const undefinedNames = (await tool('nm', ['-u', ...program.objects])).match(/(?<=U )\S+/g) ?? []
  const defined = new Set((await tool('nm', ['--defined-only', ...program.objects, ...program.driver])).match(/\S+$/gm))
  return [...new Set(undefinedNames)].filter((name) => !defined.has(name)).sort()
}

const ALLOCATES = /^(malloc|calloc|realloc|free|strdup|_Zn[wa].*|_Zd[la].*)$/

/** The allocator's functions that our objects refer to or that the program holds; empty: no heap. */
export async function heap(program: Program): Promise<string[]> {
  const linked = (await tool('nm', ['--defined-only', program.elf])).match(/\S+$/gm) ?? []
  return [...new Set([...(await library(program)), ...linked])].filter((name) => ALLOCATES.test(name)).sort()
}

/** sizeof each type, by the compiler: `headers` as in #include, the types as they are written in C++. */
export async function sizes(options: Omit<CompileOptions, 'sources' | 'driver'>, headers: string[], types: string[]) {
  await mkdir(options.dir, { recursive: true })
  const source = join(options.dir, 'sizes.cpp')
  const object = join(options.dir, 'sizes.o')
  const lines = types.map((type, i) => `extern const char sizeof_${i}[sizeof(${type})] = {};`)
  await writeFile(source, [...headers.map((header) => `#include ${header}`), 'extern "C" {', ...lines, '}\n'].join('\n'))
  await tool('g++', [...compileFlags({ ...options, sources: [], driver: [] }), '-c', source, '-o', object])
  const symbols = await tool('nm', ['-S', object])
  const size = (i: number): number => Number.parseInt(symbols.match(`([0-9a-f]+) \\w sizeof_${i}\\n`)![1], 16)
  return Object.fromEntries(types.map((type, i) => [type, size(i)]))
}

/** Runs a driver that uses measure.h and answers its counts: exact, the same each time. */
export async function instructions(program: Program, seconds = 60): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await run('rv32imc', program.elf, { icount: true, seconds })
  if (code !== 0) throw new Error(`${program.elf} ended with ${code}: ${stdout}${stderr}`)
  return Object.fromEntries([...stdout.matchAll(/^(.+): (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]))
}
