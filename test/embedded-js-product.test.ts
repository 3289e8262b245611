// The minified files that boards load, not the testee: every scenario that can be put as calls of the public API is played on them, through
// an adapter with the scenario's clock. What goes out, what is delivered, how calls end and what get_mqttsta says must be as the trace has it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Callbacks, MQTTClient as Client } from '../generated/embedded-js/full/umqtt.cjs'
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
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex === '-' ? '' : hex, 'hex'))
const text = (hex: string): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes(hex))
const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex')

/** What of a trace an application or its network sees, and what it says of a call by its number. */
const seen = (lines: string[]): string[] =>
  lines.filter((l) => /^(dial|hang_up|send|deliver) ?/.test(l)).map((l) => l.replace(/ qos=.*/, ''))
const ended = (lines: string[]): string[] =>
  lines
    .filter((l) => /^(settle|error) /.test(l))
    .map((l) => l.replace(/ session_present.*/, ''))
    .sort()

function play(scenario: Scenario, MQTTClient: typeof Client): string | undefined {
  let now = 0
  let client: Client | undefined
  let network: Callbacks | undefined
  let out: string[] = []
  let status = -1
  const adapter = {
    now: () => now >>> 0,
    open: (_host: string, _port: number, _tls: unknown, callbacks: Callbacks) => {
      network = callbacks
      out.push('dial')
      return { write: (packet: Uint8Array) => out.push(`send ${hex(packet)}`), close: () => out.push('hang_up') }
    },
  }
  const create = ({ client_id, clock, user, password, ...more }: Words): void => {
    now = Number(clock ?? 0)
    const numbers = Object.fromEntries(
      Object.entries(more).map(([k, v]) => [k, k === 'reconn' || k === 'queue_qos0' ? v === '1' : Number(v)]),
    )
    const auth = { ...(user !== undefined && { user: text(user) }), ...(password !== undefined && { password: bytes(password) }) }
    client = new MQTTClient(text(client_id), 'server', { ...DEFAULTS, ...numbers, ...auth, adapter } as never)
    client.set_callback((topic: string, payload: Uint8Array) =>
      out.push(`deliver topic=${hex(Buffer.from(topic))} payload=${hex(payload)}`),
    )
    client.error_register_cb((code: number) => out.push(`error ${code}`))
    status = -1
  }
  const call = (name: string, w: Words, op: string): number => {
    const done = (error: number, result?: unknown): void => {
      const codes = typeof result === 'object' ? ` granted=${[...(result as number[])].join()}` : ''
      out.push(`settle ${op} ${error ? `error ${error}` : `ok${codes}`}`)
    }
    const filters = w.topics?.split(',') ?? [w.topic]
    const asked = (f: string): [string, number] => [text(f.split(':')[0]), Number(f.split(':')[1] ?? w.qos ?? 0)]
    switch (name) {
      case 'connect':
        return client!.connect(w.clean_session !== '0', done)
      case 'publish':
        return client!.publish(text(w.topic), bytes(w.msg), w.retain === '1', Number(w.qos ?? 0), done)
      case 'subscribe':
        return client!.subscribe(filters.map(asked), 0, done)
      case 'unsubscribe':
        return client!.unsubscribe(filters.map(text), done)
      case 'set_last_will':
        if (w.topic === undefined) return client!.set_last_will() as unknown as number
        return client!.set_last_will(text(w.topic), bytes(w.message), w.retain === '1', Number(w.qos ?? 0)) as unknown as number
      default:
        return (client as unknown as Record<string, () => number>)[name]() ?? 0
    }
  }
  for (const { request, answer } of scenario.steps) {
    out = []
    const [verb, ...words] = request.split(' ')
    const rejected = answer.find((l) => l.startsWith('rejected'))?.split(' ')[1]
    const op = answer.find((l) => l.startsWith('op '))?.slice(3) ?? words[0]
    if (verb === 'new') create(wordsOf(words))
    else if (verb === 'open') network?.opened()
    else if (verb === 'drop') network?.lost()
    else if (verb === 'recv') network?.received(bytes(words[0]))
    else if (verb === 'tick') {
      now += Number(words[0])
      client!.check_msg()
    } else if (verb === 'call') {
      const error = call(words[0], wordsOf(words.slice(1)), op)
      if (Number(rejected ?? 0) !== error) return `${request}: ${rejected ?? 0} expected, ${error} answered`
      if (rejected) out = out.filter((l) => !l.startsWith('settle'))
    }
    status = Number(
      answer
        .filter((l) => l.startsWith('status'))
        .at(-1)
        ?.slice(7) ?? status,
    )
    const [wanted, got] = [answer, out].map((lines) => [...seen(lines), ...ended(lines)].join('\n'))
    if (wanted !== got) return `${request}:\n${wanted}\n--- but\n${got}`
    if (client && client.get_mqttsta() !== status) return `${request}: status ${status}, not ${client.get_mqttsta()}`
  }
  return undefined
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

describe.each(Object.keys(LACKS))('%s', (profile) => {
  const run = new Function('exports', readFileSync(join(root, 'generated/embedded-js', profile, 'umqtt.min.cjs'), 'utf8'))
  /** As a board has it when it starts: nothing was written or read before. */
  const fresh = (): typeof Client => {
    const exports = {} as { MQTTClient: typeof Client }
    run(exports)
    return exports.MQTTClient
  }
  it('does what the scenarios say', { timeout: 120_000 }, () => {
    const most = ['qos1', 'qos2'].filter((f) => !LACKS[profile].includes(f as Feature)).length
    const isOver = ({ steps }: Scenario) =>
      steps.some(
        ({ request }) => /^call subscribe/.test(request) && [...request.matchAll(/(?:qos=|:)(\d)/g)].some(([, qos]) => Number(qos) > most),
      )
    const playable = loadScenarios().filter((s) => isPlayable(s) && !isOver(s) && !s.needs.some((f) => LACKS[profile].includes(f)))
    vi.spyOn(Math, 'random').mockReturnValue(1 - 2 ** -30) // as seed 0: each delay is the longest
    const failures = playable.flatMap((s) => {
      const wrong = play(s, fresh())
      return wrong ? [`${s.id}: ${wrong}`] : []
    })
    vi.restoreAllMocks()
    expect(failures).toEqual([])
    expect(playable.length).toBeGreaterThan(profile === 'full' ? 300 : 40)
  })
})
