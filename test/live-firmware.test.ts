// The firmware on the emulated rv32imc board and a TypeScript client talk through a real Mosquitto, at every QoS and in both directions, while
// Mosquitto ends and starts again: nothing is lost at QoS 1 and 2, nothing comes twice at QoS 2. The same on the host, through sockets.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { MQTTClient } from '../generated/typescript/src/index.ts'
import { missing, startMosquitto } from './support/brokers.ts'
import { missingBoards } from './tools/boards.ts'
import { bootFirmware, buildFirmware } from './tools/firmware.ts'

const dir = mkdtempSync(join(tmpdir(), 'umqtt-firmware-'))
afterAll(() => rmSync(dir, { recursive: true }))

const MESSAGES = 40
const numbers = Array.from({ length: MESSAGES }, (_, i) => String(i))
const text = (payload: Uint8Array) => new TextDecoder().decode(payload)

/** Waits for a condition, for half a minute at most. */
async function until(condition: () => boolean, seen: () => unknown): Promise<void> {
  for (const start = Date.now(); !condition(); await sleep(20))
    if (Date.now() - start > 30_000) throw new Error(`after 30 s: ${JSON.stringify(seen())}`)
}

describe.skipIf(missing('mosquitto') || missingBoards('rv32imc', 'native'))('the firmware', () => {
  it.each(['rv32imc', 'native'] as const)(
    'on %s exchanges messages at every QoS while the broker is restarted',
    { timeout: 120_000 },
    async (board) => {
      // Beyond its limit Mosquitto 2.0.11, started again, takes messages whose PUBREC it had for ones it never sent.
      const broker = await startMosquitto({ persistence: 'always', config: ['max_inflight_messages 1000'] })
      const child = bootFirmware(await buildFirmware(dir, board), broker.port, 'board', 110, board)
      const said: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
      const ended = once(child, 'exit')
      const peer = new MQTTClient('peer', '127.0.0.1', { port: broker.port, reconnectDelay: 50 })
      const answers: string[][] = [[], [], []]
      peer.setCallback((topic, payload) => void answers[Number(topic.at(-1))].push(text(payload)))
      await peer.connect({ cleanSession: false })
      await peer.subscribe('HaaSRegister/board/+', { qos: 2 })
      await until(
        () => said.includes('started 0'),
        () => said,
      )
      const got = (qos: number) => said.filter((line) => line.startsWith(`got ${qos} `)).map((line) => line.slice(6))
      for (const qos of [0, 1, 2] as const) {
        const all = Promise.all(numbers.map((n) => peer.publish(`HaaSUser/board/${qos}`, n, { qos })))
        if (qos > 0) {
          await until(
            () => answers[qos].length > 3,
            () => [answers, said],
          )
          await broker.stop()
          await sleep(100)
          await broker.restart()
        }
        await all
        await until(
          () => new Set(answers[qos]).size === MESSAGES,
          () => [answers, said],
        )
      }
      // Killed where all it knows is on its disk; what is published meanwhile waits in the client.
      await sleep(2500)
      await broker.kill()
      await until(
        () => !peer.connected,
        () => peer.status,
      )
      const late = numbers.map((n) => `late ${n}`)
      const all = Promise.all(late.map((n) => peer.publish('HaaSUser/board/2', n, { qos: 2 })))
      await broker.restart()
      await all
      await peer.publish('HaaSUser/board/2', 'bye', { qos: 2 })
      await until(
        () => answers[2].includes('bye'),
        () => [answers, said],
      )
      const [code] = await ended
      await peer.disconnect()
      await broker.remove()
      expect(code).toBe(0)
      expect(said.filter((line) => line.startsWith('error'))).toEqual([])
      expect(got(0)).toEqual(numbers)
      expect([...new Set(got(1))].sort()).toEqual([...numbers].sort())
      expect(got(2)).toEqual([...numbers, ...late, 'bye'])
      expect(answers[0]).toEqual(numbers)
      expect([...new Set(answers[1])].sort()).toEqual([...numbers].sort())
      expect(answers[2]).toEqual([...numbers, ...late, 'bye'])
      expect(said.filter((line) => line.startsWith('progress 1')).length).toBeGreaterThanOrEqual(3) // lost
    },
  )

  it("on rv32imc runs the document's example", { timeout: 60_000 }, async () => {
    const broker = await startMosquitto()
    const child = bootFirmware(await buildFirmware(dir), broker.port)
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      said += data
    })
    const [code] = await once(child, 'exit')
    await broker.remove()
    expect(code).toBe(0)
    expect(said.match(/^From Topic: HaaS(Register|User) {2}Message: .+$/gm)).toHaveLength(6)
  })
})
