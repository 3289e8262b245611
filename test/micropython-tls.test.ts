// TLS of the MicroPython client on CPython against Mosquitto: the own CA is accepted, another host's certificate is not. The socket of the
// WebAssembly build has no TLS; boards have the same calls.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Mosquitto, missing, startMosquitto, startScript } from './support/brokers.ts'
import { type Certs, makeCerts } from './support/certs.ts'
import { runPython } from './support/python.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const script = (port: number, params: string, server = '127.0.0.1'): string => `
import time
from umqtt import MQTTClient
from umqtt_haas import MQTTException
got = []
client = MQTTClient("c1", "${server}", ${port}, ssl=True, ssl_params=${params})
client.set_callback(lambda topic, msg: got.append(msg))
try:
    client.connect()
    before = time.monotonic()
    client.check_msg()
    quick = time.monotonic() - before < 1
    client.subscribe("t", 1)
    client.publish("t", "x" * 100000, qos=1)
    client.wait_msg(5000)
    print(len(got[0]), quick)
except MQTTException as e:
    print(e.code, type(e.cause).__name__)
client.close()
`

describe.skipIf(missing('mosquitto', 'openssl'))('TLS', () => {
  let certs: Certs
  let broker: Mosquitto
  let wrong: Mosquitto
  beforeAll(async () => {
    certs = makeCerts()
    broker = await startMosquitto({ tls: { server: certs.server, ca: certs.ca } })
    wrong = await startMosquitto({ tls: { server: certs.wrongHost, ca: certs.ca } })
  })
  afterAll(async () => {
    await broker?.remove()
    await wrong?.remove()
    certs?.remove()
  })

  const run = async (source: string): Promise<string[]> => {
    const { out, err, code } = await runPython('cpython', source)
    expect([err, code]).toEqual(['', 0])
    return out
  }
  const pem = (file: string) => JSON.stringify(readFileSync(file, 'utf8'))

  it('accepts what its own CA signed, given as a text or by name', async () => {
    expect(await run(script(broker.tlsPort, pem(certs.ca)))).toEqual(['100000 True'])
    expect(await run(script(broker.tlsPort, `{"ca": ${pem(certs.ca)}}`, 'localhost'))).toEqual(['100000 True'])
  })
  it('never blocks on half a packet, nor on a handshake that does not come', async () => {
    const secure = { cert: readFileSync(certs.server.cert), key: readFileSync(certs.server.key) }
    const half = await startScript(async (peer) => {
      await peer.packet()
      await peer.send('20020000300500')
      await peer.packet()
      await peer.send('01746869')
    }, secure)
    const silent = await startScript()
    const out = await run(`
import time
from umqtt import MQTTClient
def client(port, **more):
    return MQTTClient("c1", "127.0.0.1", port, ssl=True, ssl_params=${pem(certs.ca)}, **more)
def quick():
    before = time.monotonic()
    c.check_msg()
    return time.monotonic() - before < 1
got = []
c = client(${half.port})
c.set_callback(lambda topic, msg: got.append(msg))
c.connect()
time.sleep(0.1)
print(all(quick() for _ in range(10)), got)
c.ping()
c.wait_msg(5000)
print(got)
c.close()
c = client(${silent.port}, connect_timeout=300)
try:
    c.connect()
except OSError as e:
    print(e.code)`)
    expect(out).toEqual(['True []', "[b'hi']", '257'])
    await half.close()
    await silent.close()
  })
  it("refuses another host's certificate, but by the name it is for", async () => {
    expect(await run(script(wrong.tlsPort, pem(certs.ca)))).toEqual(['266 SSLCertVerificationError'])
    expect(await run(script(wrong.tlsPort, `{"ca": ${pem(certs.ca)}, "server_hostname": "elsewhere.example"}`))).toEqual(['100000 True'])
  })
  it('refuses what an unknown CA signed; without a CA, or told so, it looks at nothing', async () => {
    expect(await run(script(broker.tlsPort, pem(certs.otherCa)))).toEqual(['266 SSLCertVerificationError'])
    expect(await run(script(broker.tlsPort, '"no certificate"'))).toEqual(['266 OSError'])
    expect(await run(script(broker.tlsPort, '{"verify": True}'))).toEqual(['266 SSLCertVerificationError'])
    expect(await run(script(broker.tlsPort, '{}'))).toEqual(['100000 True'])
    expect(await run(script(wrong.tlsPort, `{"ca": ${pem(certs.ca)}, "verify": False}`))).toEqual(['100000 True'])
  })
})

/** MicroPython's ssl.py: a context looks at no certificate until verify_mode is set, and a wrong one is a ValueError. */
const BOARD = `
import sys
class ssl:
    PROTOCOL_TLS_CLIENT = CERT_NONE = 0
    CERT_REQUIRED = 2
    class SSLContext:
        def __init__(self, protocol):
            self.verify_mode = 0
        def load_verify_locations(self, cafile=None, cadata=None):
            self.ca = cadata
        def wrap_socket(self, sock, **named):
            return self.verify_mode
sys.modules["ssl"] = ssl
from umqtt_haas.transport import secured, write
print([secured(None, "name", params) for params in ("pem", {"ca": "pem"}, {"ca": "pem", "verify": False}, {"verify": True}, {"ca": None})])
class Refusing:
    def write(self, data):
        raise ValueError("The certificate is not correctly signed by the trusted CA")
try:
    write(Refusing(), b"")
except OSError as error:
    print(error.errno)
`
it('MicroPython is told to look at the certificate where there is a CA, and what it says of one is an error of TLS', async () => {
  const { out, err } = await runPython('micropython', BOARD)
  expect([out, err]).toEqual([['[2, 2, 0, 2, 0]', '-1'], ''])
})
