// The hand-written limit of the codec bench: what a careful person would write for the packets measured, with UTF-8 and
// topic checks that can be left out to compare with the peers, which have none. It is no codec to use: only the packets
// of the bench, only what they need.

export interface Publish {
  type: 'PUBLISH'
  dup: boolean
  qos: number
  retain: boolean
  topic: string
  packetId: number
  payload: Uint8Array
}
export interface Puback {
  type: 'PUBACK'
  packetId: number
}
export interface Connect {
  type: 'CONNECT'
  clientId: string
  keepAlive: number
  cleanSession: boolean
  will: { topic: string; message: Uint8Array; qos: number; retain: boolean } | undefined
  username: string | undefined
  password: Uint8Array | undefined
}
export interface Subscribe {
  type: 'SUBSCRIBE'
  packetId: number
  subscriptions: { filter: string; qos: number }[]
}
export interface Suback {
  type: 'SUBACK'
  packetId: number
  returnCodes: number[]
}
export type Packet = Publish | Puback | Connect | Subscribe | Suback

const TYPES = { 1: 'CONNECT', 3: 'PUBLISH', 4: 'PUBACK', 8: 'SUBSCRIBE', 9: 'SUBACK' } as const
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export interface Limit {
  encode(packet: Packet, into: Buffer): number
  decode(bytes: Buffer, at: number, end: number): Packet
}

export const makeLimit = (validate: boolean): Limit => {
  const textLength = (text: string): number => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return wideLength(text)
      if (validate && code === 0) throw new Error('nul_character')
    }
    return text.length
  }

  const wideLength = (text: string): number => {
    if (validate && (/\p{Surrogate}/u.test(text) || text.includes('\0'))) throw new Error('bad_utf8')
    return Buffer.byteLength(text)
  }

  const checkTopic = (topic: string): void => {
    if (!validate) return
    if (topic.length === 0) throw new Error('topic_empty')
    for (let i = 0; i < topic.length; i++) {
      const code = topic.charCodeAt(i)
      if (code === 0x23 || code === 0x2b) throw new Error('topic_wildcard')
    }
  }

  const checkFilter = (filter: string): void => {
    if (!validate) return
    if (filter.length === 0) throw new Error('filter_empty')
    for (let i = 0; i < filter.length; i++) {
      const code = filter.charCodeAt(i)
      if (code !== 0x23 && code !== 0x2b) continue
      const alone = i === 0 || filter.charCodeAt(i - 1) === 0x2f
      const last = i + 1 === filter.length
      if (!alone || !(last || (code === 0x2b && filter.charCodeAt(i + 1) === 0x2f))) throw new Error('bad_filter')
    }
  }

  const writeText = (text: string, length: number, into: Buffer, at: number): number => {
    at = write16(length, into, at)
    if (length !== text.length) encoder.encodeInto(text, into.subarray(at))
    else for (let i = 0; i < length; i++) into[at + i] = text.charCodeAt(i)
    return at + length
  }

  const readText = (bytes: Buffer, at: number, end: number): string => {
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!
      if (byte >= 0x80) return readWide(bytes, at, end)
      if (validate && byte === 0) throw new Error('nul_character')
    }
    return ascii(bytes, at, end)
  }

  const readTopic = (bytes: Buffer, at: number, end: number): string => {
    if (validate && at === end) throw new Error('topic_empty')
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!
      if (byte < 0x30 ? !validate || !notInTopic(byte) : byte < 0x80) continue
      const topic = readText(bytes, at, end)
      checkTopic(topic)
      return topic
    }
    return ascii(bytes, at, end)
  }

  const readWide = (bytes: Buffer, at: number, end: number): string => {
    if (!validate) return bytes.toString('utf8', at, end)
    const text = decoder.decode(bytes.subarray(at, end))
    if (text.includes('\0')) throw new Error('nul_character')
    return text
  }

  /** A topic is nearly always ASCII: checked while it is written, and begun anew where it was not. */
  const encodePublish = (packet: Publish, into: Buffer): number => {
    const { topic, qos, payload } = packet
    if (validate && topic.length === 0) throw new Error('topic_empty')
    let at = publishHead(packet, topic.length, into)
    for (let i = 0; i < topic.length; i++) {
      const code = topic.charCodeAt(i)
      if (code < 0x30 ? validate && notInTopic(code) : code >= 0x80) return encodeWidePublish(packet, into)
      into[at + i] = code
    }
    at += topic.length
    if (qos > 0) at = write16(packet.packetId, into, at)
    return writePayload(payload, into, at)
  }

  const encodeWidePublish = (packet: Publish, into: Buffer): number => {
    const { topic, qos, payload } = packet
    checkTopic(topic)
    const length = textLength(topic)
    let at = writeText(topic, length, into, publishHead(packet, length, into) - 2)
    if (qos > 0) at = write16(packet.packetId, into, at)
    return writePayload(payload, into, at)
  }

  const encodeConnect = (packet: Connect, into: Buffer): number => {
    const { clientId, will, username, password } = packet
    if (will) checkTopic(will.topic)
    const clientIdLength = textLength(clientId)
    const topicLength = will ? textLength(will.topic) : 0
    const usernameLength = username === undefined ? 0 : textLength(username)
    let size = 12 + clientIdLength
    let flags = packet.cleanSession ? 2 : 0
    if (will) {
      size += 4 + topicLength + will.message.length
      flags |= 4 | (will.qos << 3) | (will.retain ? 0x20 : 0)
    }
    if (username !== undefined) {
      size += 2 + usernameLength
      flags |= 0x80
    }
    if (password) {
      size += 2 + password.length
      flags |= 0x40
    }
    into[0] = 0x10
    let at = writeLength(size, into, 1)
    at = writeText('MQTT', 4, into, at)
    into[at++] = 4
    into[at++] = flags
    at = write16(packet.keepAlive, into, at)
    at = writeText(clientId, clientIdLength, into, at)
    if (will) at = writeBytes(will.message, into, writeText(will.topic, topicLength, into, at))
    if (username !== undefined) at = writeText(username, usernameLength, into, at)
    return password ? writeBytes(password, into, at) : at
  }

  const encodeSubscribe = (packet: Subscribe, into: Buffer): number => {
    let size = 2
    for (const { filter } of packet.subscriptions) size += 3 + textLength(filter)
    into[0] = 0x82
    let at = write16(packet.packetId, into, writeLength(size, into, 1))
    for (const { filter, qos } of packet.subscriptions) {
      checkFilter(filter)
      at = writeText(filter, textLength(filter), into, at)
      into[at++] = qos
    }
    return at
  }

  const encodeSuback = (packet: Suback, into: Buffer): number => {
    into[0] = 0x90
    let at = write16(packet.packetId, into, writeLength(2 + packet.returnCodes.length, into, 1))
    for (const code of packet.returnCodes) into[at++] = code
    return at
  }

  const encode = (packet: Packet, into: Buffer): number => {
    switch (packet.type) {
      case 'PUBLISH':
        return encodePublish(packet, into)
      case 'PUBACK':
        into[0] = 0x40
        into[1] = 2
        return write16(packet.packetId, into, 2)
      case 'CONNECT':
        return encodeConnect(packet, into)
      case 'SUBSCRIBE':
        return encodeSubscribe(packet, into)
      case 'SUBACK':
        return encodeSuback(packet, into)
    }
  }

  const decodePublish = (first: number, bytes: Buffer, at: number, end: number): Publish => {
    const qos = (first >> 1) & 3
    const topicEnd = fieldEnd(bytes, at, end)
    const topic = readTopic(bytes, at + 2, topicEnd)
    if (qos === 3) throw new Error('bad_qos')
    const start = qos > 0 ? topicEnd + 2 : topicEnd
    const packetId = qos > 0 ? readId(bytes, topicEnd, end) : 0
    const payload = bytes.subarray(start, end)
    return { type: 'PUBLISH', dup: (first & 8) > 0, qos, retain: (first & 1) > 0, topic, packetId, payload }
  }

  const decodeConnect = (bytes: Buffer, start: number, end: number): Connect => {
    if (bytes.readUInt32BE(start + 2) !== 0x4d515454) throw new Error('protocol_name')
    const flags = bytes[start + 7]!
    let at = fieldEnd(bytes, start + 10, end)
    const clientId = readText(bytes, start + 12, at)
    let will: Connect['will']
    if ((flags & 4) > 0) {
      const messageAt = fieldEnd(bytes, at, end)
      const topic = readTopic(bytes, at + 2, messageAt)
      at = fieldEnd(bytes, messageAt, end)
      will = { topic, message: bytes.subarray(messageAt + 2, at), qos: (flags >> 3) & 3, retain: (flags & 0x20) > 0 }
    }
    let username: string | undefined
    if ((flags & 0x80) > 0) {
      const from = at + 2
      at = fieldEnd(bytes, at, end)
      username = readText(bytes, from, at)
    }
    let password: Uint8Array | undefined
    if ((flags & 0x40) > 0) {
      const from = at + 2
      at = fieldEnd(bytes, at, end)
      password = bytes.subarray(from, at)
    }
    if (at !== end) throw new Error('trailing_bytes')
    const keepAlive = read16(bytes, start + 8)
    return { type: 'CONNECT', clientId, keepAlive, cleanSession: (flags & 2) > 0, will, username, password }
  }

  const decodeSubscribe = (bytes: Buffer, start: number, end: number): Subscribe => {
    const packetId = readId(bytes, start, end)
    const subscriptions = []
    for (let at = start + 2; at < end; ) {
      const filterEnd = fieldEnd(bytes, at, end)
      const filter = readText(bytes, at + 2, filterEnd)
      checkFilter(filter)
      const qos = bytes[filterEnd]!
      if (qos > 2) throw new Error('bad_qos')
      subscriptions.push({ filter, qos })
      at = filterEnd + 1
    }
    return { type: 'SUBSCRIBE', packetId, subscriptions }
  }

  const decodeSuback = (bytes: Buffer, at: number, end: number): Suback => {
    const packetId = readId(bytes, at, end)
    const returnCodes = []
    for (let code = at + 2; code < end; code++) returnCodes.push(bytes[code]!)
    return { type: 'SUBACK', packetId, returnCodes }
  }

  const decode = (bytes: Buffer, start: number, end: number): Packet => {
    let at = start + 1
    while (bytes[at++]! > 127);
    switch (TYPES[(bytes[start]! >> 4) as keyof typeof TYPES]) {
      case 'PUBLISH':
        return decodePublish(bytes[start]!, bytes, at, end)
      case 'PUBACK':
        return { type: 'PUBACK', packetId: readId(bytes, at, end) }
      case 'CONNECT':
        return decodeConnect(bytes, at, end)
      case 'SUBSCRIBE':
        return decodeSubscribe(bytes, at, end)
      case 'SUBACK':
        return decodeSuback(bytes, at, end)
      default:
        throw new Error('packet_type')
    }
  }

  return { encode, decode }
}

/** Sixteen at a time: for short texts faster than any call that leaves JavaScript. */
const ascii = (b: Buffer, at: number, end: number): string => {
  if (end - at > 64) return b.toString('latin1', at, end)
  let text = ''
  for (; end - at >= 16; at += 16)
    // biome-ignore format: one half a line
    text += String.fromCharCode(
      b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!,
      b[at + 8]!, b[at + 9]!, b[at + 10]!, b[at + 11]!, b[at + 12]!, b[at + 13]!, b[at + 14]!, b[at + 15]!,
    )
  for (; at < end; at++) text += String.fromCharCode(b[at]!)
  return text
}

/** U+0000 and the wildcards. */
const notInTopic = (code: number): boolean => code === 0 || code === 0x23 || code === 0x2b

/** Everything before the topic's bytes. */
const publishHead = (packet: Publish, topicLength: number, into: Buffer): number => {
  const { dup, qos, retain, payload } = packet
  into[0] = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  return write16(topicLength, into, writeLength(2 + topicLength + (qos > 0 ? 2 : 0) + payload.length, into, 1))
}

/** Below some tens of bytes a loop is faster than the call. */
const writePayload = (payload: Uint8Array, into: Buffer, at: number): number => {
  if (payload.length > 32) into.set(payload, at)
  else for (let i = 0; i < payload.length; i++) into[at + i] = payload[i]!
  return at + payload.length
}

const write16 = (value: number, into: Buffer, at: number): number => {
  into[at] = value >> 8
  into[at + 1] = value
  return at + 2
}

const writeBytes = (bytes: Uint8Array, into: Buffer, at: number): number => {
  into.set(bytes, write16(bytes.length, into, at))
  return at + 2 + bytes.length
}

const writeLength = (length: number, into: Buffer, at: number): number => {
  while (length > 127) {
    into[at++] = (length & 127) | 128
    length >>= 7
  }
  into[at] = length
  return at + 1
}

const read16 = (bytes: Buffer, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

const readId = (bytes: Buffer, at: number, end: number): number => {
  if (at + 2 > end) throw new Error('field_past_end')
  const id = read16(bytes, at)
  if (id === 0) throw new Error('bad_packet_id')
  return id
}

const fieldEnd = (bytes: Buffer, at: number, end: number): number => {
  const fieldEnd = at + 2 + read16(bytes, at)
  if (fieldEnd > end) throw new Error('field_past_end')
  return fieldEnd
}

/** Takes chunks of any size: parses in place within one, and gathers a packet that runs over its end in one buffer. */
export const limitStream = (limit: Limit, onPacket: (packet: Packet) => void): ((chunk: Buffer) => void) => {
  let gathered: Buffer | undefined
  let have = 0
  let header: Buffer | undefined

  const gather = (chunk: Buffer): number => {
    const part = Math.min(gathered!.length - have, chunk.length)
    gathered!.set(part === chunk.length ? chunk : chunk.subarray(0, part), have)
    have += part
    if (have < gathered!.length) return chunk.length
    onPacket(limit.decode(gathered!, 0, have))
    gathered = undefined
    return part
  }

  return (chunk) => {
    const bytes = header ? Buffer.concat([header, chunk]) : chunk
    header = undefined
    let at = gathered ? gather(bytes) : 0
    while (at < bytes.length) {
      const size = packetSize(bytes, at)
      if (size === 0) {
        header = bytes.subarray(at)
        return
      }
      if (at + size > bytes.length) {
        gathered = Buffer.allocUnsafe(size)
        have = 0
        gather(bytes.subarray(at))
        return
      }
      onPacket(limit.decode(bytes, at, at + size))
      at += size
    }
  }
}

/** The whole packet's bytes, or 0 where the fixed header is not there yet. */
const packetSize = (bytes: Buffer, at: number): number => {
  let remaining = 0
  for (let digit = 1; digit <= 4 && at + digit < bytes.length; digit++) {
    const byte = bytes[at + digit]!
    remaining |= (byte & 127) << (7 * (digit - 1))
    if (byte < 128) return 1 + digit + remaining
    if (digit === 4) throw new Error('remaining_length')
  }
  return 0
}
