// `npm run bench -- client`: the processor time a client takes for a message, published and received at each QoS, against
// the acknowledging peer. Every measurement is a process of its own; the clients take turns, and the median counts.
// A client joins by a file in clients/.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { BenchClient, Qos } from './clients/client.ts'
import { type Cell, median, type Table } from './table.ts'

const ROUNDS = 3
const REFERENCE = 'mqttjs'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const clients = [REFERENCE, 'ours', 'bare', 'raw'].filter((name) => existsSync(path(`clients/${name}.ts`)))

interface Case {
  name: string
  direction: 'publish' | 'subscribe'
  qos: Qos
}

const cases: Case[] = (['publish', 'subscribe'] as const).flatMap((direction) =>
  ([0, 1, 2] as const).map((qos) => ({ name: `${direction.slice(0, 3)} q${qos}`, direction, qos })),
)

export const run = async (): Promise<Table> => {
  const [peer, port] = await startPeer()
  const measured = new Map<string, number[]>()
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const index of cases.keys())
        for (const name of clients) {
          const key = `${name} ${index}`
          measured.set(key, [...(measured.get(key) ?? []), await measure(name, index, port)])
        }
  } finally {
    peer.kill()
  }
  const medians = (name: string) => cases.map((_, index) => median(measured.get(`${name} ${index}`)!))
  return table(await names(), medians)
}

const startPeer = async (): Promise<[ChildProcess, number]> => {
  const peer = spawn(process.execPath, ['--import', 'tsx', path('peer.ts'), 'listen'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(peer.stdout, 'data')
  return [peer, Number(port)]
}

const measure = async (name: string, index: number, port: number): Promise<number> => {
  const args = ['--import', 'tsx', path('client.ts'), name, String(index), String(port)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  return Number(stdout)
}

const load = async (name: string): Promise<BenchClient> =>
  ((await import(pathToFileURL(path(`clients/${name}.ts`)).href)) as { client: BenchClient }).client

const names = async () => new Map(await Promise.all(clients.map(async (name) => [name, (await load(name)).name] as const)))

const table = (named: Map<string, string>, medians: (name: string) => number[]): Table => {
  const reference = medians(REFERENCE)
  const rows: Record<string, Cell[]> = {}
  for (const [name, label] of named) rows[label] = medians(name)
  for (const [name, label] of named)
    if (name !== REFERENCE) rows[`${named.get(REFERENCE)} divided by ${label}`] = medians(name).map((cpu, index) => reference[index]! / cpu)
  return {
    figures: 'client',
    title: 'Client CPU in Node',
    unit: 'µs a message, user + system time of the client process',
    about: `20-byte payload, at most 1000 unacknowledged, median of ${ROUNDS} rounds`,
    columns: cases.map(({ name }) => name),
    rows,
  }
}

/** One measurement, printed: microseconds of this process a message, after as many again to warm up. */
const measureHere = async (name: string, index: number, port: number) => {
  const client = await load(name)
  const { direction, qos } = cases[index]!
  const count = client.messages
  const go = (filter: string) => (direction === 'publish' ? client.publish(count, qos) : client.subscribe(filter, count, qos))
  await client.connect(port)
  await go(`send/${qos}/${count}/warm`)
  const before = process.cpuUsage()
  await go(`send/${qos}/${count}/measured`)
  const { user, system } = process.cpuUsage(before)
  await client.close()
  process.stdout.write(String((user + system) / count))
}

if (process.argv[1] === path('client.ts')) {
  const [name, index, port] = process.argv.slice(2)
  await measureHere(name!, Number(index), Number(port))
}
