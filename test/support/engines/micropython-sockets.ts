// Blocking sockets for MicroPython in Node: the sockets live in a worker thread, and each call from Python waits for the
// worker's answer. What Python sees as modules is in micropython/; errors cross as the names of `errno`, and bytes as hex.
import dns from 'node:dns/promises'
import { once } from 'node:events'
import net from 'node:net'
import { isMainThread, MessageChannel, type MessagePort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads'

/** A result, or an error's name. Bytes come as '+' and hex, so that no error looks like data. */
type Answer = string | number

type Request = { [Name in keyof Calls]: [Name, ...Parameters<Calls[Name]>] }[keyof Calls]

/** Milliseconds: 0 never waits, a negative number waits for ever. */
type Timeout = number

const READ_AHEAD = 1 << 20 // then the peer is held back, as by a real socket's buffer
const WRITE_BEHIND = 1 << 16

/** A socket in the worker: what came and was not read yet, and what to do when something changes. */
class Bridged {
  readonly socket = new net.Socket({ allowHalfOpen: true })
  received: Buffer[] = []
  waiting = 0
  state: 'new' | 'connecting' | 'open' | 'ended' | 'failed' = 'new'
  error = ''
  readonly #changed = new Set<() => void>()

  constructor() {
    this.socket.setNoDelay(true)
    this.socket.on('connect', () => this.#become('open'))
    this.socket.on('data', (chunk) => {
      this.received.push(chunk)
      this.waiting += chunk.length
      if (this.waiting > READ_AHEAD) this.socket.pause()
      this.changed()
    })
    this.socket.on('end', () => this.#become('ended'))
    this.socket.on('drain', () => this.changed())
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      // MicroPython has no EPIPE; lwIP reports a reset.
      this.error = error.code === 'EPIPE' ? 'ECONNRESET' : (error.code ?? 'EIO')
      this.#become('failed')
    })
  }

  #become(state: Bridged['state']) {
    this.state = state
    this.changed()
  }

  changed() {
    for (const look of this.#changed) look()
  }

  get readable() {
    return this.waiting > 0 || this.state === 'ended' || this.state === 'failed'
  }

  get writable() {
    return this.state === 'failed' || (this.state !== 'connecting' && this.socket.writableLength < WRITE_BEHIND)
  }

  take(count: number): Buffer {
    const all = Buffer.concat(this.received)
    const rest = all.subarray(count)
    this.received = rest.length > 0 ? [rest] : []
    this.waiting = rest.length
    if (this.waiting <= READ_AHEAD) this.socket.resume()
    return all.subarray(0, count)
  }

  watch(look: () => void): () => void {
    this.#changed.add(look)
    return () => this.#changed.delete(look)
  }
}

const sockets = new Map<number, Bridged>()
const numbered = (id: number): Bridged => sockets.get(id) ?? closed
const closed = Object.assign(new Bridged(), { state: 'failed', error: 'EBADF' })

/** Waits until the condition holds for the sockets; false when the time is over first. */
const until = (watched: Bridged[], condition: () => boolean, timeout: Timeout): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (held: boolean) => {
      clearTimeout(timer)
      for (const stop of stops) stop()
      resolve(held)
    }
    const look = () => condition() && end(true)
    const timer = timeout > 0 ? setTimeout(() => end(false), timeout) : undefined
    const stops = watched.map((socket) => socket.watch(look))
    if (condition()) end(true)
    else if (timeout === 0) end(false)
  })

const late = (timeout: Timeout) => (timeout === 0 ? 'EAGAIN' : 'ETIMEDOUT')

const calls = {
  open: (): Answer => {
    const id = sockets.size === 0 ? 3 : Math.max(...sockets.keys()) + 1
    sockets.set(id, new Bridged())
    return id
  },

  connect: async (id: number, host: string, port: number, timeout: Timeout): Promise<Answer> => {
    const bridged = numbered(id)
    if (bridged.state !== 'new') return bridged.error || 'EALREADY'
    bridged.state = 'connecting'
    bridged.socket.connect({ host, port })
    if (await until([bridged], () => bridged.state !== 'connecting', timeout)) return bridged.error || 0
    return timeout === 0 ? 'EINPROGRESS' : 'ETIMEDOUT'
  },

  send: async (id: number, hex: string, timeout: Timeout): Promise<Answer> => {
    const bridged = numbered(id)
    if (bridged.state === 'new') return 'ENOTCONN'
    if (!(await until([bridged], () => bridged.writable, timeout))) return late(timeout)
    if (bridged.error) return bridged.error
    bridged.socket.write(Buffer.from(hex, 'hex'))
    return hex.length / 2
  },

  recv: async (id: number, count: number, timeout: Timeout): Promise<Answer> => {
    const bridged = numbered(id)
    if (bridged.state === 'new') return 'ENOTCONN'
    if (!(await until([bridged], () => bridged.readable, timeout))) return late(timeout)
    // What came before a reset is still there to be read.
    if (bridged.waiting === 0 && bridged.error) return bridged.error
    return `+${bridged.take(count).toString('hex')}`
  },

  /** Which sockets are ready: `id:events` by comma, with select.py's numbers (POLLIN 1, POLLOUT 4, POLLERR 8). */
  poll: async (wanted: string, timeout: Timeout): Promise<Answer> => {
    const entries = wanted
      .split(',')
      .filter(Boolean)
      .map((entry) => entry.split(':').map(Number) as [number, number])
    const ready = ([id, events]: [number, number]) => {
      const { readable, writable, error } = numbered(id)
      return (readable ? events & 1 : 0) | (writable ? events & 4 : 0) | (error ? 8 : 0)
    }
    await until(
      entries.map(([id]) => numbered(id)),
      () => entries.some((entry) => ready(entry) > 0),
      timeout,
    )
    return entries.map((entry) => `${entry[0]}:${ready(entry)}`).join(',')
  },

  close: (id: number): Answer => {
    const bridged = sockets.get(id)
    sockets.delete(id)
    // What was written still goes out, then FIN, as the system does it.
    bridged?.socket.end(() => bridged.socket.destroy())
    return 0
  },

  resolve: async (host: string): Promise<Answer> => {
    const { address } = await dns.lookup(host, 4).catch(() => ({ address: '' }))
    return address === '' ? 'EHOSTUNREACH' : `+${address}`
  },
}

type Calls = typeof calls

interface Line {
  port: MessagePort
  answered: Int32Array
}

const serve = ({ port, answered }: Line) => {
  port.on('message', async ([name, ...values]: Request) => {
    port.postMessage(await (calls[name] as (...values: unknown[]) => Promise<Answer> | Answer)(...values))
    Atomics.store(answered, 0, 1)
    Atomics.notify(answered, 0)
  })
  port.postMessage('up')
}

let line: Line

/** Node 20 does not carry tsx over into a worker's first file. */
const withTsx = (url: string) => {
  const tsx = import.meta.resolve('tsx/esm/api')
  return `import('${tsx}').then(({ register }) => { register(); return import('${url}') })`
}

/** Starts the worker; it needs this thread until it is up, so nothing may block before. */
export const startSockets = async (): Promise<void> => {
  const { port1, port2 } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const data: Line = { port: port2, answered }
  const worker = new Worker(withTsx(import.meta.url), { eval: true, workerData: data, transferList: [port2] })
  await once(port1, 'message')
  worker.unref()
  port1.unref()
  line = { port: port1, answered }
}

/** Asks the worker, and blocks this thread until it has answered. */
const ask = (...request: Request): Answer => {
  Atomics.store(line.answered, 0, 0)
  line.port.postMessage(request)
  Atomics.wait(line.answered, 0, 0)
  return receiveMessageOnPort(line.port)!.message
}

const asleep = new Int32Array(new SharedArrayBuffer(4))

/** What Python imports as `_bridge`. Nothing here may throw: an exception would not pass through MicroPython. */
export const bridge = {
  open: () => ask('open'),
  connect: (id: number, host: string, port: number, timeout: Timeout) => ask('connect', id, host, port, timeout),
  send: (id: number, hex: string, timeout: Timeout) => ask('send', id, hex, timeout),
  recv: (id: number, count: number, timeout: Timeout) => ask('recv', id, count, timeout),
  poll: (wanted: string, timeout: Timeout) => ask('poll', wanted, timeout),
  close: (id: number) => ask('close', id),
  resolve: (host: string) => ask('resolve', host),
  sleep: (milliseconds: number) => void Atomics.wait(asleep, 0, 0, Math.max(0, milliseconds)),
}

if (!isMainThread) {
  serve(workerData as Line)
  // A script that blocks for ever must not outlive the test that started it.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, 1000)
}
