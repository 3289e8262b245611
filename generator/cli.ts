// The command line of the generator. What the commands do is in run.ts and watch.ts; what is slow to load is loaded when it is needed.
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const USAGE = `Generates the umqtt clients from spec/

generate                   write generated/ from spec/ and targets/
generate --check           compare only: say which files are changed, missing or orphans, and exit with 1 if any are
generate --target <name>   only this target
generate --watch           go on, and generate again after each change of spec, targets or generator
lint                       check spec/ without writing anything`

const options = { check: { type: 'boolean' }, target: { type: 'string' }, watch: { type: 'boolean' } } as const

function read(): { command: string; values: { check?: boolean; target?: string; watch?: boolean } } {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const command = positionals.length === 0 ? 'generate' : positionals.join(' ')
    if (command === 'generate' || command === 'lint') return { command, values }
    throw new Error(`unknown command '${command}'`)
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n\n${USAGE}`)
    process.exit(1)
  }
}

const { command, values } = read()
const root = join(import.meta.dirname, '..')
if (values.watch) (await import('./watch.ts')).watch(root)
else if (command === 'lint') process.exitCode = await (await import('./run.ts')).lint(root)
else process.exitCode = await (await import('./run.ts')).run(root, values)
