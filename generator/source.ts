// Spec files with positions, and the messages about them: `file:line:column: error: …`, the line, a caret, a suggestion.
// It knows YAML and text; what the files mean is model.ts and session.ts.
import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parse, parseDocument, type Scalar } from 'yaml'
import { aside } from './aside.ts'
import { listFiles } from './files.ts'

const parsed = new Map<string, { text: string; data: unknown }>()
/** The data of a YAML file; read again only where the text has changed. */
export function readYaml(path: string): unknown {
  const text = readFileSync(path, 'utf8')
  const known = parsed.get(path)
  if (known?.text === text) return known.data
  const data: unknown = parse(text)
  parsed.set(path, { text, data })
  return data
}
/** The YAML files of a folder, by name; many and long ones, which another thread reads. `asked`: what of a text is wanted. */
export function yamlFiles(folder: string, asked = (text: string): string => text): Promise<[string, unknown][]> {
  const files = listFiles(folder).filter((path) => path.endsWith('.yaml'))
  const texts = files.map((path) => readFileSync(path, 'utf8'))
  const changed = files.flatMap((path, i) => (many.get(path)?.text === texts[i] ? [] : [i]))
  const job = new URL('read-yaml.mjs', import.meta.url)
  const read = changed.length > 0 ? aside<string[]>(job, changed.map((i) => asked(texts[i]))) : Promise.resolve([]) // biome-ignore format: a line
  for (const [at, i] of changed.entries()) many.set(files[i], { text: texts[i], data: read.then((data) => JSON.parse(data[at])) })
  return Promise.all(files.map(async (path): Promise<[string, unknown]> => [basename(path), await many.get(path)!.data]))
}
const many = new Map<string, { text: string; data: Promise<unknown> }>()

/** A place in a spec file; `length` characters of it are underlined. */
export interface Spot {
  file: Source
  offset: number
  length: number
}

const places = new WeakMap<object, Spot>()
/** Remembers where something that was made of the spec stands. */
export function place<T extends object>(made: T, spot: Spot | undefined): T {
  if (spot) places.set(made, spot)
  return made
}
export const placeOf = (made: object): Spot | undefined => places.get(made)

export class Source {
  readonly path: string
  readonly text: string
  readonly document: Document
  readonly #lines = new LineCounter()

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
    this.document = parseDocument(text, { lineCounter: this.#lines, strict: true, uniqueKeys: true, version: '1.2' })
  }

  /** Reads `path`; in messages it stands relative to the project's root. */
  static read(path: string, root: string): Source {
    return new Source(relative(root, path), readFileSync(path, 'utf8'))
  }

  get root(): Item {
    return new Item(this, this.document.contents, { file: this, offset: 0, length: 1 })
  }

  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

/** A node of a YAML file that knows where it stands. A missing one stands where its parent does. */
export class Item {
  readonly file: Source
  readonly node: Node | null
  readonly #parent: Spot

  constructor(file: Source, node: unknown, parent: Spot) {
    this.file = file
    this.node = (node ?? null) as Node | null
    this.#parent = parent
  }

  get exists(): boolean {
    return this.node !== null
  }
  get isMap(): boolean {
    return isMap(this.node)
  }
  get isList(): boolean {
    return isSeq(this.node)
  }
  get value(): unknown {
    return this.node?.toJS(this.file.document)
  }
  /** This node as it is written. */
  get source(): string {
    const [from, to] = this.node?.range ?? [0, 0]
    return this.file.text.slice(from, to)
  }
  get text(): string {
    return isScalar(this.node) ? String((this.node as Scalar).source ?? this.node.value) : ''
  }
  /** The YAML comment behind this node, or above it: copied into what is emitted. */
  get comment(): string {
    const node = this.node as Scalar | null
    return (node?.comment ?? '').trim()
  }
  /** The comment between a key and the block that is its value. */
  get above(): string {
    return (this.node?.commentBefore ?? '').trim()
  }

  get spot(): Spot {
    const range = this.node?.range
    if (!range) return this.#parent
    return { file: this.file, offset: range[0], length: Math.max(1, isScalar(this.node) ? range[1] - range[0] : 1) }
  }

  /** A piece of this scalar's text, counted in characters. */
  part(offset: number, length: number): Spot {
    const spot = this.spot
    const quoted = isScalar(this.node) && /^["']/.test(this.file.text.slice(spot.offset, spot.offset + 1)) ? 1 : 0
    return { file: this.file, offset: spot.offset + quoted + offset, length: Math.max(1, length) }
  }

  get(key: string): Item {
    const pair = this.#pairs().find((p) => String((p.key as Scalar).value) === key)
    return new Item(this.file, pair?.value, this.spot)
  }

  /** The keys and values of a map, in order. */
  entries(): [Item, Item][] {
    return this.#pairs().map((p) => {
      const key = new Item(this.file, p.key, this.spot)
      return [key, new Item(this.file, p.value, key.spot)]
    })
  }

  /** The items of a list; a single value counts as a list of one. */
  items(): Item[] {
    if (!this.exists) return []
    if (!isSeq(this.node)) return [this]
    return this.node.items.map((n) => new Item(this.file, n, this.spot))
  }

  map<T>(make: (item: Item) => T): T[] {
    return this.items().map(make)
  }
  /** The items of a list as they are written. */
  get texts(): string[] {
    return this.items().map((i) => i.text)
  }
  /** The keys of a map as they are written. */
  get keys(): string[] {
    return this.entries().map(([k]) => k.text)
  }

  #pairs(): Pair[] {
    return isMap(this.node) ? (this.node.items as Pair[]) : []
  }
}

/** What is wrong with the spec, collected so that several can be shown at once. */
export class Problems {
  readonly found: { message: string; spot: Spot }[] = []

  add(spot: Spot, message: string): void {
    this.found.push({ message, spot })
  }

  /** A mistake in one part of the spec does not hide those in the others. */
  guard<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      this.add(error.spot, error.message)
      return undefined
    }
  }

  get none(): boolean {
    return this.found.length === 0
  }

  report(): string {
    const seen = new Set<string>()
    const lines: string[] = []
    for (const problem of [...this.found].sort(byPlace)) {
      const text = describe(problem.message, problem.spot)
      if (!seen.has(text)) lines.push(text)
      seen.add(text)
    }
    return lines.join('\n')
  }
}

/** Thrown where one part of the spec cannot be read at all; the rest is read on. */
export class SpecError extends Error {
  readonly spot: Spot
  constructor(spot: Spot, message: string) {
    super(message)
    this.spot = spot
  }
}

/** What is wrong with the files of a target; the message says all. */
export class Fault extends Error {}

function byPlace(a: { spot: Spot }, b: { spot: Spot }): number {
  return a.spot.file.path.localeCompare(b.spot.file.path) || a.spot.offset - b.spot.offset
}

export function describe(message: string, { file, offset, length }: Spot): string {
  const { line, column } = file.position(offset)
  const text = file.text.split('\n')[line - 1] ?? ''
  const width = Math.max(1, Math.min(length, text.length - column + 1))
  return `${file.path}:${line}:${column}: error: ${message}\n  ${text}\n  ${' '.repeat(column - 1)}${'^'.repeat(width)}`
}

type Names = Iterable<string | { name: string }>
/** A name that is none of these. */
export const unknown = (what: string, text: string, spot: Spot, names: Names, owner = ''): SpecError =>
  new SpecError(spot, `unknown ${what} '${text}'${owner}${suggest(text, names)}`)

/** `; did you mean 'x'?`, or nothing where no name is near. */
export function suggest(wrong: string, names: Names): string {
  let best = ''
  let least = Math.max(2, Math.floor(wrong.length / 3)) + 1
  for (const named of names) {
    const candidate = typeof named === 'string' ? named : named.name
    const distance = editDistance(wrong, candidate)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best ? `; did you mean '${best}'?` : ''
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
}
