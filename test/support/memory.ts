// The TypeScript target made and run in memory: from a spec, maybe an altered one, to the answers of its testee, in milliseconds and without
// a process. Mutation, coverage of rows and exploration stand on it; what they ask is theirs.
import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { transform } from 'esbuild'
import { type Loaded, loadSpec, resolveSpec } from '../../generator/generate.ts'
import { Problems, Source } from '../../generator/source.ts'
import { makeTarget } from '../../generator/target.ts'
import { describeModel } from '../../targets/data/describe.ts'
import { root } from './targets.ts'

export type Answer = (line: string) => string[]
type Module = Record<string, unknown>

const GENERATED = join(root, 'generated', 'typescript')
const MODEL = join(root, 'generated', 'data', 'model.json')
export const TESTEE = join(root, 'targets', 'typescript', 'testee-answer.ts')
export const SESSION = join(GENERATED, 'src', 'session.ts')
export const CODEC = join(GENERATED, 'src', 'codec.ts')

/** The spec as it lies there; `npm run generate` shows its problems, so there are none here. */
export const theSpec = (): Loaded => {
  const problems = new Problems()
  const loaded = loadSpec(root, problems)
  if (!loaded) throw new Error(problems.report())
  return loaded
}

export const sourceOf = (file: 'packets' | 'client' | 'session'): Source => Source.read(join(root, 'spec', `${file}.yaml`), root)

/** A spec that may have been altered; what the generator finds wrong with it, as text. */
export const resolved = (sources: Loaded['sources'], profile = 'full'): Loaded | string => {
  const problems = new Problems()
  try {
    return resolveSpec(sources, problems, profile) ?? problems.report()
  } catch (error) {
    return String(error) // the generator stumbles: it does not get past it either
  }
}

/** The emitted files that a testee needs, by absolute path. `earlier`: files that are known to be as they were. */
export const emitted = async (loaded: Loaded, earlier?: Map<string, string>, again: string[] = []): Promise<Map<string, string>> => {
  const wanted = (to: string): boolean => /^src\/\w+\.ts$/.test(to) && to !== 'src/client.ts' && (!earlier || again.includes(to))
  const made = await makeTarget(root, 'typescript', loaded, '', () => loaded, wanted)
  const files = new Map(earlier ?? [[MODEL, '']])
  for (const [path, content] of made) files.set(join(GENERATED, path), content.toString())
  if (!earlier || again.includes('model.json')) files.set(MODEL, describeModel(loaded.codec.model))
  return files
}

/** Emitted and hand-written modules as CommonJS, each evaluated once for a set of files; texts seen before are not compiled again. */
export class Modules {
  static readonly #compiled = new Map<string, string>()
  readonly #files: Map<string, string>
  readonly #loaded = new Map<string, { exports: Module; done: boolean }>()

  constructor(files: Map<string, string>) {
    this.#files = files
  }

  async load(path: string): Promise<Module> {
    await this.#compile(path, new Set())
    return this.#evaluate(path)
  }

  #text(path: string): string {
    return this.#files.get(path) ?? readFileSync(path, 'utf8')
  }

  async #compile(path: string, seen: Set<string>): Promise<void> {
    if (seen.has(path)) return
    seen.add(path)
    const text = this.#text(path)
    const key = `${path}\n${text}`
    let code = Modules.#compiled.get(key)
    if (code === undefined) {
      const define = { 'import.meta.url': JSON.stringify(pathToFileURL(path).href) }
      code = (await transform(text, { loader: 'ts', format: 'cjs', target: 'es2022', define, sourcefile: path })).code
      if (Modules.#compiled.size > 300) Modules.#compiled.clear()
      Modules.#compiled.set(key, code)
    }
    for (const [, wanted] of code.matchAll(/require\("(\.[^"]+)"\)/g)) await this.#compile(join(dirname(path), wanted), seen)
  }

  #evaluate(path: string): Module {
    const known = this.#loaded.get(path)
    if (known) return known.done ? known.exports : later(known)
    const module = { exports: {} as Module, done: false }
    this.#loaded.set(path, module)
    const code = Modules.#compiled.get(`${path}\n${this.#text(path)}`)!
    const script = new Script(`(function (require, module, exports) {${code}\n})`, { filename: path })
    const run = script.runInThisContext() as (...args: unknown[]) => void
    run((wanted: string) => this.#require(path, wanted), module, module.exports)
    module.done = true
    return module.exports
  }

  #require(from: string, wanted: string): unknown {
    if (wanted.startsWith('.')) return this.#evaluate(join(dirname(from), wanted))
    const found = createRequire(from)(wanted) as Record<string, unknown>
    if (!isBuiltin(wanted) || !/^(node:)?fs$/.test(wanted)) return found
    const read = (path: URL | string, ...rest: []): unknown =>
      /model\.json$/.test(String(path)) ? this.#files.get(MODEL) : readFileSync(path, ...rest)
    return { ...found, readFileSync: read }
  }
}

/** Modules that need each other: the exports of one that is still being evaluated are looked up when they are used. */
const later = (module: { exports: Module }): Module => new Proxy({}, { get: (_, name) => module.exports[name as string] })

/** The testee over these files. */
export const answerOf = async (files: Map<string, string>): Promise<Answer> => (await new Modules(files).load(TESTEE)).answer as Answer

/** Runs what may never end; throws after so many ms. */
export const bounded = <T>(ms: number, work: () => T): T => {
  const holder = globalThis as { umqttWork?: () => T }
  holder.umqttWork = work
  try {
    return new Script('umqttWork()').runInThisContext({ timeout: ms }) as T
  } finally {
    delete holder.umqttWork
  }
}
