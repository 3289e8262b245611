// Proves what the benches stand on, without measuring: the hand-written limit makes and takes mqtt-packet's bytes at every
// cut of a stream and refuses what it must, the peer's messages are right, and every figure has a cell for each column.
import mqttPacket from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { codecs as theirs } from './bench/codecs/mqtt-packet.ts'
import { limitStream, makeLimit, type Packet } from './bench/limit.ts'
import { idAt, publishBytes, series } from './bench/peer.ts'
import { figures, median, render } from './bench/table.ts'

const limit = makeLimit(true)
const payload = Buffer.from('payload')
const publish = (topic: string, qos = 0, length = 3): Packet => ({
  type: 'PUBLISH',
  dup: false,
  qos,
  retain: true,
  topic,
  packetId: qos > 0 ? 7 : 0,
  payload: Buffer.alloc(length, 'x'),
})
const packets: Packet[] = [
  publish('dev/12345678/temp'),
  publish('a/温度/°C', 2),
  publish('x'.repeat(200), 1, 40),
  publish('large', 0, 20_000),
  { type: 'PUBACK', packetId: 65535 },
  {
    type: 'CONNECT',
    clientId: 'client',
    keepAlive: 60,
    cleanSession: false,
    will: { topic: 'will', message: payload, qos: 2, retain: true },
    username: '名',
    password: payload,
  },
  {
    type: 'CONNECT',
    clientId: '',
    keepAlive: 0,
    cleanSession: true,
    will: undefined,
    username: undefined,
    password: undefined,
  },
  {
    type: 'SUBSCRIBE',
    packetId: 1,
    subscriptions: [
      { filter: '+/a/#', qos: 2 },
      { filter: '#', qos: 0 },
    ],
  },
  { type: 'SUBACK', packetId: 1, returnCodes: [2, 128] },
]
const encode = (packet: Packet) => {
  const into = Buffer.alloc(30_000)
  return into.subarray(0, limit.encode(packet, into))
}

describe('the hand-written limit', () => {
  test.each(packets)('makes and takes the bytes of mqtt-packet: $type', (packet) => {
    const bytes = Buffer.from(theirs[0]!.encoded!(packet))
    expect(encode(packet).equals(bytes)).toBe(true)
    expect(limit.decode(bytes, 0, bytes.length)).toEqual(packet)
  })

  test('takes a stream cut anywhere', () => {
    const all = Buffer.concat(packets.map(encode))
    for (const size of [1, 2, 3, 7, 100, 5000, all.length]) {
      const seen: Packet[] = []
      const push = limitStream(limit, (packet) => seen.push(packet))
      for (let at = 0; at < all.length; at += size) push(all.subarray(at, at + size))
      expect(seen).toEqual(packets)
    }
  })

  test.each([
    ['a/+', 'topic_wildcard'],
    ['a\0b', 'nul_character'],
    ['\ud800', 'bad_utf8'],
    ['', 'topic_empty'],
  ])('refuses the topic %j', (topic, error) => {
    expect(() => encode(publish(topic))).toThrow(error)
  })

  test.each([
    ['3003000123', 'topic_wildcard'],
    ['3003000100', 'nul_character'],
    ['30020000', 'topic_empty'],
    ['30030004c0', 'field_past_end'],
    ['30040002c080', /not valid/],
    ['40020000', 'bad_packet_id'],
    ['820600010001' + '2301', 'ok'],
    ['82080001000361232f00', 'bad_filter'],
  ])('takes or refuses %s: %s', (hex, error) => {
    const bytes = Buffer.from(hex, 'hex')
    const decode = () => limit.decode(bytes, 0, bytes.length)
    if (error === 'ok') expect(decode()).toMatchObject({ subscriptions: [{ filter: '#', qos: 1 }] })
    else expect(decode).toThrow(error)
  })
})

test('the messages of the peer are whole packets with identifiers that wrap past 0', () => {
  const seen: unknown[] = []
  const parser = mqttPacket.parser()
  parser.on('packet', (packet) => 'messageId' in packet && seen.push([packet.messageId, (packet as { qos: number }).qos]))
  parser.parse(series(publishBytes(1), 3, 65534, idAt(1)))
  parser.parse(series(publishBytes(2), 1, 5, idAt(2)))
  expect(seen).toEqual([
    [65534, 1],
    [65535, 1],
    [1, 1],
    [5, 2],
  ])
  expect(publishBytes(0).length).toBe(2 + 2 + 17 + 20)
})

test.each(Object.entries(figures))('the figures of %s have a cell for each column', (_, figure) => {
  for (const cells of Object.values(figure.rows)) expect(cells).toHaveLength(figure.columns.length)
  expect(Object.keys(figure.ours).length).toBeGreaterThan(0)
})

test('a table is printed beside the figures', () => {
  const table = { figures: 'micropython', title: 'T', unit: 'u', about: 'a', columns: ['c'], rows: { mine: [1234.5] } }
  const text = render(table)
  expect(text).toContain('mine  1235')
  expect(text).toMatch(/QuecPython umqtt +9414/)
  expect(text).toMatch(/ours: ours +≤ 9000 \(aim 8000\)/)
  expect(median([3, 1, 2])).toBe(2)
})
