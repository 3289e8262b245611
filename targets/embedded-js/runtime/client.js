// The client as an application has it, over the printed session: the calls by the names of the umqtt document, and the session's wishes
// passed on to the adapter and to the application's callbacks. An adapter has now(), open(host, port, tls, callbacks), which answers
// { write(bytes), close() }, and where the engine has something better for text encode(text) and decode(bytes).

/** Nobody waits for the end of this call. */
function idle() {}

/** Whatever happens enters here: deadlines first, results last, when the input was handled to its end. A call is refused by what it throws. */
function act(self, call, given) {
  var error = 0,
    next
  client = self
  self._rule = 0
  try {
    if (!self._inside) tick()
    call.apply(0, given)
  } catch (thrown) {
    if (typeof thrown != 'number') throw thrown
    if (call == receive) violate(self._rule)
    else settle(given[call.length - 1], (error = thrown), self._rule)
  }
  while (!self._inside && (next = self._later.shift())) next[0](next[1], next[2])
  return error
}

/** A call of the application; who waits for its end comes last. */
function method(call) {
  return function () {
    return act(this, call, arguments)
  }
}

/** A parameter that is a number, or what it is without. */
function parameter(value, otherwise, rule, most, least) {
  if (value == undefined) value = otherwise
  within(value, rule, most, least)
  return value
}

/** The end of a call, or what a callback is to hear; of one whose caller is gone nobody hears. */
function settle(done, error, result) {
  if (done) client._later.push([done, error, result])
}

function dial() {
  var self = client,
    options = self._options,
    link
  function on(handle) {
    return function () {
      if (self._link == link) act(self, handle, arguments)
    }
  }
  listen()
  link = self._link = self._adapter.open(
    self._server,
    options.port || (options.ssl ? PORT_TLS : PORT_PLAIN),
    options.ssl && (options.ssl_params || {}),
    {
      opened: on(onOpen),
      received: on(receive),
      lost: on(lost)
    }
  )
}

function deliver(packet) {
  var self = client
  self._inside = 1
  try {
    if (self._onMessage) self._onMessage(packet._topic, packet._payload)
  } catch (error) {
    client = self
    report(CALLBACK_FAILED, error)
  }
  client = self // which another client may have been meanwhile
  self._inside = 0
  awaited(0)
}

/** The end of wait_msg. */
function awaited(error) {
  settle(client._waiting, error)
  client._waiting = 0
}

/** The phases between CLOSED and DIALING are those of a connection that was lost. */
function status(status) {
  if (status >> 1) awaited(NOT_CONNECTED) // neither 0 nor 1: nothing will come
  if (!status) settle(client._onProgress, 'connect', client._present)
  else if (client._phase && client._phase < DIALING) settle(client._onProgress, 'lost', client._reason)
}

function report(error, cause) {
  settle(client._onError, error, cause || client._rule)
}

function violated(rule) {
  client._rule = rule
}

/** A client. Nothing happens before connect(); a parameter outside its range is refused there. */
function MQTTClient(client_id, server, options) {
  client = this
  client._options = options
  client._adapter = options.adapter
  client._server = server
  client._later = []
  client._clientId = '' + client_id
  start()
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
  set_last_will: method(function (topic, message, retain, qos, done) {
    var will = { _topic: '' + topic, _message: bytesOf(message), _retain: retain, _qos: qos || 0 }
    if (topic == undefined) clearLastWill()
    else setLastWill(will)
  }),

  connect: method(function (clean_session, done) {
    var clean = clean_session == undefined || clean_session
    create()
    connect(clean, done || idle)
  }),

  publish: method(function (topic, msg, retain, qos, done) {
    var message = { _topic: '' + topic, _payload: bytesOf(msg), _retain: retain, _qos: qos || 0 }
    publish(message, done || idle)
  }),

  /** One filter, or a list of [filter, qos], which is one packet. `done` gets what was granted. @subscribe */
  subscribe: method(function (topic, qos, done) {
    var filters = typeof topic == 'object' ? topic : [[topic, qos]]
    var request = {
      _subscriptions: filters.map(function (filter) {
        return { _topicFilter: '' + filter[0], _qos: filter[1] || 0 }
      })
    }
    subscribe(request, done || idle)
  }),

  /** One filter, or a list, which is one packet. @unsubscribe */
  unsubscribe: method(function (topic, done) {
    var request = { _topicFilters: [].concat(topic).map(String) }
    unsubscribe(request, done || idle)
  }),

  ping: method(ping),

  /** 0 connected, 1 connecting or waiting to, 2 closed by the server, -1 not connected. */
  get_mqttsta: function () {
    return STATUS[this._phase]
  },

  /** Handles what is due: call it often, ten times a second or so. */
  check_msg: method(idle),

  /** `done` is called after the next message. */
  wait_msg: method(function (done) {
    client._waiting = done
    if (STATUS[client._phase] >> 1) awaited(NOT_CONNECTED)
  }),

  /** Says good-bye, so that the will is not published. Every pending call ends with ABORTED. */
  disconnect: method(disconnect),

  /** Drops the connection without a word. */
  close: method(close)
}
