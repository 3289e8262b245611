// What the npm package weighs: its entry bundled, what importing it costs, and what an idle client and a message in flight hold. What takes
// a process of its own is process/typescript.ts.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { median, type Table } from '../../bench/table.ts'
import { root } from '../../support/targets.ts'

export interface Weight {
  minified: number
  gzipped: number
}

const entry = (name: string) => join(root, 'generated/typescript/src', `${name}.ts`)

/** An entry and all it needs but node: modules, in bytes. */
export const weigh = async (name: string): Promise<Weight> => {
  const { outputFiles } = await build({
    entryPoints: [entry(name)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
  })
  const { contents } = outputFiles[0]
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length }
}

const node = async (args: string[]): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 120_000 })
  return Number(stdout)
}

/** CPU in ms that a process takes which only imports this. */
const importing = async (what: string): Promise<number> => {
  const script = `await import(${JSON.stringify(what)}); const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)`
  const rounds: number[] = []
  for (let i = 0; i < 7; i++) rounds.push(await node(['--input-type=module', '-e', script]))
  return median(rounds)
}

/** What the package's user imports: built as `prepack` builds it. */
const importCost = async (): Promise<number> => {
  await promisify(execFile)('npm', ['run', '-s', 'prepack'], { cwd: root })
  return (await importing(join(root, 'dist/index.js'))) - (await importing('node:net'))
}

const held = (what: string, ...more: string[]) =>
  node(['--expose-gc', '--import', 'tsx', join(root, 'test/tools/sizes/process/typescript.ts'), what, ...more])

export const run = async (): Promise<Table[]> => {
  const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies?: object }
  const [client, codec, core] = [await weigh('index'), await weigh('codec-entry'), await weigh('core')]
  const rows = {
    'run-time dependencies, packages': [Object.keys(pkg.dependencies ?? {}).length],
    'full client min + gzip, KB': [client.gzipped / 1000],
    'full client minified, KB': [client.minified / 1000],
    './codec min + gzip, KB': [codec.gzipped / 1000],
    './core min + gzip, KB': [core.gzipped / 1000],
    'import, ms beyond node:net': [await importCost()],
    'idle client, KB of RSS': [await held('idle')],
    'bare socket, KB of RSS': [await held('socket')],
    'unacknowledged QoS 1, bytes of heap each and payload': [await held('inflight')],
  }
  return [
    {
      figures: 'package',
      title: 'The npm package',
      unit: 'as each row says',
      about: 'The entry with node modules external.',
      columns: ['ours'],
      rows,
    },
  ]
}
