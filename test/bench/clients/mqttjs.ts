// MQTT.js 5, used as its documentation shows: callbacks for publishes, an event for messages.
import mqtt, { type MqttClient } from 'mqtt'
import { PAYLOAD, TOPIC, WINDOW } from '../peer.ts'
import { type BenchClient, windowed } from './client.ts'

let mqttClient: MqttClient

export const client: BenchClient = {
  name: 'MQTT.js 5',
  messages: 60_000,
  connect: async (port) => {
    mqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { keepalive: 0, reconnectPeriod: 0 })
  },
  publish: (count, qos) => windowed(count, WINDOW, (done) => mqttClient.publish(TOPIC, PAYLOAD, { qos }, done)),
  subscribe: (filter, count, qos) =>
    new Promise((resolve) => {
      let seen = 0
      mqttClient.removeAllListeners('message')
      mqttClient.on('message', () => {
        seen += 1
        if (seen === count) resolve()
      })
      mqttClient.subscribe(filter, { qos })
    }),
  close: () => mqttClient.endAsync(true),
}
