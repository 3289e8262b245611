// Writes and reads the primitive wire types. A packet is written or read to its end before anything else happens, so one cursor of
// each kind serves all clients. Which fields a packet has is printed from the spec.

/** The packet being written: its first byte, the pieces of its body and their size, and which packet it is. */
var head, pieces, total, last

function begin(first) {
  head = first
  pieces = []
  total = fault = 0
}

function put(bytes) {
  pieces.push(bytes)
  total += bytes.length
}

function putU8(value) {
  put([value])
}

function putU16(value) {
  put([value >> 8, value])
}

/** Bytes, behind their length. */
function putBytes(bytes) {
  if (bytes.length > 65535) malformed(WIRE_TOO_LONG)
  putU16(bytes.length)
  put(bytes)
}

function putText(text) {
  malformed(utf8Rule(text))
  putBytes(text)
}

/** Notes the rule where a number is not whole, or not between these two. */
function within(value, least, most, rule) {
  if (outside(value, least, most)) malformed(rule)
}

/** The whole packet as one piece. */
function packed() {
  var prefix = [head],
    rest = total,
    bytes,
    at = 0
  for (; rest > 127; rest >>= 7) prefix.push((rest & 127) | 128)
  prefix.push(rest)
  bytes = new Uint8Array(prefix.length + total)
  pieces.unshift(prefix)
  pieces.forEach(function (piece) {
    bytes.set(piece, at)
    at += piece.length
  })
  return bytes
}

/** The rule that the values of a packet break, or 0. */
function ruleOf(encode, packet) {
  encode((last = packet))
  return fault
}

/** The remaining length of a packet. */
function sizeOf(encode, packet) {
  if (last != packet) encode(packet)
  return total
}

/** Keeps a packet that is to be sent later, perhaps more than once, with its encoder. */
function framed(encode, packet) {
  packet._encode = encode
  return packet
}

/** The packet being read: its bytes, where the next one is, where it ends, where the field read last and the packet itself begin. */
var input, at, end, field, origin

/** The first rule that the packet being read breaks, and where; reading goes on to its end all the same. */
var fault, faultAt

/** The packet breaks a rule, so many bytes before the field read last. Rule 0 is none. */
function malformed(rule, back) {
  if (rule && !fault) {
    fault = rule
    faultAt = field - origin - (back | 0)
  }
}

/** The next bytes are a field of this size; answers where it begins. */
function step(size) {
  field = at
  at += size
  if (at > end) malformed(FRAME_SHORT)
  return field
}

function getU8() {
  return input[step(1)]
}

function getU16() {
  step(2)
  return (input[field] << 8) | input[field + 1]
}

function getBytes() {
  var from = getU16() + at
  if (from > end) malformed(FRAME_SHORT)
  return input.subarray(field + 2, (at = from))
}

function getText() {
  var text = getBytes(),
    broken = utf8Rule(text)
  if (broken) {
    field += 2 + wrongAt
    malformed(broken)
  }
  return text
}

function getRest() {
  return input.subarray(at, (at = end))
}

/** Something must follow. */
function expectMore(rule) {
  field = at
  if (at >= end) malformed(rule)
}

/** Reads the body of a packet that begins at `from`, and nothing may be left of it. */
function decoded(frame, bytes, from, decode) {
  input = bytes
  at = from
  end = from + frame._length
  origin = from - frame._head - 1
  fault = 0
  var packet = decode(frame._first)
  field = at
  if (at < end) malformed(FRAME_LONG)
  return packet
}
