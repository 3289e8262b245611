// The adapter for Kaluma: net. It has no TLS.
var net = require('net')

exports.now = function () {
  return Math.floor(millis())
}

exports.open = function (host, port, secure, callbacks) {
  var socket
  if (secure) {
    setTimeout(callbacks.lost, 0)
    return { write: function () {}, close: function () {} }
  }
  // without a listener connect() fails
  socket = net.connect({ host: host, port: port }, function () {
    callbacks.opened()
  })
  socket.on('data', function (data) {
    callbacks.received(data)
  })
  socket.on('error', function () {
    callbacks.lost()
  })
  socket.on('close', function () {
    callbacks.lost()
  })
  return {
    write: function (bytes) {
      socket.write(bytes)
    },
    close: function () {
      socket.end()
    }
  }
}
