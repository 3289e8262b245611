// Moves bytes: TCP by node:net, TLS by node:tls. Another transport is another `Dial`. What the bytes say is not its concern.
import net, { type Socket } from 'node:net'
import tls from 'node:tls'

/** Where to connect to. */
export interface Address {
  host: string
  port: number
  tls: TlsParams | undefined
}
/** How TLS is spoken. Certificates and keys are PEM. Application protocols (AWS IoT wants one on port 443), ciphers and versions are Node's own. */
export interface TlsParams extends Pick<tls.ConnectionOptions, 'ALPNProtocols' | 'ciphers' | 'minVersion'> {
  /** The certificate authorities trusted instead of the system's. */
  ca?: string | Uint8Array | undefined
  /** The client's certificate. */
  cert?: string | Uint8Array | undefined
  /** The client's key. */
  key?: string | Uint8Array | undefined
  /** What the key is encrypted with. */
  passphrase?: string | undefined
  /** The name the server's certificate must have; the server's own by default. */
  serverHostname?: string | undefined
  /** false accepts any certificate: the connection is encrypted, but nobody knows with whom. */
  verify?: boolean | undefined
}

/** What a transport reports; after `closed` nothing more. */
export interface LinkEvents {
  opened(): void
  received(bytes: Uint8Array): void
  /** It is gone or did not come to be; `secure`: it was TLS that failed. */
  closed(error?: Error, secure?: boolean): void
}
/** An open transport, or one that is opening. */
export interface Link {
  /** `written` hears when the system has taken the bytes, or why it did not. */
  write(bytes: Uint8Array, written: (error?: Error) => void): void
  /** Bytes written that the system has not taken. */
  readonly buffered: number
  /** Stops reading, until `resume`. */
  pause(): void
  resume(): void
  /** Sends what was written, and closes. */
  end(): void
  /** Whether it keeps the process alive. */
  hold(process: boolean): void
}
export type Dial = (address: Address, events: LinkEvents) => Link

/** After `end`, a peer that does not read is given this long to take what was written, in ms. */
const LINGER = 2000

export const dial: Dial = ({ host, port, tls: params }, events) => {
  const socket = (params ? tls.connect(tlsOptions(host, port, params)) : net.connect({ host, port })).setNoDelay()
  let error: NodeJS.ErrnoException | undefined
  let open = false
  socket.once(params ? 'secureConnect' : 'connect', () => {
    open = true
    events.opened()
  })
  socket.on('data', (bytes) => events.received(bytes))
  socket.on('error', (e) => {
    error = e
  })
  socket.on('end', () => socket.destroy())
  // In TLS 1.3 a server says what it thinks of the client's certificate when the client believes to be connected.
  socket.once('close', () =>
    events.closed(error, params !== undefined && ((!open && !error?.syscall) || error?.code?.startsWith('ERR_SSL'))),
  )
  return new SocketLink(socket)
}

function tlsOptions(host: string, port: number, params: TlsParams): tls.ConnectionOptions {
  const { serverHostname = host, verify = true, ...given } = params
  const servername = net.isIP(serverHostname) ? '' : serverHostname // SNI carries names only
  const checkServerIdentity: typeof tls.checkServerIdentity = (_, peer) => tls.checkServerIdentity(serverHostname, peer)
  return { ...(given as object), host, port, servername, rejectUnauthorized: verify, checkServerIdentity }
}

class SocketLink implements Link {
  readonly #socket: Socket
  constructor(socket: Socket) {
    this.#socket = socket
  }
  write(bytes: Uint8Array, written: (error?: Error) => void): void {
    const socket = this.#socket
    // of a socket that was destroyed Node says that all is well
    socket.write(bytes, (error) => written(error ?? (socket.destroyed ? new Error('the socket is closed') : undefined)))
  }
  /** While a long write leaves, only libuv's own count falls. */
  get buffered(): number {
    const { _handle } = this.#socket as { _handle?: { writeQueueSize?: number } }
    return Math.min(_handle?.writeQueueSize ?? Infinity, this.#socket.writableLength)
  }
  pause(): void {
    this.#socket.pause()
  }
  resume(): void {
    this.#socket.resume()
  }
  end(): void {
    const socket = this.#socket
    socket.removeAllListeners('data').resume() // whatever still comes is discarded
    if (socket.connecting) return void socket.destroy()
    const timer = setTimeout(() => socket.destroy(), LINGER).unref()
    socket.once('close', () => clearTimeout(timer)).destroySoon()
  }
  hold(process: boolean): void {
    this.#socket[process ? 'ref' : 'unref']()
  }
}

/** Runs `work` when what runs now, and all that waits to run right after it, is done. */
export const later: (work: () => void) => void = process.nextTick
/** Tells whoever runs the program. */
export const warn = (warning: string | Error): void => process.emitWarning(warning)
