// The ceiling for JavaScript: encodes and decodes every packet on its own, one write a turn, with a callback for each
// message, but keeps no message, checks nothing and knows no time.
import net, { type Socket } from 'node:net'
import { PAYLOAD, TOPIC, WINDOW } from '../peer.ts'
import { type BenchClient, type Qos, windowed } from './client.ts'

const OUT_BYTES = 1 << 16

class BareClient {
  readonly socket: Socket
  onMessage = (_topic: string, _payload: Buffer) => {}
  onAnswer = (_type: number) => {}
  #out: Buffer = Buffer.allocUnsafe(OUT_BYTES)
  #length = 0
  #flushing = false
  #rest: Buffer | undefined
  #nextId = 1
  readonly #done: (() => void)[] = []

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk) => this.#read(chunk))
  }

  publish(topic: string, payload: Buffer, qos: Qos, done: () => void) {
    const size = 4 + topic.length + (qos > 0 ? 2 : 0) + payload.length
    this.#reserve(size)
    const out = this.#out
    let at = this.#length
    out[at++] = 0x30 | (qos << 1)
    out[at++] = size - 2
    out[at++] = topic.length >> 8
    out[at++] = topic.length
    for (let i = 0; i < topic.length; i++) out[at++] = topic.charCodeAt(i)
    if (qos > 0) {
      const id = this.#nextId
      this.#nextId = id === 65535 ? 1 : id + 1
      out[at++] = id >> 8
      out[at++] = id
      this.#done[id] = done
    } else this.#done.push(done)
    out.set(payload, at)
    this.#length = at + payload.length
  }

  write(packet: Buffer) {
    this.#reserve(packet.length)
    this.#out.set(packet, this.#length)
    this.#length += packet.length
  }

  #acknowledge(first: number, high: number, low: number) {
    this.#reserve(4)
    const out = this.#out
    out[this.#length++] = first
    out[this.#length++] = 2
    out[this.#length++] = high
    out[this.#length++] = low
  }

  #reserve(size: number) {
    if (this.#length + size > OUT_BYTES) this.#flush()
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  /** QoS 0 messages are done when they are written; only they wait in the list without an identifier. */
  #flush() {
    if (this.#length === 0) return
    const written = this.#nextId === 1 ? this.#done.splice(0) : []
    this.socket.write(this.#out.subarray(0, this.#length), () => {
      for (const done of written) done()
    })
    this.#out = Buffer.allocUnsafe(OUT_BYTES)
    this.#length = 0
  }

  #read(chunk: Buffer) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (at + 1 < bytes.length) {
      const end = at + 2 + bytes[at + 1]!
      if (end > bytes.length) break
      this.#packet(bytes, at, end)
      at = end
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }

  #packet(bytes: Buffer, at: number, end: number) {
    const type = bytes[at]! >> 4
    if (type === 3) this.#message(bytes, at, end)
    else if (type === 5) this.#acknowledge(0x62, bytes[at + 2]!, bytes[at + 3]!)
    else if (type === 6) this.#acknowledge(0x70, bytes[at + 2]!, bytes[at + 3]!)
    else if (type === 4 || type === 7) this.#done[(bytes[at + 2]! << 8) | bytes[at + 3]!]!()
    else this.onAnswer(type)
  }

  #message(bytes: Buffer, at: number, end: number) {
    const qos = (bytes[at]! >> 1) & 3
    const topicEnd = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
    const payload = qos > 0 ? topicEnd + 2 : topicEnd
    this.onMessage(bytes.toString('latin1', at + 4, topicEnd), bytes.subarray(payload, end))
    if (qos > 0) this.#acknowledge(qos === 1 ? 0x40 : 0x50, bytes[topicEnd]!, bytes[topicEnd + 1]!)
  }
}

let bare: BareClient

const answered = (type: number) =>
  new Promise<void>((resolve) => {
    bare.onAnswer = (came) => came === type && resolve()
  })

export const client: BenchClient = {
  name: 'bare JS ceiling',
  messages: 400_000,
  connect: async (port) => {
    bare = new BareClient(port)
    bare.write(Buffer.from('100d00044d51545404020000000162', 'hex'))
    await answered(2)
  },
  publish: (count, qos) => windowed(count, WINDOW, (done) => bare.publish(TOPIC, PAYLOAD, qos, done)),
  subscribe: (filter, count, qos) =>
    new Promise((resolve) => {
      let seen = 0
      bare.onMessage = () => {
        seen += 1
        if (seen === count) resolve()
      }
      const head = Buffer.from([0x82, 5 + filter.length, 0, 1, 0, filter.length])
      bare.write(Buffer.concat([head, Buffer.from(filter), Buffer.from([qos])]))
    }),
  close: async () => {
    bare.socket.destroy()
  },
}
