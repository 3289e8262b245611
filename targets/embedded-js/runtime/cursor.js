// Writes and reads the primitive wire types. A packet is written or read to its end before anything else happens, so one cursor of
// each kind serves all clients. Which fields a packet has is printed from the spec. A rule broken is thrown. `@testee`: only the testee
// tells where.

/** The packet being written: its first byte and the pieces of its body, and the size of that. A will is judged by writing it, before any packet too. */
var pieces = [],
  total

function begin(first) {
  pieces = [[first]]
  total = 0
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
  var bytes = bytesOf(text)
  textOf(bytes)
  putBytes(bytes)
}

/** The whole packet as one piece. */
function packed() {
  for (var rest = total; rest > 127; rest >>= 7) pieces[0].push(rest | 128) // a byte keeps the lower bits
  pieces[0].push(rest)
  return joined(pieces, pieces[0].length + total)
}

function joined(pieces, size) {
  var bytes = new Uint8Array(size),
    to = 0
  pieces.forEach(function (piece) {
    bytes.set(piece, to)
    to += piece.length
  })
  return bytes
}

/** The rule that the values of a packet break, or 0. */
function ruleOf(encode, packet) {
  client._rule = 0
  try {
    encode(packet)
  } catch (error) {
    if (error != INVALID_ARGUMENT) throw error
  }
  return client._rule
}

/** The packet being read: the bytes it is in, where the next one is, and where it ends. */
var input, at, end

/** Where it begins, where the field read last does, and how far before that it is wrong. @testee */
var origin, field, wrongBy

/** A call is refused, or what the server sends. */
function raise(error) {
  throw error
}

/** The packet breaks a rule. */
function malformed(rule, back) {
  wrongBy = back | 0 // @testee
  client._rule = rule
  raise(INVALID_ARGUMENT)
}

function getU8() {
  field = at // @testee
  if (at >= end) malformed(FRAME_SHORT)
  return input[at++]
}

function getU16() {
  var start = at // @testee
  var value // @testee
  field = at // @testee
  if (at + 2 > end) malformed(FRAME_SHORT) // @testee
  value = (getU8() << 8) | getU8() // @testee
  field = start // @testee
  return value // @testee
  return (getU8() << 8) | getU8() // @!testee
}

function getBytes() {
  var size = getU16()
  at += size
  if (at > end) malformed(FRAME_SHORT)
  return input.subarray(at - size, at)
}

function getText() {
  var start = at // @testee
  var text = textOf(getBytes()) // @testee
  field = start // @testee
  return text // @testee
  return textOf(getBytes()) // @!testee
}

function getRest() {
  return input.subarray(at, (at = end))
}

/** Something must follow. */
function expectMore(rule) {
  field = at // @testee
  if (at >= end) malformed(rule)
}

/** Reads the length of the packet at `from`, as far as it is there. Answers where the packet ends, or what it takes to know. */
function framed(bytes, from) {
  var size = 0,
    shift = 0
  input = bytes
  at = from + 1
  while (at < bytes.length) {
    field = at // @testee
    size |= (bytes[at] & 127) << shift
    shift += 7
    if (bytes[at++] < 128) {
      if (size > client._maxPacketSize) malformed(FRAME_OVER)
      return (end = at + size)
    }
    if (shift == 7 * LENGTH_BYTES) malformed(FRAME_LENGTH)
  }
  return at + 1
}

/** Nothing may be left of the packet. */
function finished() {
  field = at // @testee
  if (at < end) malformed(FRAME_LONG)
}
