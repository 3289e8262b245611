// QoS 2 with a session that outlives the connection: what is published while this client is away comes when it is back, each message once.
//   node --import tsx generated/typescript/examples/kept-session.ts [server] [port] [client id]
import { MQTTClient } from 'umqtt'

const [server = '127.0.0.1', port = '1883', clientId = 'ledger-1'] = process.argv.slice(2)
const topic = `bookings/${clientId}`

const ledger = new MQTTClient(clientId, server, { port: Number(port) })
await ledger.connect({ cleanSession: false })
await ledger.subscribe(topic, { qos: 2 })
await ledger.disconnect() // the server keeps the session

await using shop = new MQTTClient(`${clientId}-shop`, server, { port: Number(port) })
await shop.connect()
for (const booking of ['one', 'two', 'three']) await shop.publish(topic, booking, { qos: 2 })

const { sessionPresent } = await ledger.connect({ cleanSession: false })
console.log(sessionPresent ? 'the session was kept' : 'the session is new')
let booked = 0
for await (const message of ledger.messages()) {
  console.log('booked', new TextDecoder().decode(message.payload))
  if (++booked === 3) break
}
await ledger.connect({ cleanSession: true }) // leaves nothing behind
await ledger.disconnect()
