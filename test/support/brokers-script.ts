// A raw TCP server that does exactly what a test tells it, for servers that are hostile, slow or wrong: it records
// bytes, sends bytes, half-closes, stops reading, resets. It frames packets but knows nothing else of MQTT.
import net, { type AddressInfo, type Socket } from 'node:net'
import tls, { type TlsOptions } from 'node:tls'

/** One accepted connection. Every wait ends after `timeout` ms with an error that shows what had come. */
export interface Peer {
  /** All bytes received so far, also those already taken by `packet`. */
  received(): Buffer
  /** Waits for the next whole packet. */
  packet(timeout?: number): Promise<Buffer>
  /** Waits until at least `count` bytes have come in all. */
  bytes(count: number, timeout?: number): Promise<Buffer>
  /** Sends hex or bytes; resolves when the system has taken them. */
  send(data: string | Uint8Array): Promise<void>
  /** Sends FIN and goes on reading. */
  halfClose(): void
  /** Reads no more, so that the sender's buffers fill. */
  stopReading(): void
  readOn(): void
  /** Closes at once; what was not sent yet is lost. */
  close(): void
  /** Closes with RST. */
  reset(): void
  /** Resolves when the other side sends no more. */
  ended(timeout?: number): Promise<void>
  /** Resolves when the connection is gone, whoever ended it. */
  gone(timeout?: number): Promise<void>
}

export interface ScriptServer {
  port: number
  /** Every connection so far, oldest first. */
  peers: Peer[]
  /** The nth connection (from 0), waiting for it. */
  peer(n: number, timeout?: number): Promise<Peer>
  close(): Promise<void>
}

/** Starts it; `onPeer` acts on each connection, and its failure is thrown by `close`. */
export const startScript = async (onPeer: (peer: Peer, n: number) => unknown = () => {}, secure?: TlsOptions): Promise<ScriptServer> => {
  const peers: Peer[] = []
  const sockets = new Set<Socket>()
  const arrivals = new Waiters()
  let failure: unknown
  const accept = (socket: Socket) => {
    const peer = makePeer(socket)
    peers.push(peer)
    arrivals.wake()
    Promise.resolve(onPeer(peer, peers.length - 1)).catch((error) => {
      failure ??= error
    })
  }
  const server = secure
    ? tls.createServer({ ...secure, allowHalfOpen: true }, accept)
    : net.createServer({ allowHalfOpen: true, noDelay: true }, accept)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    peer: async (n, timeout = 5000) => {
      await arrivals.until(
        () => peers.length > n,
        timeout,
        () => `${peers.length} connections, wanted ${n + 1}`,
      )
      return peers[n]!
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
      if (failure) throw failure
    },
  }
}

const makePeer = (socket: Socket): Peer => {
  let chunks: Buffer[] = []
  const events = new Waiters()
  let total = 0
  let taken = 0
  let gone = false
  let ended = false
  const received = () => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
    return chunks[0] ?? Buffer.alloc(0)
  }
  const seen = () => `received ${received().toString('hex') || 'nothing'}${gone ? ', then the end' : ''}`
  socket
    .on('data', (chunk) => {
      chunks.push(chunk)
      total += chunk.length
      events.wake()
    })
    .on('error', () => {})
    .on('end', () => {
      ended = true
      events.wake()
    })
    .on('close', () => {
      gone = true
      events.wake()
    })
  return {
    received,
    packet: async (timeout = 5000) => {
      await events.until(() => packetLength(received(), taken) !== undefined, timeout, seen)
      const start = taken
      taken += packetLength(received(), taken)!
      return received().subarray(start, taken)
    },
    bytes: async (count, timeout = 5000) => {
      await events.until(() => total >= count, timeout, seen)
      return received()
    },
    send: (data) =>
      new Promise((resolve, reject) => {
        const bytes = typeof data === 'string' ? Buffer.from(data, 'hex') : data
        socket.write(bytes, (error) => (error ? reject(error) : resolve()))
      }),
    halfClose: () => socket.end(),
    stopReading: () => socket.pause(),
    readOn: () => socket.resume(),
    close: () => socket.destroy(),
    reset: () => socket.resetAndDestroy(),
    ended: (timeout = 5000) => events.until(() => ended || gone, timeout, seen),
    gone: (timeout = 5000) => events.until(() => gone, timeout, seen),
  }
}

/** The length of the packet that starts at `start`, once all of it is there (MQTT-2.2.3: remaining length). */
const packetLength = (bytes: Buffer, start: number): number | undefined => {
  let remaining = 0
  for (let at = 1; at <= 4 && start + at < bytes.length; at++) {
    const digit = bytes[start + at]!
    remaining += (digit & 127) * 128 ** (at - 1)
    if (digit < 128) {
      const length = 1 + at + remaining
      return start + length <= bytes.length ? length : undefined
    }
  }
  return undefined
}

/** Waits for a condition that is looked at whenever something happened. */
class Waiters {
  readonly #waiting = new Set<() => void>()

  wake(): void {
    for (const look of this.#waiting) look()
  }

  until(condition: () => boolean, timeout: number, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition()) end(resolve)
      }
      const end = (how: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        how()
      }
      const timer = setTimeout(() => end(() => reject(new Error(`after ${timeout} ms: ${describe()}`))), timeout)
      this.#waiting.add(look)
      look()
    })
  }
}
