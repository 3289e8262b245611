// The example of the umqtt document on Kaluma (Raspberry Pi Pico W): bundle it with `kaluma bundle`, full/umqtt.min.cjs and
// adapters/kaluma.js beside it, and flash that.
var MQTTClient = require('./umqtt.min.cjs').MQTTClient
var adapter = require('./kaluma-adapter.js') // adapters/kaluma.js under another name than this file
var WiFi = require('wifi').WiFi

var client

function sub_cb(topic, message) {
  console.log('From Topic: ' + topic + '  Message: ' + new TextDecoder().decode(message))
  if (topic == 'HaaSRegister') client.publish('HaaSUser', 'Nice to meet you, HaaS JS User')
  if (topic == 'HaaSUser') client.publish('HaaSRegister', 'Hi, HaaS JS, I am coming')
}

function main() {
  client = new MQTTClient('HaaSKaluma', 'broker-cn.emqx.io', { adapter: adapter })
  client.set_callback(sub_cb)
  client.connect(true, function (error) {
    if (error) return console.log('connect: error ' + error)
    client.subscribe('HaaSRegister')
    client.subscribe('HaaSUser')
    client.publish('HaaSRegister', 'Hi, HaaS JS')
  })
  setInterval(function () {
    client.check_msg()
  }, 1000)
}

new WiFi().connect({ ssid: 'your network', password: 'its password' }, function (error) {
  if (error) console.log('Wi-Fi: ' + error)
  else main()
})
