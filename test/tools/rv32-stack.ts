// The worst stack of a function on rv32imc, from the linked program: frames and calls by disassembly (so libc and libgcc count, and tail
// calls cost what they do), whether a function calls through pointers by gcc's own call graph. What pointers may lead to the caller
// declares; an undeclared one, recursion and a frame of unknown size are errors, so that no figure is ever too small.
import { readFile } from 'node:fs/promises'
import { type Program, tool } from './rv32.ts'

export interface Stack {
  bytes: number
  /** The deepest path, each function with its own part in bytes. */
  path: { name: string; bytes: number }[]
}

interface Call {
  depth: number
  to: string
}

interface Frame {
  bytes: number
  calls: Call[]
  /** Depths at which it calls through a pointer. */
  pointers: number[]
  /** Jumps through a register: a switch's table, or a tail call through a pointer. */
  jumps: number[]
  /** The instruction by which its size cannot be known. */
  dynamic?: string
}

type Graph = Map<string, Frame>

// libgcc's millicode: save_N stores ra and N registers, in blocks of 16 bytes.
const savedBytes = (count: number): number => Math.ceil(((count + 1) * 4) / 16) * 16

/** One function, in address order: after a return or a jump the depth is again what the prologue made it. */
function readFunction(name: string, lines: string[]): Frame {
  const frame: Frame = { bytes: 0, calls: [], pointers: [], jumps: [] }
  let depth = 0
  const grow = (bytes: number): void => {
    depth += bytes
    frame.bytes = Math.max(frame.bytes, depth)
  }
  for (const line of lines) {
    const [, op, rest] = line.match(/^[0-9a-f]+:\t(\S+)\t?(.*)$/) ?? []
    if (!op) continue
    const target = rest.match(/<([^+>]+)>$/)?.[1]
    const saves = target?.match(/^__riscv_save_(\d+)$/)
    const adjust = rest.match(/^sp,sp,(-?\d+)$/)
    if (adjust && op.startsWith('add')) grow(-Number(adjust[1]))
    else if (rest.startsWith('sp,') && !/^(s[bhw]|b\w+)$/.test(op)) frame.dynamic = line
    else if (saves) grow(savedBytes(Number(saves[1])))
    else if (target && /^jalr?$/.test(op)) frame.calls.push({ depth, to: target })
    else if (op === 'jalr') frame.pointers.push(depth)
    else if (target && target !== name && !target.startsWith('__riscv_restore') && /^[jb]/.test(op)) frame.calls.push({ depth, to: target })
    else if (op === 'jr' && !target) frame.jumps.push(depth)
    if (/^(j|jr|ret|mret|ebreak|unimp)$/.test(op)) depth = frame.bytes
  }
  return frame
}

async function disassemble(elf: string): Promise<Graph> {
  const text = await tool('objdump', ['-d', '--no-show-raw-insn', elf])
  const graph: Graph = new Map()
  for (const block of text.split(/\n\n(?=[0-9a-f]{8} <)/)) {
    const name = block.match(/^[0-9a-f]{8} <(.+)>:$/m)?.[1]
    if (name && !name.startsWith('__riscv_'))
      graph.set(
        name,
        readFunction(
          name,
          block.split('\n').map((line) => line.trim()),
        ),
      )
  }
  return graph
}

/** How many calls through pointers each of our functions makes, by gcc's call graph. */
async function pointerCalls(program: Program): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const object of [...program.objects, ...program.driver]) {
    const graph = await readFile(object.replace(/\.o$/, '.ci'), 'utf8')
    for (const [, title] of graph.matchAll(/^node: \{ title: "(?:[^":]*:)?([^":]+)" label: ".*bytes/gm)) counts.set(title, 0)
    for (const [, source] of graph.matchAll(/sourcename: "(?:[^":]*:)?([^":]+)" targetname: "__indirect_call"/g))
      counts.set(source, (counts.get(source) ?? 0) + 1)
  }
  return counts
}

/** A jump through a register is a tail call where gcc counts more pointers than there are jalr; else a switch. */
function tailCalls(graph: Graph, counts: Map<string, number>): void {
  for (const [name, frame] of graph) {
    const missing = (counts.get(name) ?? 0) - frame.pointers.length
    if (missing > 0) frame.pointers.push(...frame.jumps)
  }
}

/** Mangled names by what a person writes: `umqtt::Client::loop`, all its overloads. */
async function nameIndex(graph: Graph): Promise<{ find(name: string): string[]; spell(mangled: string): string }> {
  const mangled = [...graph.keys()]
  const { stdout } = await filt(mangled)
  const spelled = new Map(mangled.map((name, i) => [name, plain(stdout[i])]))
  return {
    find(name) {
      const found = mangled.filter((each) => each === name || spelled.get(each) === name)
      if (!found.length) throw new Error(`no function '${name}' in the program`)
      return found
    },
    spell: (name) => spelled.get(name) ?? name,
  }
}

async function filt(names: string[]): Promise<{ stdout: string[] }> {
  const lines: string[] = []
  for (let i = 0; i < names.length; i += 500) lines.push(...(await tool('c++filt', names.slice(i, i + 500))).trimEnd().split('\n'))
  return { stdout: lines }
}

/** `int umqtt::put<8>(int) const` → `umqtt::put<8>`: without parameters and result. */
function plain(signature: string): string {
  const anonymous = signature.replaceAll('(anonymous namespace)', '{anonymous}')
  const name = anonymous.replace(/\(.*$/, '')
  return name.replace(/^.* (?=[^<>]*(<|$))/, '')
}

/**
 * The worst stack of each root. `pointers` declares, for each function that calls through pointers, what these lead to; an empty list
 * says that the application's stack, which is its own affair, begins there.
 */
export async function worstStack(
  program: Program,
  roots: string[],
  pointers: Record<string, string[]> = {},
): Promise<Record<string, Stack>> {
  const graph = await disassemble(program.elf)
  tailCalls(graph, await pointerCalls(program))
  const index = await nameIndex(graph)
  const declared = new Map<string, string[]>()
  for (const [from, to] of Object.entries(pointers))
    for (const name of index.find(from))
      declared.set(
        name,
        to.flatMap((each) => index.find(each)),
      )

  const known = new Map<string, Stack>()
  const walk = (name: string, trail: string[]): Stack => {
    const before = known.get(name)
    if (before) return before
    if (trail.includes(name)) throw new Error(`recursion: ${[...trail, name].map(index.spell).join(' → ')}`)
    const frame = graph.get(name)
    if (!frame) throw new Error(`no code for '${name}', called by ${index.spell(trail.at(-1) ?? '')}`)
    if (frame.dynamic) throw new Error(`${index.spell(name)}: a frame of unknown size (${frame.dynamic})`)
    const led = declared.get(name)
    if (frame.pointers.length && !led) throw new Error(`${index.spell(name)} calls through a pointer: declare where it leads`)
    const calls = [...frame.calls, ...frame.pointers.flatMap((depth) => (led ?? []).map((to) => ({ depth, to })))]
    let worst: Stack = { bytes: frame.bytes, path: [{ name: index.spell(name), bytes: frame.bytes }] }
    for (const { depth, to } of calls) {
      const below = walk(to, [...trail, name])
      if (depth + below.bytes > worst.bytes)
        worst = { bytes: depth + below.bytes, path: [{ name: index.spell(name), bytes: depth }, ...below.path] }
    }
    known.set(name, worst)
    return worst
  }
  return Object.fromEntries(
    roots.map((root) => {
      const found = index.find(root).map((name) => walk(name, []))
      return [root, found.reduce((a, b) => (b.bytes > a.bytes ? b : a))]
    }),
  )
}
