// Marks the rows of session.yaml's tables, so that a session says which of them it takes: each row begins with a violation that no server
// can bring about. Made in memory; which scenarios reach which rows, rows.test.ts asks.
import { isMap, isSeq, type Node, type Pair, Scalar, type YAMLMap, YAMLSeq } from 'yaml'
import type { Source } from '../../generator/source.ts'

/** The offset of the first row's mark; no packet has as many bytes. */
const FIRST = 1_000_000_000

export interface Row {
  /** `in.PUBREC: wait_pubrec`. */
  name: string
  line: number
}

const keyText = (pair: Pair): string => String((pair.key as Scalar).value)
const plain = (text: string): string => text.replace(/\s@.*/, '')

/** Puts a mark at the beginning of each row, one a state, and at that of each event that has no rows. */
export const markRows = (source: Source): Row[] => {
  const rows: Row[] = []
  const root = source.document.contents as YAMLMap
  const states = new Set(['others', 'none', 'held'])
  for (const section of root.items as Pair[])
    if (['phases', 'stages'].includes(keyText(section)))
      for (const state of (section.value as YAMLMap).items as Pair[]) states.add(plain(keyText(state)))
  const mark = (pair: Pair, name: string, copy: boolean): Pair => {
    const line = source.position((pair.key as Node).range?.[0] ?? 0).line
    const body = new YAMLSeq()
    body.add(new Scalar(`violation second_connack ${FIRST + rows.length}`))
    const { value } = pair
    body.items.push(...(isSeq(value) ? value.items : [value as Node]))
    rows.push({ name, line })
    if (copy) return Object.assign(pair.clone() as Pair, { value: body })
    pair.value = body
    return pair
  }
  for (const section of root.items as Pair[]) {
    const title = keyText(section)
    if (title !== 'on' && !title.startsWith('on ')) continue
    for (const event of (section.value as YAMLMap).items as Pair[]) {
      const table = event.value
      const name = plain(keyText(event))
      const isTable =
        isMap(table) &&
        (table.items as Pair[]).every((p) =>
          plain(keyText(p))
            .split(',')
            .every((s) => states.has(s.trim())),
        )
      if (!isTable) mark(event, name, false)
      else
        table.items = (table.items as Pair[]).flatMap((row) => {
          const text = keyText(row)
          const tags = text.slice(plain(text).length)
          if (tags.includes('@!')) return [row] // of a smaller profile
          const list = plain(text)
            .split(',')
            .map((s) => s.trim())
          return list.map((state) => {
            const marked = mark(row, `${name}: ${state}`, list.length > 1)
            marked.key = new Scalar(state + tags)
            return marked
          })
        })
    }
  }
  return rows
}

/** Which row an offset is the mark of. */
export const markOf = (offset: number): number | undefined => (offset < FIRST ? undefined : offset - FIRST)
