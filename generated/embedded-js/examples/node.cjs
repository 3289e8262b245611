// The example of the umqtt document with the embedded client on Node: node examples/node.cjs [server] [port] [client id] [messages]
var MQTTClient = require('../full/umqtt.cjs').MQTTClient

var server = process.argv[2] || '127.0.0.1'
var port = Number(process.argv[3] || 1883)
var client_id = process.argv[4] || 'HaaSNodeJS'
var left = Number(process.argv[5] || 6) // it answers itself, so it would go on for ever
var client

function sub_cb(topic, message) {
  console.log('From Topic: ' + topic + '  Message: ' + new TextDecoder().decode(message))
  left -= 1
  if (left == 0) return client.disconnect()
  if (topic == 'HaaSRegister') client.publish('HaaSUser', 'Nice to meet you, HaaS JS User')
  if (topic == 'HaaSUser') client.publish('HaaSRegister', 'Hi, HaaS JS, I am coming')
}

client = new MQTTClient(client_id, server, { port: port, adapter: require('../adapters/node.cjs') })
client.set_callback(sub_cb)
client.connect(true, function (error) {
  if (error) throw new Error('connect: error ' + error)
  client.subscribe('HaaSRegister')
  client.subscribe('HaaSUser')
  client.publish('HaaSRegister', 'Hi, HaaS JS')
})
var ticks = setInterval(function () {
  client.check_msg()
  if (client.get_mqttsta() == -1) clearInterval(ticks)
}, 1000)
