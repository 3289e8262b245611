// The minified files that boards load, not the testee: every scenario that can be put as calls of the public API is played on them, on every
// engine, through an adapter with the scenario's clock. What goes out, what is delivered, how calls end and what get_mqttsta says must be as
// the trace has it. play.js plays; its steps are made here.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { engineMissing, engineNames, startEngine } from './support/engines/engines.ts'
import { type Feature, loadScenarios, type Scenario } from './support/scenarios.ts'
import { root } from './support/targets.ts'

const LACKS: Record<string, Feature[]> = {
  full: [],
  std: ['queue', 'qos2', 'deadlines', 'reconnect'],
  tiny: ['queue', 'qos1', 'qos2', 'unsubscribe', 'deadlines', 'will', 'auth', 'reconnect', 'version3'],
}
/** Not of the API: what a handler does, where identifiers begin, parts of messages, a seed; and what the testee itself refuses. */
const BEYOND = /^(handler|new .*(next_packet_id|rx_buffer|colour|seed)=)/
const LONG = 2000
/** TESTEE.md's, where the client has its own. */
const DEFAULTS = { reconn: true, max_inflight: 20, max_queue: 1000, max_subscriptions: 1000, max_inbound_qos2: 1000 }

type Words = Record<string, string>
const wordsOf = (words: string[]): Words => Object.fromEntries(words.map((w) => [w.slice(0, w.indexOf('=')), w.slice(w.indexOf('=') + 1)]))
const text = (hex: string): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(hex === '-' ? '' : hex, 'hex'))

/** What of a trace an application or its network sees, and what it says of a call by its number. */
const seen = (lines: string[]): string[] =>
  lines.filter((l) => /^(dial|hang_up|send|deliver) ?/.test(l)).map((l) => l.replace(/ qos=.*/, ''))
const ended = (lines: string[]): string[] =>
  lines
    .filter((l) => /^(settle|error) /.test(l))
    .map((l) => l.replace(/ session_present.*/, ''))
    .sort()

const creation = ({ client_id, clock, user, password, ...more }: Words) => ({
  clientId: text(client_id),
  clock: Number(clock ?? 0),
  options: {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, k === 'reconn' || k === 'queue_qos0' ? v === '1' : Number(v)])),
    ...(user !== undefined && { user: text(user) }),
    ...(password !== undefined && { password }),
  },
})

/** A call, its arguments, which of them is bytes, and whether it takes a callback. */
const called = (name: string, w: Words): object => {
  const filters = w.topics?.split(',') ?? [w.topic]
  const asked = (f: string): [string, number] => [text(f.split(':')[0]), Number(f.split(':')[1] ?? w.qos ?? 0)]
  const options = [w.retain === '1', Number(w.qos ?? 0)]
  switch (name) {
    case 'connect':
      return { args: [w.clean_session !== '0'], waits: true }
    case 'publish':
      return { args: [text(w.topic), w.msg, ...options], bytes: 1, waits: true }
    case 'subscribe':
      return { args: [filters.map(asked), 0], waits: true }
    case 'unsubscribe':
      return { args: [filters.map(text)], waits: true }
    case 'set_last_will':
      return w.topic === undefined ? { args: [] } : { args: [text(w.topic), w.message, ...options], bytes: 1 }
    default:
      return { args: [] }
  }
}

/** A scenario as play.js takes it, in ASCII. */
function lineOf({ steps }: Scenario): string {
  let status = -1
  const delivered = steps.flatMap(({ answer }) => answer.flatMap((l) => /^deliver topic=(\S*)/.exec(l)?.[1] ?? []))
  const topics = Object.fromEntries(delivered.map((hex) => [text(hex), hex]))
  const played = steps.map(({ request, answer }) => {
    const [verb, ...words] = request.split(' ')
    const told = answer.filter((l) => l.startsWith('status')).at(-1)
    status = Number(told?.slice(7) ?? (verb === 'new' ? -1 : status))
    const more: Record<string, () => object> = {
      new: () => ({ ...creation(wordsOf(words)), topics }),
      call: () => ({ call: words[0], ...called(words[0], wordsOf(words.slice(1))) }),
      recv: () => ({ packet: words[0] }),
      tick: () => ({ ms: Number(words[0]) }),
    }
    return {
      request: request.slice(0, 200),
      verb,
      rejected: Number(answer.find((l) => l.startsWith('rejected'))?.split(' ')[1] ?? 0),
      op: answer.find((l) => l.startsWith('op '))?.slice(3) ?? words[0],
      wanted: [...seen(answer), ...ended(answer)].join(' | '),
      status,
      ...more[verb]?.(),
    }
  })
  return JSON.stringify(played).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Whether the API can be asked all of it: the testee refuses before there is a client, and texts of an application are text. */
const isPlayable = ({ steps }: Scenario): boolean =>
  steps.length < LONG &&
  steps.every(({ request, answer }) => {
    if (BEYOND.test(request) || answer.some((l) => l.startsWith('bad'))) return false
    if (request.startsWith('new') && answer.some((l) => l.startsWith('rejected'))) return false
    const texts = [...request.matchAll(/(?:client_id|user|topic|topics)=(\S*)/g)].flatMap(([, list]) => list.split(','))
    try {
      return !request.includes('@') && texts.every((t) => text(t.split(':')[0]) !== undefined)
    } catch {
      return false
    }
  })

const playableOn = (profile: string): Scenario[] => {
  const most = ['qos1', 'qos2'].filter((f) => !LACKS[profile].includes(f as Feature)).length
  const isOver = ({ steps }: Scenario) =>
    steps.some(
      ({ request }) => /^call subscribe/.test(request) && [...request.matchAll(/(?:qos=|:)(\d)/g)].some(([, qos]) => Number(qos) > most),
    )
  return loadScenarios().filter((s) => isPlayable(s) && !isOver(s) && !s.needs.some((f) => LACKS[profile].includes(f)))
}

const folder = mkdtempSync(join(tmpdir(), 'umqtt-product-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe.each(Object.keys(LACKS))('%s', (profile) => {
  const bundle = join(folder, `${profile}.js`)
  const file = read(`generated/embedded-js/${profile}/umqtt.min.js`)
  writeFileSync(bundle, `function fresh() {\n${file}\nreturn umqtt.MQTTClient\n}\n${read('targets/embedded-js/testee/play.js')}`)

  for (const name of engineNames)
    it.skipIf(engineMissing(name))(`does what the scenarios say on ${name}`, { timeout: 300_000 }, async () => {
      const playable = playableOn(profile)
      const engine = startEngine(name, bundle, { deadline: 120_000 })
      const answers = (await engine.askAll(playable.map(lineOf))).map((lines) => lines.join('\n'))
      expect(await engine.close()).toBe(0)
      expect(playable.map(({ id }, i) => `${id}: ${answers[i]}`).filter((l) => !l.endsWith(': same'))).toEqual([])
      expect(playable.length).toBeGreaterThan(profile === 'full' ? 300 : 40)
    })
})
