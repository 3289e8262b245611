// The npm package as its users get it: packed, looked at by publint and attw, installed into an empty project, and used there from strict
// TypeScript, by import and by require, on every Node it says it runs on.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedBroker, startAedes } from './support/brokers.ts'
import { skipOrFail } from './support/missing.ts'
import { root } from './support/targets.ts'

const bin = (name: string) => join(root, 'node_modules/.bin', name)
const execute = promisify(execFile)
const run = async (command: string, args: string[], cwd: string): Promise<string> => {
  try {
    return (await execute(command, args, { cwd, timeout: 240_000 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`)
  }
}

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    skipLibCheck: false,
    noEmit: true,
  },
  files: ['use.ts'],
}

const USE = `
import { type ClientOptions, ErrorCode, type Message, MQTTClient, MqttError } from 'umqtt'
import { decode, encode, type Packet } from 'umqtt/codec'
import { type Host, Session } from 'umqtt/core'

const options: ClientOptions = { port: 1883, keepalive: 60, version: 3, sslParams: { verify: false } }
await using client = new MQTTClient('id', ['mqtts://one', 'two'], options)
client.on('message', (topic, payload, { qos }) => void [topic.length, payload.byteLength, qos satisfies 0 | 1 | 2])
client.on('lost', (error: MqttError) => void (error.code === ErrorCode.PING_TIMEOUT))
client.setLastWill('status', 'gone', { qos: 1, retain: true })
const { sessionPresent }: { sessionPresent: boolean } = await client.connect({ cleanSession: false, signal: AbortSignal.timeout(1) })
const { granted }: { granted: number[] } = await client.subscribe([['a/#', 1], ['b', 2]], {}, async (topic) => void topic)
await client.publish('a', new Uint8Array(1), { qos: 2 })
for await (const message of client.messages()) void (message satisfies Message)
const packet: Packet | undefined = decode(encode({ kind: 'PINGREQ' }))?.packet
declare const host: Host
void [sessionPresent, granted, packet, host, Session]
// @ts-expect-error there is no QoS 3
await client.publish('a', 'b', { qos: 3 })
// @ts-expect-error an option that is given is not undefined
await client.publish('a', 'b', { qos: undefined })
// @ts-expect-error retain and qos cannot be swapped
await client.publish('a', 'b', true, 1)
`

const SAY = `
  const client = new MQTTClient('c', 'mqtt://127.0.0.1:' + process.argv[2])
  client.connect()
    .then(() => client.subscribe('a', { qos: 1 }, (topic, payload) => client.disconnect().then(() => console.log(topic + ' ' + new TextDecoder().decode(payload)))))
    .then(() => client.publish('a', 'hello', { qos: 1 }))`

describe('the package', () => {
  let folder: string
  let tarball: string
  let broker: EmbeddedBroker
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'umqtt-package-'))
    const packed = JSON.parse(await run('npm', ['pack', '--json', '--pack-destination', folder], root)) as { filename: string }[]
    tarball = join(folder, packed[0].filename)
    writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}')
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], folder)
    broker = await startAedes()
  }, 120_000)
  afterAll(async () => {
    await broker?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  test('publint has nothing to say', async () => {
    const { messages } = await publint({ pkgDir: join(folder, 'node_modules/umqtt'), strict: true })
    expect(messages).toEqual([])
  })

  test('attw finds the types of every entry', async () => {
    await run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-color'], folder) // exits with 1 where it has something to say
  }, 60_000)

  test('nothing else comes with it', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'node_modules/umqtt/package.json'), 'utf8'))
    expect(dependencies ?? peerDependencies ?? {}).toEqual({})
  })

  test('strict TypeScript with exactOptionalPropertyTypes takes what it should, and only that', async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
    writeFileSync(join(folder, 'use.ts'), USE)
    expect(await run(bin('tsc'), ['-p', '.'], folder)).toBe('')
  }, 60_000)

  const says = async (node: string[]) => {
    writeFileSync(join(folder, 'import.js'), `import { MQTTClient } from 'umqtt'\n${SAY}`)
    writeFileSync(join(folder, 'require.cjs'), `const { MQTTClient } = require('umqtt')\n${SAY}`)
    const [command, ...args] = node
    for (const script of ['import.js', 'require.cjs'])
      expect(await run(command, [...args, script, String(broker.port)], folder)).toBe('a hello\n')
  }

  test('import and require work on this Node', () => says([process.execPath]), 30_000)

  test('an install from the repository brings the same files', async () => {
    const repository = join(folder, 'repository')
    const files = ['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'tsconfig.json', 'tsconfig.build.json', 'generated/typescript']
    for (const file of files) cpSync(join(root, file), join(repository, file), { recursive: true })
    const git = (...words: string[]) => run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...words], repository)
    await git('init', '-q')
    await git('add', '-A')
    await git('commit', '-q', '-m', 'package')
    const project = join(folder, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}')
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `git+file://${repository}`], project)
    const built = (where: string) => readdirSync(join(where, 'node_modules/umqtt/dist')).sort()
    expect(built(project)).toEqual(built(folder))
  }, 300_000)

  test.each([20, 22, 24])(
    'import and require work on Node %i',
    async (version) => {
      const node = ['npx', '-y', '-p', `node@${version}`, 'node']
      const found = await run(node[0], [...node.slice(1), '--version'], folder).catch(() => '')
      if (!found.startsWith(`v${version}.`)) return skipOrFail(`no Node ${version} from the npm registry`)
      await says(node)
    },
    120_000,
  )
})
