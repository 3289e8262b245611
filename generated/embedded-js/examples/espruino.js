// The example of the umqtt document on an Espruino board with Wi-Fi (ESP32, Espruino WiFi): paste it into the Web IDE, with
// full/umqtt.min.cjs and adapters/espruino.js saved as the modules "umqtt" and "umqtt_espruino" (or uploaded to Storage under these names).
var MQTTClient = require('umqtt').MQTTClient
var wifi = require('Wifi')

var client

function sub_cb(topic, message) {
  console.log('From Topic: ' + topic + '  Message: ' + E.toString(message))
  if (topic == 'HaaSRegister') client.publish('HaaSUser', 'Nice to meet you, HaaS JS User')
  if (topic == 'HaaSUser') client.publish('HaaSRegister', 'Hi, HaaS JS, I am coming')
}

function main() {
  client = new MQTTClient('HaaSEspruino', 'broker-cn.emqx.io', { adapter: require('umqtt_espruino') })
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

wifi.connect('your network', { password: 'its password' }, function (error) {
  if (error) console.log('Wi-Fi: ' + error)
  else main()
})
