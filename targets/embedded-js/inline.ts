// A function that is called in one place, as a statement, becomes part of that place; a table's own functions stand in it where size counts.
// It works on the text of units: what it does not understand stays as it is.
import { Memo } from '../../generator/memo.ts'
import type { Unit } from './units.ts'

interface Callee {
  doc: string
  leaves?: boolean // before its end
  params: string[]
  body: string[]
}
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
const words = new Memo<string[]>()
const wordsOf = (text: string): string[] => words.of(text, () => codeOf(text).match(/(?<![.\w])[A-Za-z]\w*(?![\w:])/g) ?? [])
/** Without the functions in it. */
const shallow = (body: string): string =>
  codeOf(body)
    .replace(/function \(.*?\) \{ return .*? \}/g, '')
    .replace(/^( *)(.*)\bfunction \w*\(.*\) \{$[\s\S]*?^\1\}/gm, '$1$2')
const FUNCTION = /^(?:\/\*\* (.*) \*\/\n)?function \w+\((.*)\) \{\n([\s\S]*)\n\}$/

function calleeOf({ text }: Unit): Callee | undefined {
  const [, doc = '', params, body] = FUNCTION.exec(text) ?? []
  if (body === undefined || /\breturn \S/.test(shallow(body))) return undefined
  return {
    doc,
    leaves: /^ *(if .*)?return$/m.test(shallow(body)),
    params: params ? params.split(', ') : [],
    body: body.split('\n').map((line) => line.slice(2)),
  }
}

/** What a function answers that does nothing else. */
function answerOf({ text }: Unit): Callee | undefined {
  const [, doc = '', params, body] = FUNCTION.exec(text) ?? []
  const lines = (body ?? '').split('\n').map((line) => codeOf(line).trim())
  const cases = lines.map((line) => /^(?:if \((.*)\) )?return (.*)$/.exec(line))
  if (!cases.every((c, i) => c && (c[1] === undefined) === (i === cases.length - 1))) return undefined
  const either = (when: string, rest: string) => (rest === 'false' ? when : `${when} || ${/ \? /.test(rest) ? `(${rest})` : rest}`)
  const answer = cases.reduceRight((rest, c) => {
    const [, when, is] = c!
    return when === undefined ? is : is === 'true' ? either(when, rest) : `${when} ? ${is} : ${rest}`
  }, '')
  return { doc, params: params ? params.split(', ') : [], body: [answer] }
}

/** With its arguments for parameters, where none of them could mean something else there; an answer has no `place`, and changes nothing. */
function applied({ params, body }: Callee, args: string[], place?: string): string[] | undefined {
  const text = body.join('\n')
  const own = [...text.matchAll(/\bvar (\w+)/g), ...text.matchAll(/\bfunction \w*\((\w+)/g)].map(([, name]) => name)
  const there = codeOf(place ?? '')
  if (own.some((name) => new RegExp(`\\b${name}\\b`).test(there))) return undefined
  if (args.some((a) => !/^(\w+(\.\w+)?|\w+ \|\| \w+)?$/.test(a) || (place !== undefined && a.startsWith('client.') && / = |\n/.test(text))))
    return undefined
  if (params.some((p) => new RegExp(`(?<![.\\w])${p} ?([-+|]?=[^=]|\\+\\+|--)`).test(text))) return undefined
  const given = (word: string) => (params.includes(word) ? args[params.indexOf(word)] || 'undefined' : word)
  return text.replace(/(?<![.\w])[A-Za-z]\w*/g, given).split('\n')
}

function answeredIn(place: string, name: string, callee: Callee): string | undefined {
  const found = new RegExp(`(?<![.\\w])${name}\\(([\\w., ]*)\\)`).exec(place)
  if (!found) return undefined
  const [answer] = applied(callee, found[1] ? found[1].split(', ') : []) ?? []
  if (!answer) return undefined
  const [before, after] = [place.slice(0, found.index), place.slice(found.index + found[0].length)]
  const isAlone = !/ /.test(answer) || (/(: |= |return |\()$/.test(before) && /^(,|\)| }|\n)/.test(after))
  return before + (isAlone ? answer : `(${answer})`) + after
}

/** Whether a function ends with this line. */
function isLast(place: string, { 0: line, 1: indent, index }: RegExpExecArray): boolean {
  const outer = indent.slice(2)
  const head = place
    .slice(0, index)
    .split('\n')
    .findLast((l) => l.startsWith(outer) && /^\S/.test(l.slice(outer.length)))
  return /function \w*\(.*\) \{$/.test(head ?? '') && place.slice(index + line.length).startsWith(`\n${outer}}`)
}

/** What a function does before it answers, and the answer: of one whose only answer is its end. */
function endingOf({ text }: Unit): Callee | undefined {
  const [, doc = '', params, body] = FUNCTION.exec(text) ?? []
  const lines = (body ?? '').split('\n').map((line) => line.slice(2))
  const [, answer] = /^return (.*)$/.exec(lines.at(-1) ?? '') ?? []
  if (!answer || lines.length === 1 || /\breturn\b/.test(shallow(lines.slice(0, -1).join('\n')))) return undefined
  return { doc, params: params ? params.split(', ') : [], body: [...lines.slice(0, -1), answer] }
}

/** In a line that asks for nothing before it. */
function endedIn(place: string, name: string, callee: Callee): string | undefined {
  const found = new RegExp(`^( *)((?:var \\w+ = )?[\\w.]+\\()${name}\\(\\)\\)$`, 'm').exec(place)
  const body = found && applied(callee, [], place.replace(found[0], ''))
  if (!found || !body) return undefined
  const [line, indent, before] = found
  const lines = [...body.slice(0, -1), `${before}${body.at(-1)})`].map((l) => indent + l)
  return place.replace(line, () => [...(callee.doc ? [`${indent}// ${callee.doc}`] : []), ...lines].join('\n'))
}

function inlinedInto(place: string, name: string, callee: Callee): string | undefined {
  const call = new RegExp(`^( *)((?:(?:else )?if \\(.*\\)|else) )?${name}\\(([\\w.,| ]*)\\)( //.*)?$`, 'm')
  const found = call.exec(place)
  if (!found) return undefined
  const [line, indent, guard = '', args, remark = ''] = found
  if (callee.leaves && (guard || !isLast(place, found))) return undefined
  const body = applied(callee, args ? args.split(', ') : [], place.replace(line, ''))
  if (!body) return undefined
  const lines = (more: string) => body.map((l) => (l ? indent + more + l : l))
  const notes = [...(callee.doc ? [`${indent}// ${callee.doc}`] : []), ...(remark ? [indent + remark.trim()] : [])]
  const isShort = body.length === 1 && !remark && !/\/\/|^(if|for|while)\b/.test(body[0])
  const guarded = isShort ? [indent + guard + body[0]] : [`${indent}${guard}{${remark}`, ...lines('  '), `${indent}}`]
  const text = guard ? guarded : [...notes, ...lines('')]
  return place.replace(line, () => text.join('\n'))
}

/** `roots`: who else calls them. */
export const inlined = (units: Unit[], roots: string): Unit[] => inlinings.of(JSON.stringify([units, roots]), () => inline(units, roots))
const inlinings = new Memo<Unit[]>()
function inline(units: Unit[], roots: string): Unit[] {
  const left = units.map((u) => ({ ...u }))
  const asked = new Set(wordsOf(roots))
  for (const unit of [...left]) {
    const [name] = unit.names
    if (unit.names.length !== 1 || asked.has(name)) continue
    const [callee, answer, ending] = [calleeOf(unit), answerOf(unit), endingOf(unit)]
    if (!callee && !answer && !ending) continue
    const places = left.filter((u) => u !== unit && u.text.includes(name) && wordsOf(u.text).includes(name))
    if (places.length !== 1 || wordsOf(places[0].text).filter((w) => w === name).length > 1) continue
    const [{ text: place }] = places
    const text = callee ? inlinedInto(place, name, callee) : answer ? answeredIn(place, name, answer) : endedIn(place, name, ending!)
    if (text === undefined) continue
    places[0].text = text
    left.splice(left.indexOf(unit), 1)
  }
  return left
}

/** Of two calls of one function the argument is chosen. */
export const chosen = (unit: Unit): Unit => ({
  ...unit,
  text: unit.text.replace(/^( *)if \((.*)\) (\w+)\((\w+)\)\n\1else \3\((\w+)\)$/gm, '$1$3($2 ? $4 : $5)'),
})

/** Functions that are named once, in a table or as an argument, stand there. */
export function tabled(units: Unit[]): Unit[] {
  const left = units.map((u) => ({ ...u }))
  for (const unit of [...left]) {
    const [word] = unit.names
    if (unit.names.length !== 1 || !/^(\/\*\*.*\n)?function/.test(unit.text)) continue
    const [place, more] = left.flatMap((u) => (u === unit ? [] : wordsOf(u.text).flatMap((w) => (w === word ? [u] : []))))
    const named = new RegExp(`(?<![.\\w])${word}(?![\\w:(.])`)
    if (!place || more || !named.test(codeOf(place.text))) continue
    const own = unit.text.replace(/^\/\*\*.*\n/, '').replace(/^function \w+/, 'function ')
    place.text = codeOf(place.text).replace(named, () => codeOf(own))
    left.splice(left.indexOf(unit), 1)
  }
  return left
}
