// A client of ours connected to a server that does what a test tells it, and the packets such a test needs again and again.
import { type ClientOptions, MQTTClient } from '../../generated/typescript/src/index.ts'
import { type Peer, type ScriptServer, startScript } from './brokers-script.ts'

export const CONNACK = '20020000'

export interface Pair {
  client: MQTTClient
  server: ScriptServer
  peer: Peer
  [Symbol.asyncDispose](): Promise<void>
}

/** Connected, the CONNECT taken; disposed of, both ends are gone. */
export const pair = async (options: ClientOptions = {}): Promise<Pair> => {
  const server = await startScript()
  const client = new MQTTClient('c1', '127.0.0.1', { port: server.port, reconnectDelay: 20, ...options })
  const connecting = client.connect()
  const peer = await server.peer(0)
  await peer.packet()
  await peer.send(CONNACK)
  await connecting
  return {
    client,
    server,
    peer,
    [Symbol.asyncDispose]: async () => {
      await client.disconnect()
      await server.close()
    },
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Short PUBLISH packets from the server: topic `a`, a text as payload. */
export const publish = (payload: string, qos = 0, id = 0): string => {
  const body = Buffer.concat([Buffer.from([0, 1, 0x61]), Buffer.from(qos > 0 ? [id >> 8, id & 255] : []), Buffer.from(payload)])
  return hex(Buffer.concat([Buffer.from([0x30 | (qos << 1), body.length]), body]))
}

/** What a promise came to, without waiting for long. */
export const outcome = async (promise: Promise<unknown>, wait = 30): Promise<unknown> =>
  Promise.race([promise.then(() => 'settled').catch((error) => error), new Promise((r) => setTimeout(r, wait, 'pending'))])
