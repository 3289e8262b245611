// What the embedded client's files may contain, whatever engine is at hand: the syntax that Espruino, JerryScript and mquickjs know, and only
// what a profile needs. That they work is shown on engines (engines-embedded-js) and brokers (live-embedded-js).
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { ts } from 'ts-morph'
import { describe, expect, it } from 'vitest'
import type { Adapter, Callbacks, Options } from '../generated/embedded-js/full/umqtt.cjs'
import { root } from './support/targets.ts'

const folder = join(root, 'generated/embedded-js')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const PROFILES = ['full', 'std', 'tiny']
const clients = PROFILES.flatMap((profile) =>
  ['', '.min'].flatMap((small) => ['cjs', 'mjs', 'js'].map((ext) => `${profile}/umqtt${small}.${ext}`)),
)
const others = [
  ...PROFILES.map((profile) => `testee/${profile}.js`),
  ...['espruino', 'kaluma', 'haas'].map((engine) => `adapters/${engine}.js`),
  ...['espruino', 'kaluma'].map((engine) => `examples/${engine}.js`),
]

const { SyntaxKind: K } = ts
/** Younger than ES5, or known to be missing or wrong on one of the engines. */
const FORBIDDEN = new Map<ts.SyntaxKind, string>([
  [K.ArrowFunction, 'an arrow function'],
  [K.ClassDeclaration, 'a class'],
  [K.ClassExpression, 'a class'],
  [K.TemplateExpression, 'a template'],
  [K.NoSubstitutionTemplateLiteral, 'a template'],
  [K.ForOfStatement, 'for of'],
  [K.SpreadElement, 'a spread'],
  [K.SpreadAssignment, 'a spread'],
  [K.ShorthandPropertyAssignment, 'a shorthand property'],
  [K.ComputedPropertyName, 'a computed name'],
  [K.ObjectBindingPattern, 'destructuring'],
  [K.ArrayBindingPattern, 'destructuring'],
  [K.MethodDeclaration, 'a method'],
  [K.GetAccessor, 'a getter'],
  [K.SetAccessor, 'a setter'],
  [K.LabeledStatement, 'a label (Espruino)'],
  [K.WithStatement, 'with'],
  [K.OmittedExpression, 'a hole in an array (mquickjs)'],
  [K.QuestionQuestionToken, '??'],
  [K.QuestionDotToken, '?.'],
  [K.AwaitExpression, 'await'],
  [K.YieldExpression, 'yield'],
  [K.DebuggerStatement, 'debugger'],
])
const NAMES = new Set(['DataView', 'TextEncoder', 'TextDecoder', 'Map', 'Set', 'WeakMap', 'Promise', 'Symbol', 'Proxy', 'eval'])
/** Of typed arrays, old engines have these not, or not right; of strings and objects neither. */
const MEMBERS = new Set([
  'freeze',
  'substr',
  'fill',
  'find',
  'findIndex',
  'includes',
  'startsWith',
  'padStart',
  'repeat',
  'assign',
  'from',
  'of',
])

function objections(code: string, file: string, known?: string): string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const found: string[] = []
  const say = (node: ts.Node, what: string) =>
    found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`)
  const walk = (node: ts.Node, tries: { count: number }, method: boolean): void => {
    const what = FORBIDDEN.get(node.kind)
    if (what) say(node, what)
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.BlockScoped) say(node, 'let or const')
    if (ts.isParameter(node) && (node.initializer || node.dotDotDotToken)) say(node, 'a default or rest parameter')
    if (ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression)) say(node, 'a directive: strict mode changes `this`')
    if (ts.isReturnStatement(node) && node.expression) {
      const line = (at: number) => source.getLineAndCharacterOfPosition(at).line
      if (line(node.getStart()) !== line(node.expression.getStart())) say(node, 'return and its value on two lines')
    }
    if (ts.isReturnStatement(node) && !node.expression && !/^return(;|(\s|\/\/.*)*\})/.test(code.slice(node.getStart())))
      say(node, 'a bare return that neither ; nor } ends (Espruino)')
    if (ts.isRegularExpressionLiteral(node) && /[{?]/.test(node.text)) say(node, 'an expression beyond Espruino')
    if (ts.isTryStatement(node) && ++tries.count > 1) say(node, 'a second try in one function (mquickjs)')
    if (ts.isPropertyAccessExpression(node) && MEMBERS.has(node.name.text)) say(node, `.${node.name.text}`)
    if (ts.isIdentifier(node) && NAMES.has(node.text) && node.text !== known && !ts.isPropertyAccessExpression(node.parent))
      say(node, node.text)
    if (node.kind === K.ThisKeyword && !method) say(node, '`this` in a plain function')
    const isFunction = ts.isFunctionLike(node)
    const own = isFunction ? { count: 0 } : tries
    const ofObject = ts.isFunctionExpression(node) && (ts.isPropertyAssignment(node.parent) || ts.isReturnStatement(node.parent))
    const constructs = ts.isFunctionDeclaration(node) && code.includes(`${node.name?.text}.prototype`)
    ts.forEachChild(node, (child) => walk(child, own, isFunction ? ofObject || constructs : method))
  }
  walk(source, { count: 0 }, false)
  return found
}

describe('syntax', () => {
  it.each([...clients, ...others])('%s', async (file) => {
    const code = read(file)
    const known = file.includes('kaluma') ? 'TextDecoder' : undefined
    expect(objections(code, file, known).slice(0, 5)).toEqual([])
    await transform(code, { target: 'es5' }) // refuses what it would have to lower
  })

  it('is refused where it is too young', () => {
    const wrong = [
      'let a = 1',
      'x => x',
      '`a`',
      'a: for (;;) {}',
      'Object.freeze(a)',
      '[1, , 2]',
      "'use strict'",
      'function f() { return this }',
      'function f(a) { if (a) return\n a() }',
      '/a{2}/',
    ]
    for (const code of wrong) expect(objections(code, 'wrong.js'), code).not.toEqual([])
  })

  it('tables that are made while the file is read name only functions above them', () => {
    for (const profile of PROFILES) {
      const code = read(`${profile}/umqtt.js`)
      for (const [, , table] of code.matchAll(/^var (TIMERS|PACKETS) = (\[.*\]|\{[\s\S]*?^\})$/gm)) {
        const at = code.indexOf(table)
        for (const [name] of table.replace(/\/\/.*/g, '').matchAll(/[a-z]\w+/g))
          expect(code.indexOf(`function ${name}(`), name).toBeLessThan(at)
      }
    }
  })
})

describe('profiles', () => {
  const OF: Record<string, RegExp> = {
    qos1: /Puback/,
    qos2: /Pubrec|Pubrel|Pubcomp/,
    reconnect: /_backoff|\._filters|renew\(/,
    will: /set_last_will|_will\b/,
    auth: /_username|_password|options\.(user|password)/,
    queue: /_queueQos0/,
  }
  const KEEPS: Record<string, string[]> = { full: Object.keys(OF), std: ['qos1', 'will', 'auth'], tiny: [] }
  it.each(PROFILES)('%s has all of what it promises, and nothing of the rest', (profile) => {
    const code = read(`${profile}/umqtt.js`)
    for (const [feature, pattern] of Object.entries(OF)) {
      const there = pattern.exec(code)?.[0]
      if (KEEPS[profile].includes(feature)) expect(there, feature).toBeDefined()
      else expect(there, feature).toBeUndefined()
    }
  })

  it.each(PROFILES)('%s prints no function that it does not use', (profile) => {
    const code = read(`${profile}/umqtt.js`).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    for (const [, name] of code.matchAll(/^function (\w+)\(/gm))
      expect(code.match(new RegExp(`\\b${name}\\b`, 'g'))!.length, name).toBeGreaterThan(1)
  })
})

it('the minified files of all profiles give a property the same short name', () => {
  const status = PROFILES.map((profile) => /get_mqttsta:function\(\)\{return \w+\[this\.(\w+)\]/.exec(read(`${profile}/umqtt.min.js`))?.[1])
  expect(status[0]).toBeDefined()
  expect(new Set(status).size).toBe(1)
})

it('every property has a fixed short name', () => {
  const names = JSON.parse(readFileSync(join(root, 'targets/embedded-js/names.json'), 'utf8')) as Record<string, string>
  const used = new Set(PROFILES.flatMap((profile) => [...read(`${profile}/umqtt.js`).matchAll(/\b_[a-z]\w*/g)].map(([name]) => name)))
  expect(
    [...used].filter((name) => !names[name]),
    'add them to targets/embedded-js/names.json',
  ).toEqual([])
})

describe('a client on a clock by hand', () => {
  interface Clocked {
    client: InstanceType<typeof MQTTClient>
    sent: string[]
    at(ms: number): void
    open(): void
    receive(hex: string): void
  }
  const { MQTTClient } = createRequire(import.meta.url)(
    join(folder, 'full/umqtt.min.cjs'),
  ) as typeof import('../generated/embedded-js/full/umqtt.cjs')
  const make = (options: Partial<Options>): Clocked => {
    let now = 4_294_967_000 // the clock wraps soon
    let calls: Callbacks
    const sent: string[] = []
    const write = (bytes: Uint8Array) => sent.push(Buffer.from(bytes).toString('hex'))
    const adapter: Adapter = {
      now: () => now % 2 ** 32,
      open: (_host, _port, _tls, callbacks) => {
        calls = callbacks
        return { write, close: () => sent.push('closed') }
      },
    }
    const client = new MQTTClient('a', 'broker', { adapter, ...options })
    const at = (ms: number) => {
      now = 4_294_967_000 + ms
      client.check_msg()
    }
    return { client, sent, at, open: () => calls.opened(), receive: (hex) => calls.received(Uint8Array.from(Buffer.from(hex, 'hex'))) }
  }
  const connected = (options: Partial<Options>): Clocked => {
    const all = make(options)
    all.client.connect()
    all.open()
    all.receive('20020000')
    all.sent.length = 0
    return all
  }

  it('pings after three quarters of keepalive, and hangs up after half of it without an answer', () => {
    const { client, sent, at } = connected({ keepalive: 4 })
    at(2999)
    expect(sent).toEqual([])
    at(3000)
    expect(sent).toEqual(['c000'])
    at(4999)
    expect(client.get_mqttsta()).toBe(0)
    at(5000)
    expect(sent).toEqual(['c000', 'closed'])
    expect(client.get_mqttsta()).toBe(1)
  })

  it('results come when the input was handled, in order, and a call in one of them is a call like any', () => {
    const { client, sent, receive } = connected({})
    const order: string[] = []
    client.set_callback((topic) => {
      order.push(`message ${topic}`)
      client.publish('x', '', false, 0, () => order.push('x is out'))
    })
    client.publish('p', '', false, 1, () => {
      order.push('p is done')
      client.publish('q', '', false, 1)
    })
    receive('4002000130030001743003000175') // PUBACK and two messages at once
    expect(order).toEqual(['message t', 'message u', 'p is done', 'x is out', 'x is out'])
    expect(sent.at(-1)).toBe('32050001710002')
  })

  it('a copy of the payload waits, not the application’s own bytes', () => {
    const { client, sent, open, receive } = connected({ max_inflight: 1 })
    const payload = Uint8Array.of(1)
    client.publish('a', payload, false, 1)
    client.publish('a', payload, false, 1)
    payload[0] = 9
    receive('40020001')
    expect(sent.at(-1)).toBe('3206000161000201')
    client.close()
    client.connect(false)
    open()
    receive('20020000')
    expect(sent.at(-1)).toBe('3a06000161000201')
  })
})

it('every shape has its types', () => {
  for (const profile of PROFILES) {
    const files = readdirSync(join(folder, profile))
    for (const ext of ['cts', 'mts', 'ts']) expect(files).toEqual(expect.arrayContaining([`umqtt.d.${ext}`, `umqtt.min.d.${ext}`]))
  }
})
