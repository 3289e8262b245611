// Entries of a spec file as they stand there, comments included, for the documents that quote them.
import type { Item } from '../../generator/source.ts'

export interface Entry {
  title: string
  tags: string
  text: string
}

/** Each entry of a map: its heading, and its lines without the indentation they share. */
export function entriesOf(map: Item): Entry[] {
  const entries = map.entries()
  const lines = map.file.text.split('\n')
  return entries.map(([key], i) => {
    const start = key.file.position(key.spot.offset).line - 1
    const indent = /^ */.exec(lines[start])![0].length
    const next = entries[i + 1]
    let end = next ? next[0].file.position(next[0].spot.offset).line - 1 : start + 1
    if (!next) while (end < lines.length && (lines[end].trim() === '' || /^ */.exec(lines[end])![0].length > indent)) end++
    const own = lines.slice(start, end)
    while (own.at(-1)!.trim() === '' || new RegExp(`^ {0,${indent}}#`).test(own.at(-1)!)) own.pop()
    const [, title, tags = ''] = /^(.*?)((?:\s+@!?\w+)*)$/.exec(key.text)!
    return { title, tags: tags.trim(), text: own.map((l) => l.slice(indent)).join('\n') }
  })
}

/** Entries under the lines of comment that divide a map: `# ------ publishing`. */
export function sections(map: Item): { title: string; entries: Entry[] }[] {
  const found: { title: string; entries: Entry[] }[] = []
  const entries = entriesOf(map)
  for (const [i, [key]] of map.entries().entries()) {
    const before = key.file.text.slice(0, key.spot.offset).trimEnd().split('\n').at(-1)!
    const title = /^\s*# -{8,} (.*)$/.exec(before)?.[1]
    if (title || found.length === 0) found.push({ title: title ?? 'first', entries: [] })
    found.at(-1)!.entries.push(entries[i])
  }
  return found
}
