// Takes commands, one handler a filter, and answers each on a topic of its own. Ends with Ctrl-C, or after so many commands.
//   node --import tsx generated/typescript/examples/commands.ts [server] [port] [client id] [commands]
import { MQTTClient } from 'umqtt'

const [server = '127.0.0.1', port = '1883', clientId = 'lamp-1', commands = 'Infinity'] = process.argv.slice(2)
let left = Number(commands)
let bright = 0

const client = new MQTTClient(clientId, server, { port: Number(port), keepalive: 60 })
client.errorRegisterCb((error) => console.error(error.message))
await client.connect()

const answer = async (what: string): Promise<void> => {
  console.log(what)
  await client.publish(`lamps/${clientId}/answer`, what, { qos: 1 })
  left -= 1
  if (left <= 0) await client.disconnect()
}

await client.subscribe(`lamps/${clientId}/bright`, { qos: 1 }, (_, payload) => {
  bright = Number(new TextDecoder().decode(payload))
  return answer(`bright ${bright}`)
})
await client.subscribe('lamps/+/state', { qos: 1 }, (topic) => answer(`${topic}: ${bright > 0 ? 'on' : 'off'}`))

process.once('SIGINT', () => void client.disconnect())
