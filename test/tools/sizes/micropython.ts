// What the MicroPython client takes: bytes of .mpy by mpy-cross, as its modules are and as the small build, by profile, and the memory of a
// connected client on MicroPython's WebAssembly build (32 bits, as on a board).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Built, buildMpy, total } from '../../../targets/micropython/build.ts'
import type { Table } from '../../bench/table.ts'
import { startScript } from '../../support/brokers.ts'
import { packagesOf, runner } from '../../support/python.ts'
import { root } from '../../support/targets.ts'
import { startTestee } from '../../support/testee.ts'

const PROFILES = ['full', 'std', 'tiny']

export const sizesOf = async (profile: string): Promise<Built> => {
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-sizes-'))
  try {
    return await buildMpy(folder, profile)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Line by line, since that build collects garbage only when it returns to its host. */
const MEASURED = `
import gc
from umqtt_haas import MQTTClient
kept = []
def testee(line):
    gc.collect()
    if line == "used":
        return "%d\\n." % gc.mem_alloc()
    if line:
        client = MQTTClient("measured", "127.0.0.1", int(line), keepalive=60)
        client.connect()
        client.subscribe("dev/12345678/cmd/#", 1)
        kept.append(client)
    return "."
`

/** Heap of the second client that connects and subscribes: what the first one brings in is counted once. */
export const memoryOfClient = async (): Promise<number> => {
  const server = await startScript(async (peer) => {
    await peer.packet()
    await peer.send('20020000')
    await peer.packet()
    await peer.send('9003000101')
  })
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-memory-'))
  writeFileSync(join(folder, 'measured.py'), MEASURED)
  const { packages } = await packagesOf('mpy')
  const testee = startTestee([process.execPath, ...runner, '--mount', packages, 'testee', join(folder, 'measured.py')], { cwd: root })
  try {
    const used = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) await testee.ask('')
      return Number((await testee.ask('used'))[0])
    }
    await testee.ask(String(server.port))
    const before = await used()
    await testee.ask(String(server.port))
    return (await used()) - before
  } finally {
    await testee.close()
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

export const run = async (): Promise<Table[]> => {
  const built = new Map<string, Built>()
  for (const profile of PROFILES) built.set(profile, await sizesOf(profile))
  const full = built.get('full')!
  const rows = {
    ...Object.fromEntries([...built].map(([profile, { small }]) => [`ours, ${profile}, small build`, [total(small)]])),
    'ours, full, its modules as they are': [total(full.modules)],
    ...Object.fromEntries(Object.entries(full.modules).map(([name, size]) => [`  ${name}`, [size]])),
    'a connected client, bytes of heap': [await memoryOfClient()],
  }
  return [
    {
      figures: 'micropython',
      title: 'The MicroPython client',
      unit: 'bytes of .mpy, mpy-cross -O2; the small build without line numbers',
      about: 'The small build is what `npm run build:mpy` makes: one module, joined and renamed.',
      columns: ['.mpy'],
      rows,
    },
  ]
}
