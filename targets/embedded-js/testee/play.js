// Plays a scenario on the minified file as an application and its network would: calls of the public API, an adapter, a clock by hand.
// Stands behind a function fresh() that runs the file and gives its MQTTClient, as a board has it when it starts; defines testee(line), a
// scenario as JSON, answered with `same` or the first step that went otherwise. Which scenarios can be put so, and what of their traces is
// seen, embedded-js-product.test.ts says.

var DIGITS = '0123456789abcdef'

function bytesFrom(digits) {
  var bytes = new Uint8Array(digits === '-' ? 0 : digits.length / 2),
    i
  for (i = 0; i < bytes.length; i++) bytes[i] = DIGITS.indexOf(digits.charAt(2 * i)) * 16 + DIGITS.indexOf(digits.charAt(2 * i + 1))
  return bytes
}

function hexOf(bytes) {
  var digits = '',
    i
  for (i = 0; i < bytes.length; i++) digits += DIGITS.charAt(bytes[i] >> 4) + DIGITS.charAt(bytes[i] & 15)
  return digits
}

var now, network, out

var ADAPTER = {
  now: function () {
    return now >>> 0
  },
  open: function (host, port, tls, callbacks) {
    network = callbacks
    out.push('dial')
    return {
      write: function (packet) {
        out.push('send ' + hexOf(packet))
      },
      close: function () {
        out.push('hang_up')
      }
    }
  }
}

/** Delays are the longest, as with seed 0. */
Math.random = function () {
  return 1 - 1 / 1073741824
}

function create(MQTTClient, step) {
  now = step.clock
  step.options.adapter = ADAPTER
  if (step.options.password !== undefined) step.options.password = bytesFrom(step.options.password)
  var client = new MQTTClient(step.clientId, 'server', step.options)
  client.set_callback(function (topic, payload) {
    out.push('deliver topic=' + step.topics[topic] + ' payload=' + hexOf(payload))
  })
  client.error_register_cb(function (code) {
    out.push('error ' + code)
  })
  return client
}

/** One call of the API; its callback says how it ended. */
function call(client, step) {
  function done(error, result) {
    var codes = typeof result == 'object' && result ? ' granted=' + Array.prototype.join.call(result, ',') : ''
    out.push('settle ' + step.op + ' ' + (error ? 'error ' + error : 'ok' + codes))
  }
  var a = step.args
  if (step.bytes !== undefined) a[step.bytes] = bytesFrom(a[step.bytes])
  if (step.waits) a.push(done)
  return client[step.call].apply(client, a) || 0
}

function play(steps) {
  var MQTTClient = fresh(),
    client,
    i,
    step,
    error,
    lines
  for (i = 0; i < steps.length; i++) {
    step = steps[i]
    out = []
    error = 0
    if (step.verb == 'new') client = create(MQTTClient, step)
    else if (step.verb == 'call') error = call(client, step)
    else if (step.verb == 'open' && network) network.opened()
    else if (step.verb == 'drop' && network) network.lost()
    else if (step.verb == 'recv' && network) network.received(bytesFrom(step.packet))
    else if (step.verb == 'tick') {
      now += step.ms
      client.check_msg()
    }
    if (error != step.rejected) return step.request + ': ' + step.rejected + ' expected, ' + error + ' answered'
    lines = out.filter(function (line) {
      return !(step.rejected && line.indexOf('settle') == 0)
    })
    // what is seen in its order, then how calls ended
    lines = lines
      .filter(function (line) {
        return !/^(settle|error) /.test(line)
      })
      .concat(
        lines
          .filter(function (line) {
            return /^(settle|error) /.test(line)
          })
          .sort()
      )
    if (lines.join(' | ') != step.wanted) return step.request + ': ' + step.wanted + ' expected, not ' + lines.join(' | ')
    if (client && client.get_mqttsta() != step.status) return step.request + ': status ' + step.status + ', not ' + client.get_mqttsta()
  }
  return 'same'
}

function testee(line) {
  network = undefined
  return play(JSON.parse(line)) + '\n.\n'
}
