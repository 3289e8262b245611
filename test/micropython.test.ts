// Proves MicroPython's WebAssembly build as the tests use it: a script with blocking sockets talks to Mosquitto, a testee
// answers line by line, and errors come as they do on a board. The client for it is tested elsewhere.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePorts, missing, startMosquitto, startScript } from './support/brokers.ts'
import { startTestee } from './support/testee.ts'

vi.setConfig({ testTimeout: 30_000 }) // processes start slowly on a busy machine

const runner = fileURLToPath(new URL('support/engines/micropython.ts', import.meta.url))
const command = ['--import', 'tsx', runner]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'umqtt-micropython-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (source: string) => {
  const script = join(folder, 'script.py')
  writeFileSync(script, source)
  const child = spawn(process.execPath, [...command, '--mount', folder, 'run', script], { timeout: 10_000 })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise<{ out: string[]; err: string; code: number | null }>((resolve) => {
    child.on('close', (code) => resolve({ out: out.trimEnd().split('\n'), err, code }))
  })
}

const EXCHANGE = (port: number) => `
import socket, select, struct, errno, time

sock = socket.socket()
sock.connect(socket.getaddrinfo("localhost", ${port})[0][-1])
client = b"micropython"
body = b"\\x00\\x04MQTT\\x04\\x02" + struct.pack("!HH", 60, len(client)) + client
sock.write(bytes([0x10, len(body)]) + body)
print("CONNACK", sock.read(4))

sock.setblocking(False)
print("nothing yet", sock.read(1))
poller = select.poll()
poller.register(sock, select.POLLIN)
print("not ready", poller.poll(20))

sock.write(b"\\xc0\\x00")
print("ready", poller.poll(5000) == [(sock, select.POLLIN)])
buffer = bytearray(4)
print("PINGRESP", sock.readinto(buffer), buffer)

sock.settimeout(0.1)
before = time.ticks_ms()
try:
    sock.recv(1)
except OSError as error:
    print("late", error.errno == errno.ETIMEDOUT, 90 <= time.ticks_diff(time.ticks_ms(), before) < 1000)

sock.setblocking(True)
topic = b"\\x00\\x01t"
sock.write(b"\\x82\\x06\\x00\\x01" + topic + b"\\x00")
print("SUBACK", sock.read(5))
payload = bytes(range(256)) * 256
size = len(topic) + len(payload)
header = bytes([0x30, size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
sock.write(header + topic + payload)
print("PUBLISH", sock.read(4 + size) == header + topic + payload)
sock.close()
`

test.skipIf(missing('mosquitto'))('a script talks MQTT to Mosquitto over blocking sockets', async () => {
  const broker = await startMosquitto()
  const { out, err, code } = await run(EXCHANGE(broker.port))
  expect(out).toEqual([
    "CONNACK b' \\x02\\x00\\x00'",
    'nothing yet None',
    'not ready []',
    'ready True',
    "PINGRESP 2 bytearray(b'\\xd0\\x00\\x00\\x00')",
    'late True True',
    "SUBACK b'\\x90\\x03\\x00\\x01\\x00'",
    'PUBLISH True',
  ])
  expect([err, code]).toEqual(['', 0])
  await broker.remove()
})

describe('a socket', () => {
  const reading = (port: number) => `
import socket, errno
sock = socket.socket()
sock.connect(("127.0.0.1", ${port}))
try:
    print(sock.read(9), sock.recv(1))
except OSError as error:
    print(errno.errorcode[error.errno])
sock.close()
`
  test('that nobody listens on is refused', async () => {
    const [port] = await freePorts(1)
    expect((await run(`import socket\nsocket.socket().connect(("127.0.0.1", ${port}))`)).err).toMatch(/ECONNREFUSED/)
  })

  test('gives what came before the end, then nothing', async () => {
    const server = await startScript(async (peer) => {
      await peer.send('616263')
      peer.halfClose()
    })
    expect((await run(reading(server.port))).out).toEqual(["b'abc' b''"])
    await server.close()
  })

  test('says that it was reset', async () => {
    const server = await startScript(async (peer) => {
      await sleep(100) // a reset before that may be the connection's own error
      peer.reset()
    })
    expect((await run(reading(server.port))).out).toEqual(['ECONNRESET'])
    await server.close()
  })

  test('has no room when the peer stops reading', async () => {
    const server = await startScript((peer) => peer.stopReading())
    const source = `
import socket, errno
sock = socket.socket()
sock.connect(("127.0.0.1", ${server.port}))
sock.settimeout(0.1)
part = bytes(1 << 20)
try:
    for _ in range(32):
        sock.write(part)
except OSError as error:
    print(errno.errorcode[error.errno])
`
    expect((await run(source)).out).toEqual(['ETIMEDOUT'])
    await server.close()
  })
})

test('exceptions, exit codes and the Wi-Fi stub', async () => {
  expect(await run('import sys\nprint("no line end", end="")\nsys.exit(3)')).toMatchObject({
    out: ['no line end'],
    code: 3,
  })
  expect(await run('raise SystemExit')).toMatchObject({ err: '', code: 0 })
  const failed = await run('1 / 0')
  expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('ZeroDivisionError')])
  const wifi = await run(`
import network, utime
wlan = network.WLAN(network.STA_IF)
print(wlan.isconnected())
wlan.active(True)
wlan.connect("name", "password")
utime.sleep(0.01)
print(wlan.isconnected(), wlan.ifconfig()[0])`)
  expect(wifi.out).toEqual(['False', 'True 127.0.0.1'])
})

test('a testee answers line by line, with a mounted package', async () => {
  mkdirSync(join(folder, 'package'), { recursive: true })
  writeFileSync(join(folder, 'package/__init__.py'), 'from .inner import shout\n')
  writeFileSync(join(folder, 'package/inner.py'), 'def shout(text):\n    return text.upper()\n')
  const script = join(folder, 'toy_testee.py')
  writeFileSync(
    script,
    `
from package import shout
calls = 0
def testee(line):
    global calls
    calls += 1
    if line == "raise":
        raise ValueError("raised by the toy")
    return "%d\\n%d %s\\n." % (calls, len(line), shout(line[-3:]))
`,
  )
  const testee = startTestee([process.execPath, ...command, '--mount', folder, 'testee', script])
  expect(await testee.ask('abc')).toEqual(['1', '3 ABC'])
  expect(await testee.ask('x'.repeat(150_000))).toEqual(['2', '150000 XXX'])
  const many = await testee.askAll(Array.from({ length: 2000 }, () => 'd'))
  expect(many).toEqual(Array.from({ length: 2000 }, (_, i) => [String(i + 3), '1 D']))
  await expect(testee.ask('raise')).rejects.toThrow('raised by the toy')
  expect(await testee.close()).toBe(1)
})
