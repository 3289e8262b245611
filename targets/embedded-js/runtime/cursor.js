// Writes and reads the primitive wire types. A packet is written or read to its end before anything else happens, so one cursor of
// each kind serves all clients. Which fields a packet has is printed from the spec.

/** The packet being written, and where its next byte goes. */
var out, outAt

/** The first byte of a packet and its remaining length; makes room for all of it. */
function begin(first, length) {
  var head = [first]
  for (var rest = length; rest > 127; rest >>= 7) head.push((rest & 127) | 128)
  head.push(rest)
  outAt = head.length
  out = new Uint8Array(outAt + length)
  out.set(head)
}

function putU8(value) {
  out[outAt++] = value
}

function putU16(value) {
  putU8(value >> 8)
  putU8(value)
}

function putRest(bytes) {
  out.set(bytes, outAt)
  outAt += bytes.length
}

/** Text or bytes, behind their length. */
function putText(bytes) {
  putU16(bytes.length)
  putRest(bytes)
}

/** Keeps a packet that is to be sent later, perhaps more than once, with its encoder. */
function framed(encode, packet) {
  packet._encode = encode
  return packet
}

/** The bytes of a packet that was kept. */
function encoded(packet, version) {
  return packet._encode(packet, version)
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
function decoded(frame, bytes, from, decode, version) {
  input = bytes
  at = from
  end = from + frame._length
  origin = from - frame._head - 1
  fault = 0
  var packet = decode(frame._first, version)
  field = at
  if (at < end) malformed(FRAME_LONG)
  return packet
}
