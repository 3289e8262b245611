// npm's mqtt-packet in the codec bench: `generate`, and its parser fed with chunks.
import mqttPacket, { type Packet as TheirPacket } from 'mqtt-packet'
import type { Packet } from '../limit.ts'
import type { BenchCodec } from './codec.ts'

const theirs = (packet: Packet): TheirPacket => {
  switch (packet.type) {
    case 'PUBLISH': {
      const { dup, qos, retain, topic, packetId, payload } = packet
      const id = qos > 0 ? { messageId: packetId } : {}
      return { cmd: 'publish', dup, qos: qos as 0, retain, topic, payload: Buffer.from(payload), ...id }
    }
    case 'PUBACK':
      return { cmd: 'puback', messageId: packet.packetId }
    case 'CONNECT':
      return connect(packet)
    case 'SUBSCRIBE': {
      const subscriptions = packet.subscriptions.map(({ filter, qos }) => ({ topic: filter, qos: qos as 0 }))
      return { cmd: 'subscribe', messageId: packet.packetId, subscriptions }
    }
    case 'SUBACK':
      return { cmd: 'suback', messageId: packet.packetId, granted: packet.returnCodes }
  }
}

const connect = (packet: Packet & { type: 'CONNECT' }): TheirPacket => {
  const { will, clientId, keepAlive: keepalive, cleanSession: clean, username, password } = packet
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId,
    keepalive,
    clean,
    ...(will && { will: { ...will, qos: will.qos as 0, payload: Buffer.from(will.message) } }),
    ...(username !== undefined && { username }),
    ...(password && { password: Buffer.from(password) }),
  }
}

const parser = (onPacket: (packet: unknown) => void) => {
  const stream = mqttPacket.parser({ protocolVersion: 4 })
  stream.on('packet', onPacket)
  stream.on('error', (error) => {
    throw error
  })
  return (chunk: Buffer) => void stream.parse(chunk)
}

const codec: BenchCodec = {
  name: 'mqtt-packet 9',
  encoder: (packet) => {
    const their = theirs(packet)
    return () => mqttPacket.generate(their).length
  },
  encoded: (packet) => mqttPacket.generate(theirs(packet)),
  decoder: () => {
    let last: unknown
    const parse = parser((packet) => {
      last = packet
    })
    return (bytes) => {
      parse(bytes)
      return last
    }
  },
  stream: parser,
}

export const codecs = [codec]
