// The boards and what measures on them: figures known by construction (test/boards/rv32imc/sample), the emulators' wires and time
// limits, and PlatformIO's tests on all three. The client on these boards is other files' concern.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingBoards, pio, run } from './tools/boards.ts'
import { compile, flash, heap, instructions, library, type Program, sizes } from './tools/rv32.ts'
import { worstStack } from './tools/rv32-stack.ts'

const sample = (name: string): string => fileURLToPath(new URL(`boards/rv32imc/sample/${name}`, import.meta.url))

async function echoServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  return { server, port: (server.address() as { port: number }).port }
}

describe.skipIf(missingBoards('rv32imc'))('rv32imc', () => {
  let dir: string
  let program: Program
  const build = (name: string, saveRestore = false): Promise<Program> =>
    compile({
      dir: join(dir, name),
      sources: [sample('sample.cpp')],
      driver: [sample('main.cpp')],
      own: /^_ZN6sample/,
      saveRestore,
    })
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'umqtt-boards-'))
    program = await build('plain')
  })
  afterAll(() => rm(dir, { recursive: true }))

  it('counts the flash of our own sections, discarded ones not', async () => {
    const { total, text, rodata, data, bss, sections } = await flash(program)
    const size = (name: string): number | undefined => sections.find((section) => section.name.includes(name))?.size
    expect(size('sample_hundred')).toBe(202)
    expect(size('5table')).toBe(1000)
    expect(size('8counters')).toBe(16)
    expect(size('recursive')).toBeUndefined() // not called, so not linked
    expect(size('9templated')).toBeGreaterThan(0) // ours although in the driver's object
    expect(size('callback')).toBeUndefined() // the driver's own
    expect({ rodata, data, bss }).toEqual({ rodata: 1000, data: 16, bss: 0 })
    expect(total).toBe(text + 1016)
  })

  it('knows sizes of objects, on 32 bits', async () => {
    const options = { dir: join(dir, 'sizes'), include: [sample('.')] }
    const found = await sizes(options, ['"sample.h"'], ['sample::Object', 'sample::Object[3]', 'sample::Callback'])
    expect(found).toEqual({ 'sample::Object': 20, 'sample::Object[3]': 60, 'sample::Callback': 4 })
  })

  it('sees the heap where it is used', async () => {
    expect(await heap(program)).toContain('malloc') // the sample's object refers to it, in a function nobody calls
    expect(await library(program)).toContain('malloc')
    const without = await compile({ dir: join(dir, 'own'), sources: [sample('main.cpp')], driver: [sample('sample.cpp')] })
    expect(await heap(without)).toEqual([])
  })

  it('counts instructions exactly', async () => {
    const counts = await instructions(program)
    expect(counts.nothing).toBe(0)
    expect(counts.hundred).toBe(102) // call, a hundred, return
    expect(await instructions(program)).toEqual(counts)
  })

  it.each([false, true])('finds the worst stack, never below the measured one (save-restore %s)', async (saveRestore) => {
    const built = saveRestore ? await build('millicode', true) : program
    const measured = (await instructions(built))['stack of outer']
    const { bytes, path } = (await worstStack(built, ['sample::outer'], { 'sample::middle': ['callback'] }))['sample::outer']
    expect(path.map(({ name }) => name)).toEqual(['sample::outer', 'sample::middle', 'callback'])
    expect(measured).toBeGreaterThanOrEqual(64 + 128 + 32)
    expect(bytes).toBeGreaterThanOrEqual(measured)
    expect(bytes - measured).toBeLessThan(32) // a frame's lowest bytes need not be written
  })

  it('refuses a stack it cannot know', async () => {
    await expect(worstStack(program, ['sample::outer'])).rejects.toThrow('sample::middle calls through a pointer')
    await expect(worstStack(program, ['sample::recursive'])).rejects.toThrow("no function 'sample::recursive'")
    const source = join(dir, 'recursive.cpp')
    await writeFile(source, '#include "sample.h"\nint main(int n, char **) { return sample::recursive(n); }\n')
    const recursive = await compile({
      dir: join(dir, 'recursion'),
      sources: [sample('sample.cpp')],
      driver: [source],
      include: [sample('.')],
    })
    await expect(worstStack(recursive, ['sample::recursive'])).rejects.toThrow('recursion')
  })

  it('gives a program input, output, arguments and an exit code', async () => {
    const input = 'decode 4 c000\n'.repeat(500)
    expect(await run('rv32imc', program.elf, { args: ['echo'], seconds: 20 }, input)).toMatchObject({ stdout: input, code: 7 })
  })

  it('wires its UART to a TCP port, every byte value', async () => {
    const { server, port } = await echoServer()
    const input = 'through the wire and back\n'.repeat(40)
    const result = await run('rv32imc', program.elf, { args: ['wire'], link: port, seconds: 20 }, input)
    server.close()
    expect(result).toMatchObject({ stdout: input, code: 7 })
  })

  it('ends a program that does not end', async () => {
    const source = join(dir, 'forever.cpp')
    await writeFile(source, '#include "board.h"\nint main() { for (;;) board::idle(); }\n')
    const forever = await compile({ dir: join(dir, 'forever'), sources: [source], driver: [] })
    expect(await run('rv32imc', forever.elf, { seconds: 1 })).toMatchObject({ code: 124 })
  })
})

// The root's platformio.ini in an empty project, with test/boards/sample in the place of generated/cpp.
describe.skipIf(missingBoards('pio', 'rv32imc', 'mega'))('PlatformIO', { timeout: 120_000 }, () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const boards = ['-e', 'native', '-e', 'rv32imc', '-e', 'mega']
  let project: string
  const env: NodeJS.ProcessEnv = { ...process.env }
  const call = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(pio, args, { cwd: project, env, timeout: 110_000 }).catch((error) => {
      throw new Error(`pio ${args.join(' ')}: ${error.stdout}${error.stderr}`)
    })
    return stdout
  }
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'umqtt-pio-'))
    await copyFile(join(root, 'platformio.ini'), join(project, 'platformio.ini'))
    // A core folder of its own: it remembers platforms by the project that used them first.
    env.PLATFORMIO_CORE_DIR = join(project, '.pio-core')
    await mkdir(env.PLATFORMIO_CORE_DIR)
    await symlink(join(root, '.pio-core/packages'), join(env.PLATFORMIO_CORE_DIR, 'packages'))
    await mkdir(join(project, 'generated'))
    await symlink(join(root, 'test'), join(project, 'test'))
    await symlink(join(root, 'test/boards/sample'), join(project, 'generated/cpp'))
    await symlink(join(root, 'generated/data'), join(project, 'generated/data'))
  })
  afterAll(() => rm(project, { recursive: true }))

  it('tests on all three boards with the same source', async () => {
    const output = await call('test', ...boards, '-f', 'test_board')
    expect(output).toMatch(/9 test cases: 9 succeeded/)
  })

  it('boots each board, its UART wired to a port', async () => {
    const { server, port } = await echoServer()
    const upload = (board: string): Promise<string> => call('run', '-e', board, '-t', 'upload', '--upload-port', `${port}`)
    // Fletcher-16 of "hello": the low sums are 104, 205, 58, 166, 22 (mod 255), the high ones 104, 54, 112, 23, 45; 45 * 256 + 22.
    expect(await upload('native')).toContain('no wire 11542')
    expect(await upload('rv32imc')).toMatch(/^wire 11542$/m)
    expect(await upload('mega')).toMatch(/^wifi\nwire 11542\nrefused\nwire 11542$/m)
    Object.assign(env, { PLATFORMIO_BUILD_FLAGS: '-D SAMPLE_SERIAL', UMQTT_UART: '0' })
    expect(await upload('mega')).toMatch(/^wire 11542$/m)
    delete env.PLATFORMIO_BUILD_FLAGS
    server.close()
  })

  it('checks the sources, without a defect', async () => {
    const output = await call('check', ...boards, '--fail-on-defect=low', '--fail-on-defect=medium', '--fail-on-defect=high')
    expect(output.match(/No defects found/g)).toHaveLength(3)
  })

  it('names what the ESP32 firmware is not told', async () => {
    const ini = ['[platformio]', 'src_dir = generated/cpp/firmware', 'test_dir = test/pio', '[env:credentials]']
    ini.push('platform = symlink://test/boards/native', 'test_framework = custom', 'lib_deps = umqtt=symlink://generated/cpp')
    await writeFile(join(project, 'esp32.ini'), [...ini, 'extra_scripts = pre:test/boards/secrets.py', ''].join('\n'))
    await expect(call('run', '-c', 'esp32.ini')).rejects.toThrow('No wifi_ssid, wifi_password, server for the firmware')
    await writeFile(join(project, 'secrets.ini'), '[secrets]\nwifi_ssid = a "b"\nwifi_password = %`$c;\nserver = d\n')
    expect(await call('run', '-c', 'esp32.ini')).toContain('SUCCESS')
  })
})
