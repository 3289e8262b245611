// The parameters of a client: their types, their defaults, and the Config the session is made of.
import { readServers } from './address.ts'
import { DEFAULTS, pingTimeoutOf, USUAL_KEEPALIVE } from './defaults.ts'
import { invalid } from './errors.ts'
import type { Publish, QoS, Version } from './packets.ts'
import type { Config } from './session.ts'
import { type Address, type Dial, type TlsParams, warn } from './transport.ts'

/** A message as it came. */
export type Message = Publish
/** Gets a message's topic and payload, and all of it. What it returns is not waited for. */
export type MessageHandler = (topic: string, payload: Uint8Array, message: Message) => unknown

export interface Credentials {
  /** @doc user */
  user?: string | undefined
  /** @doc password */
  password?: string | Uint8Array | undefined
}

export interface ClientOptions extends Credentials {
  /** @doc port */
  port?: number
  /** Asked before every CONNECT, instead of `user` and `password`. */
  credentials?: (() => Credentials | Promise<Credentials>) | undefined
  /** @doc keepalive */
  keepalive?: number
  /** @doc ssl */
  ssl?: boolean
  /** @doc ssl_params */
  sslParams?: TlsParams | string | undefined
  /** @doc reconn */
  reconn?: boolean
  /** @doc version */
  version?: Version
  /** @doc connect_timeout */
  connectTimeout?: number
  /** @doc reconnect_delay */
  reconnectDelay?: number
  /** @doc ack_timeout */
  ackTimeout?: number
  /** @doc ping_timeout */
  pingTimeout?: number
  /** @doc max_inflight */
  maxInflight?: number
  /** @doc max_queue */
  maxQueue?: number
  /** @doc max_subscriptions */
  maxSubscriptions?: number
  /** @doc max_inbound_qos2 */
  maxInboundQos2?: number
  /** @doc queue_qos0 */
  queueQos0?: boolean
  /** @doc max_packet_size */
  maxPacketSize?: number
  /** @doc next_packet_id */
  nextPacketId?: number
  /** Another way to move the bytes. */
  transport?: Dial | undefined
}

export interface ConnectOptions {
  cleanSession?: boolean
  signal?: AbortSignal | undefined
}
export interface WaitOptions {
  signal?: AbortSignal | undefined
  /** In ms. */
  timeout?: number | undefined
}
export interface PublishOptions extends WaitOptions {
  retain?: boolean
  qos?: QoS
}
export interface SubscribeOptions extends WaitOptions {
  qos?: QoS
}

const utf8 = new TextEncoder()

/** The bytes of a payload or a password. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  if (typeof value === 'string') return utf8.encode(value)
  if (value instanceof Uint8Array) return value
  throw invalid('neither text nor Uint8Array')
}

export function textOf(value: string): string {
  if (typeof value === 'string') return value
  throw invalid('not a text')
}

export const passwordOf = ({ password }: Credentials): Uint8Array | undefined => (password === undefined ? undefined : bytesOf(password))

let warned = false

function warnOnce(keepalive: number): void {
  const [least, most] = USUAL_KEEPALIVE
  if (warned || keepalive === 0 || (keepalive >= least && keepalive <= most)) return
  warned = true
  warn(`keepalive is ${keepalive} s; some servers take only ${least} to ${most}`)
}

const NAMES = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]

/** The servers to try, and what the session has to know. */
export interface Settings {
  servers: Address[]
  config: Config
}
export function readOptions(clientId: string, server: string | readonly string[], options: ClientOptions): Settings {
  const { port = 0, ssl = false, sslParams = {}, keepalive = 0 } = options
  warnOnce(keepalive)
  const params = typeof sslParams === 'string' ? { ca: sslParams } : sslParams
  const servers = readServers(server, port, ssl, params)
  const user = options.user ?? servers[0].user
  const password = passwordOf(options) ?? passwordOf(servers[0])
  const config: Config = {
    ...DEFAULTS,
    pingTimeout: pingTimeoutOf(keepalive),
    clientId,
    user,
    password,
  }
  for (const name of NAMES) Object.assign(config, { [name]: options[name] ?? config[name] })
  return { servers, config }
}
