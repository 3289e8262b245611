// Ours, as its documentation shows: a promise for each publish, an event for messages.
import { MQTTClient, type QoS } from '../../../generated/typescript/src/index.ts'
import { PAYLOAD, TOPIC, WINDOW } from '../peer.ts'
import { type BenchClient, windowed } from './client.ts'

let ours: MQTTClient

export const client: BenchClient = {
  name: 'ours',
  messages: 400_000,
  connect: async (port) => {
    ours = new MQTTClient('bench', '127.0.0.1', { port, maxInflight: WINDOW, maxQueue: WINDOW, reconn: false })
    await ours.connect()
  },
  publish: (count, qos) => windowed(count, WINDOW, (done) => void ours.publish(TOPIC, PAYLOAD, { qos: qos as QoS }).then(done)),
  subscribe: (filter, count, qos) =>
    new Promise((resolve) => {
      let seen = 0
      ours.setCallback(() => {
        seen += 1
        if (seen === count) resolve()
      })
      void ours.subscribe(filter, { qos: qos as QoS })
    }),
  close: () => ours.disconnect(),
}
