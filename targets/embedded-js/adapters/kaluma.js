// The adapter for Kaluma: net. It has no TLS.
var net = require('net')

exports.now = function () {
  return Math.floor(millis())
}

exports.open = function (host, port, secure, callbacks) {
  var socket
  function none() {
    setTimeout(callbacks.lost, 0)
    return { write: function () {}, close: function () {} }
  }
  if (secure) return none()
  try {
    socket = new net.Socket()
    socket.connect({ host: host, port: port }, function () {
      callbacks.opened()
    })
  } catch (error) {
    // no network, or a name that DNS does not know
    console.log('umqtt:', error)
    if (socket) socket.destroy()
    return none()
  }
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
      // end() writes what waits, but leaves the socket, of which there are few, to the peer to close
      socket.end()
      socket.destroy()
    }
  }
}
