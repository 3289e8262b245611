// The generated codec in the codec bench. It judges what it writes: there is no way to encode without the checks.
import * as codec from '../../../generated/typescript/src/codec.ts'
import { Writer } from '../../../generated/typescript/src/cursor.ts'
import { Framer } from '../../../generated/typescript/src/framing.ts'
import { type Packet as Ours, wire } from '../../../generated/typescript/src/packets.ts'
import type { Packet } from '../limit.ts'
import type { BenchCodec } from './codec.ts'

const ours = (packet: Packet): Ours => {
  switch (packet.type) {
    case 'PUBLISH': {
      const { dup, qos, retain, topic, packetId, payload } = packet
      return { kind: 'PUBLISH', dup, qos: qos as 0, retain, topic, packetId: qos > 0 ? packetId : undefined, payload }
    }
    case 'PUBACK':
      return { kind: 'PUBACK', packetId: packet.packetId }
    case 'CONNECT': {
      const { clientId, keepAlive, cleanSession, will, username, password } = packet
      return { kind: 'CONNECT', clientId, keepAlive, cleanSession, will: will && { ...will, qos: will.qos as 0 }, username, password }
    }
    case 'SUBSCRIBE': {
      const subscriptions = packet.subscriptions.map(({ filter, qos }) => ({ topicFilter: filter, qos: qos as 0 }))
      return { kind: 'SUBSCRIBE', dup: false, packetId: packet.packetId, subscriptions }
    }
    case 'SUBACK':
      return { kind: 'SUBACK', packetId: packet.packetId, returnCodes: packet.returnCodes as 0[] }
  }
}

const stream = (onPacket: (packet: unknown) => void) => {
  const framer = new Framer(4, wire.largest, codec.either)
  return (chunk: Buffer) => {
    framer.push(chunk)
    for (let packet = framer.next(); packet; packet = framer.next()) onPacket(packet)
  }
}

const bench: BenchCodec = {
  name: 'ours',
  encoder: (packet, into) => {
    const value = ours(packet)
    const out = new Writer(into)
    return () => {
      out.at = 0
      codec.write(out, value, 4)
      if (out.broken !== undefined) throw new Error('refused')
      return out.at
    }
  },
  decoder: () => {
    let last: unknown
    const push = stream((packet) => {
      last = packet
    })
    return (bytes) => {
      push(bytes)
      return last
    }
  },
  stream,
}

export const codecs = [bench]
