// The floor: a socket that writes prebuilt bytes, a window at a time, and only counts what comes.
import net, { type Socket } from 'node:net'
import { idAt, publishBytes, series, WINDOW } from '../peer.ts'
import type { BenchClient, Qos } from './client.ts'

let socket: Socket
let onChunk = (_chunk: Buffer) => {}

/** Packets of four bytes with every identifier in turn, twice over, so that a slice may wrap. */
const every = (first: number) => series(Buffer.from([first, 2, 0, 0]), 2 * 65535, 1, 2)
const [PUBACKS, PUBRECS, PUBRELS, PUBCOMPS] = [every(0x40), every(0x50), every(0x62), every(0x70)]

/** Messages received before on this connection: the peer's identifiers go on from there. */
let before = 0

/** Writes the answers to `count` messages after `answered` others. */
const answer = (answers: Buffer, answered: number, count: number) => {
  const first = (before + answered) % 65535
  if (count > 0) socket.write(answers.subarray(4 * first, 4 * (first + count)))
}

const sendAndCount = (data: Uint8Array, expected: number) =>
  new Promise<void>((resolve) => {
    let left = expected
    onChunk = (chunk) => {
      left -= chunk.length
      if (left === 0) resolve()
    }
    socket.write(data, () => expected === 0 && resolve())
  })

const publishWindow = async (messages: Buffer, qos: Qos) => {
  await sendAndCount(messages, qos > 0 ? 4 * WINDOW : 0)
  if (qos === 2) await sendAndCount(PUBRELS.subarray(0, 4 * WINDOW), 4 * WINDOW)
}

/** QoS 0 and 1: nothing but messages of one size comes, so their bytes tell their number. */
const receiveBySize = (count: number, qos: Qos, done: () => void) => {
  const size = publishBytes(qos).length
  let bytes = -5 // the SUBACK
  let received = 0
  onChunk = (chunk) => {
    bytes += chunk.length
    const messages = Math.floor(Math.max(bytes, 0) / size)
    if (qos === 1) answer(PUBACKS, received, messages - received)
    received = messages
    if (received === count) done()
  }
}

/** QoS 2: messages and PUBRELs come mixed, and their first bytes tell them apart. */
const receiveByKind = (count: number, done: () => void) => {
  const size = publishBytes(2).length
  let [received, released] = [0, 0]
  let rest = 5 // bytes of the packet under way; first the SUBACK
  onChunk = (chunk) => {
    let [messages, releases] = [0, 0]
    let at = rest
    for (; at < chunk.length; at += chunk[at] === 0x62 ? 4 : size) {
      if (chunk[at] === 0x62) releases += 1
      else messages += 1
    }
    rest = at - chunk.length
    answer(PUBRECS, received, messages)
    answer(PUBCOMPS, released, releases)
    received += messages
    released += releases
    if (released === count) done()
  }
}

export const client: BenchClient = {
  name: 'raw socket',
  messages: 400_000,
  connect: async (port) => {
    socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('data', (chunk) => onChunk(chunk))
    await sendAndCount(Buffer.from('100d00044d51545404020000000172', 'hex'), 4)
  },
  publish: async (count, qos) => {
    const messages = series(publishBytes(qos), WINDOW, 1, idAt(qos))
    for (let sent = 0; sent < count; sent += WINDOW) await publishWindow(messages, qos)
  },
  subscribe: async (filter, count, qos) => {
    const head = Buffer.from([0x82, 5 + filter.length, 0, 1, 0, filter.length])
    await new Promise<void>((resolve) => {
      if (qos === 2) receiveByKind(count, resolve)
      else receiveBySize(count, qos, resolve)
      socket.write(Buffer.concat([head, Buffer.from(filter), Buffer.from([qos])]))
    })
    before += count
  },
  close: async () => {
    socket.destroy()
  },
}
