// The command line of the generator. What the commands do is in run.ts and watch.ts.
import { join } from 'node:path'
import { Command } from 'commander'

const root = join(import.meta.dirname, '..')
const program = new Command('umqtt').description('Generates the umqtt clients from spec/')

program
  .command('generate', { isDefault: true })
  .description('write generated/ from spec/ and targets/')
  .option('--check', 'compare only: say which files are changed, missing or orphans, and exit with 1 if any are')
  .option('--target <name>', 'only this target')
  .option('--watch', 'go on, and generate again after each change of spec, targets or generator')
  .action(async (options: { check?: boolean; target?: string; watch?: boolean }) => {
    if (options.watch) return (await import('./watch.ts')).watch(root)
    process.exitCode = await (await import('./run.ts')).run(root, options)
  })

program
  .command('lint')
  .description('check spec/ without writing anything')
  .action(async () => {
    process.exitCode = await (await import('./run.ts')).lint(root)
  })

await program.parseAsync()
