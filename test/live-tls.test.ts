// TLS of the Node client (F15): what it must accept, what it must refuse, and that a refusal comes before the first byte of MQTT.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientOptions, ErrorCode, MQTTClient } from '../generated/typescript/src/index.ts'
import { type Mosquitto, missing, startMosquitto, startScript } from './support/brokers.ts'
import type { ScriptServer } from './support/brokers-script.ts'
import { type Certs, type KeyPair, makeCerts } from './support/certs.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const pem = ({ cert, key }: KeyPair) => ({ cert: read(cert), key: read(key) })

describe.skipIf(missing('openssl'))('TLS', () => {
  let certs: Certs
  let ca: string
  beforeAll(() => {
    certs = makeCerts()
    ca = read(certs.ca)
  })
  afterAll(() => certs.remove())

  const connect = async (host: string, port: number, options: ClientOptions) => {
    const client = new MQTTClient('secure', host, { port, ssl: true, reconn: false, ...options })
    try {
      await client.connect()
    } finally {
      await client.disconnect()
    }
  }

  describe('a server that must be refused', () => {
    const servers: [string, keyof Certs, string, (ca: string) => ClientOptions][] = [
      ['another name', 'wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID', (ca) => ({ sslParams: { ca } })],
      ['past its time', 'expired', 'CERT_HAS_EXPIRED', (ca) => ({ sslParams: ca })],
      ['of an unknown authority', 'otherServer', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', (ca) => ({ sslParams: { ca } })],
      ['of an authority the system does not know', 'server', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => ({})],
    ]
    test.each(servers)('%s', async (_, which, code, options) => {
      const server: ScriptServer = await startScript(() => {}, pem(certs[which] as KeyPair))
      await expect(connect('localhost', server.port, options(ca))).rejects.toMatchObject({ code: ErrorCode.TLS_ERROR, cause: { code } })
      for (const peer of server.peers) expect(peer.received()).toHaveLength(0)
      await server.close()
    })

    test('is accepted when nobody is to be verified', async () => {
      const server = await startScript(async (peer) => {
        await peer.packet()
        await peer.send('20020000')
      }, pem(certs.wrongHost))
      await connect('127.0.0.1', server.port, { sslParams: { verify: false } })
      await server.close()
    })
  })

  test('a server without TLS is a TLS error', async () => {
    const server = await startScript(async (peer) => {
      await peer.bytes(1)
      await peer.send(Buffer.from('HTTP/1.1 400 Bad Request'))
    })
    await expect(connect('localhost', server.port, {})).rejects.toMatchObject({ code: ErrorCode.TLS_ERROR })
    await server.close()
  })

  test('the application protocol is agreed on', async () => {
    const server = await startScript(
      async (peer) => {
        await peer.packet()
        await peer.send('20020000')
      },
      { ...pem(certs.server), ALPNProtocols: ['mqtt'] },
    )
    await connect('localhost', server.port, { sslParams: { ca, ALPNProtocols: ['h2', 'mqtt'] } })
    await expect(connect('localhost', server.port, { sslParams: { ca, ALPNProtocols: ['h2'] } })).rejects.toMatchObject({
      code: ErrorCode.TLS_ERROR,
      cause: { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' },
    })
    await server.close()
  })

  describe.skipIf(missing('mosquitto'))('with Mosquitto', () => {
    let broker: Mosquitto
    let strict: Mosquitto
    beforeAll(async () => {
      broker = await startMosquitto({ tls: { server: certs.server, ca: certs.ca } })
      strict = await startMosquitto({ tls: { server: certs.server, ca: certs.ca, requireClientCert: true } })
    })
    afterAll(async () => {
      await broker.remove()
      await strict.remove()
    })

    test.each(['localhost', '127.0.0.1'])('%s is verified and connected to', async (host) => {
      await connect(host, broker.tlsPort, { sslParams: ca })
    })

    test('mqtts:// and another name for the server', async () => {
      const url = `mqtts://127.0.0.1:${broker.tlsPort}`
      await using client = new MQTTClient('url', url, { sslParams: { ca, serverHostname: 'localhost' } })
      await client.connect()
      expect(client.connected).toBe(true)
    })

    test('the client’s certificate, its key encrypted', async () => {
      const { cert, key, passphrase } = certs.client
      const own = { ca, cert: read(cert), key: read(key) }
      await connect('localhost', strict.tlsPort, { sslParams: { ...own, passphrase } })
      await expect(connect('localhost', strict.tlsPort, { sslParams: own })).rejects.toMatchObject({ code: ErrorCode.TLS_ERROR })
      await expect(connect('localhost', strict.tlsPort, { sslParams: { ca } })).rejects.toMatchObject({ code: ErrorCode.TLS_ERROR })
      expect(strict.log().match(/as secure/g)).toHaveLength(1)
    })
  })
})
