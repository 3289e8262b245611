// The parameters of a client: their types, their defaults, and the Config the session is made of.
import { type Login, readServers } from './address.ts'
import { MqttError } from './errors.ts'
import type { Publish, QoS, Version } from './packets.ts'
import { type Config, ErrorCode } from './session.ts'
import type { Address, Dial, TlsParams } from './transport.ts'

/** A message as it came. */
export type Message = Publish
/** Gets a message's topic and payload, and all of it. What it returns is not waited for. */
export type MessageHandler = (topic: string, payload: Uint8Array, message: Message) => unknown

export interface Credentials {
  user?: string | undefined
  password?: string | Uint8Array | undefined
}

export interface ClientOptions extends Credentials {
  /** 0 is 1883, with TLS 8883. */
  port?: number
  /** Asked before every CONNECT, instead of `user` and `password`. */
  credentials?: (() => Credentials | Promise<Credentials>) | undefined
  /** Seconds; 0 is off. The client then asks by itself whether the server is alive. */
  keepalive?: number
  ssl?: boolean
  /** A text is the certificate authority in PEM. */
  sslParams?: TlsParams | string | undefined
  /** Makes a lost connection again, with a growing delay. */
  reconn?: boolean
  /** 3 is MQTT 3.1, 4 is MQTT 3.1.1. */
  version?: Version
  /** For TCP, TLS and CONNACK together, in ms. */
  connectTimeout?: number
  /** For the answer to subscribe and unsubscribe, in ms. */
  ackTimeout?: number
  /** For the answer to a PINGREQ, in ms. */
  pingTimeout?: number
  /** Messages and requests that may wait for their answer at once. */
  maxInflight?: number
  /** Messages and requests that may wait for their turn. */
  maxQueue?: number
  /** Filters remembered for reconnecting. */
  maxSubscriptions?: number
  /** QoS 2 messages that may be on their way in at once. */
  maxInboundQos2?: number
  /** Keeps QoS 0 messages, too, while there is no connection. */
  queueQos0?: boolean
  /** The largest remaining length, both ways, in bytes. */
  maxPacketSize?: number
  /** The first packet identifier. */
  nextPacketId?: number
  /** The most the delay before the first reconnect can be, in ms; it doubles from there, up to a minute. */
  reconnectDelay?: number
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
  throw new MqttError(ErrorCode.INVALID_ARGUMENT, { cause: new TypeError('neither text nor Uint8Array') })
}

export function textOf(value: string): string {
  if (typeof value === 'string') return value
  throw new MqttError(ErrorCode.INVALID_ARGUMENT, { cause: new TypeError('not a text') })
}

export const passwordOf = ({ password }: Credentials): Uint8Array | undefined => (password === undefined ? undefined : bytesOf(password))

/** The servers to try, and what the session has to know. */
export function readOptions(
  clientId: string,
  server: string | readonly string[],
  options: ClientOptions,
): { servers: (Address & Login)[]; config: Config } {
  const { port = 0, ssl = false, sslParams = {}, keepalive = 0 } = options
  const params = typeof sslParams === 'string' ? { ca: sslParams } : sslParams
  const servers = readServers(server, port, ssl, params)
  const user = options.user ?? servers[0].user
  const password = passwordOf(options) ?? passwordOf(servers[0])
  const config: Config = {
    version: options.version ?? 4,
    clientId,
    user,
    password,
    keepalive,
    reconn: options.reconn ?? true,
    connectTimeout: options.connectTimeout ?? 20_000,
    reconnectDelay: options.reconnectDelay ?? 1000,
    ackTimeout: options.ackTimeout ?? 10_000,
    pingTimeout: options.pingTimeout ?? (keepalive === 0 ? 10_000 : Math.min(keepalive * 500, 10_000)),
    maxInflight: options.maxInflight ?? 20,
    maxQueue: options.maxQueue ?? 1000,
    maxSubscriptions: options.maxSubscriptions ?? 1000,
    maxInboundQos2: options.maxInboundQos2 ?? 1000,
    queueQos0: options.queueQos0 ?? false,
    maxPacketSize: options.maxPacketSize ?? 268_435_455,
    nextPacketId: options.nextPacketId ?? 1,
  }
  return { servers, config }
}
