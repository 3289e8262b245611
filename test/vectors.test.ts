// Every vector, hand-written and derived, on every target and in every version: encoded, decoded, cut off, and at every split point of the
// stream. Whether the hand-written ones are right, vectors-oracle.test.ts asks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientHeaderRule, decode, either, serverHeaderRule } from '../generated/typescript/src/codec.ts'
import { Framer } from '../generated/typescript/src/framing.ts'
import { cuts, type Example, type Exchange, exchanges, GIANT, loadExamples, truncations } from './support/examples.ts'
import { hasSession } from './support/scenarios.ts'
import { type HeaderRule, wrongSenders } from './support/senders.ts'
import { root, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'
import { expand, lengthOf, loadVectors, toTestee, type Version } from './support/vectors.ts'

const examples = loadExamples()
const versions = examples.flatMap((example) => example.versions.map((version) => ({ example, version })))
const accepted = versions.filter(({ example: { kind } }) => kind === 'both' || kind === 'decode')

/** The lines that differ, with what was asked; a giant may be too long for a small machine. */
const wrong = async (testee: Testee, asked: Exchange[]): Promise<string[]> => {
  const answers = await testee.askAll(asked.map(({ request }) => request))
  return asked.flatMap(({ name, request, answer }, i) => {
    const got = answers[i].join('\n')
    const tooLong = got === 'bad too_long' && request.includes('@') && Number(request.split('@').at(-1)) >= GIANT
    return got === answer || tooLong ? [] : [`${name}\n  > ${request.slice(0, 300)}\n  - ${answer.slice(0, 300)}\n  + ${got.slice(0, 300)}`]
  })
}
const none = (lines: string[]) => {
  if (lines.length > 0) throw new Error(`${lines.length} differ (- expected, + got)\n${lines.slice(0, 10).join('\n')}`)
}

describe('the file of vectors', () => {
  it('holds every hand-written one, in the notation that an independent reader gives it', { timeout: 60_000 }, () => {
    const there = new Map(examples.filter(({ see }) => see).flatMap((e) => e.versions.map((version) => [`${e.name} ${version}`, e])))
    for (const vector of loadVectors()) {
      for (const version of vector.versions) {
        const { kind, bytes = '', packet, error, at } = there.get(`${vector.name} ${version}`) ?? {}
        const wanted = [vector.kind, vector.bytes, vector.packet && toTestee(vector.packet, version), vector.error, vector.at]
        expect([kind, bytes, packet, error, at], vector.name).toEqual(wanted)
      }
    }
  })

  it('has derived ones for every rule of the packets', { timeout: 60_000 }, () => {
    const rules = new Set(examples.filter(({ see }) => !see).map(({ error }) => error))
    const handWritten = new Set(loadVectors().map(({ error }) => error))
    // of ill-formed text and of what only a client receives, hand-written vectors and scenarios have more than can be derived
    const beyond = ['bad_utf8', 'incomplete']
    expect([...handWritten].filter((rule) => rule && !rules.has(rule) && !beyond.includes(rule))).toEqual([])
  })
})

it('each side may send what table 2.1 says', () => {
  expect(wrongSenders(clientHeaderRule as HeaderRule, serverHeaderRule as HeaderRule)).toEqual([])
})

describe.each(testeeTargets())('%s', (target) => {
  let testee: Testee
  beforeAll(async () => {
    testee = startTestee(await testeeCommand(target), { cwd: root, deadline: 60_000 })
  }, 300_000)
  afterAll(() => testee?.close())

  it.each(['both', 'decode', 'reject', 'refuse'])('%s', { timeout: 120_000 }, async (kind) => {
    const asked = versions.filter(({ example }) => example.kind === kind).flatMap(({ example, version }) => exchanges(example, version))
    none(await wrong(testee, asked))
  })

  it('every truncation', { timeout: 120_000 }, async () => {
    none(
      await wrong(
        testee,
        accepted.filter(({ example }) => lengthOf(example.bytes!) < GIANT).flatMap(({ example, version }) => truncations(example, version)),
      ),
    )
  })

  it('at every split point of the stream a client reads', { timeout: 300_000 }, async (test) => {
    test.skip(!(await hasSession(testee)), 'no session yet')
    const read = versions.filter(
      ({ example }) => example.bytes && lengthOf(example.bytes) <= 256 && (example.see || lengthOf(example.bytes) <= 10),
    )
    const failures: string[] = []
    for (const { example, version } of read.filter(({ example: { kind } }) => kind !== 'refuse'))
      failures.push(...(await splitsOf(testee, example, version)))
    none(failures)
  })
})

/** A packet in two pieces, cut anywhere, is what it is in one. */
const splitsOf = async (testee: Testee, { name, bytes = '', kind, error, at }: Example, version: Version): Promise<string[]> => {
  const hex = expand(bytes).toString('hex')
  const connected = [`new version=${version} client_id=61 max_packet_size=65536`, 'call connect', 'open', 'recv 20020000']
  const splits = cuts(hex.length / 2)
  const asked = splits.flatMap((cut) => [
    ...connected,
    ...(cut === 0 ? [] : [`recv ${hex.slice(0, 2 * cut)}`]),
    `recv ${hex.slice(2 * cut)}`,
    'stats',
  ])
  const answers = await testee.askAll(asked)
  const failures: string[] = []
  let next = 0
  let whole = ''
  for (const cut of splits) {
    const count = connected.length + (cut === 0 ? 2 : 3)
    const lines = answers
      .slice(next + connected.length, next + count)
      .flat()
      .filter((line) => line !== 'bad not_open')
    next += count
    if (cut === 0) {
      whole = lines.join('\n')
      const type =
        serverHeaderRule(Number.parseInt(hex.slice(0, 2), 16), version) === 'unexpected_packet' ? 'unexpected_packet 0' : `${error} ${at}`
      if (kind === 'reject' && error !== 'incomplete' && lines[0] !== `violation ${type}`)
        failures.push(`${name} (version ${version}): ${whole}`)
    } else if (lines.join('\n') !== whole)
      failures.push(`${name} (version ${version}), split after ${cut} bytes of ${hex}\n  - ${whole}\n  + ${lines.join('\n')}`)
  }
  return failures
}

/** Packets as text, so that bytes are equal whatever buffer they lie in; a Buffer turns itself into an object before it is asked about. */
const shown = (packets: unknown[]): string =>
  JSON.stringify(packets, function (this: Record<string, unknown>, key, value: unknown) {
    return ArrayBuffer.isView(this[key]) ? Buffer.from(this[key] as Uint8Array).toString('latin1') : value
  })

/** The answer of TypeScript's stream decoder to some chunks. */
const streamed = (chunks: Uint8Array[], version: Version): string => {
  const framer = new Framer(version, 268_435_455, either)
  const packets: unknown[] = []
  for (const chunk of chunks) {
    framer.push(chunk)
    for (let packet = framer.next(); packet; packet = framer.next()) packets.push(packet)
  }
  return shown(packets)
}

it("TypeScript's stream decoder gives the same packet whatever the split", { timeout: 60_000 }, () => {
  for (const { example, version } of accepted) {
    if (lengthOf(example.bytes!) > 65_536 + 8) continue
    const bytes = new Uint8Array(expand(example.bytes!))
    const { packet } = decode(bytes, version)!
    const twice = new Uint8Array([...bytes, ...bytes])
    for (const cut of cuts(twice.length))
      expect(streamed([twice.subarray(0, cut), twice.subarray(cut)], version), `${example.name}, split after ${cut} bytes`).toBe(
        shown([packet, packet]),
      )
  }
})
