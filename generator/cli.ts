// The command line of the generator. What it does is generate.ts; what is slow to import is imported where it is needed.
import { join } from 'node:path'
import { Command } from 'commander'

const root = join(import.meta.dirname, '..')
const program = new Command('umqtt').description('Generates the umqtt clients from spec/')

program
  .command('generate', { isDefault: true })
  .description('write generated/ from spec/ and targets/')
  .option('--check', 'compare only: exit 1 and say what differs')
  .option('--target <name>', 'only this target')
  .action(async (options: { check?: boolean; target?: string }) => {
    const { run } = await import('./run.ts')
    process.exitCode = await run(root, options)
  })

await program.parseAsync()
