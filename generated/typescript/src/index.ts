// The package's entry: the client and its types.
export { MQTTClient } from './client.ts'
export { MqttError } from './errors.ts'
export type { ClientEvents } from './inbox.ts'
export type {
  ClientOptions,
  ConnectOptions,
  Credentials,
  Message,
  MessageHandler,
  PublishOptions,
  SubscribeOptions,
  WaitOptions,
} from './options.ts'
export type { QoS, Rule, Version } from './packets.ts'
export { ErrorCode } from './session.ts'
export type { Address, Dial, Link, LinkEvents, TlsParams } from './transport.ts'
