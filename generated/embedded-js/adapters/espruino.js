// The adapter for Espruino: net and tls. Its sockets speak strings of bytes, and it converts them faster than a loop could.
var umqttEspruino = {
  now: function () {
    return Math.round(getTime() * 1000)
  },

  // A string is its bytes: what is typed as UTF-8 into the source stays UTF-8.
  encode: function (text) {
    return E.toUint8Array(text)
  },

  decode: function (bytes) {
    return E.toString(bytes)
  },

  open: function (host, port, secure, callbacks) {
    var options = { host: host, port: port }
    if (typeof secure == 'string') secure = { ca: secure }
    if (secure) {
      options.ca = secure.ca
      options.cert = secure.cert
      options.key = secure.key
    }
    var socket = require(secure ? 'tls' : 'net').connect(options, function () {
      callbacks.opened()
    })
    socket.on('data', function (data) {
      callbacks.received(E.toUint8Array(data))
    })
    socket.on('error', function () {}) // 'close' follows
    socket.on('close', function () {
      callbacks.lost()
    })
    return {
      write: function (bytes) {
        socket.write(E.toString(bytes))
      },
      close: function () {
        socket.end()
      }
    }
  }
}
if (typeof exports != 'undefined') for (var name in umqttEspruino) exports[name] = umqttEspruino[name]
