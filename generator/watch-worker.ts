// The process that generates while watch.ts watches: it makes again only what a change touches. A mistake is printed, and the next
// change may mend it.
import { makeManifest, targetNames } from './files.ts'
import { type Loaded, loadSpec, makeTargets } from './generate.ts'
import { nextTurn } from './memo.ts'
import { Fault, Problems } from './source.ts'
import type { Change } from './watch.ts'
import { type Files, writeFiles } from './write.ts'

const root = process.argv[2]
let loaded: Loaded | undefined
let files: Files = new Map()

/** The targets a change touches. What a target.yaml says may matter to all of them. */
function touched(paths: string[]): string[] {
  const all = targetNames(root)
  const whole = paths.length === 0 || paths.some((path) => !/^targets\/[^/]+\/./.test(path) || path.endsWith('/target.yaml'))
  return whole || files.size === 0 ? all : all.filter((name) => paths.some((path) => path.startsWith(`targets/${name}/`)))
}

async function generate({ paths, since }: Change): Promise<string> {
  nextTurn()
  const known = loaded && files.size > 0 && paths.length > 0 && !paths.some((path) => path.startsWith('spec/'))
  if (!known) {
    const problems = new Problems()
    loaded = loadSpec(root, problems)
    if (!loaded) return problems.report()
  }
  const names = touched(paths)
  const made = await makeTargets(root, loaded!, names)
  const kept = [...files].filter(([path]) => path.includes('/') && !names.includes(path.split('/')[0]))
  files = new Map([...kept, ...made])
  files.set('manifest.json', makeManifest(root, files))
  const written = (await writeFiles(root, files)).filter(({ path }) => path !== 'manifest.json')
  const what = written.length === 1 ? `generated/${written[0].path}` : `${written.length} files`
  return `${paths.join(', ') || 'spec/'}: ${written.length > 0 ? `${what} written` : 'nothing to do'} in ${Date.now() - since} ms`
}

let turn: Promise<void> = Promise.resolve()
process.on('message', (change: Change) => {
  turn = turn.then(async () => {
    try {
      console.log(await generate(change))
    } catch (error) {
      files = new Map() // whatever was half made is made again
      console.log(error instanceof Fault ? error.message : error)
    }
  })
})
