// A wire between a client and a broker that explains each packet on its way, for the demo. What it reads, it passes on untouched.
import net, { type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'
import { either } from '../../generated/typescript/src/codec.ts'
import { Framer } from '../../generated/typescript/src/framing.ts'
import { type Packet, type Version, wire } from '../../generated/typescript/src/packets.ts'

export interface Tap {
  port: number
  close(): void
}
export interface BrokerAddress {
  host: string
  port: number
  secure: boolean
}

/** Listens for one client after the other; `print` gets a line a packet. */
export const startTap = async (broker: BrokerAddress, name: string, print: (line: string) => void): Promise<Tap> => {
  const sockets = new Set<Socket>()
  const server = net.createServer({ noDelay: true }, (client) => {
    const { host, port } = broker
    const upstream = broker.secure ? tls.connect({ host, port, servername: host }) : net.connect({ host, port, noDelay: true })
    const version = { level: 4 as Version }
    join(
      client,
      upstream,
      explainer(version, (text) => print(`${name} ──▶ broker  ${text}`)),
    )
    join(
      upstream,
      client,
      explainer(version, (text) => print(`${name} ◀── broker  ${text}`)),
    )
    for (const socket of [client, upstream]) sockets.add(socket)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const join = (from: Socket, to: Socket, look: (bytes: Buffer) => void) => {
  from.on('data', (bytes) => {
    look(bytes)
    to.write(bytes)
  })
  from.on('end', () => to.end()).on('error', () => to.destroy())
}

/** Reads one direction of a connection. The version is what its CONNECT says. */
const explainer = (version: { level: Version }, print: (text: string) => void) => {
  let framer: Framer | undefined
  let bytes: Buffer = Buffer.alloc(0) // from the first of the packet that is not whole yet
  return (more: Buffer) => {
    bytes = Buffer.concat([bytes, more])
    if (bytes[0] >> 4 === 1 && bytes.includes('MQIsdp')) version.level = 3
    framer ??= new Framer(version.level, wire.largest, either)
    framer.push(more)
    for (let packet = framer.next(); packet; packet = framer.next()) {
      const size = sizeOf(bytes)
      print(`${packet.kind.padEnd(11)} ${explain(packet)}\n${' '.repeat(8)}${hex(bytes.subarray(0, size))}`)
      bytes = bytes.subarray(size)
    }
  }
}

/** The length of the packet that begins here, by its remaining length. */
const sizeOf = (bytes: Buffer): number => {
  let at = 1
  let length = 0
  do length += (bytes[at] & 127) * 128 ** (at - 1)
  while (bytes[at++] > 127)
  return at + length
}

const SHOWN = 24

const hex = (bytes: Buffer) =>
  (bytes.subarray(0, SHOWN).toString('hex').match(/../g) ?? []).join(' ') + (bytes.length > SHOWN ? ` … ${bytes.length} bytes` : '')

const text = (bytes: Uint8Array) => JSON.stringify(new TextDecoder().decode(bytes))

/** What a packet says, in a few words. */
export const explain = (packet: Packet): string => {
  switch (packet.kind) {
    case 'CONNECT': {
      const session = packet.cleanSession ? 'a clean session' : 'its session of before'
      const will = packet.will ? `, and a will for ${packet.will.topic}` : ''
      const silence = packet.keepAlive > 0 ? `, silent for at most ${packet.keepAlive} s` : ''
      return `"${packet.clientId}" asks for ${session}${will}${silence}`
    }
    case 'CONNACK':
      return packet.returnCode === 0
        ? `accepted, ${packet.sessionPresent ? 'with the' : 'no'} session of before`
        : `refused: ${packet.returnCode}`
    case 'PUBLISH': {
      const again = packet.dup ? ', sent again' : ''
      return `to ${packet.topic}: ${text(packet.payload)}, QoS ${packet.qos}${packet.retain ? ', retained' : ''}${again}`
    }
    case 'SUBSCRIBE':
      return `${packet.subscriptions.map((s) => `${s.topicFilter} at QoS ${s.qos}`).join(', ')}, as ${packet.packetId}`
    case 'SUBACK':
      return `${packet.packetId}: ${packet.returnCodes.map((code) => (code > 2 ? 'refused' : `granted QoS ${code}`)).join(', ')}`
    case 'UNSUBSCRIBE':
      return `${packet.topicFilters.join(', ')}, as ${packet.packetId}`
    case 'PUBACK':
      return `${packet.packetId} arrived`
    case 'PUBREC':
      return `${packet.packetId} arrived; let go of it`
    case 'PUBREL':
      return `${packet.packetId} is let go of`
    case 'PUBCOMP':
      return `${packet.packetId} is done`
    case 'UNSUBACK':
      return `${packet.packetId} is done`
    case 'PINGREQ':
      return 'are you there?'
    case 'PINGRESP':
      return 'yes'
    case 'DISCONNECT':
      return 'leaves on purpose: no will'
  }
}
