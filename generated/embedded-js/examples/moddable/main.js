// The example of the umqtt document on Moddable: mcconfig -d -m -p esp32 ssid="your network" password="its password"
import TCP from 'embedded:io/socket/tcp'
import Time from 'time'
import Timer from 'timer'
import { MQTTClient } from 'umqtt'
import { ecma419 } from 'umqtt/ecma419'

var adapter = ecma419({
  now: function () {
    return Time.ticks
  },
  resolve: function (host, done) {
    System.resolve(host, function (name, address) {
      done(address)
    })
  },
  tcp: { io: TCP }
})

var client

function sub_cb(topic, message) {
  trace('From Topic: ' + topic + '  Message: ' + String.fromArrayBuffer(message.slice().buffer) + '\n')
  if (topic == 'HaaSRegister') client.publish('HaaSUser', 'Nice to meet you, HaaS JS User')
  if (topic == 'HaaSUser') client.publish('HaaSRegister', 'Hi, HaaS JS, I am coming')
}

client = new MQTTClient('HaaSModdable', 'broker-cn.emqx.io', { adapter: adapter })
client.set_callback(sub_cb)
client.connect(true, function (error) {
  if (error) return trace('connect: error ' + error + '\n')
  client.subscribe('HaaSRegister')
  client.subscribe('HaaSUser')
  client.publish('HaaSRegister', 'Hi, HaaS JS')
})
Timer.repeat(function () {
  client.check_msg()
}, 1000)
