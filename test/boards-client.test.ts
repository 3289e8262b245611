// PlatformIO as a contributor uses it, with the client itself: its tests on three boards with the same source, the firmware booted on each with its
// wire to a real Mosquitto, and cppcheck. The boards are boards.test.ts's.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { missing, startMosquitto } from './support/brokers.ts'
import { root } from './support/targets.ts'
import { missingBoards, pio } from './tools/boards.ts'

const boards = ['native', 'rv32imc', 'mega'] as const
const all = boards.flatMap((board) => ['-e', board])

describe.skipIf(missingBoards('pio', ...boards))('PlatformIO, with the client', { timeout: 180_000 }, () => {
  const workspace = mkdtempSync(join(tmpdir(), 'umqtt-pio-client-'))
  afterAll(() => rmSync(workspace, { recursive: true }))
  const env: NodeJS.ProcessEnv = { ...process.env, PLATFORMIO_WORKSPACE_DIR: workspace }
  const call = async (...words: string[]): Promise<string> => {
    const options = { cwd: root, env, timeout: 170_000, maxBuffer: 1 << 24 }
    const { stdout } = await promisify(execFile)(pio, words, options).catch((error) => {
      throw new Error(`pio ${words.join(' ')}: ${error.stdout}${error.stderr}`)
    })
    return stdout
  }

  it('tests it on all three boards with the same source', async () => {
    const [, ran, passed] = /(\d+) test cases: (\d+) succeeded/.exec(await call('test', ...all)) ?? []
    expect(passed).toBe(ran)
    expect(Number(ran)).toBeGreaterThanOrEqual(3 * 30)
  })

  it.skipIf(missing('mosquitto'))('boots the firmware on each board: the example of the document through Mosquitto', async () => {
    const broker = await startMosquitto()
    for (const board of boards) {
      const output = await call('run', '-e', board, '-t', 'upload', '--upload-port', String(broker.port))
      expect(output.match(/^From Topic: HaaS(Register|User) {2}Message: .+$/gm)).toHaveLength(6)
    }
    await broker.remove()
  })

  it.skipIf(missing('mosquitto'))('runs a sketch on mega whose Serial is the wire', async () => {
    const broker = await startMosquitto()
    Object.assign(env, { PLATFORMIO_SRC_DIR: join(root, 'test/boards/mega/serial'), UMQTT_UART: '0' })
    const output = await call('run', '-e', 'mega', '-t', 'upload', '--upload-port', String(broker.port))
    expect(output.match(/^From Topic: HaaS(Register|User) {2}Message: .+$/gm)).toHaveLength(6)
    delete env.PLATFORMIO_SRC_DIR
    await broker.remove()
  })

  it('checks it, without a defect', async () => {
    const output = await call('check', ...all, '--fail-on-defect=low', '--fail-on-defect=medium', '--fail-on-defect=high')
    expect(output.match(/No defects found/g)).toHaveLength(3)
  })
})
