// The hostile sweep: bytes that are nearly a packet, put to several testees at once. Their answers must be identical to the byte, and an
// answer must agree with itself: what is accepted can be encoded, and that is accepted again as the same.
import { cuts, type Example, GIANT, loadExamples, prefix } from './examples.ts'
import type { Random } from './random.ts'
import type { Testee } from './testee.ts'
import { expand, lengthOf, type Version } from './vectors.ts'

export interface Hostile {
  version: Version
  hex: string
}

/** Of longer packets only so many bytes are altered. */
const ALTERED = (length: number): number => (length <= 64 ? length : 32)

const bytesOf = (hex: string): string => (lengthOf(hex) < 4096 ? expand(hex).toString('hex') : hex)

/** Every vector's bytes, once a version. */
const bases = (): Hostile[] => {
  const all = loadExamples().filter(({ bytes }) => bytes && lengthOf(bytes) < GIANT) as (Example & { bytes: string })[]
  const texts = [...new Set(all.map(({ bytes }) => bytesOf(bytes)))]
  return texts.flatMap((hex) => ([3, 4] as const).map((version) => ({ version, hex })))
}

const altered = ({ version, hex }: Hostile, at: number, byte: number): Hostile => ({
  version,
  hex: hex.slice(0, 2 * at) + byte.toString(16).padStart(2, '0') + hex.slice(2 * at + 2),
})
const headLength = (hex: string): number => Math.min(ALTERED(lengthOf(hex)), hex.split('@')[0].length / 2)

/** Every byte with every value, and every truncation. */
export function* everything(): Generator<Hostile> {
  for (const base of bases()) {
    for (let at = 0; at < headLength(base.hex); at++) for (let byte = 0; byte < 256; byte++) yield altered(base, at, byte)
    for (const length of cuts(lengthOf(base.hex))) yield { version: base.version, hex: prefix(base.hex, length) }
  }
}

export const countOf = (): number => bases().reduce((sum, { hex }) => sum + 256 * headLength(hex) + cuts(lengthOf(hex)).length, 0)

/** Some of it: an altered byte mostly, sometimes a truncation. */
export function* sample(count: number, random: Random): Generator<Hostile> {
  const all = bases()
  const short = all.filter(({ hex }) => lengthOf(hex) <= 4096) // long ones take as long as a hundred others
  for (let i = 0; i < count; i++) {
    const from = random(50) === 0 ? all : short
    const base = from[random(from.length)]
    const length = lengthOf(base.hex)
    if (random(16) === 0 && length > 0) {
      const some = cuts(length)
      yield { version: base.version, hex: prefix(base.hex, some[random(some.length)]) }
    } else yield altered(base, random(headLength(base.hex)), random(256))
  }
}

export interface Judged extends Hostile {
  answer: string
}

/** Puts a batch to every testee, and then what it accepted back to it; what is wrong, in words. */
export const judge = async (
  testees: [string, Testee][],
  batch: Hostile[],
  look?: (judged: Judged) => string | undefined,
): Promise<string[]> => {
  const failures: string[] = []
  const ask = async (lines: string[]): Promise<string[]> => {
    const all = await Promise.all(testees.map(async ([, testee]) => (await testee.askAll(lines)).map((answer) => answer.join('\n'))))
    for (const [i, line] of lines.entries())
      if (all.some((answers) => answers[i] !== all[0][i]))
        failures.push([`> ${line}`, ...testees.map(([name], t) => `  ${name}: ${all[t][i]}`)].join('\n'))
    return all[0]
  }
  const decoded = await ask(batch.map(({ version, hex }) => `decode ${version} ${hex}`))
  const judged = batch.map((hostile, i): Judged => ({ ...hostile, answer: decoded[i] }))
  for (const each of judged) failures.push(...[ownFault(each), look?.(each)].filter((fault) => fault !== undefined))
  const accepted = judged.filter(({ answer }) => answer.startsWith('ok ') && !/\+\d+( |$)/.test(answer))
  const encoded = await ask(accepted.map(({ version, answer }) => `encode ${version} ${answer.slice(3)}`))
  const again = await ask(accepted.map(({ version }, i) => `decode ${version} ${encoded[i].slice(3).split('+')[0]}`))
  for (const [i, { version, hex, answer }] of accepted.entries())
    if (again[i] !== answer && !encoded[i].includes('+'))
      failures.push(`> decode ${version} ${hex}\n  ${answer}\n  encoded: ${encoded[i]}\n  decoded again: ${again[i]}`)
  return failures.map((failure) =>
    failure
      .split('\n')
      .map((line) => line.slice(0, 400))
      .join('\n'),
  )
}

/** An answer that cannot be right whatever the bytes. */
const ownFault = ({ version, hex, answer }: Judged): string | undefined => {
  const [word, rule, offset] = answer.split(' ')
  const length = lengthOf(hex)
  const fits =
    word === 'ok' ||
    answer === 'bad more_than_one_packet' ||
    (word === 'error' && (rule === 'incomplete' ? Number(offset) === length : Number(offset) <= length))
  return fits ? undefined : `> decode ${version} ${hex}\n  ${answer}`
}
