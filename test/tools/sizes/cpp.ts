// What the C++ client costs on rv32imc: flash of the codec, the session and the whole client by profile, its objects, its worst stack, its heap.
// How it is measured is rv32.ts's; what it is to cost stands in bench/figures.yaml.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Table } from '../../bench/table.ts'
import { root } from '../../support/targets.ts'
import { compile, flash, heap, type Program, sizes } from '../rv32.ts'
import { worstStack } from '../rv32-stack.ts'

const src = join(root, 'generated/cpp/src')
const cache = join(root, 'generated/cpp/build/sizes')
const programs = fileURLToPath(new URL('cpp', import.meta.url))
const DEFINES: Record<string, string[]> = { full: [], std: ['UMQTT_STD'], tiny: ['UMQTT_TINY'] }

/** Everything but the transport, which is counted apart. */
const sources = (): string[] =>
  readdirSync(join(src, 'umqtt'))
    .filter((file) => file.endsWith('.cpp') && file !== 'socket.cpp')
    .map((file) => join(src, 'umqtt', file))

/** One of the programs beside this file, with what of the client it needs. */
export const build = (program: string, profile = 'full', saveRestore = false, beside: string[] = []): Promise<Program> =>
  compile({
    dir: join(cache, [program, profile, ...(saveRestore ? ['msr'] : []), ...beside].join('-')),
    sources: sources(),
    driver: [join(programs, `${program}.cpp`)],
    include: [src],
    defines: [...DEFINES[profile], ...beside],
    saveRestore,
    own: /^_ZN?K?5umqtt/,
  })

export const flashOf = async (program: string, profile = 'full', saveRestore = false, beside: string[] = []): Promise<number> =>
  (await flash(await build(program, profile, saveRestore, beside))).total

/** What a program calls beyond the document's methods, in the words of the table; nobody else pays for it. */
const BESIDE = {
  unsubscribe: 'BESIDE_UNSUBSCRIBE',
  'pieces received': 'BESIDE_CHUNKS',
  'pieces published': 'BESIDE_STREAMS',
  progress: 'BESIDE_PROGRESS',
}

/** sizeof the client's classes, without the memory that the caller gives them. */
export const objects = (): Promise<Record<string, number>> =>
  sizes(
    { dir: join(cache, 'objects'), include: [src] },
    ['"umqtt/client.h"'],
    ['umqtt::Session<umqtt::MQTTClientBase>', 'umqtt::MQTTClientBase'],
  )

const BASE = 'umqtt::MQTTClientBase::'
const CALLS = ['connect', 'publish', 'subscribe', 'ping', 'waitMsg', 'checkMsg', 'disconnect', 'close']
/** The deepest of the application's calls. */
export const stackOf = async (program: Program): Promise<{ bytes: number; path: string }> => {
  const pointers: Record<string, string[]> = {}
  for (;;) {
    try {
      const found = Object.values(
        await worstStack(
          program,
          CALLS.map((call) => BASE + call),
          pointers,
        ),
      )
      const worst = found.reduce((a, b) => (b.bytes > a.bytes ? b : a))
      return { bytes: worst.bytes, path: worst.path.map(({ name, bytes }) => `${name} ${bytes}`).join(', ') }
    } catch (error) {
      const through = /^(umqtt::.*) calls through a pointer/.exec((error as Error).message)?.[1]
      if (!through || pointers[through]) throw error
      pointers[through] = [] // the transport's and the application's are not counted
    }
  }
}

export const run = async (): Promise<Table[]> => {
  const client = await build('client')
  const object = await objects()
  const stack = await stackOf(client)
  const allocates = await heap(client)
  const row = async (profile: string, saveRestore: boolean): Promise<(number | null)[]> => [
    profile === 'full' ? await flashOf('codec', profile, saveRestore) : null,
    await flashOf('session', profile, saveRestore),
    await flashOf('client', profile, saveRestore),
    saveRestore || profile !== 'full' ? null : object['umqtt::MQTTClientBase'],
    saveRestore || profile !== 'full' ? null : stack.bytes,
    saveRestore ? null : allocates.length,
  ]
  const rows: Table['rows'] = {}
  for (const profile of Object.keys(DEFINES)) {
    rows[profile] = await row(profile, false)
    rows[`${profile}, -msave-restore`] = await row(profile, true)
  }
  const most = await flashOf('client')
  const more: string[] = []
  for (const [what, define] of Object.entries(BESIDE)) more.push(`${what} ${(await flashOf('client', 'full', false, [define])) - most}`)
  const about = `Own code only, with UTF-8, topics and filters validated; the transport is apart. Beside the whole client, where it is called: ${more.join(', ')}. The deepest call: ${stack.path}.`
  const columns = ['codec', 'session and codec', 'whole client', 'object', 'worst stack', 'functions of a heap']
  return [{ figures: 'cpp_size', title: 'umqtt on rv32imc', unit: 'bytes, -Os with gc-sections', about, columns, rows }]
}
