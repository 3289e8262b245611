// The client as an application has it, over the printed session: the calls by the names of the umqtt document, and the session's wishes
// passed on to the adapter and to the application's callbacks. An adapter has now(), open(host, port, tls, callbacks), which answers
// { write(bytes), close() }, and where the engine has something better for text encode(text) and decode(bytes).

/** Nobody waits for the end of this call. */
function idle() {}

/** Whatever happens enters here: deadlines first, results last, when the input was handled to its end. */
function act(self, call, argument, done) {
  var error, next
  client = self
  if (!self._inside) tick(self._adapter.now())
  error = call(argument, done || idle)
  if (error && done) self._later.push([done, error, self._rule])
  while (!self._inside && (next = self._later.shift())) next[0](next[1], next[2])
  return error
}

function given(value, otherwise) {
  return value == undefined ? otherwise : value
}

/** A call of connect. */
function begun(clean, done) {
  return client._broken || connect(clean == undefined || clean, done)
}

/** UTF-8 of a text; bytes are copied. */
function bytesOf(value) {
  return typeof value == 'object' ? new Uint8Array(value) : (client._adapter.encode || utf8Of)('' + value)
}

/** UTF-8 of a text. A lone surrogate becomes bytes that no text has. */
function utf8Of(text) {
  for (var bytes = [], i = 0, c; i < text.length; i++) {
    c = text.charCodeAt(i)
    if (c >> 10 == 54 && text.charCodeAt(i + 1) >> 10 == 55) c = (c << 10) + text.charCodeAt(++i) - 0x35fdc00
    if (c > 127) {
      if (c > 2047) {
        if (c > 65535) bytes.push((c >> 18) | 240)
        bytes.push(c > 65535 ? ((c >> 12) & 63) | 128 : (c >> 12) | 224, ((c >> 6) & 63) | 128)
      } else bytes.push((c >> 6) | 192)
      c = (c & 63) | 128
    }
    bytes.push(c)
  }
  return new Uint8Array(bytes)
}

/** The text of well-formed UTF-8. */
function textOf(bytes) {
  for (var text = '', i = 0, c; i < bytes.length; ) {
    c = bytes[i++]
    if (c > 127) {
      c = c < 224 ? c & 31 : c < 240 ? ((c & 15) << 6) | (bytes[i++] & 63) : ((c & 7) << 12) | ((bytes[i++] & 63) << 6) | (bytes[i++] & 63)
      c = (c << 6) | (bytes[i++] & 63)
      if (c > 65535) {
        text += String.fromCharCode((c >> 10) + 55232)
        c = (c & 1023) | 56320
      }
    }
    text += String.fromCharCode(c)
  }
  return text
}

/** A client. Nothing happens before connect(); a parameter outside its range is refused there. */
function MQTTClient(client_id, server, options) {
  client = this
  options = options || 0
  client._adapter = options.adapter
  client._server = server
  client._tls = options.ssl && (options.ssl_params || {})
  client._later = []
  client._clientId = bytesOf(client_id)
  configure(options)
  start(client._adapter.now(), (Math.random() * 0x7fffffff) | 0)
  client._broken = create()
}

MQTTClient.prototype = {
  /** Called for each message with its topic and its payload, a Uint8Array. */
  set_callback: function (callback) {
    this._onMessage = callback
  },

  /** Called with the error when the client gives up. */
  error_register_cb: function (callback) {
    this._onError = callback
  },

  /** Called with 'connect' and whether the server had a session, and with 'lost' and the error. */
  progress_register_cb: function (callback) {
    this._onProgress = callback
  },

  /** What the server publishes when the client goes without disconnect(); no topic: nothing. Takes effect at the next connect. @will */
  set_last_will: function (topic, message, retain, qos) {
    client = this
    return topic == undefined
      ? clearLastWill()
      : setLastWill({ _topic: bytesOf(topic), _message: bytesOf(message), _retain: retain, _qos: qos || 0 })
  },

  connect: function (clean_session, done) {
    return act(this, begun, clean_session, done)
  },

  publish: function (topic, msg, retain, qos, done) {
    client = this
    return act(this, publish, { _topic: bytesOf(topic), _payload: bytesOf(msg), _retain: retain, _qos: qos || 0 }, done)
  },

  /** One filter, or a list of [filter, qos], which is one packet. `done` gets what was granted. @subscribe */
  subscribe: function (topic, qos, done) {
    client = this
    var list = typeof topic == 'object' ? topic : [[topic, qos]]
    function one(filter) {
      return { _topicFilter: bytesOf(filter[0]), _qos: filter[1] || 0 }
    }
    return act(this, subscribe, { _subscriptions: list.map(one) }, done)
  },

  /** One filter, or a list, which is one packet. @unsubscribe */
  unsubscribe: function (topic, done) {
    client = this
    return act(this, unsubscribe, { _topicFilters: (typeof topic == 'object' ? topic : [topic]).map(bytesOf) }, done)
  },

  ping: function () {
    return act(this, ping)
  },

  /** 0 connected, 1 connecting or waiting to, 2 closed by the server, -1 not connected. */
  get_mqttsta: function () {
    return STATUS[this._phase]
  },

  /** Handles what is due: call it often, ten times a second or so. */
  check_msg: function () {
    act(this, idle)
  },

  /** `done` is called after the next message. */
  wait_msg: function (done) {
    this._waiting = done
    if (STATUS[this._phase] >> 1) this._status(-1)
    this.check_msg()
  },

  /** Says good-bye, so that the will is not published. Every pending call ends with ABORTED. */
  disconnect: function () {
    return act(this, disconnect)
  },

  /** Drops the connection without a word. */
  close: function () {
    return act(this, close)
  },

  _dial: function () {
    var self = this,
      link
    function on(handle) {
      return function (bytes) {
        if (self._link != link) return
        if (handle == lost) self._link = 0
        act(self, handle, bytes)
      }
    }
    self._link = 0
    link = self._link = self._adapter.open(self._server, self._port, self._tls, {
      opened: on(opened),
      received: on(receive),
      lost: on(lost)
    })
  },

  _hangUp: function () {
    var link = this._link
    this._link = 0
    link.close()
  },

  _send: function (bytes) {
    this._link.write(bytes)
  },

  _settle: function (done, error, result) {
    this._later.push([done, error, result])
  },

  _deliver: function (packet) {
    this._inside = 1
    try {
      if (this._onMessage) this._onMessage((this._adapter.decode || textOf)(packet._topic), packet._payload)
    } catch (error) {
      this._report(CALLBACK_FAILED, error)
    }
    this._inside = 0
    client = this // which another client may have been meanwhile
    if (this._waiting) this._settle(this._waiting, 0)
    this._waiting = 0
  },

  /** The phases behind CONNECTED are those of a connection that was lost. */
  _status: function (status) {
    if (status >> 1 && this._waiting) {
      this._settle(this._waiting, NOT_CONNECTED)
      this._waiting = 0
    }
    if (this._onProgress && (!status || this._phase > CONNECTED))
      this._settle(this._onProgress, status ? 'lost' : 'connect', status ? this._reason : this._present)
  },

  _report: function (error, cause) {
    if (this._onError) this._settle(this._onError, error, cause || this._rule)
  },

  _violated: function (rule) {
    this._rule = rule
  }
}
