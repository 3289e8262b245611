// What the C++ codec and client take on rv32imc: exact instructions under QEMU, the same each time. The work is bench/cpp/main.cpp's; the same
// work of others stands in figures.yaml. Ours is validated; what that costs is printed beside.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../support/targets.ts'
import { compile, instructions } from '../tools/rv32.ts'
import type { Table } from './table.ts'

const src = join(root, 'generated/cpp/src')

/** Every count by its name in main.cpp. */
export const counts = async (): Promise<Record<string, number>> => {
  const sources = readdirSync(join(src, 'umqtt')).filter((file) => file.endsWith('.cpp') && file !== 'socket.cpp')
  const program = await compile({
    dir: join(root, 'generated/cpp/build/bench'),
    sources: sources.map((file) => join(src, 'umqtt', file)),
    driver: [fileURLToPath(new URL('cpp/main.cpp', import.meta.url))],
    include: [src],
    defines: ['UMQTT_ICOUNT'],
  })
  return instructions(program)
}

export const ENCODED = ['encode PUBLISH q0 20 B', 'encode CONNECT with everything', 'encode SUBSCRIBE', 'encode PUBACK']
export const DECODED = ['decode PUBLISH 20 B', 'decode PUBACK']
/** What judging the texts of a packet costs. */
const judging = (count: Record<string, number>, work: string): number => {
  const packet = work.split(' ')[1]
  return work.startsWith('decode') || !(`texts of ${packet}` in count) ? 0 : count[`texts of ${packet}`] - count[`bytes of ${packet}`]
}

export const run = async (): Promise<Table[]> => {
  const count = await counts()
  const columns = [...ENCODED, ...DECODED]
  const codec = columns.map((name) => count[name])
  const unjudged = ENCODED.map((name) => count[name] - judging(count, name))
  const client = ['client: publish q0 20 B', 'client: receive q0 1 KiB', 'writes of connect', 'writes of publish q0']
  return [
    {
      figures: 'cpp_codec_instructions',
      title: 'umqtt codec on rv32imc',
      unit: 'instructions, exact, -Os',
      about: 'Everything is validated on its way; the second row is without judging the texts.',
      columns,
      rows: { ours: codec, 'ours, texts not judged': [...unjudged, null, null] },
    },
    {
      figures: 'cpp_client_instructions',
      title: 'umqtt client on rv32imc',
      unit: 'instructions, exact, -Os; writes to the transport',
      about: `Validated: judging the topic is ${judging(count, 'encode PUBLISH')} of a publish.`,
      columns: ['publish q0 20 B', 'receive q0 1 KiB', 'writes of connect', 'writes of publish q0'],
      rows: { ours: client.map((name) => count[name]) },
    },
  ]
}
