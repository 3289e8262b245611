// MicroPython's WebAssembly build as a program: runs a script, or a testee line by line, with folders mounted into its
// file system and blocking sockets bridged by micropython-sockets.ts. One instance a process, so each run is its own.
//   node --import tsx test/support/engines/micropython.ts [--mount <folder>]... run <script.py>
//   node --import tsx test/support/engines/micropython.ts [--mount <folder>]... testee <script.py>
// A testee script defines `testee(line)`, which gives all lines of one answer with the closing dot.
import { readdirSync, readFileSync, writeSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bridge, startSockets } from './micropython-sockets.ts'

// The package brings no declarations; this is what is used of it.
interface MicroPython {
  FS: { mkdirTree(path: string): void; writeFile(path: string, content: Uint8Array): void }
  globals: { get(name: string): unknown }
  registerJsModule(name: string, module: object): void
  runPython(source: string): unknown
}
interface Package {
  loadMicroPython(options: {
    heapsize: number
    linebuffer: boolean
    stdout(bytes: Uint8Array): void
    stderr(bytes: Uint8Array): void
  }): Promise<MicroPython>
}

const HEAP_BYTES = 16 << 20 // as large as a testee's longest lines need; boards have far less

/** socket, select, network and a `time` that sleeps without burning the processor. */
const modules = fileURLToPath(new URL('micropython/', import.meta.url))

const usage = 'usage: micropython.ts [--mount <folder>]... <run|testee> <script.py>'

const start = async (mounts: string[]) => {
  const name: string = '@micropython/micropython-webassembly-pyscript/micropython.mjs'
  const { loadMicroPython } = (await import(name)) as Package
  const python = await loadMicroPython({
    heapsize: HEAP_BYTES,
    linebuffer: false,
    stdout: printer(1),
    stderr: printer(2),
  })
  python.registerJsModule('_bridge', bridge)
  for (const file of readdirSync(modules)) mountFile(python, '/bridge', modules, join(modules, file))
  for (const folder of mounts) mountFolder(python, folder)
  python.runPython("import sys; sys.path.insert(0, '/bridge'); import _sleep")
  return python
}

/** Bytes come one by one; a line is written when it is whole, and at once, since the thread may block for long. */
const printer = (descriptor: number) => {
  let line: number[] = []
  const flush = () => {
    if (line.length > 0) writeSync(descriptor, Uint8Array.from(line))
    line = []
  }
  process.on('exit', flush)
  return ([byte]: Uint8Array) => {
    line.push(byte!)
    if (byte === 10) flush()
  }
}

const mountFolder = (python: MicroPython, folder: string) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) mountFile(python, '', folder, join(entry.parentPath, entry.name))
}

const mountFile = (python: MicroPython, target: string, folder: string, file: string) => {
  const path = join(target || '/', relative(folder, file))
  python.FS.mkdirTree(join(path, '..'))
  python.FS.writeFile(path, readFileSync(file))
}

const serve = async (python: MicroPython, script: string) => {
  const module = basename(script, '.py')
  python.FS.writeFile(`/${module}.py`, readFileSync(script))
  python.runPython(`from ${module} import testee`)
  const testee = python.globals.get('testee') as (line: string) => string
  let rest = ''
  for await (const chunk of process.stdin.setEncoding('latin1')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) process.stdout.write(lines.map((line) => `${testee(line).replace(/\n$/, '')}\n`).join(''))
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { mount: { type: 'string', multiple: true } },
    allowPositionals: true,
  })
  const [mode, script] = positionals
  if (!script || !(mode === 'run' || mode === 'testee')) throw new Error(usage)
  await startSockets()
  const python = await start(values.mount ?? [])
  try {
    if (mode === 'testee') await serve(python, script)
    else python.runPython(readFileSync(script, 'utf8'))
    return 0
  } catch (error) {
    return exitCode(error as Error & { type?: string })
  }
}

/** `raise SystemExit(3)` and sys.exit(3) end with that code, another exception with its traceback and 1. */
const exitCode = (error: Error & { type?: string }): number => {
  const code = /SystemExit: ?(\d*)\s*$/.exec(error.message)
  if (error.type === 'SystemExit' && code) return Number(code[1])
  process.stderr.write(`${error.name === 'PythonError' ? error.message : error.stack}\n`)
  return 1
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
