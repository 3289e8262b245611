// The adapter for Espruino: net and tls. Its sockets speak strings of bytes, and it converts them faster than a loop could. Its TLS encrypts,
// but as of 2v29 it looks at no certificate of a server, whatever `ca` is.
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
    var socket

    /** Certificates and keys are wanted as DER, which is what PEM has between its dashed lines, in base64. */
    function der(pem) {
      return pem && pem.indexOf && pem.indexOf('-----') >= 0 ? atob(pem.split('-----')[2].replace(/[\r\n]/g, '')) : pem
    }

    if (typeof secure == 'string') secure = { ca: secure }
    if (secure) {
      options.ca = der(secure.ca)
      options.cert = der(secure.cert)
      options.key = der(secure.key)
    }
    try {
      socket = require(secure ? 'tls' : 'net').connect(options, function () {
        callbacks.opened()
      })
    } catch (error) {
      // no memory for TLS, no such module, no network
      console.log('umqtt:', error)
      setTimeout(callbacks.lost, 0)
      return { write: function () {}, close: function () {} }
    }
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
