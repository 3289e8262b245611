// generated/data/vectors.json: every vector, hand-written and derived, as requests to a testee and the answers they must get. What is altered in
// them, cut off or split, is the tests' concern.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './targets.ts'
import { expand, type Kind, lengthOf, printed, type Version } from './vectors.ts'

export interface Example {
  name: string
  /** Only those written by hand say which clauses they stand for. */
  see?: string[]
  versions: Version[]
  kind: Kind
  /** Hex, with @N for N more bytes 78 at its end; `refuse` has none. */
  bytes?: string
  /** In the testee's notation. */
  packet?: string
  error?: string
  at?: number
}

export interface Exchange {
  name: string
  request: string
  answer: string
}

export const loadExamples = (): Example[] => JSON.parse(readFileSync(join(root, 'generated', 'data', 'vectors.json'), 'utf8')) as Example[]

/** Bytes that a testee on a small machine may find too many. */
export const GIANT = 1 << 20

/** Hex values of a packet as a testee prints them. */
const printedFields = (packet: string): string =>
  packet.replace(/=([0-9a-f]*@\d+|[0-9a-f]{131074,})(?= |$)/g, (_, hex: string) => `=${printed(hex)}`)

const listsExpanded = (packet: string): string =>
  packet.replace(/([0-9a-f]*@\d+)(?=[:,])/g, (_, hex: string) => expand(hex).toString('hex'))

/** What a vector says about encoding and decoding, in one version. */
export const exchanges = ({ name, kind, bytes = '', packet = '', error = '', at = 0 }: Example, version: Version): Exchange[] => {
  const title = `${name} (version ${version})`
  const encode = (answer: string): Exchange => ({ name: title, request: `encode ${version} ${packet}`, answer })
  const decode = (answer: string): Exchange => ({ name: title, request: `decode ${version} ${bytes}`, answer })
  switch (kind) {
    case 'both':
      return [encode(`ok ${printed(bytes)}`), decode(`ok ${printedFields(listsExpanded(packet))}`)]
    case 'decode':
      return [decode(`ok ${printedFields(listsExpanded(packet))}`)]
    case 'reject':
      return [decode(`error ${error} ${at}`)]
    case 'refuse':
      return [encode(`error ${error}`)]
  }
}

/** Where a packet is cut: everywhere up to 64 bytes; longer ones after the first 32 and before the last 8. */
export const cuts = (length: number): number[] => {
  const all = Array.from({ length }, (_, at) => at)
  return length <= 64 ? all : [...all.slice(0, 33), ...all.slice(-8)]
}

/** The first bytes of a hex value, in the same notation. */
export const prefix = (hex: string, length: number): string => {
  const [head] = hex.split('@')
  return head.length / 2 >= length ? head.slice(0, 2 * length) : `${head}@${length - head.length / 2}`
}

/** The beginnings of a good packet: bytes are missing, and nothing is wrong yet. */
export const truncations = ({ name, bytes = '' }: Example, version: Version): Exchange[] =>
  cuts(lengthOf(bytes))
    .slice(1)
    .map((length) => ({
      name: `${name}, cut after ${length} bytes`,
      request: `decode ${version} ${prefix(bytes, length)}`,
      answer: `error incomplete ${length}`,
    }))
