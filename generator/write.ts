// Puts generated files on disk, or compares them with what is there. It removes what no target makes any more.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { listFiles } from './target.ts'

export interface Difference {
  path: string
  is: 'changed' | 'missing' | 'orphan'
}

/** `folder` below generated/ holds exactly `files`; says how it differs. */
export function differences(root: string, folder: string, files: Map<string, string | Buffer>): Difference[] {
  const base = join(root, 'generated', folder)
  const found: Difference[] = []
  for (const [path, content] of files) {
    const full = join(base, path)
    const name = relative(root, full)
    if (!existsSync(full)) found.push({ path: name, is: 'missing' })
    else if (!readFileSync(full).equals(Buffer.from(content))) found.push({ path: name, is: 'changed' })
  }
  // '' holds the files of no target; the folders beside them are the targets'
  const there = folder && existsSync(base) ? listFiles(base).map((f) => relative(base, f)) : []
  for (const path of there)
    if (!files.has(path) && !/(^|\/)(build|\.pio|node_modules)\//.test(path))
      found.push({ path: relative(root, join(base, path)), is: 'orphan' })
  return found
}

/** Writes what differs; answers how many files that were. */
export function writeFiles(root: string, folder: string, files: Map<string, string | Buffer>): number {
  const wrong = differences(root, folder, files)
  for (const { path, is } of wrong) {
    const full = join(root, path)
    if (is === 'orphan') rmSync(full)
    else {
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, files.get(relative(join(root, 'generated', folder), full))!)
    }
  }
  return wrong.length
}
