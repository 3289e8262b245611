// A sensor: publishes a reading every few seconds, keeps going through outages, and says by its will when it is gone.
//   node --import tsx generated/typescript/examples/sensor.ts [server] [port] [client id] [readings]
import { setTimeout as sleep } from 'node:timers/promises'
import { MQTTClient } from 'umqtt'

const [server = '127.0.0.1', port = '1883', clientId = 'sensor-1', readings = '5'] = process.argv.slice(2)
const state = `sensors/${clientId}/state`

await using client = new MQTTClient(clientId, server, { port: Number(port), keepalive: 60 })
client.on('lost', (error) => console.log('lost:', error.message))
client.on('reconnecting', (delay) => console.log(`again in ${delay} ms`))

client.setLastWill(state, 'gone', { retain: true, qos: 1 })
await client.connect()
await client.publish(state, 'here', { retain: true, qos: 1 })

for (let i = 0; i < Number(readings); i++) {
  const celsius = (20 + 5 * Math.sin(i / 10)).toFixed(1)
  // QoS 0 while there is no connection is refused, and a reading that old is worth nothing anyway.
  client.publish(`sensors/${clientId}/temperature`, `${celsius} °C`).catch((error) => console.log('not sent:', error.message))
  await sleep(1000)
}
await client.publish(state, 'asleep', { retain: true, qos: 1 })
