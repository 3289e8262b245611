// Over TLS, with a CA of one's own and, where the server wants one, a client certificate. The server is verified unless `verify: false`.
//   node --import tsx generated/typescript/examples/tls.ts <server> <port> <ca.pem> [cert.pem key.pem]
import { readFileSync } from 'node:fs'
import { ErrorCode, MQTTClient, MqttError } from 'umqtt'

const [server = 'localhost', port = '8883', ca, cert, key] = process.argv.slice(2)
const pem = (path: string | undefined) => (path ? readFileSync(path) : undefined)

const client = new MQTTClient('secure-1', `mqtts://${server}:${port}`, {
  sslParams: { ca: pem(ca), cert: pem(cert), key: pem(key) },
})
try {
  await client.connect()
  await client.publish('hello', 'over TLS', { qos: 1 })
  console.log('published')
  await client.disconnect()
} catch (error) {
  if (!(error instanceof MqttError)) throw error
  // The TLS library's own reason is the cause: an unknown authority, another name, a certificate past its time.
  console.error(error.code === ErrorCode.TLS_ERROR ? 'not to be trusted:' : 'no connection:', error.cause)
  process.exitCode = 1
}
