// What the session's statements need: the stream cut into packets, deadlines, lists, a random number. A client is one object; what it
// must do for its surroundings are its methods _dial, _hangUp, _send, _deliver, _settle, _status, _report and _violated.

/** The client at hand. Whoever calls one of these functions from outside says first which one that is. */
var client

/** One more byte of a remaining length; answers the rule it breaks. */
function lengthByte(frame, byte, most) {
  frame._length += (byte & 127) << (7 * frame._head++)
  if (byte < 128) {
    frame._whole = 1
    return frame._length > most ? FRAME_OVER : 0
  }
  return frame._head == LENGTH_BYTES ? FRAME_LENGTH : 0
}

/** The packet that arrives: its first byte, bytes of its length, its length and whether that is known, how much of its body is there. */
function newFrame(frame) {
  frame._first = frame._head = frame._length = frame._whole = frame._filled = 0
  return frame
}

/** Copies a piece of a body that comes in several. Memory grows with the bytes that came, not with the length announced. */
function collect(frame, piece) {
  var size = frame._filled + piece.length,
    body = frame._body
  if (!frame._filled || size > body.length) {
    body = new Uint8Array(Math.min(frame._length, Math.max(4096, size * 2)))
    if (frame._filled) body.set(frame._body.subarray(0, frame._filled))
    frame._body = body
  }
  body.set(piece, frame._filled)
  frame._filled = size
  return body
}

/** Bytes from the transport, cut anyhow. What follows a violation or the end of the connection is discarded. */
function receive(chunk) {
  var frame = client._frame,
    next = 0,
    broken,
    piece,
    bytes
  if (frame) onBytes()
  while (frame && frame == client._frame) {
    if (!frame._whole) {
      if (next == chunk.length) return
      broken = frame._first ? lengthByte(frame, chunk[next++], client._maxPacketSize) : serverHeaderRule((frame._first = chunk[next++]))
      if (broken) onMalformed(broken, frame._head)
    } else {
      piece = Math.min(frame._length - frame._filled, chunk.length - next)
      bytes = piece < frame._length ? collect(frame, chunk.subarray(next, next + piece)) : chunk
      if (piece < frame._length && frame._filled < frame._length) return
      handle(frame, bytes, bytes == chunk ? next : 0)
      next += piece
    }
  }
}

/** A packet is whole. */
function handle(frame, bytes, from) {
  var type = frame._first >> 4,
    row = PACKETS[type],
    packet
  if (row) packet = decoded(frame, bytes, from, row[0])
  newFrame(frame)
  if (row && fault) onMalformed(fault, faultAt)
  else if (admit(type) && row) row[1](packet)
}

/** The transport is open. */
function opened() {
  client._frame = newFrame({})
  onOpen()
}

/** The transport is gone, or did not come to be. */
function lost() {
  client._frame = 0
  onLost()
}

function hangUp() {
  client._frame = 0
  client._hangUp()
}

/** The end of a call; of one whose caller is gone nobody hears. */
function settle(op, error, result) {
  if (op) client._settle(op, error, result)
}

/** The next phase: deadlines that do not run in it end. */
function enter(phase) {
  var before = STATUS[client._phase]
  client._phase = phase
  for (var timer = 0; timer < client._left.length; timer++) if (!((RUNNING[phase] >> timer) & 1)) client._left[timer] = Infinity
  if (STATUS[phase] != before) client._status(STATUS[phase])
}

/** A deadline, in ms from now; it waits for the next tick even if that is at once. */
function arm(timer, after) {
  client._left[timer] = after || 0.5
}

/** A deadline at a time; if that has passed, in this tick. It counts from where the tick began: a jump may be longer than half the clock. */
function armAt(timer, due) {
  client._left[timer] = ((due - client._now + client._jump) | 0) - client._jump
}

function armed(timer) {
  return client._left[timer] < Infinity
}

/** The time is `now`, in ms modulo 2^32; every deadline that is due is handled, the most overdue first. */
function tick(now) {
  var left = client._left,
    elapsed = (client._jump = (now - client._now) >>> 0),
    timer,
    i
  client._now = now
  for (i = 0; i < left.length; i++) left[i] = Math.floor(left[i]) - elapsed
  for (;;) {
    timer = 0
    for (i = 1; i < left.length; i++) if (left[i] < left[timer]) timer = i
    if (left[timer] > 0) return (client._jump = 0)
    left[timer] = Infinity
    TIMERS[timer]()
  }
}

/** From 0 to `most`: xorshift32. Seed 0 answers the most that is allowed. */
function random(most) {
  var x = client._seed
  x ^= x << 13
  x ^= x >>> 17
  client._seed = x ^= x << 5
  return x ? (x >>> 0) % (most + 1) : most
}

/** The record with this identifier. Identifiers mostly go up by one, so it is looked for first where it would stand then. */
function byId(list, packetId) {
  var at = list.length ? packetId - list[0]._packetId : 0
  if (list[at] && list[at]._packetId == packetId) return list[at]
  for (at = 0; at < list.length; at++) if (list[at]._packetId == packetId) return list[at]
}

function remove(list, record) {
  list.splice(list.indexOf(record), 1)
}
