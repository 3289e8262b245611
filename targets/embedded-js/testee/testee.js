// The testee: targets/TESTEE.md over the printed client, as one function of a line. It translates lines; what it prints comes from the
// client. It stands in one scope with the client's functions, and runs on every engine the client runs on.

var bad, lines, handler, session, clock, operations, dialling, isOpen, wantsReconn

/** A request that cannot be understood: `bad <message>`. The first one counts. */
function refuse(message) {
  if (!bad) bad = message
}

var DIGITS = '0123456789abcdef'

/** `00ff@3`: hex, then so many bytes 78. */
function bytesFrom(text, name) {
  var parts = text.split('@'),
    digits = parts[0],
    size = digits.length / 2,
    more = 0,
    bytes,
    i,
    high,
    low
  if (parts.length > 1) more = numberFrom(parts[1], name)
  if (size % 1 || parts.length > 2) refuse('value ' + name)
  if (bad) return new Uint8Array(0)
  bytes = new Uint8Array(size + more)
  for (i = 0; i < size; i++) {
    high = DIGITS.indexOf(digits.charAt(2 * i))
    low = DIGITS.indexOf(digits.charAt(2 * i + 1))
    if (high < 0 || low < 0) refuse('value ' + name)
    bytes[i] = (high << 4) | low
  }
  if (more) bytes[size] = 0x78
  for (i = 1; i < more; i *= 2) bytes.set(bytes.subarray(size, size + Math.min(i, more - i)), size + i)
  return bytes
}

/** The text of these bytes; from where they are none, what is no text either. */
function textFrom(bytes) {
  var good
  client = client || { _adapter: {} }
  at = bytes.length
  try {
    return textOf(bytes)
  } catch (error) {
    if (error !== INVALID_ARGUMENT) throw error
    good = field
    return textFrom(bytes.subarray(0, good)) + (bytes[good] ? '\ud800' : '\0')
  }
}

function hexOf(bytes) {
  var shown = bytes.length > 65536 ? 32 : bytes.length,
    text = [],
    i
  for (i = 0; i < shown; i++) text.push(DIGITS.charAt(bytes[i] >> 4) + DIGITS.charAt(bytes[i] & 15))
  return text.join('') + (shown < bytes.length ? '+' + (bytes.length - shown) : '')
}

function numberFrom(text, name) {
  if (!/^\d+$/.test(text) || text.length > 10) refuse('value ' + name)
  return Number(text)
}

function flagFrom(text, name) {
  if (text !== '0' && text !== '1') refuse('value ' + name)
  return text === '1'
}

/** `name=value` words, each at most once and of `known` names. */
function wordsOf(words, known) {
  var found = {},
    i,
    at,
    name
  for (i = 0; i < words.length; i++) {
    at = words[i].indexOf('=')
    name = at < 0 ? words[i] : words[i].slice(0, at)
    if (known.indexOf(name) < 0) refuse('unknown ' + name)
    if (at < 0 || found[name] !== undefined) refuse('value ' + name)
    found[name] = words[i].slice(at + 1)
  }
  return found
}

function needed(given, name) {
  if (given[name] === undefined) refuse('missing ' + name)
  return given[name] || ''
}

/** Fields of the model that a version has. */
function inVersion(fields, version) {
  return fields.filter(function (f) {
    return version >= f.since && version <= f.until
  })
}

function namesOf(fields, prefix) {
  var names = []
  fields.forEach(function (f) {
    if (f.type === 'struct') names = names.concat(namesOf(f.fields, f.name + '.'))
    else names.push(prefix + f.name)
  })
  return names
}

function packetFrom(fields, given, prefix) {
  var packet = {}
  fields.forEach(function (f) {
    var name = prefix + f.name
    if (f.type === 'struct') {
      if (
        namesOf(f.fields, name + '.').some(function (n) {
          return given[n] !== undefined
        })
      )
        packet[f.key] = packetFrom(f.fields, given, name + '.')
    } else if (given[name] !== undefined) packet[f.key] = valueFrom(f, given[name], name)
    else if (['dup', 'qos', 'retain'].indexOf(f.name) >= 0) packet[f.key] = 0
    else if (!f.optional) refuse('missing ' + name)
  })
  return packet
}

function valueFrom(f, text, name) {
  if (f.type === 'bool') return flagFrom(text, name)
  if (f.type === 'number') return numberFrom(text, name)
  if (f.type === 'text') return textFrom(bytesFrom(text, name))
  if (f.type === 'bytes') return bytesFrom(text, name)
  return (text === '' ? [] : text.split(',')).map(function (item) {
    var parts = item.split(':'),
      struct = {}
    if (f.type === 'numbers') return numberFrom(item, name)
    if (f.type === 'texts') return textFrom(bytesFrom(item === '-' ? '' : item, name))
    if (parts.length !== f.fields.length) refuse('value ' + name)
    f.fields.forEach(function (g, i) {
      struct[g.key] = valueFrom(g, !parts[i] || parts[i] === '-' ? '' : parts[i], name)
    })
    return struct
  })
}

function shown(f, value) {
  if (f.type === 'bool') return value ? 1 : 0
  if (f.type === 'number') return value
  if (f.type === 'text') return hexOf(bytesOf(value))
  if (f.type === 'bytes') return hexOf(value)
  return value
    .map(function (item) {
      if (f.type === 'numbers') return item
      if (f.type === 'texts') return hexOf(bytesOf(item)) || '-'
      return f.fields
        .map(function (g) {
          var text = shown(g, item[g.key])
          return text === '' ? '-' : text
        })
        .join(':')
    })
    .join(',')
}

function shownFields(fields, packet, prefix) {
  var words = []
  fields.forEach(function (f) {
    var value = packet[f.key]
    if (value === undefined) return
    if (f.type === 'struct') words = words.concat(shownFields(f.fields, value, f.name + '.'))
    else words.push(prefix + f.name + '=' + shown(f, value))
  })
  return words
}

/** Exactly one packet, from either side. */
function decodeLine(bytes, version) {
  var next, kind, packet
  if (bytes.length < 1) return 'error incomplete 0'
  try {
    origin = field = 0
    headerRule(bytes[0])
    next = framed(bytes, 0)
    if (next > bytes.length) return 'error incomplete ' + bytes.length
    MODEL.packets.forEach(function (p) {
      if (p.code === bytes[0] >> 4) kind = p
    })
    packet = kind.decode(bytes[0])
    finished()
  } catch (error) {
    if (error !== INVALID_ARGUMENT) throw error
    return 'error ' + RULES[client._rule] + ' ' + (field - wrongBy)
  }
  if (bytes.length > next) return 'bad more_than_one_packet'
  return ['ok ' + kind.name].concat(shownFields(inVersion(kind.fields, version), packet, '')).join(' ')
}

function encodeLine(name, words, version) {
  var kind, fields, packet, broken
  MODEL.packets.forEach(function (p) {
    if (p.name === name) kind = p
  })
  if (!kind) return refuse('unknown ' + (name || 'packet'))
  fields = inVersion(kind.fields, version)
  packet = packetFrom(fields, wordsOf(words, namesOf(fields, '')), '')
  if (bad) return
  broken =
    ruleOf(function () {
      kind.encode(packet, packet._dup)
    }) || (total > MODEL.largest ? FRAME_OVER : 0)
  return broken ? 'error ' + RULES[broken] : 'ok ' + hexOf(packed())
}

// The client's surroundings: every wish is a line.

/** From 0 to `most`: xorshift32. Seed 0 answers the most that is allowed. */
function random(most) {
  var x = client._seed
  x ^= x << 13
  x ^= x >>> 17
  client._seed = x ^= x << 5
  return x ? (x >>> 0) % (most + 1) : most
}

function dial() {
  dialling = true
  client._link = { write: written, close: closed }
  listen()
  lines.push('dial')
}

function written(bytes) {
  lines.push('send ' + hexOf(bytes))
}

function closed() {
  dialling = isOpen = false
  lines.push('hang_up')
}

/** What the server breaks is thrown, as what a call breaks is. */
function received(bytes) {
  try {
    receive(bytes)
  } catch (error) {
    if (error !== INVALID_ARGUMENT) throw error
    onMalformed(client._rule, field - origin - wrongBy)
  }
}

function deliver(packet) {
  var act = handler
  lines.push(
    'deliver topic=' +
      hexOf(bytesOf(packet._topic)) +
      ' payload=' +
      hexOf(packet._payload) +
      ' qos=' +
      packet._qos +
      ' retain=' +
      (packet._retain ? 1 : 0) +
      ' dup=' +
      (packet._dup ? 1 : 0)
  )
  handler = undefined
  if (act) act[0] === 'throw' ? lines.push('error ' + CALLBACK_FAILED) : call(act.slice(1))
}

function settle(operation, error, result) {
  var more = error ? ' error ' + error : ' ok'
  if (!operation) return
  if (!error && operation.name === 'connect') more += ' session_present=' + (result ? 1 : 0)
  else if (!error && result) more += ' granted=' + result.join(',')
  lines.push('settle ' + operation.name + more)
}

function status(mqttsta) {
  lines.push('status ' + mqttsta)
}

function report(error) {
  lines.push('error ' + error)
  if (!FEATURES.reconnect && wantsReconn) refuse('unsupported')
}

function violated(rule, at) {
  lines.push('violation ' + RULES[rule] + ' ' + at)
}

var PARAMETERS = (
  'version client_id user password server port keepalive reconn connect_timeout ack_timeout ping_timeout max_inflight ' +
  'max_queue max_subscriptions max_inbound_qos2 queue_qos0 rx_buffer max_packet_size next_packet_id clock seed'
).split(' ')

var DEFAULTS = {
  version: 4,
  port: 0,
  keepalive: 0,
  reconn: 1,
  connect_timeout: 20000,
  ack_timeout: 10000,
  max_inflight: 20,
  max_queue: 1000,
  max_subscriptions: 1000,
  max_inbound_qos2: 1000,
  queue_qos0: 0,
  rx_buffer: 0,
  max_packet_size: 268435455,
  next_packet_id: 1,
  clock: 0,
  seed: 0
}

function create_(words) {
  var given = wordsOf(words, PARAMETERS),
    made = { _adapter: { now: clockNow } },
    values = {},
    name,
    broken
  needed(given, 'client_id')
  if (given.server) bytesFrom(given.server, 'server')
  for (name in DEFAULTS) values[name] = given[name] === undefined ? DEFAULTS[name] : numberFrom(given[name], name)
  if (given.reconn !== undefined) flagFrom(given.reconn, 'reconn')
  if (given.queue_qos0 !== undefined) flagFrom(given.queue_qos0, 'queue_qos0')
  values.ping_timeout =
    given.ping_timeout !== undefined
      ? numberFrom(given.ping_timeout, 'ping_timeout')
      : values.keepalive
        ? Math.min(values.keepalive * 500, 10000)
        : 10000
  MODEL.config.forEach(function (c) {
    if (c.type === 'text' || c.type === 'bytes') {
      if (given[c.name] !== undefined) made[c.key] = valueFrom(c, given[c.name], c.name)
    } else made[c.key] = values[c.name] === undefined ? c.otherwise : values[c.name]
  })
  if (!bad && values.rx_buffer) refuse('unsupported')
  if (!bad && !FEATURES.version3 && values.version === 3) refuse('unsupported')
  if (!bad && !FEATURES.auth && (given.user !== undefined || given.password !== undefined)) refuse('unsupported')
  if (!bad && !FEATURES.deadlines && given.ack_timeout) refuse('unsupported')
  if (!bad && !FEATURES.queue && given.queue_qos0 === '1') refuse('unsupported')
  if (!bad && !FEATURES.reconnect && given.reconn === '1') refuse('unsupported')
  if (bad) return
  client = made
  client._seed = values.seed
  start()
  clock = client._now = values.clock
  operations = 0
  dialling = isOpen = false
  handler = session = undefined
  wantsReconn = values.reconn
  broken = refusedBy(function () {
    within(values.port, 0, 65535)
    create()
  })
  if (broken) lines.push(rejected(broken))
  else session = client
}

function clockNow() {
  return clock
}

/** The error that a call throws, or 0. */
function refusedBy(call) {
  try {
    call()
  } catch (error) {
    if (typeof error !== 'number') throw error
    return error
  }
  return 0
}

function rejected(code) {
  return 'rejected ' + code + ' ' + (code === INVALID_ARGUMENT ? RULES[client._rule] || 'port' : ERRORS[code])
}

var CALLS = ['connect', 'publish', 'subscribe', 'unsubscribe', 'set_last_will', 'ping', 'disconnect', 'close']

/** A refused call prints only that; an accepted operation its number first. */
function call(words) {
  var before = lines,
    name = words[0],
    numbered = ['publish', 'subscribe', 'unsubscribe'].indexOf(name) >= 0,
    inner,
    refused
  lines = []
  refused = refusedBy(function () {
    perform(name, words.slice(1), { name: numbered ? String(operations + 1) : 'connect' })
  })
  inner = lines
  lines = before
  if (bad) return
  if (refused) return void lines.push(rejected(refused))
  if (numbered) lines.push('op ' + ++operations)
  lines = lines.concat(inner)
}

function perform(name, words, operation) {
  var given, list
  if (name === 'connect') {
    given = wordsOf(words, ['clean_session'])
    given = flagFrom(given.clean_session === undefined ? '1' : given.clean_session, 'clean_session')
    return bad || connect(given, operation)
  }
  if (name === 'publish') {
    given = wordsOf(words, ['topic', 'msg', 'retain', 'qos'])
    given = messageFrom(given, 'msg', /* @__KEY__ */ '_payload')
    if (lacksQos(given._qos)) refuse('unsupported')
    return bad || unqueued(publish, given, operation)
  }
  if (name === 'set_last_will') {
    given = wordsOf(words, ['topic', 'message', 'retain', 'qos'])
    if (!bad && !FEATURES.will) refuse('unsupported')
    if (given.topic === undefined) return bad || clearLastWill()
    given = messageFrom(given, 'message', /* @__KEY__ */ '_message')
    return bad || setLastWill(given)
  }
  if (name === 'subscribe' || name === 'unsubscribe') {
    given = wordsOf(words, name === 'subscribe' ? ['topic', 'qos', 'topics'] : ['topic', 'topics'])
    if (!bad && !FEATURES[name]) refuse('unsupported')
    list = filtersFrom(given, name)
    if (bad) return
    return name === 'subscribe'
      ? unqueued(subscribe, { _subscriptions: list }, operation)
      : unqueued(unsubscribe, { _topicFilters: list }, operation)
  }
  wordsOf(words, [])
  if (CALLS.indexOf(name) < 0) refuse('unknown ' + (name || 'call'))
  if (bad) return
  return name === 'ping' ? ping() : name === 'close' ? close() : disconnect()
}

function messageFrom(given, content, key) {
  var message = {}
  message._qos = numberFrom(given.qos === undefined ? '0' : given.qos, 'qos')
  message._retain = flagFrom(given.retain === undefined ? '0' : given.retain, 'retain')
  message._topic = textFrom(bytesFrom(needed(given, 'topic'), 'topic'))
  message[key] = bytesFrom(needed(given, content), content)
  return message
}

/** `topic=..` is a list of one, `topics=..` one by comma. */
function filtersFrom(given, name) {
  var one = given.topic !== undefined,
    list
  if (!one && given.topics === undefined) refuse('missing topic')
  list = one ? [given.topic] : given.topics ? given.topics.split(',') : []
  return list.map(function (entry) {
    var parts = one || name === 'unsubscribe' ? [entry, given.qos || '0'] : entry.split(':')
    var filter = textFrom(bytesFrom(parts[0] === '-' ? '' : parts[0], one ? 'topic' : 'topics'))
    if (name === 'unsubscribe') return filter
    if (parts.length !== 2) refuse('value topics')
    else if (lacksQos(Number(parts[1]))) refuse('unsupported')
    return { _topicFilter: filter, _qos: numberFrom(parts[1] || '', one ? 'qos' : 'topics') }
  })
}

function lacksQos(qos) {
  return (qos === 1 && !FEATURES.qos1) || (qos === 2 && !FEATURES.qos2)
}

/** Without a queue, what a client with one would keep is not refused but unsupported. */
function unqueued(call, request, operation) {
  var refused = refusedBy(function () {
    call(request, operation)
  })
  var waits = refused === QUEUE_FULL || (refused === NOT_CONNECTED && STATUS[session._phase] === 1)
  if (!FEATURES.queue && waits) refuse('unsupported')
  if (refused) throw refused
}

function request(words) {
  var what = words[0],
    bytes
  if (what === 'new') return create_(words.slice(1))
  if (!session) return refuse('no_client')
  client = session
  if (what === 'call') return call(words.slice(1))
  if (what === 'handler') {
    if (words[1] !== 'throw' && (words[1] !== 'call' || CALLS.indexOf(words[2]) < 0)) return refuse('value handler')
    handler = words.slice(1)
  } else if (what === 'stats') {
    lines.push(
      'stats ' +
        [
          'inflight=' + inflight(),
          'queued=' + queued(),
          'requests=' + requests(),
          'subscriptions=' + subscriptions(),
          'inbound=' + inbound(),
          'unexpected=' + session._unexpected,
          'timers=' +
            MODEL.timers
              .filter(function (_, timer) {
                return armed(timer)
              })
              .join(',')
        ].join(' ')
    )
  } else if (what === 'open') {
    if (!dialling) return refuse('not_dialling')
    dialling = false
    isOpen = true
    onOpen()
  } else if (what === 'recv') {
    bytes = bytesFrom(words[1] || '', 'bytes')
    if (!isOpen) refuse('not_open')
    if (!bad) received(bytes)
  } else if (what === 'drop') {
    if (!isOpen && !dialling) return refuse('not_open')
    isOpen = dialling = false
    lost()
  } else if (what === 'tick') {
    clock = (clock + numberFrom(words[1] || '', 'ms')) >>> 0
    if (!bad) tick()
  } else refuse('unknown ' + what)
}

/** All lines of one answer, with the closing dot. */
function testee(line) {
  var words = line.split(' '),
    before = clock,
    version,
    answer
  bad = ''
  lines = []
  if (words[0] === 'decode' || words[0] === 'encode') {
    version = Number(words[1])
    client = { _version: version, _maxPacketSize: MODEL.largest, _adapter: {} }
    if (version !== 3 && version !== 4) refuse('value version')
    else if (words[0] === 'decode') {
      answer = bytesFrom(words[2] || '', 'bytes')
      if (!bad) lines.push(decodeLine(answer, version))
    } else lines.push(encodeLine(words[2], words.slice(3), version))
  } else request(words)
  if (bad) {
    clock = words[0] === 'tick' ? before : clock
    lines = ['bad ' + bad]
  }
  return lines.join('\n') + (lines.length > 0 ? '\n.\n' : '.\n')
}
