// What the session's statements need: the stream cut into packets, deadlines, lists, a random number. A client is one object. What its
// surroundings do for it are functions of client.js: dial, deliver, settle, status, report and violated.

/** The client at hand. Whoever calls one of these functions from outside says first which one that is. */
var client

/** Waits for a packet: the pieces of it, their size, and how much it takes to go on. */
function listen() {
  client._have = 0
  client._needs = 1
  return (client._chunks = [])
}

/** Bytes from the transport, cut anyhow. What follows a violation or the end of the connection is discarded. */
function receive(chunk) {
  var chunks = client._chunks,
    link = client._link,
    from = 0,
    next,
    first,
    kind,
    row,
    packet
  onBytes()
  chunks.push(chunk)
  client._have += chunk.length
  if (client._have < client._needs) return
  if (chunks.length > 1) chunk = joined(chunks, client._have)
  for (chunks = listen(); link == client._link && from < chunk.length; from = next) {
    origin = field = from // @testee
    first = chunk[from]
    kind = first >> 4
    serverHeaderRule(first)
    next = framed(chunk, from)
    if (next > chunk.length) {
      chunks.push(chunk.subarray(from))
      client._have = chunk.length - from
      client._needs = next - from
      return
    }
    row = PACKETS[kind]
    if (row) {
      packet = row[0](first)
      finished()
    }
    if (admit(kind) && row) row[1](packet) // @testee
    admit(kind) // @!testee
    if (row) row[1](packet) // @!testee
  }
}

/** The transport is gone, or did not come to be. */
function lost() {
  client._link = 0
  onLost()
}

function hangUp() {
  var link = client._link
  client._link = 0
  link.close()
}

/** The next phase: deadlines that do not run in it end. */
function enter(phase) {
  var before = STATUS[client._phase],
    is = STATUS[phase]
  client._phase = phase
  client._due.forEach(function (_, timer) {
    if (!((RUNNING[phase] >> timer) & 1)) disarm(timer)
  })
  if (is != before) status(is)
}

/** A deadline, in ms from now. One that is at once waits for the next tick all the same: only the testee has such. */
function arm(timer, after) {
  client._due[timer] = client._now + (after || 0.5) // @testee
  client._due[timer] = client._now + after // @!testee
}

function disarm(timer) {
  client._due[timer] = Infinity
}

function armed(timer) {
  return client._due[timer] < Infinity
}

/** The adapter's time is in ms modulo 2^32, ours without that; every deadline that is due is handled, the most overdue first. */
function tick() {
  var due
  client._now += (client._adapter.now() - client._now) >>> 0
  client._due = client._due.map(Math.floor) // @testee
  while ((due = Math.min.apply(0, client._due)) <= client._now) {
    due = client._due.indexOf(due)
    disarm(due)
    TIMERS[due]()
  }
}

/** From 1 to `most`. @!testee */
function random(most) {
  return (Math.random() * most + 1) | 0
}

/** The record with this identifier. The testee's lists are long: there it is first looked for where it stands when none was answered yet. */
function byId(list, packetId) {
  var guess = list[list.length && packetId - list[0]._packetId] // @testee
  if (guess && guess._packetId == packetId) return guess // @testee
  return list.filter(function (record) {
    return record._packetId == packetId
  })[0]
}

function remove(list, record) {
  list.splice(list.indexOf(record), 1)
}
