// Keeps what the documents quote true: behind a line `<!-- excerpt: <file>#<first line> -->` stands a fenced block, and it must be the
// block that begins with that line in that file. `npm run excerpts` writes them anew; docs.test.ts compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/targets.ts'

export const QUOTING = ['ARCHITECTURE.md']

const MARK = /^<!-- excerpt: (\S+?)#(.+?) -->\n```(\w+)\n[\s\S]*?^```$/gm

/** A document with every excerpt as it is now. */
export const withExcerpts = (text: string): string =>
  text.replace(MARK, (_, file: string, start: string, language: string) => {
    return `<!-- excerpt: ${file}#${start} -->\n\`\`\`${language}\n${blockOf(readFileSync(join(root, file), 'utf8'), start, file)}\n\`\`\``
  })

/** From the line that begins with `start` to the end of what is indented under it, its closing brace included. */
const blockOf = (source: string, start: string, file: string): string => {
  const lines = source.split('\n')
  const first = lines.findIndex((line) => line.trimStart().startsWith(start))
  if (first < 0) throw new Error(`${file} has no line that begins with '${start}'`)
  const depth = (line: string): number => line.length - line.trimStart().length
  let last = first
  while (last + 1 < lines.length && (lines[last + 1].trim() === '' || depth(lines[last + 1]) > depth(lines[first]))) last++
  while (lines[last].trim() === '') last--
  const closes = /^\s*[}\])]/.test(lines[last + 1] ?? '') && depth(lines[last + 1]) === depth(lines[first])
  return lines
    .slice(first, last + (closes ? 2 : 1))
    .map((line) => line.slice(depth(lines[first])))
    .join('\n')
}

if (process.argv[1] === import.meta.filename) {
  for (const name of QUOTING) {
    const path = join(root, name)
    writeFileSync(path, withExcerpts(readFileSync(path, 'utf8')))
  }
}
