// The adapter for sockets of ECMA-419, as Moddable has them. A socket takes only so many bytes as it says is writable and throws beyond, so
// what does not fit waits here for the next onWritable.

/** `network`: now(), resolve(host, done(address)), `tcp` and, for TLS, `tls`: each `{ io }`, a socket class, and options for it. */
export function ecma419(network) {
  return {
    now: network.now,
    open: function (host, port, secure, callbacks) {
      return open(network, host, port, secure, callbacks)
    }
  }
}

function open(network, host, port, secure, callbacks) {
  var waiting = []
  var room = 0
  var isOpen = false
  var closing = false
  var socket

  /** Writes what fits, in order; a packet may go in pieces. */
  function flush() {
    var piece
    while (waiting.length > 0 && room > 0) {
      piece = waiting[0].subarray(0, room)
      if (piece.length < waiting[0].length) waiting[0] = waiting[0].subarray(piece.length)
      else waiting.shift()
      room -= piece.length
      socket.write(piece)
    }
    if (closing && socket && (waiting.length === 0 || !isOpen)) end()
  }
  function end() {
    var ended = socket
    socket = undefined
    ended.close()
  }

  network.resolve(host, function (address) {
    var kind = secure ? network.tls : network.tcp
    var options = {}
    var name
    if (closing) return
    if (!address || !kind) return callbacks.lost()
    for (name in kind) options[name] = kind[name]
    options.host = (secure && secure.server_hostname) || host
    options.address = address
    options.port = port
    if (secure) options.secure = typeof secure === 'string' ? { ca: secure } : secure
    options.onReadable = function (count) {
      if (socket) callbacks.received(new Uint8Array(socket.read(count)))
    }
    options.onWritable = function (count) {
      room = count
      if (!isOpen) {
        isOpen = true
        if (!closing) callbacks.opened()
      }
      flush()
    }
    options.onError = function () {
      if (!socket) return
      end()
      callbacks.lost()
    }
    try {
      socket = new kind.io(options)
    } catch (error) {
      callbacks.lost() // no socket is left, or no network there
    }
  })
  return {
    write: function (bytes) {
      waiting.push(bytes)
      flush()
    },
    close: function () {
      closing = true
      if (socket) flush()
    }
  }
}
