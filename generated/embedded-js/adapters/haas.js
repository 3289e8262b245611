// The adapter for HaaS JS: tcp. It sends one message at a time, so packets wait for the one before; it has no TLS.
var tcp = require('tcp')

exports.now = function () {
  return Date.now()
}

/** Some firmwares hand received bytes over as a string, some as an ArrayBuffer. */
function bytesOf(data) {
  var bytes, i
  if (typeof data != 'string') return new Uint8Array(data)
  bytes = new Uint8Array(data.length)
  for (i = 0; i < data.length; i++) bytes[i] = data.charCodeAt(i)
  return bytes
}

exports.open = function (host, port, secure, callbacks) {
  var waiting = []
  var busy = false
  var closing = false
  var socket
  function lost() {
    callbacks.lost()
  }
  function next() {
    busy = false
    if (waiting.length > 0) {
      busy = true
      socket.send({ message: waiting.shift(), success: next, fail: lost })
    } else if (closing) socket.close()
  }
  if (secure) {
    setTimeout(lost, 0)
    return { write: function () {}, close: function () {} }
  }
  socket = tcp.createClient({ host: host, port: port, success: function () {}, fail: lost })
  socket.on('connect', function () {
    callbacks.opened()
  })
  socket.on('message', function (data) {
    callbacks.received(bytesOf(data))
  })
  socket.on('disconnect', lost)
  socket.on('close', lost)
  socket.on('error', lost)
  return {
    write: function (bytes) {
      waiting.push(bytes)
      if (!busy) next()
    },
    close: function () {
      closing = true
      if (!busy) next()
    }
  }
}
