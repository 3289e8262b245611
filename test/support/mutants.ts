// Mutants of a spec: its YAML with one thing wrong, made and unmade in place. What can be wrong is listed here for session.yaml and
// packets.yaml: a rule, a row or a statement is gone, a guard is the opposite, a number, a state, a name or an order is another. Whether
// anybody notices, mutation.ts asks.
import { isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Source } from '../../generator/source.ts'

export interface Mutant {
  file: 'packets' | 'session'
  line: number
  /** Where it is and what is done to it: what the list of equivalents names it by. */
  id: string
  apply(): () => void
}

type Slot = { node: Node; put: (node: Node) => void }
type Words = (text: string) => [string, string][]

const keyText = (pair: Pair): string => String((pair.key as Scalar).value)
const textOf = (node: Node | null | undefined): string => (isScalar(node) ? String((node as Scalar).source ?? node.value) : '')
const scalar = (text: string): Scalar => {
  const made = new Scalar<unknown>(/^-?\d+$/.test(text) ? Number(text) : text === 'true' || text === 'false' ? text === 'true' : text)
  made.source = text
  return made
}

/** Each place where `pattern` matches, replaced in turn by each of `others`. */
const replaced = (text: string, pattern: RegExp, others: (match: string) => string[]): [string, string][] =>
  [...text.matchAll(pattern)].flatMap((m) =>
    others(m[0]).map((other): [string, string] => [
      `${m[0].trim()} is ${other.trim() || 'gone'}`,
      text.slice(0, m.index) + other + text.slice(m.index + m[0].length),
    ]),
  )

const OPPOSITE: Record<string, string[]> = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
}

/** What can be wrong inside an expression or a line of statement. */
const inExpressions: Words = (text) => [
  ...replaced(text, /(?<![\w.'@])(?:0x[0-9a-f]+|\d+)(?![\w'])/g, (n) => [
    String(Number(n) + 1),
    ...(Number(n) > 0 ? [String(Number(n) - 1)] : []),
  ]),
  ...replaced(text, /==|!=|<=|>=|(?<![-<>=!])[<>](?![>=])/g, (op) => OPPOSITE[op]),
  ...replaced(text, / and | or /g, (word) => [word === ' and ' ? ' or ' : ' and ']),
  ...replaced(text, /\bnot (?!\()/g, () => ['']),
  ...replaced(text, /\b(?:true|false)\b/g, (word) => [word === 'true' ? 'false' : 'true']),
  ...replaced(text, / \+ /g, () => [' - ']),
  ...replaced(text, / \* /g, () => [' + ']),
  ...operandsOf(text),
]

/** `a and b` without a, and without b; only where no parentheses stand between. */
function operandsOf(text: string): [string, string][] {
  const m = /^((?:if|while|elif|prune \w+ in \w+ where|find \w+ in \w+ where) )?(.*)$/.exec(text)!
  const head = m[1] ?? ''
  return [' and ', ' or '].flatMap((word) => {
    const parts = m[2].split(word)
    if (parts.length < 2 || parts.some((p) => (p.match(/\(/g) ?? []).length !== (p.match(/\)/g) ?? []).length)) return []
    return parts.map((part, i): [string, string] => [`without ${part.trim()}`, head + parts.filter((_, j) => j !== i).join(word)])
  })
}

/** A guard, and its opposite. */
const negated: Words = (text) => {
  const m = /^((?:if|while|elif|prune \w+ in \w+ where|find \w+ in \w+ where) )(.*)$/.exec(text)
  return m ? [['the guard is its opposite', `${m[1]}not (${m[2]})`]] : []
}

/** Names of one kind, each replaced by each other (or by one other, where there are many). */
const anotherOf =
  (names: string[], all: boolean, where: RegExp = /./): Words =>
  (text) => {
    if (names.length < 2 || !where.test(text)) return []
    const pattern = new RegExp(`(?<![\\w.])(?:${names.join('|')})(?![\\w(])`, 'g')
    return replaced(text, pattern, (name) => {
      const others = names.filter((n) => n !== name)
      return all ? others : [names[(names.indexOf(name) + 1) % names.length]]
    })
  }

export class Mutants {
  readonly found: Mutant[] = []
  readonly #file: Mutant['file']
  readonly #source: Source
  readonly #names = new Map<string, number>()
  #path: string[] = []

  constructor(file: Mutant['file'], source: Source) {
    this.#file = file
    this.#source = source
  }

  at(step: string, inside: () => void): void {
    this.#path.push(step)
    inside()
    this.#path.pop()
  }
  #add(node: Node | null | undefined, what: string, apply: () => () => void): void {
    const offset = node?.range?.[0] ?? 0
    const name = `${this.#path.join(' / ')}: ${what}`
    const before = this.#names.get(name) ?? 0
    this.#names.set(name, before + 1)
    const id = before === 0 ? name : `${name} (${before + 1})`
    this.found.push({ file: this.#file, line: this.#source.position(offset).line, id, apply })
  }

  /** A node becomes another. */
  change(slot: Slot, what: string, node: Node): void {
    this.#add(slot.node, what, () => {
      slot.put(node)
      return () => slot.put(slot.node)
    })
  }
  words(slot: Slot, list: Words[]): void {
    const text = textOf(slot.node)
    for (const [what, other] of list.flatMap((words) => words(text)))
      if (other !== text) this.change(slot, `${quoted(text)}, ${what}`, scalar(other))
  }
  keyWords(pair: Pair, list: Words[]): void {
    this.words({ node: pair.key as Node, put: (node) => Object.assign(pair, { key: node }) }, list)
  }
  /** An entry of a map or list is gone. */
  remove(from: YAMLMap | YAMLSeq, index: number, what: string): void {
    const items = from.items as unknown[]
    const item = items[index] as Pair | Node
    this.#add('key' in (item as object) ? ((item as Pair).key as Node) : (item as Node), `${what} is gone`, () => {
      items.splice(index, 1)
      return () => void items.splice(index, 0, item)
    })
  }
  /** Two neighbours change places. */
  swap(list: YAMLMap | YAMLSeq, index: number, what: string): void {
    const items = list.items as unknown[]
    const [a, b] = [items[index], items[index + 1]]
    this.#add('key' in (a as object) ? ((a as Pair).key as Node) : (a as Node), `${what} change places`, () => {
      items.splice(index, 2, b, a)
      return () => void items.splice(index, 2, a, b)
    })
  }
}
const quoted = (text: string): string => `'${text.replace(/\s+/g, ' ')}'`

const pairsOf = (node: unknown): Pair[] => (isMap(node) ? (node.items as Pair[]) : [])
const entryOf = (node: unknown, key: string): Node | undefined => pairsOf(node).find((p) => keyText(p) === key)?.value as Node | undefined
const keysOf = (node: unknown): string[] => pairsOf(node).map((p) => keyText(p).replace(/\s@.*/, ''))
const slotOf = (pair: Pair): Slot => ({ node: pair.value as Node, put: (node) => Object.assign(pair, { value: node }) })

// ---- session.yaml

export function sessionMutants(source: Source, rules: string[], errors: string[]): Mutant[] {
  const root = source.document.contents
  const mutants = new Mutants('session', source)
  const phases = keysOf(entryOf(root, 'phases'))
  const stages = keysOf(entryOf(root, 'stages'))
  const states = [
    anotherOf(phases, true, /\bphase =/),
    anotherOf(phases, false, /\bphase [!=]=/),
    anotherOf(stages, true, /(stage =|answer )/),
    anotherOf(stages, false, /stage [!=]=/),
    anotherOf(rules, false, /(violate|invalid)\(|broken ==/),
    anotherOf(errors, false),
    anotherOf(keysOf(entryOf(root, 'timers')), false, /^(arm|disarm|if not armed)/),
    anotherOf(keysOf(entryOf(root, 'lists')), false, /^(clear|find|prune|for each|move)|count\(/),
  ]
  const line: Words[] = [
    inExpressions,
    ...states,
    (text) => replaced(text, / again$/g, () => ['']),
    (text) => replaced(text, / with [\w.]+$/g, () => ['']),
  ]
  const head: Words[] = [...line, negated]

  const statement = (slot: Slot): void => {
    const { node } = slot
    const text = isScalar(node) ? textOf(node) : keysOf(node)[0]
    if (text === 'ignore') return
    mutants.change(slot, `${quoted(isScalar(node) ? text : keyText(pairsOf(node)[0]))} is gone`, scalar('ignore'))
    if (isScalar(node)) return mutants.words(slot, line)
    for (const pair of pairsOf(node)) {
      mutants.keyWords(pair, head)
      if (keyText(pair).startsWith('add '))
        for (const field of pairsOf(pair.value))
          mutants.at(keyText(pair), () => mutants.words(slotOf(field), [inExpressions, ...states, anotherOf(stages, true)]))
      else mutants.at(keyText(pair), () => body(slotOf(pair)))
    }
  }
  const body = (slot: Slot): void => {
    const { node } = slot
    if (isSeq(node))
      for (const [i, item] of node.items.entries()) statement({ node: item as Node, put: (other) => void node.items.splice(i, 1, other) })
    else if (node) statement(slot)
  }
  const named = new Set([...phases, ...stages, 'others', 'none', 'held'])
  const isTable = (node: unknown): boolean => isMap(node) && keysOf(node).every((k) => k.split(',').every((s) => named.has(s.trim())))
  const row = (table: YAMLMap, pair: Pair, index: number): void => {
    const key = keyText(pair)
    mutants.remove(table, index, `the row '${key}'`)
    const list = key.split(',').map((s) => s.trim())
    if (list.length > 1)
      for (const state of list) mutants.keyWords(pair, [() => [[`${state} is gone`, list.filter((s) => s !== state).join(', ')]]])
    mutants.at(key, () => body(slotOf(pair)))
  }
  const section = (map: YAMLMap): void =>
    map.items.forEach((pair, index) => {
      const key = keyText(pair as Pair)
      mutants.remove(map, index, `'${key}'`)
      mutants.keyWords(pair as Pair, [(text) => (/ when /.test(text) ? inExpressions(text.replace(/ @.*/, '')) : [])])
      mutants.at(key, () => {
        const { value } = pair as Pair
        if (isTable(value)) for (const [i, p] of pairsOf(value).entries()) row(value as YAMLMap, p, i)
        else body(slotOf(pair as Pair))
      })
    })

  for (const pair of pairsOf(root)) {
    const key = keyText(pair)
    mutants.at(key, () => {
      if (key === 'do' || key === 'answer' || key === 'stats' || key === 'on' || key.startsWith('on ')) section(pair.value as YAMLMap)
      if (key === 'phases' || key === 'stages' || key === 'vars' || key === 'lists') declarations(mutants, pair.value as YAMLMap)
      if (key === 'timers') timers(mutants, pair.value as YAMLMap)
    })
  }
  return mutants.found
}

/** What `doc`, the type and the place in memory say changes nothing a client does. */
const SILENT = ['doc', 'of', 'type', 'behind', 'key']

function declarations(mutants: Mutants, map: YAMLMap): void {
  for (const pair of map.items as Pair[]) {
    mutants.at(keyText(pair), () => {
      const columns = pair.value as YAMLMap
      ;(columns.items as Pair[]).forEach((column, i) => {
        if (SILENT.includes(keyText(column))) return
        mutants.at(keyText(column), () =>
          mutants.words(slotOf(column), [inExpressions, (text) => (/^-\d+$/.test(text) ? [['another number', '2']] : [])]),
        )
        if (keyText(column) !== 'is' && keyText(column) !== 'mqttsta') mutants.remove(columns, i, keyText(column))
      })
    })
  }
}

function timers(mutants: Mutants, map: YAMLMap): void {
  ;(map.items as Pair[]).forEach((pair, i) => {
    if (i > 0) mutants.swap(map, i - 1, `'${keyText(map.items[i - 1] as Pair)}' and '${keyText(pair)}'`)
    mutants.at(keyText(pair), () => {
      const list = pair.value
      if (isSeq(list)) for (const [at, item] of list.items.entries()) mutants.remove(list, at, textOf(item as Node))
      else mutants.change(slotOf(pair), `'any' is 'connected'`, scalar('connected'))
    })
  })
}

// ---- packets.yaml

export function packetMutants(source: Source): Mutant[] {
  const root = source.document.contents
  const mutants = new Mutants('packets', source)
  const rules = new Set<string>()
  const collect = (node: unknown): void => {
    for (const pair of pairsOf(node)) {
      if (['error', 'over', 'short', 'long'].includes(keyText(pair)) && isScalar(pair.value)) rules.add(textOf(pair.value as Node))
      collect(pair.value)
    }
    if (isSeq(node)) node.items.forEach(collect)
  }
  collect(root)
  const names = [...rules]
  const rule: Words = (text) =>
    names.includes(text) ? [[`'${names[(names.indexOf(text) + 1) % names.length]}'`, names[(names.indexOf(text) + 1) % names.length]]] : []
  const number: Words = (text) =>
    /^(0x[0-9a-f]+|\d+)$/.test(text)
      ? [
          [`${Number(text) + 1}`, String(Number(text) + 1)],
          ...(Number(text) > 0 ? [[`${Number(text) - 1}`, String(Number(text) - 1)] as [string, string]] : []),
        ]
      : []
  const truth: Words = (text) => [['the opposite', `not (${text})`], ...inExpressions(text)]
  const statement: Words = (text) => [...inExpressions(text)]

  const walk = (pair: Pair): void => {
    const key = keyText(pair)
    const { value } = pair
    const slot = slotOf(pair)
    if (['doc', 'see', 'type', 'from', 'versions'].includes(key) && isScalar(value) && key !== 'from') return
    if (isScalar(value)) {
      if (key === 'must' || key === 'when') mutants.words(slot, [truth])
      else if (key === 'from')
        mutants.words(slot, [
          (text) => ['client', 'server', 'both'].filter((f) => f !== text).map((f): [string, string] => [`is '${f}'`, f]),
        ])
      else
        mutants.words(slot, [
          rule,
          number,
          ...(Number.isNaN(Number(textOf(value as Node))) && ['const', '3', '4'].includes(key)
            ? [(text: string): [string, string][] => [['another text', `${text}x`]]]
            : []),
        ])
      return
    }
    if (isMap(value)) entries(value, key)
    if (isSeq(value)) items(value, key)
  }
  const entries = (map: YAMLMap, of: string): void => {
    ;(map.items as Pair[]).forEach((pair, i) => {
      const key = keyText(pair)
      const optional = ['since', 'until', 'at', 'min', 'error', 'const', 'else', 'check'].includes(key)
      if (optional) mutants.remove(map, i, `'${key}: ${isScalar(pair.value) ? textOf(pair.value as Node) : '…'}'`)
      if (of === 'fields' || of === 'packets' || of === 'structs' || of === 'texts') {
        mutants.remove(map, i, `'${key}'`)
        if (i > 0 && of === 'fields') mutants.swap(map, i - 1, `'${keyText(map.items[i - 1] as Pair)}' and '${key}'`)
      }
      mutants.at(key, () => walk(pair))
    })
  }
  const items = (list: YAMLSeq, of: string): void =>
    list.items.forEach((item, i) => {
      if (of === 'see') return
      const label = describe(item as Node)
      mutants.remove(list, i, label)
      if (i > 0 && of !== 'rules') mutants.swap(list, i - 1, `${describe(list.items[i - 1] as Node)} and ${label}`)
      mutants.at(label, () => {
        if (isMap(item)) of === 'do' && isCode(item) ? code(item) : entries(item, of)
        else mutants.words({ node: item as Node, put: (node) => void list.items.splice(i, 1, node) }, [statement])
      })
    })
  const isCode = (item: YAMLMap): boolean => keysOf(item).some((k) => /^(if|for each) /.test(k))
  const code = (item: YAMLMap): void => {
    for (const pair of item.items as Pair[]) {
      mutants.keyWords(pair, [inExpressions, negated])
      mutants.at(keyText(pair), () => (isSeq(pair.value) ? items(pair.value, 'do') : mutants.words(slotOf(pair), [statement])))
    }
  }
  for (const pair of pairsOf(root)) if (keyText(pair) !== 'versions') mutants.at(keyText(pair), () => walk(pair))
  return mutants.found
}

/** An item of a list, by its first entries. */
function describe(node: Node): string {
  if (isScalar(node)) return quoted(textOf(node))
  const [first] = pairsOf(node)
  return first ? `'${keyText(first)}${isScalar(first.value) ? `: ${textOf(first.value as Node)}` : ''}'` : 'an entry'
}
