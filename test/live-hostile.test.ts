// The Node client against servers that are wrong on purpose, and over many lives: every broken rule closes the connection with its clause,
// memory stays bounded, nothing is left behind. Heaps are measured in a process of their own (support/heap.ts).
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ErrorCode, MQTTClient, type MqttError } from '../generated/typescript/src/index.ts'
import { startScript } from './support/brokers-script.ts'
import { CONNACK, pair } from './support/scripted-client.ts'

const heap = async (what: string): Promise<number> => {
  const script = fileURLToPath(new URL('support/heap.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', script, what], { timeout: 60_000 })
  return Number(stdout)
}

describe('bytes no server may send', () => {
  test.each([
    ['00', 'packet_type'],
    ['f000', 'packet_type'],
    ['c000', 'unexpected_packet'],
    ['3600', 'bad_qos'],
    ['3800', 'dup_without_qos'],
    ['30ffffffff', 'remaining_length'],
    ['3003000123', 'topic_wildcard'],
    ['30040002c080', 'bad_utf8'],
    ['3003000100', 'nul_character'],
    ['32050001610000', 'bad_packet_id'],
    ['4003000100', 'trailing_bytes'],
    ['40020000', 'bad_packet_id'],
    ['9003000103', 'bad_return_code'],
    ['20020000', 'second_connack'],
    ['d00100', 'trailing_bytes'],
  ])('%s: %s', async (bytes, rule) => {
    await using p = await pair({ reconn: false })
    const failed = once(p.client, 'error') as Promise<[MqttError]>
    await p.peer.send(`${bytes}3003000161`)
    const [error] = await failed
    expect(error).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR, rule })
    expect(error.clauses.length).toBeGreaterThan(0)
    await p.peer.ended()
  })

  test.each(['c000', '20010000', '30020161', '20022000', '20020006'])('before CONNACK: %s', async (bytes) => {
    const server = await startScript(async (peer) => {
      await peer.packet()
      await peer.send(bytes)
    })
    const client = new MQTTClient('c1', '127.0.0.1', { port: server.port })
    await expect(client.connect()).rejects.toMatchObject({ code: ErrorCode.PROTOCOL_ERROR })
    expect(client.status).toBe(-1)
    await server.close()
  })

  test('a thousand random answers end no process and stall nothing', async () => {
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    const server = await startScript(async (peer, n) => {
      await peer.packet()
      const noise = Buffer.from(Array.from({ length: random(40) + 1 }, () => random(256)))
      await peer.send(n % 2 === 0 ? noise : Buffer.concat([Buffer.from(CONNACK, 'hex'), noise]))
      peer.halfClose()
    })
    for (let i = 0; i < 1000; i++) {
      const client = new MQTTClient('c1', '127.0.0.1', { port: server.port, reconn: false })
      await client.connect().catch(() => {})
      await client.disconnect()
    }
    await server.close()
  }, 60_000)
})

describe('memory', () => {
  test.each([
    ['stream', 32, 'an endless stream of messages to a consumer that does not come'],
    ['announced', 8, 'a length of 268,435,455 announced, and some bytes of it'],
    ['dribble', 8, 'a packet that never ends being begun'],
  ])(
    '%s: at most %i MB for %s',
    async (what, most) => {
      expect(await heap(what)).toBeLessThan(most * 1e6)
    },
    60_000,
  )

  test('a thousand lives in every state leave the heap flat (G10)', async () => {
    expect(await heap('lives')).toBeLessThan(1e6)
  }, 60_000)
})

describe('the process', () => {
  const run = (script: string) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return child
  }
  const entry = JSON.stringify(new URL('../generated/typescript/src/index.ts', import.meta.url).href)

  test('ends within a second of disconnect() (G09)', async () => {
    const server = await startScript(async (peer) => {
      await peer.packet()
      await peer.send(CONNACK)
    })
    const child = run(`
      import { MQTTClient } from ${entry}
      const client = new MQTTClient('c1', '127.0.0.1', { port: ${server.port}, keepalive: 60 })
      await client.connect()
      void client.subscribe('a')
      await client.disconnect()
      console.log('disconnected')`)
    await once(child.stdout, 'data')
    const from = performance.now()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    expect(performance.now() - from).toBeLessThan(1000)
    await server.close()
  })

  test('lives on while it waits to reconnect, and ends when unref() says so', async () => {
    for (const [unref, lives] of [
      ['', true],
      ['client.unref()', false],
    ] as const) {
      const server = await startScript(async (peer) => {
        await peer.packet()
        await peer.send(CONNACK)
      })
      const child = run(`
        import { MQTTClient } from ${entry}
        const client = new MQTTClient('c1', '127.0.0.1', { port: ${server.port}, reconnectDelay: 60000 })
        client.on('reconnecting', () => console.log('reconnecting'))
        await client.connect()
        console.log('connected')
        ${unref}
        setTimeout(() => {}, 500)`)
      await once(child.stdout, 'data')
      const ended = once(child, 'exit')
      await server.close()
      await once(child.stdout, 'data')
      expect(await Promise.race([ended.then(() => 'ended'), new Promise((r) => setTimeout(r, 1500, 'lives'))])).toBe(
        lives ? 'lives' : 'ended',
      )
      child.kill()
    }
  }, 20_000)

  test('frozen beyond its deadlines, it finds the connection dead and makes one new (E10)', async () => {
    const server = await startScript(async (peer) => {
      await peer.packet()
      await peer.send(CONNACK)
    })
    const child = run(`
      import { MQTTClient } from ${entry}
      const client = new MQTTClient('c1', '127.0.0.1', { port: ${server.port}, keepalive: 1, reconnectDelay: 10 })
      await client.connect()
      console.log('connected')`)
    await once(child.stdout, 'data')
    child.kill('SIGSTOP')
    server.peers[0].close()
    await new Promise((r) => setTimeout(r, 2000))
    child.kill('SIGCONT')
    await (await server.peer(1)).packet()
    await new Promise((r) => setTimeout(r, 300))
    expect(server.peers).toHaveLength(2)
    child.kill()
    await server.close()
  }, 20_000)
})
