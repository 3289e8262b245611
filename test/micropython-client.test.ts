// The MicroPython client against scripted servers and Mosquitto, on CPython and on MicroPython's WebAssembly build: what the document
// promises, and each trap that clients of that name fell into. What the session decides is shown by the scenarios.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Broker, freePorts, missing, startMosquitto, startScript } from './support/brokers.ts'
import { type PythonHost, pythonHosts, type Ran, runPython, startPython } from './support/python.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

type Peer = Awaited<ReturnType<typeof startScript>>['peers'][number]

const started: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of started.splice(0)) await server.close()
})
const script = async (onPeer: (peer: Peer, n: number) => unknown): Promise<number> => {
  const server = await startScript(onPeer)
  started.push(server)
  return server.port
}
const mosquitto = async (): Promise<Broker> => {
  const broker = await startMosquitto()
  started.push({ close: () => broker.remove() })
  return broker
}

/** What every script begins with; ms() is a clock, spent(f) the ms a call took, tried(f) what it answered or raised. */
const begin = (port: number, args = ''): string => `
import time
from umqtt import MQTTClient
from umqtt_haas import MQTTException
try:
    from time import ticks_ms as ms
except ImportError:
    ms = lambda: int(time.monotonic() * 1000)
def spent(f, *args, **named):
    before = ms()
    f(*args, **named)
    return ms() - before
def tried(f, *args, **named):
    try:
        return f(*args, **named)
    except MQTTException as e:
        assert isinstance(e, OSError) and e.args[0] == e.errno == e.code, e
        return "error %d" % e.code
def until(condition, most=5000):
    before = ms()
    while not condition():
        assert ms() - before < most, "waited too long"
        client.check_msg()
        time.sleep(0.01)
got = []
client = MQTTClient("c1", "127.0.0.1", ${port}${args})
client.set_callback(lambda topic, msg: got.append((topic, msg)))
`
const good = ({ out, err, code }: Ran): string[] => {
  expect([err, code]).toEqual(['', 0])
  return out
}

const CONNACK = '20020000'
const connected = async (peer: Peer, connack = CONNACK): Promise<void> => {
  await peer.packet()
  await peer.send(connack)
}

/** MicroPython runs the small build where it can be made: what boards get, and the hardest test of the shrinking. */
const hosts = pythonHosts.filter((host) => host !== 'micropython' || !pythonHosts.includes('mpy'))

describe.each(hosts)('on %s', (host: PythonHost) => {
  const run = async (source: string): Promise<string[]> => good(await runPython(host, `${source}\nclient.close()`))

  describe('check_msg', () => {
    it('never blocks, not on half a packet, and delivers it when the rest is there', async () => {
      const port = await script(async (peer) => {
        await connected(peer)
        await peer.send('300500')
        await peer.packet()
        await peer.send('017468') // the other half but one byte
        await peer.packet()
        await peer.send('69')
      })
      const out = await run(`${begin(port)}
client.connect()
time.sleep(0.1)
print(max(spent(client.check_msg) for _ in range(20)) < 1000, got)  # umqtt.simple: 3 s
client.ping()
time.sleep(0.1)
client.check_msg()
print(got)
client.ping()
until(lambda: got)
print(got)`)
      expect(out).toEqual(['True []', '[]', "[(b't', b'hi')]"])
    })

    it('takes stray acknowledgements in its stride', async () => {
      const port = await script(async (peer) => {
        await connected(peer)
        await peer.send('4002000750020008700200097002000ab0020007')
        await peer.send('300400017421')
      })
      expect(await run(`${begin(port)}\nclient.connect()\nuntil(lambda: got)\nprint(got, client.get_mqttsta())`)).toEqual([
        "[(b't', b'!')] 0",
      ])
    })

    it('delivers 16 messages at most, the rest next time, in their order', async () => {
      const port = await script(async (peer) => {
        await connected(peer)
        await peer.send(Array.from({ length: 40 }, (_, i) => `3004000174${(48 + i).toString(16)}`).join(''))
      })
      const out = await run(`${begin(port)}
client.connect()
time.sleep(0.5)
for _ in range(3):
    client.check_msg()
    print(len(got))
print(b"".join(msg for _, msg in got) == bytes(range(48, 88)))`)
      expect(out).toEqual(['16', '32', '40', 'True'])
    })

    it('keeps what comes while a call waits, and acknowledges it only after the callback', async () => {
      const port = await script(async (peer) => {
        await connected(peer)
        await peer.packet()
        await peer.send('320600017400056d40020001') // a message before the answer that is waited for
        expect((await peer.packet()).toString('hex')).toBe('c000')
        expect((await peer.packet()).toString('hex')).toBe('40020005')
      })
      const out = await run(`${begin(port)}
client.connect()
client.publish("a", "b", qos=1)
print(got)
client.ping()
client.check_msg()
print(got)`)
      expect(out).toEqual(['[]', "[(b't', b'm')]"])
    })

    it('forgets what it kept when the connection ends: unacknowledged, the server sends it again', async () => {
      const twice = '3406000174000578'.repeat(2) // QoS 2, the second one to be answered only
      const port = await script(async (peer) => {
        await connected(peer)
        await peer.packet()
        await peer.send(`${twice}40020001`)
      })
      const out = await run(`${begin(port)}
client.connect()
client.publish("a", "b", qos=1)
client.close()
client.check_msg()
print(got, client.get_mqttsta())`)
      expect(out).toEqual(['[] -1'])
    })
  })

  it('text is UTF-8 and lengths are bytes', async () => {
    let seen = ''
    const port = await script(async (peer) => {
      await connected(peer)
      seen = (await peer.packet()).toString('hex')
      await peer.send(`30${'0d'}0006${Buffer.from('温度').toString('hex')}${Buffer.from('°C21').toString('hex')}`)
      await peer.packet()
    })
    const out = await run(`${begin(port)}
client.connect()
client.publish("温度", "°C21")
until(lambda: got)
print(got[0][0].decode(), got[0][1].decode())
client.disconnect()`)
    expect(out).toEqual(['温度 °C21'])
    expect(seen).toBe(`300d0006${Buffer.from('温度°C21').toString('hex')}`)
  })

  it('the callback may publish at every QoS, without recursion; nothing waits in it', async () => {
    const broker = await mosquitto()
    const out = await run(`${begin(broker.port)}
depth = 0
def cb(topic, msg):
    global depth
    depth += 1
    assert depth == 1
    got.append(msg)
    if len(got) < 9:
        client.publish("t", str(len(got)), qos=len(got) % 3)
        client.check_msg()
        client.wait_msg()
    depth -= 1
client.set_callback(cb)
client.connect()
client.subscribe("t", 2)
client.publish("t", "0")
until(lambda: len(got) == 9)
print(got)
client.disconnect()`)
    expect(out).toEqual([`[${Array.from({ length: 9 }, (_, i) => `b'${i}'`).join(', ')}]`])
  })

  it('a callback that raises: the message is acknowledged, the exception reaches the caller or the error callback', async () => {
    const port = await script(async (peer) => {
      await connected(peer)
      await peer.send('320600017400056d')
      expect((await peer.packet()).toString('hex')).toBe('40020005')
      await peer.send('320600017400066d')
      expect((await peer.packet()).toString('hex')).toBe('40020006')
      await peer.send('30030001ff'.replace('ff', '74'))
    })
    const out = await run(`${begin(port)}
def cb(topic, msg):
    raise ValueError("mine")
client.set_callback(cb)
client.connect()
try:
    until(lambda: False)
except MQTTException as e:
    print(e.code, repr(e.cause))
client.error_register_cb(lambda e: got.append(e))
until(lambda: len(got) == 2)
print([(e.code, repr(e.cause)) for e in got], client.get_mqttsta())`)
    expect(out[0]).toMatch(/^269 ValueError\('mine',?\)$/)
    expect(out[1]).toMatch(/^\[\(269, .*\), \(269, .*\)\] 0$/)
  })

  describe('get_mqttsta', () => {
    it('is -1, 0, -1, and 2 where the server closed and nothing reconnects; the error callback is called once', async () => {
      const port = await script(async (peer, n) => {
        await connected(peer)
        if (n === 1) {
          await peer.packet()
          peer.close()
        }
      })
      const out = await run(`${begin(port, ', reconn=False')}
errors = []
client.error_register_cb(lambda e: errors.append(e.code))
print(client.get_mqttsta(), client.connect(), client.get_mqttsta())
client.disconnect()
client.disconnect()
print(client.get_mqttsta())
client.connect()
client.ping()
until(lambda: client.get_mqttsta())
print(client.get_mqttsta(), errors, tried(client.publish, "a", "b"), tried(client.wait_msg))
client.close()
print(client.get_mqttsta(), errors)`)
      expect(out).toEqual(['-1 0 0', '-1', '2 [264] error 256 error 256', '-1 [264]'])
    })

    it('is 1 while reconnecting: QoS 0 says no, QoS 1 waits in the queue; the error callback is silent', async () => {
      const port = await script(async (peer, n) => {
        await connected(peer)
        if (n === 0) return peer.close()
        await peer.packet()
        await peer.send('40020001')
        await peer.packet()
        await peer.send('3003000174')
      })
      const out = await run(`${begin(port, ', reconnect_delay=300')}
errors = []
progress = []
client.error_register_cb(lambda e: errors.append(e.code))
client.progress_register_cb(lambda event, detail: progress.append(event))
client.connect()
until(lambda: client.get_mqttsta() == 1)
print(client.publish("a", "b"), client.publish("a", "b", qos=1, wait=False))
until(lambda: client.get_mqttsta() == 0)
client.ping()
print(client.wait_msg(), client.get_mqttsta(), errors, progress)`)
      expect(out).toEqual(['False 1', "None 0 [] ['connect', 'lost', 'reconnecting', 'connect']"])
    })

    it('is -1 after a refusal, and connect() raises its number; reconnecting ends at one, with one error callback', async () => {
      const port = await script(async (peer, n) => {
        await connected(peer, ['20020005', CONNACK, '20020004'][n])
        if (n === 1) peer.close()
      })
      const out = await run(`${begin(port, ', reconnect_delay=50')}
errors = []
client.error_register_cb(lambda e: errors.append(e.code))
print(tried(client.connect), client.get_mqttsta(), errors)
client.connect()
until(lambda: client.get_mqttsta() == -1)
print(errors)`)
      expect(out).toEqual(['error 5 -1 []', '[4]'])
    })
  })

  it('reconnects and subscribes each filter with its own QoS', async () => {
    const packets: string[] = []
    const port = await script(async (peer, n) => {
      await connected(peer)
      for (let i = 0; i < 2; i++) {
        const packet = await peer.packet()
        packets.push(packet.toString('hex'))
        await peer.send(`9003${packet.toString('hex', 2, 4)}0${packet.at(-1)}`)
      }
      if (n === 0) peer.close()
      else await peer.send('3003000174')
    })
    const out = await run(`${begin(port, ', reconnect_delay=50')}
client.connect()
client.subscribe("one", 1)
client.subscribe("two", 2)
until(lambda: got)
print(client.get_mqttsta())`)
    expect(out).toEqual(['0'])
    expect(packets.map((packet) => packet.slice(8))).toEqual(['00036f6e6501', '000374776f02', '00036f6e6501', '000374776f02'])
  })

  it('every blocking call has a deadline', async () => {
    const port = await script(async (peer, n) => {
      await peer.packet()
      if (n > 0) await peer.send(CONNACK)
    })
    const out = await run(`${begin(port, ', connect_timeout=300, ack_timeout=300')}
for call in (
    (client.connect,),
    (client.connect,),
    (client.subscribe, "a"),
    (client.unsubscribe, "a"),
    (client.publish, "a", "b", False, 1),
    (client.wait_msg, 300),
):
    before = ms()
    print(tried(*call), 250 <= ms() - before < 5000)`)
    expect(out).toEqual(['error 257 True', '0 False', 'error 258 True', 'error 258 True', 'error 258 True', 'None True'])
  })

  it('a server that is not there, and one that refuses a filter', async () => {
    const [nobody] = await freePorts(1)
    const port = await script(async (peer) => {
      await connected(peer)
      await peer.packet()
      await peer.send('9003000180')
      await peer.packet()
      await peer.send('900400020080')
    })
    const out = await run(`${begin(port)}
try:
    MQTTClient("c", "127.0.0.1", ${nobody}).connect()
except MQTTException as e:
    print(e.code, isinstance(e.cause, OSError))
client.connect()
print(tried(client.subscribe, "a"), tried(client.subscribe, [("a", 0), ("b", 1)]))`)
    expect(out).toEqual(['265 True', 'error 128 [0, 128]'])
  })

  it('what no packet can carry is refused with the name of its rule', async () => {
    const port = await script((peer) => connected(peer))
    const out = await run(`${begin(port)}
def rule(f, *args, **named):
    try:
        f(*args, **named)
    except MQTTException as e:
        assert e.code == 263
        return e.rule
client.connect()
print(rule(client.publish, "a/+", "x"), rule(client.publish, "", "x"), rule(client.publish, "a\\0", "x"), rule(client.publish, "a", "x", qos=3))
print(rule(client.subscribe, "a/#/b"), rule(client.subscribe, "a" * 65536), rule(client.subscribe, []), rule(client.set_last_will, "+", "x"))
print(rule(MQTTClient, "c", "h", keepalive=70000), rule(MQTTClient, "c", "h", version=5), rule(MQTTClient, "c", "h", port=65536),
      rule(MQTTClient, "c", "h", password="p"), rule(MQTTClient, "c", "h", max_inflight=0))
try:
    MQTTClient("c", "h", publish=1)
except TypeError as e:
    print("TypeError")
print(client.get_mqttsta())`)
    expect(out).toEqual([
      'topic_wildcard topic_empty nul_character bad_qos',
      'bad_filter too_long no_filters topic_wildcard',
      'keepalive version port password_without_username max_inflight',
      'TypeError',
      '0',
    ])
  })

  it('msg and message are both taken, the will comes from close() and not from disconnect()', async () => {
    const broker = await mosquitto()
    const out = await run(`${begin(broker.port)}
other = MQTTClient(b"c2", "127.0.0.1", ${broker.port}, keepalive=60)
client.connect()
client.subscribe("will/#")
for end in ("disconnect", "close"):
    for named in ({"msg": "a-" + end}, {"message": "b-" + end}):
        other.set_last_will("will/" + end, qos=1, **named)
        other.connect()
        getattr(other, end)()
other.set_last_will(None)
other.connect()
other.publish("will/x", message=b"message")
other.publish("will/x", msg="msg")
other.publish("will/x", "empty" * 0)
other.close()
until(lambda: len(got) == 5)
print([msg for _, msg in got])
client.disconnect()`)
    expect(out).toEqual(["[b'a-close', b'b-close', b'message', b'msg', b'']"])
  })

  it('a broken packet closes the connection and names rule and byte', async () => {
    const port = await script(async (peer) => {
      await connected(peer)
      await peer.packet()
      await peer.send('3005000261ff62')
    })
    const out = await run(`${begin(port, ', reconn=False')}
client.connect()
client.ping()
try:
    until(lambda: False)
except MQTTException as e:
    print(e.code, e.rule, e.offset, e.args[1], client.get_mqttsta())`)
    expect(out).toEqual(['260 bad_utf8 5 PROTOCOL_ERROR: bad_utf8 at byte 5 -1'])
  })

  it('a callback that is interrupted leaves the stream in step', async () => {
    const port = await script(async (peer) => {
      await connected(peer)
      await peer.send('300400017431300400017432')
      await peer.packet()
      await peer.send('d000')
    })
    const out = await run(`${begin(port)}
def cb(topic, msg):
    got.append(msg)
    if msg == b"1":
        raise KeyboardInterrupt
client.set_callback(cb)
client.connect()
try:
    until(lambda: got)
except KeyboardInterrupt:
    print(got)
client.ping()
until(lambda: len(got) > 1)
print(got, client.get_mqttsta())`)
    expect(out).toEqual(["[b'1']", "[b'1', b'2'] 0"])
  })

  it('pings by itself while waiting, and finds a dead connection', async () => {
    let pings = 0
    const port = await script(async (peer, n) => {
      await connected(peer)
      if (n > 0) return
      for (; pings < 2; pings++) {
        expect((await peer.packet()).toString('hex')).toBe('c000')
        await peer.send('d000')
      }
    })
    const out = await run(`${begin(port, ', keepalive=1, ping_timeout=400, reconn=False')}
client.connect()
print(spent(tried, client.wait_msg, 2000) >= 2000, client.get_mqttsta())
print(tried(client.wait_msg, 3000), client.get_mqttsta())`)
    expect(out).toEqual(['True 0', 'error 259 -1'])
    expect(pings).toBe(2)
  })
})

describe.skipIf(missing('mosquitto'))('with Mosquitto, on cpython', () => {
  it('a QoS 1 publish is one write, and takes no 40 ms', async () => {
    const broker = await mosquitto()
    const out = good(
      await runPython(
        'cpython',
        `${begin(broker.port)}
from umqtt_haas import client as module
writes = []
real = module.write
module.write = lambda sock, data: writes.append(bytes(data)) or real(sock, data)
client.connect()
client.publish("warm", "up", qos=1)
del writes[:]
before = time.perf_counter()
for _ in range(100):
    client.publish("dev/12345678/temp", "x" * 20, qos=1)
each = (time.perf_counter() - before) * 10
print(len(writes), each < 20)
client.close()`,
      ),
    )
    expect(out).toEqual(['100 True'])
  })

  it('a message too large for the memory ends the connection, not the program', async () => {
    const port = await script(async (peer) => {
      await connected(peer)
      await peer.packet()
      await peer.send('300400017431')
    })
    const source = `${begin(port, ', reconn=False')}
from umqtt_haas.session import Session
def receive(self, data):
    raise MemoryError
client.connect()
Session._receive = receive
client.ping()
print(tried(until, lambda: False), client.get_mqttsta())`
    expect(good(await runPython('cpython', source))).toEqual(['error 262 -1'])
  })

  it('survives a broker that dies and comes back, with nothing lost of QoS 1', async () => {
    const broker = await mosquitto()
    const running = startPython(
      'cpython',
      `${begin(broker.port, ', reconnect_delay=100')}
client.connect()
client.subscribe("t", 1)
print("ready", flush=True)
until(lambda: client.get_mqttsta() == 1, 10000)
ids = [client.publish("t", str(i), qos=1, wait=False) for i in range(20)]
print(ids == list(range(ids[0], ids[0] + 20)), flush=True)
until(lambda: len(got) >= 20, 20000)
print([int(msg) for _, msg in got] == list(range(20)))
client.disconnect()`,
    )
    await running.lines(1)
    await broker.kill()
    await running.lines(2)
    await broker.restart()
    expect(good(await running.done)).toEqual(['ready', 'True', 'True'])
  })
})
