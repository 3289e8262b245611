// The hand-written vectors are the oracle of every codec; this asks who guards it. Each `both` vector is held against an
// independent codec, npm's mqtt-packet, and every clause that binds a packet's form has a vector. The targets' own
// answers are judged elsewhere.
import { type Packet as Foreign, generate, type IConnectPacket, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { bytesOf, expand, lengthOf, loadClauses, loadVectors, type Packet, printed, type Vector, type Version } from './support/vectors.ts'

const vectors = loadVectors()
const clauses = loadClauses()

/** Vectors that mqtt-packet gets wrong, and why; one that it gets right does not belong here. */
const BEYOND_MQTT_PACKET: Record<string, string> = {
  'PUBREL of version 3 with DUP': 'it knows the flags of 3.1.1 only, and its generator throws',
  'SUBSCRIBE of version 3 with DUP': 'it generates the bytes, but its parser knows the flags of 3.1.1 only',
  'UNSUBSCRIBE of version 3 with DUP': 'it generates the bytes, but its parser knows the flags of 3.1.1 only',
}

/** Longer ones would take half a gigabyte for one comparison. */
const CHECKED_UP_TO = 4_194_304

const text = (value: Parameters<typeof bytesOf>[0]): string => bytesOf(value).toString('utf8')

const connect = ({ fields }: Packet, version: Version): IConnectPacket => {
  const { client_id, keep_alive, clean_session, will, username, password } = fields
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clean: clean_session === 1,
    keepalive: keep_alive as number,
    clientId: text(client_id ?? ''),
    ...(will && {
      will: { topic: text(will.topic), payload: bytesOf(will.message), qos: (will.qos ?? 0) as 0 | 1 | 2, retain: will.retain === 1 },
    }),
    ...(username !== undefined && { username: text(username) }),
    ...(password !== undefined && { password: bytesOf(password) }),
  }
}

/** The value in mqtt-packet's terms. */
const foreign = (packet: Packet, version: Version): Foreign => {
  const { type, fields } = packet
  if (type === 'CONNECT') return connect(packet, version)
  return {
    cmd: type.toLowerCase(),
    ...(fields.packet_id !== undefined && { messageId: fields.packet_id }),
    ...(type === 'CONNACK' && { returnCode: fields.return_code, sessionPresent: fields.session_present === 1 }),
    ...(type === 'PUBLISH' && { topic: text(fields.topic ?? ''), payload: bytesOf(fields.payload ?? ''), retain: fields.retain === 1 }),
    ...(type === 'PUBLISH' && { qos: fields.qos ?? 0 }),
    ...((type === 'PUBLISH' || fields.dup !== undefined) && { dup: fields.dup === 1 }),
    ...(fields.subscriptions && { subscriptions: fields.subscriptions.map((it) => ({ topic: text(it.topic_filter), qos: it.qos })) }),
    ...(fields.return_codes && { granted: fields.return_codes }),
    ...(fields.topic_filters && { unsubscriptions: fields.topic_filters.map(text) }),
  } as unknown as Foreign
}

const parsed = (bytes: Buffer, version: Version): Foreign[] => {
  const found: Foreign[] = []
  const decoder = parser({ protocolVersion: version })
  decoder.on('packet', (packet) => found.push(packet))
  decoder.on('error', (error) => {
    throw error
  })
  decoder.parse(bytes)
  return found
}

/** Bytes as text: comparing megabytes one element after the other takes seconds. */
const plain = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

/** What mqtt-packet says against a vector, or nothing. */
const objection = ({ bytes, packet }: Vector, version: Version): string | undefined => {
  const expected = expand(bytes)
  try {
    const value = foreign(packet as Packet, version)
    const made = generate(value, { protocolVersion: version })
    if (!made.equals(expected)) return `generates ${printed(made.toString('hex'))}`
    const found = parsed(expected, version)
    expect(found).toHaveLength(1)
    expect(plain(found[0])).toMatchObject(plain(value) as object)
    return undefined
  } catch (error) {
    return String((error as Error).message)
  }
}

const checked = vectors
  .filter(({ kind, bytes }) => kind === 'both' && lengthOf(bytes) <= CHECKED_UP_TO)
  .flatMap((vector) => vector.versions.map((version) => ({ title: `${vector.name} (version ${version})`, vector, version })))

describe('mqtt-packet agrees', () => {
  it.each(checked.filter(({ vector }) => !(vector.name in BEYOND_MQTT_PACKET)))('$title', ({ vector, version }) => {
    expect(objection(vector, version)).toBeUndefined()
  })

  it.each(checked.filter(({ vector }) => vector.name in BEYOND_MQTT_PACKET))('not, as listed: $title', ({ vector, version }) => {
    expect(objection(vector, version)).toBeDefined()
  })

  it('the list names vectors there are', () => {
    const names = new Set(checked.map(({ vector }) => vector.name))
    expect(Object.keys(BEYOND_MQTT_PACKET).filter((name) => !names.has(name))).toEqual([])
  })
})

/** The text a PUBLISH begins with, and where it ends being UTF-8, as the host's own decoder sees it. */
const endOfText = (bytes: Buffer): number => {
  const start = 4
  const end = start + bytes.readUInt16BE(2)
  const decodes = (to: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, to))
      return true
    } catch {
      return false
    }
  }
  let last = end
  while (!decodes(last)) last -= 1
  return last
}

describe('the host agrees on UTF-8', () => {
  const texts = vectors.filter(({ file, bytes }) => file === 'text.yaml' && bytes.startsWith('30'))

  it.each(texts.filter(({ error }) => error === 'bad_utf8'))('$name', ({ bytes, at }) => {
    expect(endOfText(expand(bytes))).toBe(at)
  })

  it.each(texts.filter(({ kind }) => kind === 'both'))('$name', ({ bytes }) => {
    expect(endOfText(expand(bytes))).toBe(lengthOf(bytes))
  })
})

describe('the vectors', () => {
  it('have names of their own', () => {
    const names = vectors.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('refer to clauses that are listed', () => {
    const unknown = vectors.flatMap(({ name, see }) => see.filter((id) => !(id in clauses)).map((id) => `${name}: ${id}`))
    expect(unknown).toEqual([])
  })

  it('stand for each clause that binds a form', () => {
    const seen = new Set(vectors.flatMap(({ see }) => see))
    expect(Object.entries(clauses).flatMap(([id, { kind }]) => (kind === 'form' && !seen.has(id) ? [id] : []))).toEqual([])
  })

  it('have an offset inside the packet, or at its end', () => {
    const outside = vectors.filter(({ bytes, at }) => at !== undefined && at > lengthOf(bytes))
    expect(outside.map(({ name }) => name)).toEqual([])
  })

  it('hold no bytes twice for one version', () => {
    const keys = vectors.flatMap(({ name, bytes, versions }) =>
      bytes ? versions.map((version) => ({ name, key: `${version} ${bytes}` })) : [],
    )
    expect(keys.filter(({ key }, index) => keys.findIndex((other) => other.key === key) !== index)).toEqual([])
  })
})
