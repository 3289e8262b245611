// The adapter for Node: net and tls. Sockets queue by themselves, so a packet is one write.
var net = require('net')
var tls = require('tls')

var decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Milliseconds that no change of the wall clock moves. */
exports.now = function () {
  return Math.floor(performance.now())
}

exports.decode = function (bytes) {
  return decoder.decode(bytes)
}

function connect(host, port, secure) {
  if (!secure) return net.connect(port, host)
  if (typeof secure === 'string') secure = { ca: secure }
  return tls.connect({
    host: host,
    port: port,
    ca: secure.ca,
    cert: secure.cert,
    key: secure.key,
    passphrase: secure.passphrase,
    servername: secure.server_hostname || (net.isIP(host) ? '' : host),
    rejectUnauthorized: secure.verify !== false
  })
}

exports.open = function (host, port, secure, callbacks) {
  var socket = connect(host, port, secure)
  socket.setNoDelay(true)
  socket.on(secure ? 'secureConnect' : 'connect', callbacks.opened)
  socket.on('data', callbacks.received)
  socket.on('error', function () {}) // 'close' follows
  socket.on('close', callbacks.lost)
  return {
    write: function (bytes) {
      socket.write(bytes)
    },
    close: function () {
      socket.end(function () {
        socket.destroy()
      })
      if (socket.connecting) socket.destroy()
    }
  }
}
