// The example of the umqtt document: one client, two topics, and an answer on the other topic to whatever comes.
//   node --import tsx generated/typescript/examples/haas.ts [server] [port] [client id] [messages]
import { type MessageHandler, MQTTClient } from 'umqtt'

const [server = '127.0.0.1', port = '1883', clientId = 'HaaSNode', messages = '6'] = process.argv.slice(2)
let left = Number(messages) // it answers itself, so it would go on for ever

const subCb: MessageHandler = (topic, msg) => {
  console.log('From Topic:', topic, ' Message:', new TextDecoder().decode(msg))
  left -= 1
  if (left === 0) void client.disconnect()
  else if (topic === 'HaaSRegister') client.publish('HaaSUser', 'Nice to meet you, HaaS Node User')
  else if (topic === 'HaaSUser') client.publish('HaaSRegister', 'Hi, HaaS Node, I am coming')
}

const client = new MQTTClient(clientId, server, { port: Number(port) })

client.setCallback(subCb)
await client.connect()

await client.subscribe('HaaSRegister')
await client.subscribe('HaaSUser')

await client.publish('HaaSRegister', 'Hi, HaaS Node')
