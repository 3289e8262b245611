// `npm run bench [-- <suite>...] [--json]`: runs the suites named, or all, and prints what they measured beside the peers'
// figures. A suite is a file here that exports `run()`, which gives a table or several, loaded only when it is run.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { figures, render, type Table } from './table.ts'

const file = (suite: string) => new URL(`${suite}.ts`, import.meta.url)

const suites = ['codec', 'session', 'client', 'generate', 'cpp'].filter((suite) => existsSync(file(suite)))

const runSuite = async (suite: string): Promise<Table[]> => {
  const { run } = (await import(file(suite).href)) as { run(): Promise<Table | Table[]> }
  return [await run()].flat()
}

const main = async () => {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
  const unknown = positionals.find((name) => !suites.includes(name))
  if (unknown) throw new Error(`no bench is called '${unknown}'; there are: ${suites.join(', ')}`)
  const tables: Table[] = []
  for (const suite of positionals.length > 0 ? positionals : suites) {
    const measured = await runSuite(suite)
    tables.push(...measured)
    if (!values.json) for (const table of measured) process.stdout.write(`${render(table)}\n`)
  }
  if (values.json) {
    const told = tables.map((table) => ({ ...table, peers: figures[table.figures] }))
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
  }
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
