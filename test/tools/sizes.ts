// `npm run sizes [-- <target>...] [--json]`: how large each target's client is and what it takes to run, beside the peers' figures.
// A target joins by a file in sizes/ that exports `run(): Promise<Table[]>`, loaded only when it is asked for.
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { figures, render, type Table } from '../bench/table.ts'

const folder = new URL('sizes/', import.meta.url)
const targets = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))

const main = async () => {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
  const unknown = positionals.find((name) => !targets.includes(name))
  if (unknown) throw new Error(`no sizes of '${unknown}'; there are: ${targets.join(', ')}`)
  const all: Table[] = []
  for (const target of positionals.length > 0 ? positionals : targets) {
    const { run } = (await import(new URL(`${target}.ts`, folder).href)) as { run(): Promise<Table[]> }
    const tables = await run()
    all.push(...tables)
    if (!values.json) for (const table of tables) process.stdout.write(`${render(table)}\n`)
  }
  if (values.json) {
    const told = all.map((table) => ({ ...table, peers: figures[table.figures] }))
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
  }
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
