// Puts generated files on disk, or says how what is there differs. It removes what no target makes any more.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { listFiles } from './files.ts'

/** By path below generated/. */
export type Files = Map<string, string | Buffer>

export interface Difference {
  path: string
  is: 'changed' | 'missing' | 'orphan'
}

/** How generated/ differs from `files`; with `only`, one target's folder. */
export function differences(root: string, files: Files, only?: string): Difference[] {
  const base = join(root, 'generated')
  const found: Difference[] = []
  for (const [path, content] of files) {
    const full = join(base, path)
    if (!existsSync(full)) found.push({ path, is: 'missing' })
    else if (typeof content === 'string' ? readFileSync(full, 'utf8') !== content : !readFileSync(full).equals(content))
      found.push({ path, is: 'changed' })
  }
  for (const full of listFiles(join(base, only ?? ''))) {
    const path = relative(base, full)
    if (!files.has(path)) found.push({ path, is: 'orphan' })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Writes what differs; answers which files those were. */
export async function writeFiles(root: string, files: Files, only?: string): Promise<Difference[]> {
  const wrong = differences(root, files, only)
  const paths = (is: Difference['is']) => wrong.filter((w) => w.is === is).map((w) => w.path)
  const full = (path: string) => join(root, 'generated', path)
  for (const path of paths('orphan')) remove(full(path))
  for (const path of paths('changed')) overwrite(full(path), files.get(path)!)
  for (const folder of new Set(paths('missing').map((path) => dirname(full(path))))) mkdirSync(folder, { recursive: true })
  await Promise.all(paths('missing').map((path) => writeFile(full(path), files.get(path)!)))
  return wrong
}

/** In place: some file systems take a millisecond or two to truncate a file and write it anew. */
function overwrite(path: string, content: string | Buffer): void {
  const file = openSync(path, 'r+')
  writeFileSync(file, content)
  ftruncateSync(file, Buffer.byteLength(content))
  closeSync(file)
}

/** A file, and the folders that are empty without it. */
function remove(path: string): void {
  rmSync(path)
  for (let folder = dirname(path); readdirSync(folder).length === 0; folder = dirname(folder)) rmdirSync(folder)
}
