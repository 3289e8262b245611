// The command `generate`: what it says and the exit code it gives.
import { loadSpec, makeAll } from './generate.ts'
import { Problems } from './source.ts'
import { targetNames } from './target.ts'
import { differences, writeFiles } from './write.ts'

export async function run(root: string, options: { check?: boolean; target?: string }): Promise<number> {
  if (options.target && !targetNames(root).includes(options.target)) {
    console.error(`error: no target '${options.target}'; there are ${targetNames(root).join(', ')}`)
    return 1
  }
  const problems = new Problems()
  const loaded = loadSpec(root, problems)
  if (!loaded) {
    console.error(problems.report())
    return 1
  }
  const all = await makeAll(root, loaded, options.target)
  let count = 0
  for (const [name, files] of all) {
    if (!options.check) count += writeFiles(root, name, files)
    else for (const { path, is } of differences(root, name, files)) count += Number(Boolean(console.error(`${path}: ${is}`) ?? true))
  }
  if (options.check && count > 0) console.error('generated/ is not what the spec says; `npm run generate` mends it')
  else if (!options.check) console.log(count > 0 ? `generated: ${count} files written` : 'generated/ is up to date')
  return options.check && count > 0 ? 1 : 0
}
