// Breaks a long line of Python where a person would: inside its outermost brackets, one item a line when they do not fit on one.

const WIDTH = 84 // what is left of 100 columns inside a method's blocks
const INDENT = '    '

const depthAt = (c: string): number => ('([{'.includes(c) ? 1 : ')]}'.includes(c) ? -1 : 0)

/** Pieces of a text between its commas, or before its operators, outside of brackets. */
function split(text: string, at: string): string[] {
  const pieces: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < text.length; i++) {
    depth += depthAt(text[i]!)
    if (depth > 0 || !text.startsWith(at, i)) continue
    pieces.push(text.slice(from, i))
    from = i + (at === ', ' ? at.length : 1)
  }
  return [...pieces, text.slice(from)].filter(Boolean)
}

/** Where the bracket opens that the line ends with; -1 where it ends with none. */
function opening(line: string): number {
  if (depthAt(line.at(-1)!) !== -1) return -1
  let depth = 0
  for (let i = line.length - 1; i >= 0; i--) {
    depth -= depthAt(line[i]!)
    if (depth === 0) return i
  }
  return -1
}

export function folded(line: string, width = WIDTH): string[] {
  const at = line.length > width ? opening(line) : -1
  if (at < 0) return [line]
  const [head, body, tail] = [line.slice(0, at + 1), line.slice(at + 1, -1), line.at(-1)!]
  const inside = (lines: string[]): string[] => [head, ...lines.map((l) => INDENT + l), tail]
  if (body.length <= width - INDENT.length) return inside([body])
  const items = split(body, ', ')
  if (items.length > 1) return inside(items.flatMap((item) => comma(folded(item, width - INDENT.length))))
  const operands = split(body, ' | ')
  return inside(operands.length > 1 ? operands : folded(body, width - INDENT.length))
}
const comma = (lines: string[]): string[] => [...lines.slice(0, -1), `${lines.at(-1)!.replace(/,$/, '')},`]
