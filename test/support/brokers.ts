// Starts the brokers of the live tests on ports the system chooses: Debian's Mosquitto in a process of its own, and
// aedes inside this one. Both can be killed and started again on the same port. Hostile servers are in brokers-script.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { type TlsOptions } from 'node:tls'
import { Aedes, type AedesOptions } from 'aedes'
import type { KeyPair } from './certs.ts'
import { programPath } from './missing.ts'

export { startScript } from './brokers-script.ts'
export { missing } from './missing.ts'

export interface Broker {
  port: number
  /** The port with TLS, 0 where none was asked for. */
  tlsPort: number
  /** Ends it in good order: Mosquitto says what it knows to its persistence. */
  stop(): Promise<void>
  /** Ends it at once, as a crash or a pulled plug would. */
  kill(): Promise<void>
  /** Starts it again on the same ports; kills it first where it still runs. */
  restart(): Promise<void>
  /** Ends it and removes what it left. */
  remove(): Promise<void>
}

export interface Mosquitto extends Broker {
  /** Everything it logged so far, all runs together; each packet too with `config: ['log_type all']`. */
  log(): string
  pid(): number
}

export interface MosquittoOptions {
  tls?: { server: KeyPair; ca: string; requireClientCert?: boolean }
  /** Kept on disk at stop with true; with 'always' at every second change too, so that a kill loses at most the last. */
  persistence?: boolean | 'always'
  /** Further lines of mosquitto.conf, for the whole broker. */
  config?: string[]
}

export const startMosquitto = async (options: MosquittoOptions = {}): Promise<Mosquitto> => {
  const dir = mkdtempSync(join(tmpdir(), 'umqtt-mosquitto-'))
  const file = join(dir, 'mosquitto.conf')
  const [port, tlsPort] = await freePorts(options.tls ? 2 : 1)
  writeFileSync(file, mosquittoConfig(dir, options, port, tlsPort ?? 0))
  let log = ''
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const start = async () => {
    await end('SIGKILL')
    child = spawn(programPath('mosquitto') ?? 'mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
    guard(child)
    await listening(child, port, () => log)
  }
  await start()
  return {
    port,
    tlsPort: tlsPort ?? 0,
    log: () => log,
    pid: () => child?.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: start,
    remove: async () => {
      await end('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A test that fails before its `remove`, or is killed, leaves no broker behind: a shell waits for this process's end. */
const guard = (child: ChildProcess) => {
  const shell = spawn('sh', ['-c', `read ended || kill -9 ${child.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
  const stdin = shell.stdin as Socket
  shell.unref()
  stdin.unref()
  child.on('exit', () => stdin.end('ended\n'))
}

const mosquittoConfig = (dir: string, options: MosquittoOptions, port: number, tlsPort: number) => {
  const { tls: secure, persistence, config = [] } = options
  const lines = [
    // Started as root it drops to its own user, which may neither write here nor read the keys.
    'user root',
    'allow_anonymous true',
    'log_dest stderr',
    'set_tcp_nodelay true',
    ...(persistence ? ['persistence true', `persistence_location ${dir}/`] : []),
    ...(persistence === 'always' ? ['autosave_on_changes true', 'autosave_interval 1'] : []),
    ...config,
    `listener ${port} 127.0.0.1`,
  ]
  if (secure) {
    const { server, ca, requireClientCert = false } = secure
    lines.push(`listener ${tlsPort} 127.0.0.1`, `cafile ${ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`)
    lines.push(`require_certificate ${requireClientCert}`)
  }
  return `${lines.join('\n')}\n`
}

/** Ports nobody listens on now: the system names them, for programs that cannot be told to choose. */
export const freePorts = async (count: number): Promise<[number, ...number[]]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(net.createServer(), 0)))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports as [number, ...number[]]
}

/** Waits until the program accepts connections on the port, for 10 s at most. */
const listening = async (child: ChildProcess, port: number, log: () => string) => {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`mosquitto ended at once:\n${log()}`)
    if (await accepts(port)) return
    await new Promise((wait) => setTimeout(wait, 10))
  }
  child.kill('SIGKILL')
  throw new Error(`mosquitto does not listen on port ${port}:\n${log()}`)
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

const listen = <Server extends net.Server>(server: Server, port: number) =>
  new Promise<Server>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })

export interface EmbeddedBroker extends Broker {
  /** The broker itself, for its events and what it holds; another one after `restart({ forget: true })`. */
  aedes(): Aedes
  /** Starts it again with its sessions and retained messages, or without them. */
  restart(how?: { forget: boolean }): Promise<void>
}

export interface AedesStart extends AedesOptions {
  tls?: TlsOptions
}

export const startAedes = async ({ tls: secure, ...options }: AedesStart = {}): Promise<EmbeddedBroker> => {
  let aedes = await Aedes.createBroker(options)
  const plain = serve((socket) => aedes.handle(socket))
  const encrypted = secure && serve((socket) => aedes.handle(socket), secure)
  const servers = encrypted ? [plain, encrypted] : [plain]
  const kill = async () => {
    await Promise.all(servers.map((server) => server.kill()))
  }
  await Promise.all(servers.map((server) => server.start()))
  return {
    port: plain.port(),
    tlsPort: encrypted?.port() ?? 0,
    aedes: () => aedes,
    stop: kill,
    kill,
    restart: async ({ forget } = { forget: false }) => {
      await kill()
      if (forget) {
        await closed(aedes)
        aedes = await Aedes.createBroker(options)
      }
      await Promise.all(servers.map((server) => server.start()))
    },
    remove: async () => {
      await kill()
      await closed(aedes)
    },
  }
}

const closed = (aedes: Aedes) => new Promise<void>((done) => aedes.close(() => done()))

/** A listener that can be killed with all its connections and started again on its port. */
const serve = (accept: (socket: Socket) => void, secure?: TlsOptions) => {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}))
  }
  let server: net.Server | undefined
  let port = 0
  return {
    port: () => port,
    start: async () => {
      server = secure ? tls.createServer({ ...secure, noDelay: true }, accept) : net.createServer({ noDelay: true }, accept)
      await listen(
        server.on('connection', keep).on('tlsClientError', () => {}),
        port,
      )
      port = (server.address() as AddressInfo).port
    },
    kill: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => (server?.listening ? server.close(done) : done(undefined)))
    },
  }
}
