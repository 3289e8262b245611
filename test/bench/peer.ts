// The other side of the client bench, in a process of its own: acknowledges what is published and, asked by a SUBSCRIBE to
// `send/<qos>/<count>/<anything>`, sends that many messages. It stores and checks nothing, so that it never is the limit.
import net, { type Socket } from 'node:net'

/** The 20-byte payload and the topic of every message, both ways. */
export const TOPIC = 'dev/12345678/temp'
export const PAYLOAD = Buffer.from('20 bytes of payload.')
export const WINDOW = 1000

const HEADER_BYTES = 2
const ID_AT = HEADER_BYTES + 2 + TOPIC.length

/** One message as it goes over the wire, its packet identifier still 0. */
export const publishBytes = (qos: number): Buffer => {
  const id = qos > 0 ? 2 : 0
  const message = Buffer.alloc(ID_AT + id + PAYLOAD.length)
  message[0] = 0x30 | (qos << 1)
  message[1] = message.length - HEADER_BYTES
  message.writeUInt16BE(TOPIC.length, 2)
  message.write(TOPIC, 4)
  message.set(PAYLOAD, ID_AT + id)
  return message
}

/** `count` packets one after the other, with the identifiers from `first` on in the two bytes at `idAt`. */
export const series = (packet: Buffer, count: number, first: number, idAt: number): Buffer => {
  const all = Buffer.alloc(packet.length * count)
  for (let i = 0; i < count; i++) {
    all.set(packet, i * packet.length)
    if (idAt > 0) all.writeUInt16BE(((first + i - 1) % 65535) + 1, i * packet.length + idAt)
  }
  return all
}

export const idAt = (qos: number): number => (qos > 0 ? ID_AT : 0)

/** The answer's first byte by the type of the packet it answers. */
const ANSWERS: Record<number, number> = { 5: 0x62, 6: 0x70 } // PUBREC → PUBREL, PUBREL → PUBCOMP

class Connection {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #out: Buffer = Buffer.alloc(1 << 16)
  #length = 0
  #qos = 0
  #unsent = 0
  #unacknowledged = 0
  #nextId = 1

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk)).on('error', () => {})
  }

  #read(chunk: Buffer) {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    // The bench's packets are short: one length byte, but for a CONNECT of another client's making.
    while (at + 2 <= bytes.length) {
      const long = bytes[at + 1]! > 127
      const length = long ? 3 + (bytes[at + 1]! & 127) + bytes[at + 2]! * 128 : 2 + bytes[at + 1]!
      if (at + length > bytes.length) break
      this.#packet(bytes, at, at + length)
      at += length
    }
    this.#rest = bytes.subarray(at)
    this.#flush()
    this.#send()
  }

  #packet(bytes: Buffer, at: number, end: number) {
    const type = bytes[at]! >> 4
    if (type === 3) {
      const qos = (bytes[at]! >> 1) & 3
      const id = at + 4 + bytes.readUInt16BE(at + 2)
      if (qos > 0) this.#answer(qos === 1 ? 0x40 : 0x50, bytes[id]!, bytes[id + 1]!)
    } else if (type === 4 || type === 7) this.#unacknowledged -= 1
    else if (type in ANSWERS) this.#answer(ANSWERS[type]!, bytes[at + 2]!, bytes[at + 3]!)
    else if (type === 1) this.#write(0x20, 2, 0, 0)
    else if (type === 8) this.#subscribe(bytes, at, end)
    else if (type === 12) this.#write(0xd0, 0)
  }

  #subscribe(bytes: Buffer, at: number, end: number) {
    const [, qos, count] = bytes.toString('latin1', at + 6, end - 1).split('/')
    this.#write(0x90, 3, bytes[at + 2]!, bytes[at + 3]!, bytes[end - 1]!)
    this.#qos = Number(qos)
    this.#unsent = Number(count)
  }

  #answer(first: number, high: number, low: number) {
    this.#write(first, 2, high, low)
  }

  #write(...packet: number[]) {
    if (this.#length + packet.length > this.#out.length) this.#flush()
    for (const byte of packet) this.#out[this.#length++] = byte
  }

  #flush() {
    if (this.#length === 0) return
    this.#socket.write(this.#out.subarray(0, this.#length))
    this.#out = Buffer.alloc(1 << 16)
    this.#length = 0
  }

  /** As many messages as the window lets out; QoS 0 has none, so the socket's buffer holds it back. */
  #send() {
    const room = this.#qos > 0 ? WINDOW - this.#unacknowledged : this.#socket.writableNeedDrain ? 0 : WINDOW
    const count = Math.min(room, this.#unsent)
    if (count <= 0) return
    this.#unsent -= count
    if (this.#qos > 0) this.#unacknowledged += count
    const messages = series(publishBytes(this.#qos), count, this.#nextId, idAt(this.#qos))
    this.#nextId += count
    this.#socket.write(messages, () => this.#qos === 0 && this.#send())
  }
}

/** Started as a program with `listen` it prints its port; it ends when its stdin does. */
if (process.argv[2] === 'listen') {
  const server = net.createServer((socket) => new Connection(socket))
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`))
  process.stdin.resume().on('end', () => process.exit(0))
}
