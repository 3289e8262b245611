// What holds where an application says nothing: in every client the defaults and ports of spec/client.yaml, for each keep-alive the ping_timeout
// that follows from it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readServers } from '../generated/typescript/src/address.ts'
import { readOptions } from '../generated/typescript/src/options.ts'
import { missing } from './support/missing.ts'
import { root } from './support/targets.ts'

interface Parameter {
  session?: boolean
  required?: boolean
  internal?: boolean
  optional?: boolean
  default?: number | boolean
  embedded?: number
  zero?: { plain: number; tls: number }
}
const { parameters } = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')) as { parameters: Record<string, Parameter> }
const given = Object.entries(parameters).filter(([, p]) => p.session && !p.required && !p.optional)
const usual = given.map(([name, p]): [string, number] => [name, Number(p.default)])
const embedded = given.map(([name, p]): [string, number] => [name, Number(p.embedded ?? p.default)])
const ports = Object.values(parameters.port.zero!)
const camel = (name: string) => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

const KEEPALIVES = [0, 1, 7, 19, 20, 21, 65535]
/** "The smaller of keepalive / 2 and 10 s", and 10 s without one. */
const pingTimeouts = [10000, 500, 3500, 9500, 10000, 10000, 10000]

/** What a client made with this keep-alive, or with none, has for each parameter, and its ports without and with TLS. */
interface Found {
  defaults: Record<string, number>
  ports: number[]
  pingTimeouts: number[]
}
const sameAs = (found: Found, defaults: [string, number][], open = ports): void => {
  expect(found.defaults).toEqual(Object.fromEntries(defaults))
  expect(found.ports).toEqual(open)
  expect(found.pingTimeouts).toEqual(pingTimeouts)
}

describe('defaults and ports are those of client.yaml', () => {
  test('in TypeScript', () => {
    const config = (keepalive?: number) => readOptions('id', 'host', keepalive === undefined ? {} : { keepalive }).config
    const made = config() as unknown as Record<string, unknown>
    const port = (ssl: boolean) => readOptions('id', 'host', { ssl }).servers[0].port
    expect(readOptions('id', 'host', {}).servers[0]).toMatchObject({ host: 'host', port: ports[0], tls: undefined })
    const defaults = Object.fromEntries(usual.map(([name]) => [name, Number(made[camel(name)])]))
    sameAs({ defaults, ports: [port(false), port(true)], pingTimeouts: KEEPALIVES.map((k) => config(k).pingTimeout) }, usual)
    const urls = ['mqtt://host', 'mqtts://host'].map((url) => readServers(url, 0, false, {})[0].port)
    expect(urls).toEqual(ports)
  })

  test('in embedded JavaScript', () => {
    const { MQTTClient } = createRequire(import.meta.url)('../generated/embedded-js/full/umqtt.cjs') as {
      MQTTClient: new (id: string, server: string, options: object) => Record<string, unknown> & { connect(): number }
    }
    let dialled = 0
    const open = (_host: string, port: number) => {
      dialled = port
      return { write: () => {}, close: () => {} }
    }
    const adapter = { now: () => 0, open }
    const make = (options: object) => {
      const client = new MQTTClient('id', 'host', { adapter, ...options })
      client.connect() // where they are read and judged
      return client
    }
    const made = make({})
    const set = embedded.filter(([name]) => !parameters[name].internal)
    const defaults = Object.fromEntries(set.map(([name]) => [name, Number(made[`_${camel(name)}`] ?? 0)]))
    const pings = KEEPALIVES.map((keepalive) => make({ keepalive })._pingTimeout as number)
    const port = (options: object): number => {
      make(options)
      return dialled
    }
    sameAs({ defaults, ports: [port({}), port({ ssl: true })], pingTimeouts: pings }, set)
  })

  test('in MicroPython', () => {
    const script = `
import json, sys
from umqtt_haas import MQTTClient, client
names, keepalives = json.loads(sys.argv[1])
made = MQTTClient("id", "host")

def port(**options):
    asked = []
    def getaddrinfo(host, port, *_):
        asked.append(port)
        raise OSError(1)
    client.getaddrinfo = getaddrinfo
    try:
        MQTTClient("id", "host", **options).connect()
    except OSError:
        return asked[0]

print(json.dumps({
    "defaults": {name: int(getattr(made, name)) for name in names},
    "ports": [port(), port(ssl=True)],
    "pingTimeouts": [MQTTClient("id", "host", keepalive=k).ping_timeout for k in keepalives],
}))`
    const args = ['-B', '-c', script, JSON.stringify([embedded.map(([name]) => name), KEEPALIVES])]
    const env = { ...process.env, PYTHONPATH: join(root, 'generated/micropython') }
    sameAs(JSON.parse(execFileSync('python3', args, { encoding: 'utf8', env })) as Found, embedded)
  })

  test.skipIf(missing('g++'))('in C++', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'umqtt-defaults-'))
    try {
      const value = (text: string) => `printf("%u,", unsigned(${text}));`
      const lists = [
        embedded.map(([name]) => `config.${camel(name)}`),
        ['umqtt::PORT'], // TLS is the transport's affair
        KEEPALIVES.map((k) => `umqtt::pingTimeoutOf(${k})`),
      ]
      const print = lists.map((list) => `${list.map(value).join('\n')}\nputs("");`).join('\n')
      const code = `#include <stdio.h>\n#include "umqtt/options.h"\nint main() {\numqtt::Config config = umqtt::defaults("id");\n${print}\n}\n`
      writeFileSync(join(folder, 'print.cpp'), code)
      execFileSync('g++', ['-std=c++11', '-I', join(root, 'generated/cpp/src'), '-o', join(folder, 'print'), join(folder, 'print.cpp')])
      const lines = execFileSync(join(folder, 'print'), { encoding: 'utf8' }).trim().split('\n')
      const [values, open, pings] = lines.map((line) => line.slice(0, -1).split(',').map(Number))
      const defaults = Object.fromEntries(embedded.map(([name], i) => [name, values[i]]))
      sameAs({ defaults, ports: open, pingTimeouts: pings }, embedded, ports.slice(0, 1))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('in the words of the documents', () => {
    const { port, ping_timeout } = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')).parameters
    for (const n of ports) for (const text of [port.doc.en, port.doc.zh]) expect(text).toContain(String(n))
    expect(ping_timeout.derived.en).toContain(`${ping_timeout.default / 1000} s`)
  })
})
