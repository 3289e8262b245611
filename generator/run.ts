// The command `generate`: what it says and the exit code it gives. What is slow to load is loaded when there is something to do.
import { setFlagsFromString } from 'node:v8'
import { isUpToDate, targetNames } from './files.ts'

// What runs for a second does not earn what optimizing it costs: a third of all work, on every processor.
setFlagsFromString('--no-opt')

export async function run(root: string, options: { check?: boolean; target?: string }): Promise<number> {
  if (options.target !== undefined && !targetNames(root).includes(options.target)) {
    const { suggest } = await import('./source.ts')
    console.error(
      `error: no target '${options.target}'${suggest(options.target, targetNames(root))} There are ${targetNames(root).join(', ')}.`,
    )
    return 1
  }
  if (!options.check && !options.target && isUpToDate(root)) {
    console.log('generated/ is up to date')
    return 0
  }
  const [{ loadSpec, makeAll }, { Problems, Fault }, { preload }, write] = await Promise.all([
    import('./generate.ts'),
    import('./source.ts'),
    import('./target.ts'),
    import('./write.ts'),
  ])
  preload(root, options.target === undefined ? targetNames(root) : [options.target])
  await new Promise(setImmediate) // another thread has them compiled while the spec is read
  const problems = new Problems()
  const loaded = loadSpec(root, problems)
  if (!loaded) {
    console.error(problems.report())
    return 1
  }
  try {
    const files = await makeAll(root, loaded, options.target)
    if (options.check) return check(write.differences(root, files, options.target), options.target)
    const written = await write.writeFiles(root, files, options.target)
    console.log(written.length > 0 ? `generated: ${count(written.length, 'file')} written` : 'generated/ is up to date')
    return 0
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.error(error.message)
    return 1
  }
}

function check(found: { path: string; is: string }[], target?: string): number {
  for (const { path, is } of found) console.error(`generated/${path}: ${is}`)
  if (found.length === 0) console.log('generated/ is what the spec says')
  else
    console.error(
      `${count(found.length, 'file')} ${found.length === 1 ? 'differs' : 'differ'} from what the spec says; ` +
        `\`npm run generate${target ? ` -- --target ${target}` : ''}\` mends that`,
    )
  return found.length > 0 ? 1 : 0
}

/** The command `lint`: nothing is written. */
export async function lint(root: string): Promise<number> {
  const [{ checkSpec }, { Problems }] = await Promise.all([import('./generate.ts'), import('./source.ts')])
  const problems = new Problems()
  checkSpec(root, problems)
  if (problems.none) console.log('spec/ is in order')
  else console.error(problems.report())
  return problems.none ? 0 : 1
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
