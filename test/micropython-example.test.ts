// The example of the umqtt document, word for word, against Mosquitto: on CPython and on MicroPython's WebAssembly build. The document
// is not ours to carry: its path is in UMQTT_SEED; without it the project's own example with the same calls runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Mosquitto, missing, startMosquitto } from './support/brokers.ts'
import { generatedPython, packagesOf, pythonHosts, runPython, startPython } from './support/python.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const seed = process.env.UMQTT_SEED

/** The one example in the document; only the broker's address is another. */
const documentExample = (port: number): string => {
  const document = readFileSync(seed!, 'utf8')
  const [example] = [...document.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code]) => code!).filter((code) => code.includes('import'))
  const call = 'MQTTClient("HaaSPython", "broker-cn.emqx.io", 1883)'
  expect(example).toContain(call)
  return example!.replace(call, `MQTTClient("HaaSPython", "127.0.0.1", ${port})`)
}

const EXCHANGE = [
  "From Topic: b'HaaSRegister'  Message: b'Hi, HaaS Python'",
  "From Topic: b'HaaSUser'  Message: b'Nice to meet you, HaaS Python User'",
  "From Topic: b'HaaSRegister'  Message: b'Hi, HaaS Python, I am coming'",
  "From Topic: b'HaaSUser'  Message: b'Nice to meet you, HaaS Python User'",
]

describe.skipIf(missing('mosquitto')).each(pythonHosts)('on %s', (host) => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await startMosquitto()
  })
  afterAll(() => broker?.remove())

  it.skipIf(!seed)("the document's example runs as printed", async () => {
    const running = startPython(host, documentExample(broker.port), await packagesOf(host))
    await running.lines(5)
    running.end()
    const { out, err } = await running.done
    expect(err).toBe('')
    expect(out.slice(0, 5)).toEqual(["('127.0.0.1', '255.0.0.0', '127.0.0.1', '127.0.0.1')", ...EXCHANGE])
  })

  it("the project's own example, with the same calls", async () => {
    const example = readFileSync(join(generatedPython, 'examples/haas.py'), 'utf8').replace('"1883"', `"${broker.port}"`)
    const { out, err, code } = await runPython(host, example)
    expect([err, code]).toEqual(['', 0])
    expect(out.slice(0, 4)).toEqual(EXCHANGE)
    expect(out.length).toBe(6)
  })
})
