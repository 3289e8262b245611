// Files and their hashes: what lies below a folder, and generated/manifest.json, by which "nothing to do" is found out without loading
// the generator. It imports nothing that is slow.
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What tools leave behind; neither an input nor generated. */
const IGNORED = new Set(['node_modules', 'build', 'dist', '__pycache__'])

export const isIgnored = (name: string): boolean => IGNORED.has(name) || name.startsWith('.')

/** All files below `path`, or `path` itself where it is a file, in the order of the alphabet. */
export function listFiles(path: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !isIgnored(entry.name))
      .flatMap((entry) => (entry.isDirectory() ? below(join(folder, entry.name)) : [join(folder, entry.name)]))
  if (!existsSync(path)) return []
  try {
    return below(path).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path]
    throw error
  }
}

/** A folder with a target.yaml is a target; one that begins with an underscore is a pattern for new ones. */
export const targetNames = (root: string): string[] =>
  readdirSync(join(root, 'targets'))
    .filter((n) => !n.startsWith('_') && existsSync(join(root, 'targets', n, 'target.yaml')))
    .sort()

const hashOf = (content: string | Buffer): string => hash('sha256', content).slice(0, 16)

/** Which inputs generated/ was made of, and the hash of each of its files. */
interface Manifest {
  inputs: string
  files: Record<string, string>
}

const hashes = new Map<string, { state: string; hash: string }>()
/** A file is read again only where it was written since. */
function hashFile(path: string): string {
  const { mtimeMs, ctimeMs, size } = statSync(path)
  const state = `${mtimeMs} ${ctimeMs} ${size}`
  const known = hashes.get(path)
  if (known?.state === state) return known.hash
  const hash = hashOf(readFileSync(path))
  hashes.set(path, { state, hash })
  return hash
}
const hashAll = (root: string, paths: string[]): string =>
  hashOf(paths.map((path) => `${relative(root, path)} ${hashFile(path)}`).join('\n'))
/** Over all that generated/ depends on. */
const inputHash = (root: string): string =>
  hashAll(
    root,
    ['spec', 'generator', 'targets', 'package.json'].flatMap((d) => listFiles(join(root, d))),
  )
/** Over the spec alone: it stands in the head of each generated file. */
export const specHash = (root: string): string =>
  hashAll(
    root,
    listFiles(join(root, 'spec')).filter((f) => /^\w+\.yaml$/.test(relative(join(root, 'spec'), f))),
  )

const manifestPath = (root: string): string => join(root, 'generated', 'manifest.json')

/** The manifest of `files`, by path below generated/. */
export function makeManifest(root: string, files: Map<string, string | Buffer>): string {
  const hashes = [...files].map(([path, content]) => [path, hashOf(content)]).sort()
  return `${JSON.stringify({ inputs: inputHash(root), files: Object.fromEntries(hashes) } satisfies Manifest, null, 1)}\n`
}

/** Whether generated/ is what the inputs make of it, and nothing else lies there. */
export function isUpToDate(root: string): boolean {
  try {
    const { inputs, files } = JSON.parse(readFileSync(manifestPath(root), 'utf8')) as Manifest
    if (inputs !== inputHash(root)) return false
    const there = listFiles(join(root, 'generated')).filter((f) => f !== manifestPath(root))
    return (
      there.length === Object.keys(files).length &&
      there.every((f) => files[relative(join(root, 'generated'), f)] === hashOf(readFileSync(f)))
    )
  } catch {
    return false // no manifest, or one that a merge has mixed up
  }
}
