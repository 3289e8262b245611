// What the embedded client weighs in each profile, what it holds on QuickJS's heap, and what a received message costs on each engine beside a
// plain copy of its bytes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { getQuickJS } from 'quickjs-emscripten'
import { median, type Table } from '../../bench/table.ts'
import { type EngineName, engineNames, startEngine, whyEngineMissing } from '../../support/engines/engines.ts'
import { root } from '../../support/targets.ts'

export const PROFILES = ['full', 'std', 'tiny'] as const
export type Profile = (typeof PROFILES)[number]

const read = (path: string) => readFileSync(join(root, 'generated/embedded-js', path), 'utf8')

/** Bytes of the minified CommonJS file. */
export const weigh = (profile: Profile): { minified: number; gzipped: number } => {
  const code = Buffer.from(read(`${profile}/umqtt.min.cjs`))
  return { minified: code.length, gzipped: gzipSync(code, { level: 9 }).length }
}

/** A server that says yes: CONNACK to the first packet, SUBACK to the second. */
const SCRIPT = `
var calls, answers = [[32, 2, 0, 0], [144, 3, 0, 1, 0]]
var adapter = {
  now: function () { return 0 },
  open: function (host, port, tls, callbacks) { calls = callbacks; return { write: function () {}, close: function () {} } }
}
var client
function start() {
client = new umqtt.MQTTClient('client-123', 'broker', { adapter: adapter, keepalive: 60 })
client.set_callback(function () {})
client.connect()
calls.opened()
calls.received(new Uint8Array(answers[0]))
client.subscribe('dev/12345678/cmd/#')
calls.received(new Uint8Array(answers[1]))
if (client.get_mqttsta() !== 0) throw new Error('not connected')
}
start()
`

/** Growth of QuickJS's heap: the file loaded, and then one client more, connected and subscribed. */
export const heapOf = async (profile: Profile): Promise<{ loaded: number; connected: number }> => {
  const runtime = (await getQuickJS()).newRuntime()
  const context = runtime.newContext()
  const used = (): number => {
    context.unwrapResult(context.evalCode('0')).dispose()
    const usage = runtime.computeMemoryUsage()
    const bytes = context.dump(usage).memory_used_size as number
    usage.dispose()
    return bytes
  }
  const run = (code: string): number => {
    const before = used()
    context.unwrapResult(context.evalCode(code)).dispose()
    return used() - before
  }
  const loaded = run(read(`${profile}/umqtt.min.js`))
  run(`${SCRIPT}\nvar clients = [client]`)
  const more = [1, 2, 3].map(() => run('start(), clients.push(client)'))
  context.dispose()
  runtime.dispose()
  return { loaded, connected: median(more) }
}

/** A bundle that, asked, receives or copies a message of so many bytes so many times. */
const BENCH = `
${SCRIPT}
function message(size) {
  var length = size + 19, head = [48], bytes, i
  for (; length > 127; length >>= 7) head.push(length & 127 | 128)
  head.push(length, 0, 17)
  bytes = new Uint8Array(head.length + 17 + size)
  bytes.set(head)
  for (i = 0; i < 17; i++) bytes[head.length + i] = 'dev/12345678/temp'.charCodeAt(i)
  return bytes
}
var heard = 0
client.set_callback(function (topic, payload) { heard += payload.length })
function testee(line) {
  var words = line.split(' '), size = Number(words[1]), times = Number(words[2]), bytes = message(size), to = new Uint8Array(bytes.length), i
  if (words[0] === 'receive') for (i = 0; i < times; i++) calls.received(bytes)
  else for (i = 0; i < times; i++) to.set(bytes.subarray(0, bytes.length))
  return '.\\n'
}`

export interface Speed {
  receive: number
  copy: number
  /** Of each further KB. */
  receiveMore: number
  copyMore: number
}

/** Microseconds. */
export const speedOf = async (name: EngineName): Promise<Speed> => {
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-speed-'))
  const bundle = join(folder, 'bench.js')
  writeFileSync(bundle, `${read('full/umqtt.min.js')}\n${BENCH}`)
  const engine = startEngine(name, bundle, { deadline: 120_000 })
  const time = async (what: string, size: number): Promise<number> => {
    const times = { node: 40_000, quickjs: 2_000, 'quickjs-ng': 2_000, duktape: 2_000, mujs: 300, xs: 1_000 }[name]
    const rounds: number[] = []
    for (let i = 0; i < 5; i++) {
      const started = performance.now()
      await engine.ask(`${what} ${size} ${times}`)
      rounds.push(((performance.now() - started) * 1000) / times)
    }
    return median(rounds)
  }
  await time('receive', 1024)
  const [receive, copy] = [await time('receive', 1024), await time('copy', 1024)]
  const [receive64, copy64] = [await time('receive', 65_536), await time('copy', 65_536)]
  await engine.close()
  rmSync(folder, { recursive: true })
  return { receive, copy, receiveMore: (receive64 - receive) / 63, copyMore: (copy64 - copy) / 63 }
}

export const engines = (): EngineName[] => engineNames.filter((name) => whyEngineMissing(name) === undefined)

const round = (value: number): number => Number(value.toPrecision(3))

export const run = async (): Promise<Table[]> => {
  const weights = Object.fromEntries(PROFILES.map((profile) => [profile, Object.values(weigh(profile))]))
  const heaps: Record<string, number[]> = {}
  for (const profile of PROFILES) {
    const { loaded, connected } = await heapOf(profile)
    heaps[profile] = [loaded, connected]
  }
  const speeds: Record<string, number[]> = {}
  for (const name of engines()) {
    const { receive, copy, receiveMore, copyMore } = await speedOf(name)
    speeds[name] = [receive, copy, receive / copy, receiveMore, copyMore].map(round)
  }
  return [
    {
      figures: 'embedded_js',
      title: 'Embedded JavaScript',
      unit: 'bytes',
      about: 'The minified CommonJS file.',
      columns: ['minified', 'gzip'],
      rows: weights,
    },
    {
      figures: 'embedded_js_heap',
      title: 'Embedded JavaScript on QuickJS',
      unit: 'bytes of heap',
      about: '64-bit values; an engine with byte code in ROM keeps only the second.',
      columns: ['loaded', 'a client connected and subscribed'],
      rows: heaps,
    },
    {
      figures: 'embedded_js_receive',
      title: 'A message of 1 KB received',
      unit: 'µs',
      about:
        'Copy is subarray and set of the same bytes. The topic of 17 bytes is judged and decoded byte by byte; the payload is never copied.',
      columns: ['received', 'copied', 'ratio', 'each further KB received', 'copied'],
      rows: speeds,
    },
  ]
}
