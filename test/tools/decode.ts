// `npm run decode -- <hex>`: explains bytes field by field, from the command line or a pipe, also several packets in a row. How bytes are
// taken apart is explain.ts's; this is the table people read.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { Command, InvalidArgumentError } from 'commander'
import { type Codec, lower } from '../../generator/lower.ts'
import { readPackets } from '../../generator/packets.ts'
import { Problems, readYaml, Source } from '../../generator/source.ts'
import { root } from '../support/targets.ts'
import { type Explained, explain, type Row } from './explain.ts'

const BYTES_SHOWN = 8
const TEXT_SHOWN = 48

type Style = Parameters<typeof styleText>[0]
const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint = (style: Style, text: string): string => (colour ? styleText(style, text) : text)

function readCodec(): Codec {
  const problems = new Problems()
  const codec = lower(readPackets(Source.read(join(root, 'spec/packets.yaml'), root).root, problems), problems)
  if (codec) return codec
  process.stderr.write(`${problems.report()}\n`)
  process.exit(1)
}

/** Hex as people copy it: with spaces, commas, colons, `0x` and line ends. */
function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/0x|\\x|[\s,:;|-]/gi, '')
  const wrong = /[^0-9a-f]/i.exec(digits)
  if (wrong) throw new InvalidArgumentError(`'${wrong[0]}' is no hex digit`)
  if (digits.length === 0) throw new InvalidArgumentError('there are no bytes')
  if (digits.length % 2 === 1) throw new InvalidArgumentError('the last byte has only one digit')
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
const hex = (bytes: Uint8Array): string => {
  const shown = [...bytes.subarray(0, BYTES_SHOWN)].map((b) => b.toString(16).padStart(2, '0')).join(' ')
  return bytes.length > BYTES_SHOWN ? `${shown} … +${bytes.length - BYTES_SHOWN}` : shown
}

function table(rows: Row[], failing: number | undefined): string[] {
  const cells = rows.map((r, i) => ({
    at: rows[i - 1]?.at === r.at && r.bits ? '' : String(r.at),
    bytes: r.bits ? (rows[i - 1]?.at === r.at ? `   ${r.bits}` : `${hex(r.bytes)} ${r.bits}`) : hex(r.bytes),
    field: r.field,
    value: shorten(r.value, TEXT_SHOWN),
    see: r.see.join(', '),
    wrong: failing !== undefined && failing >= r.at && failing < r.at + r.bytes.length,
  }))
  const heads = { at: 'byte', bytes: 'hex', field: 'field', value: 'value', see: 'clause' }
  const width = (key: keyof typeof heads): number => Math.max(heads[key].length, ...cells.map((c) => c[key].length))
  const [at, bytes, field, value] = (['at', 'bytes', 'field', 'value'] as const).map(width)
  const head = `  ${heads.at.padStart(at)}  ${heads.bytes.padEnd(bytes)}  ${heads.field.padEnd(field)}  ${heads.value.padEnd(value)}  ${heads.see}`
  const line = (c: (typeof cells)[number]): string => {
    const plain = [
      paint('dim', c.at.padStart(at)),
      paint('cyan', c.bytes.padEnd(bytes)),
      paint(c.wrong ? 'red' : 'bold', c.field.padEnd(field)),
      paint(c.wrong ? 'red' : 'green', c.value.padEnd(value)),
      paint('dim', c.see),
    ]
    return `  ${plain.join('  ')}`.trimEnd()
  }
  return [paint('dim', head.trimEnd()), ...cells.map(line)]
}

function show(packet: Explained, version: string): string {
  const size = `${packet.length} byte${packet.length === 1 ? '' : 's'}`
  const lines = [
    `${paint(['bold', 'underline'], packet.title)}  ${size}, ${version}. ${packet.doc}`.trimEnd(),
    '',
    ...table(packet.rows, packet.error?.at),
  ]
  const { error } = packet
  if (error) {
    lines.push('', paint('red', `error: ${error.rule} at byte ${error.at}${error.see.length > 0 ? ` (${error.see.join(', ')})` : ''}`))
    for (const id of error.see) if (clauses[id]) lines.push(`  ${id}: ${clauses[id].doc}`)
    if (error.rule === 'incomplete') lines.push('  The packet goes on where the bytes end.')
  }
  return lines.join('\n')
}
const { clauses } = readYaml(join(root, 'spec/clauses.yaml')) as { clauses: Record<string, { doc: string }> }

const codec = readCodec()
const { versions } = codec.model
const known = versions.map(([v]) => v)

const program = new Command('decode')
  .description('Explains the bytes of control packets, field by field.')
  .argument('[hex...]', 'the bytes; where none are given, they come from the pipe')
  .option('-v, --version <level>', `the protocol level, ${known.join(' or ')}; else the newest that fits`, (text) => {
    if (known.includes(Number(text))) return Number(text)
    throw new InvalidArgumentError(`there are ${known.join(' and ')}`)
  })
  .action((words: string[], { version }: { version?: number }) => {
    let bytes: Uint8Array
    try {
      bytes = bytesOf(words.length > 0 ? words.join(' ') : process.stdin.isTTY ? '' : readFileSync(0, 'utf8'))
    } catch (error) {
      return program.error(`error: ${(error as Error).message}`)
    }
    const all = (version === undefined ? [...known].reverse() : [version]).map((v) => ({ v, packets: explain(bytes, v, codec) }))
    const { v, packets } = all.find((a) => !a.packets.at(-1)?.error) ?? all[0]
    const title = versions.find(([level]) => level === v)![1]
    process.stdout.write(`${packets.map((p) => show(p, title)).join('\n\n')}\n`)
    process.exitCode = packets.at(-1)?.error ? 1 : 0
  })
program.parse()
