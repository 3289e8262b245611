// What a bench gives and how it looks: a table, printed with the peers' figures and our goals from figures.yaml below it.
// What is measured is the suites' business.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export type Cell = number | string | null

export interface Table {
  /** The table of figures.yaml it is printed beside. */
  figures: string
  title: string
  unit: string
  about: string
  columns: string[]
  rows: Record<string, Cell[]>
}

export interface Goal {
  min?: number
  max?: number
  aim?: number
}

export interface Figures {
  title: string
  unit: string
  about: string
  columns: string[]
  rows: Record<string, Cell[]>
  ours: Record<string, (Goal | null)[]>
}

export const figures: Record<string, Figures> = parse(readFileSync(new URL('figures.yaml', import.meta.url), 'utf8'))

/** The middle one of an odd number of measurements. */
export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

export const render = (table: Table): string => {
  const peers = figures[table.figures]!
  const measured = section(table.columns, shown(table.rows, rounded))
  const told = section(peers.columns, shown({ ...peers.rows, ...goals(peers) }, asGiven))
  return [
    `${table.title} (${table.unit})`,
    `  ${table.about}`,
    '',
    measured,
    '',
    `  The peers' figures and ours to reach: ${peers.title} (${peers.unit})`,
    '',
    told,
    '',
  ].join('\n')
}

const goals = ({ ours }: Figures): Record<string, Cell[]> =>
  Object.fromEntries(Object.entries(ours).map(([name, cells]) => [`ours: ${name}`, cells.map(goal)]))

const goal = (wanted: Goal | null): Cell => {
  if (!wanted) return null
  const { min, max, aim } = wanted
  const bound = min === undefined ? `≤ ${max}` : `≥ ${min}`
  return aim === undefined ? bound : `${bound} (aim ${aim})`
}

const SCREEN = 120

/** Turned on its side where it would be wider than a screen. */
const section = (columns: string[], rows: Record<string, string[]>): string => {
  const upright = [['', ...columns], ...Object.entries(rows).map(([name, cells]) => [name, ...cells])]
  const lines = aligned(upright)
  if (lines.every((line) => line.length <= SCREEN)) return lines.join('\n')
  return aligned(upright[0]!.map((_, column) => upright.map((line) => line[column] ?? ''))).join('\n')
}

const aligned = (lines: string[][]): string[] => {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const pad = (text: string, column: number) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!))
  return lines.map((line) => `  ${line.map(pad).join('  ')}`.trimEnd())
}

const shown = (rows: Record<string, Cell[]>, show: (cell: Cell) => string): Record<string, string[]> =>
  Object.fromEntries(Object.entries(rows).map(([name, cells]) => [name, cells.map(show)]))

const asGiven = (cell: Cell): string => (cell === null ? '–' : String(cell))

/** Three digits tell enough on a noisy machine. */
const rounded = (cell: Cell): string => {
  if (typeof cell !== 'number' || Number.isInteger(cell)) return asGiven(cell)
  return cell >= 100 ? cell.toFixed(0) : cell.toPrecision(3)
}
