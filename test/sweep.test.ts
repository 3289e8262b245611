// A seeded part of the hostile sweep, through every target at once; all of it is `npm run sweep`. What the targets agree on is held against
// an independent codec, npm's mqtt-packet, as far as that judges.
import { parser } from 'mqtt-packet'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Random, randomOf } from './support/random.ts'
import { type Judged, judge, sample } from './support/sweep.ts'
import { root, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'
import { expand } from './support/vectors.ts'

const SEED = 20_251_125
const COUNT = 60_000
const BATCH = 2_000

let testees: [string, Testee][]

beforeAll(async () => {
  testees = await Promise.all(
    testeeTargets().map(
      async (target): Promise<[string, Testee]> => [target, startTestee(await testeeCommand(target), { cwd: root, deadline: 60_000 })],
    ),
  )
}, 600_000)
afterAll(() => Promise.all(testees.map(([, testee]) => testee.close())))

/** The fields of an accepted packet that mqtt-packet names, or its refusal. */
const foreign = (bytes: Buffer): Record<string, unknown> | string => {
  const found: Record<string, unknown>[] = []
  try {
    const decoder = parser({ protocolVersion: 4 })
    decoder.on('packet', (packet) => found.push(packet as unknown as Record<string, unknown>))
    decoder.on('error', (error) => {
      throw error
    })
    decoder.parse(bytes)
  } catch (error) {
    return String(error)
  }
  return found[0] ?? 'nothing'
}

/** What we accept in version 4, mqtt-packet reads as the same packet; it accepts more, which says nothing. */
const objection = ({ version, hex, answer }: Judged): string | undefined => {
  if (version !== 4 || !answer.startsWith('ok ')) return undefined
  const [, type, ...words] = answer.split(' ')
  const fields = new Map(words.map((word) => word.split('=') as [string, string]))
  const packet = foreign(expand(hex))
  if (typeof packet === 'string') return `> decode 4 ${hex}\n  ${answer}\n  mqtt-packet: ${packet}`
  const text = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : Buffer.from(value as string).toString('hex')
  const pairs: [unknown, unknown][] = [
    [type.toLowerCase(), packet.cmd],
    [fields.get('packet_id'), packet.messageId === undefined ? undefined : String(packet.messageId)],
    [fields.get('topic'), text(packet.topic)],
    [fields.get('payload'), text(packet.payload)],
    [fields.get('client_id'), text(packet.clientId)],
    [fields.get('username'), text(packet.username)],
    [fields.get('password'), text(packet.password)],
    [fields.get('return_code'), packet.returnCode === undefined ? undefined : String(packet.returnCode)],
    [fields.get('return_codes'), (packet.granted as number[] | undefined)?.join(',')],
  ]
  const differs = pairs.find(([ours, theirs]) => ours !== theirs && !(ours === '' && theirs === undefined))
  return differs && `> decode 4 ${hex}\n  ${answer}\n  mqtt-packet: ${differs[1]} for ${differs[0]}`
}

it('the targets agree with each other, with themselves, and with mqtt-packet', { timeout: 600_000 }, async () => {
  const random: Random = randomOf(SEED)
  const failures: string[] = []
  const hostile = [...sample(COUNT, random)]
  for (let at = 0; at < hostile.length && failures.length < 10; at += BATCH)
    failures.push(...(await judge(testees, hostile.slice(at, at + BATCH), objection)))
  expect(failures.slice(0, 10).join('\n')).toBe('')
})
