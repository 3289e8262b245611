// Breaks a line that is too long at a pair of its brackets, one item a line. It knows brackets, quotes and where a comment begins, and no
// language: inside brackets a line may end in all of them.

/** The same everywhere, so that files can be read side by side. */
const LONGEST = 140

export interface Style {
  indent: string
  comment: string
}
interface Group {
  open: number
  close: number
  depth: number
}

const OPEN = '([{'
const CLOSE = ')]}'
/** Where a line may end, the loosest first. */
const BETWEEN = [', ', ' || ', ' or ', ' && ', ' and ', ' | ', ' + ']

export function wrap(line: string, style: Style): string[] {
  if (line.length <= LONGEST) return [line]
  const lead = /^\s*/.exec(line)![0]
  const { groups, end } = scan(line, style.comment)
  if (end < line.length && line.slice(0, end).trim()) return [lead + line.slice(end), ...wrap(line.slice(0, end).trimEnd(), style)]
  // the outermost pair with more than one item; of several the one that holds most
  const able = groups.filter((g) => Number.isFinite(g.depth) && itemsOf(line.slice(g.open + 1, g.close), style.comment).length > 1)
  const [best] = able.sort((a, b) => a.depth - b.depth || b.close - b.open - (a.close - a.open))
  if (!best) return [line]
  const items = itemsOf(line.slice(best.open + 1, best.close), style.comment)
  const inner = items.filter(Boolean).flatMap((item) => wrap(lead + style.indent + item, style))
  return [line.slice(0, best.open + 1), ...inner, ...wrap(lead + line.slice(best.close), style)]
}

function itemsOf(content: string, comment: string): string[] {
  if (content.endsWith('; ')) return ['', ...content.trim().split(/(?<=;) /)] // a block on one line
  if (!BETWEEN.some((sign) => content.includes(sign))) return [content]
  const { groups } = scan(content, comment)
  for (const sign of BETWEEN) {
    const items: string[] = []
    let from = 0
    for (let at = content.indexOf(sign); at >= 0; at = content.indexOf(sign, at + 1)) {
      if (groups.some((g) => g.open < at && at < g.close)) continue
      items.push(content.slice(from, at + sign.trimEnd().length))
      from = at + sign.length
    }
    if (items.length > 0) return [...items, content.slice(from)].map((item) => item.trim())
  }
  return [content]
}

/** The pairs of brackets, quoted text being one too, and where the code ends. */
function scan(line: string, comment: string): { groups: Group[]; end: number } {
  const groups: Group[] = []
  const open: number[] = []
  for (let at = 0; at < line.length; at++) {
    const c = line[at]
    if (line.startsWith(comment, at)) return { groups, end: at }
    if (c === "'" || c === '"' || c === '`') {
      const from = at
      for (at++; at < line.length && line[at] !== c; at++) if (line[at] === '\\') at++
      groups.push({ open: from, close: at, depth: Number.POSITIVE_INFINITY })
    } else if (OPEN.includes(c)) open.push(at)
    else if (CLOSE.includes(c) && open.length > 0) groups.push({ open: open.pop()!, close: at, depth: open.length })
  }
  return { groups, end: line.length }
}
