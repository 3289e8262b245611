// The client an application sees: calls that return promises, events, handlers. It decides nothing of MQTT: that is session.ts's, driven by
// driver.ts.
import { EventEmitter } from 'node:events'
import { aborted, Call, rejected } from './calls.ts'
import { Driver, type Owner } from './driver.ts'
import { MqttError } from './errors.ts'
import { MessageStream } from './messages.ts'
import {
  bytesOf,
  type ClientOptions,
  type ConnectOptions,
  type Message,
  type MessageHandler,
  type PublishOptions,
  readOptions,
  type SubscribeOptions,
  type WaitOptions,
} from './options.ts'
import type { QoS, Subscription } from './packets.ts'
import { ErrorCode } from './session.ts'
import { TopicTree } from './topics.ts'
import { dial, later, warn } from './transport.ts'

/** What a client tells, by event. */
export interface ClientEvents {
  message: [topic: string, payload: Uint8Array, message: Message]
  /** The server accepted the connection, the first time or again. */
  connect: [{ sessionPresent: boolean }]
  /** An established connection is gone; it will be made again. */
  lost: [error: MqttError]
  /** The next attempt is made after so many milliseconds. */
  reconnecting: [delay: number]
  /** There is no connection, and none will be made until connect(). */
  close: []
  /** The client gave up, or a message handler failed. Without a listener it is only kept in lastError. */
  error: [error: MqttError]
}

const NO_OPTIONS = {}

export class MQTTClient extends EventEmitter<ClientEvents> {
  readonly #driver: Driver
  readonly #streams = new Set<MessageStream>()
  #handlers: TopicTree<MessageHandler> | undefined
  #callback: MessageHandler | undefined
  #errorCallback: ((error: MqttError) => unknown) | undefined
  #waiters: Call<Message>[] = []

  constructor(clientId: string, server: string | readonly string[], options: ClientOptions = NO_OPTIONS) {
    super({ captureRejections: true })
    const { servers, config } = readOptions(clientId, server, options)
    this.#driver = new Driver(config, servers, options.transport ?? dial, options.credentials, this.#owner())
  }

  connect(options: ConnectOptions = NO_OPTIONS): Promise<{ sessionPresent: boolean }> {
    const error = aborted(options)
    if (error) return rejected(error)
    const call = new Call<boolean>().limit(options, () => this.close())
    return guarded(() => {
      this.#driver.connect(options.cleanSession ?? true, call)
      return call.promise.then((sessionPresent) => ({ sessionPresent }))
    })
  }

  publish(topic: string, message: string | Uint8Array, options?: PublishOptions): Promise<void> {
    try {
      const { qos = 0, retain = false } = options ?? (NO_OPTIONS as PublishOptions)
      const limits = options && (options.signal || options.timeout !== undefined)
      if (limits) {
        const error = aborted(options)
        if (error) return rejected(error)
      }
      const call = limits ? new Call<void>().limit(options) : undefined
      return this.#driver.publish(
        { kind: 'PUBLISH', dup: false, qos, retain, topic: text(topic), packetId: undefined, payload: bytesOf(message) },
        call,
      )
    } catch (error) {
      return rejected(error)
    }
  }

  subscribe(
    filter: string | readonly (readonly [filter: string, qos: QoS])[],
    options: SubscribeOptions = NO_OPTIONS,
    handler?: MessageHandler,
  ): Promise<{ granted: number[] }> {
    return guarded(() => {
      const error = aborted(options)
      if (error) throw error
      const subscriptions = subscriptionsOf(filter, options.qos ?? 0)
      const call = new Call<number[]>().limit(options)
      this.#driver.subscribe({ kind: 'SUBSCRIBE', dup: false, packetId: 0, subscriptions }, call)
      if (handler) this.#handle(subscriptions, handler, call.promise)
      return call.promise.then((granted) => ({ granted }))
    })
  }

  unsubscribe(filter: string | readonly string[], options: WaitOptions = NO_OPTIONS): Promise<void> {
    return guarded(() => {
      const error = aborted(options)
      if (error) throw error
      const topicFilters = typeof filter === 'string' ? [filter] : filter.map(text)
      const call = new Call<void>().limit(options)
      this.#driver.unsubscribe({ kind: 'UNSUBSCRIBE', dup: false, packetId: 0, topicFilters }, call)
      return call.promise.then(() => {
        for (const f of topicFilters) this.#handlers?.delete(f)
      })
    })
  }

  setCallback(callback: MessageHandler | undefined | null): void {
    this.#callback = callback ?? undefined
  }
  errorRegisterCb(callback: ((error: MqttError) => unknown) | undefined | null): void {
    this.#errorCallback = callback ?? undefined
  }
  setLastWill(
    topic: string | undefined | null,
    message: string | Uint8Array = '',
    { retain = false, qos = 0 }: { retain?: boolean; qos?: QoS } = NO_OPTIONS,
  ): void {
    this.#driver.setLastWill(topic == null ? undefined : { topic: text(topic), message: bytesOf(message), qos, retain })
  }
  ping(): void {
    this.#driver.ping()
  }
  getMqttsta(): number {
    return this.#driver.session.mqttsta
  }
  get status(): number {
    return this.#driver.session.mqttsta
  }
  get connected(): boolean {
    return this.status === 0
  }
  get bufferedBytes(): number {
    return this.#driver.buffered
  }
  get lastError(): MqttError | undefined {
    return this.#driver.lastError
  }

  waitMsg(options: WaitOptions = NO_OPTIONS): Promise<Message> {
    const error = aborted(options) ?? (this.status === 0 || this.status === 1 ? undefined : new MqttError(ErrorCode.NOT_CONNECTED))
    if (error) return rejected(error)
    const call = new Call<Message>()
    this.#waiters.push(call)
    return call.limit(options, () => {
      this.#waiters = this.#waiters.filter((w) => w !== call)
    }).promise
  }
  checkMsg(): void {
    this.#driver.poll()
  }
  messages(): AsyncIterableIterator<Message, undefined> {
    return new MessageStream({
      attach: (stream) => this.#streams.add(stream),
      detach: (stream) => this.#streams.delete(stream),
      wanted: () => this.#driver.release(),
    })
  }

  async disconnect({ drain = 0 }: { drain?: number } = NO_OPTIONS): Promise<void> {
    if (drain > 0) await this.#driver.idle(drain)
    await this.#driver.disconnect()
  }
  close(): void {
    this.#driver.close()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect()
  }
  ref(): this {
    this.#driver.hold(true)
    return this
  }
  unref(): this {
    this.#driver.hold(false)
    return this
  }

  #owner(): Owner {
    return {
      full: () => this.#full(),
      deliver: (message) => this.#deliver(message),
      connected: (sessionPresent) => this.#safely(() => this.emit('connect', { sessionPresent })),
      lost: (error) => this.#safely(() => this.emit('lost', error)),
      reconnecting: (delay) => this.#safely(() => this.emit('reconnecting', delay)),
      ended: (error) => this.#ended(error),
    }
  }

  #full(): boolean {
    for (const stream of this.#streams) if (!stream.hungry) return true
    return false
  }
  #deliver(message: Message): void {
    if (this.#callback) this.#call(this.#callback, message)
    if (this.listenerCount('message') > 0) this.#call(this.#emitMessage, message)
    if (this.#handlers) for (const handler of this.#handlers.match(message.topic)) this.#call(handler, message)
    for (const stream of this.#streams) stream.push(message)
    if (this.#waiters.length > 0) {
      const waiters = this.#waiters
      this.#waiters = []
      for (const waiter of waiters) waiter.settle(message)
    }
  }
  /** Where EventEmitter sends what a listener's promise was rejected with. */
  [Symbol.for('nodejs.rejection')](error: unknown): void {
    this.#callbackFailed(error)
  }
  readonly #emitMessage: MessageHandler = (topic, payload, message) => void this.emit('message', topic, payload, message)
  /** A handler's failure is told; the message is acknowledged all the same. */
  #call(handler: MessageHandler, message: Message): void {
    try {
      const result = handler(message.topic, message.payload, message)
      if (result instanceof Promise) result.catch((error) => this.#callbackFailed(error))
    } catch (error) {
      this.#callbackFailed(error)
    }
  }
  #callbackFailed(cause: unknown): void {
    const error = new MqttError(ErrorCode.CALLBACK_FAILED, { cause })
    this.#driver.lastError = error
    later(() => this.#report(error))
  }
  #report(error: MqttError): void {
    const listens = this.listenerCount('error') > 0
    if (error.code === ErrorCode.CALLBACK_FAILED && !this.#errorCallback && !listens) warn(error) // else it would be lost
    this.#safely(() => this.#errorCallback?.(error))
    if (listens) this.#safely(() => this.emit('error', error))
  }
  #ended(error: MqttError | undefined): void {
    if (error) this.#report(error)
    for (const stream of [...this.#streams]) stream.end(error)
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.fail(new MqttError(ErrorCode.NOT_CONNECTED))
    this.#safely(() => this.emit('close'))
  }
  /** What a listener throws is its application's: it ends up where uncaught errors do. */
  #safely(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** From the call on: retained messages come before its answer. A filter that is refused loses its handler. */
  #handle(subscriptions: Subscription[], handler: MessageHandler, answer: Promise<number[]>): void {
    this.#handlers ??= new TopicTree()
    const handlers = this.#handlers
    for (const { topicFilter } of subscriptions) handlers.set(topicFilter, handler)
    const drop = (i: number): void => {
      if (handlers.get(subscriptions[i].topicFilter) === handler) handlers.delete(subscriptions[i].topicFilter)
    }
    answer.then(
      (granted) => granted.forEach((code, i) => void (code >= 128 && drop(i))),
      () => subscriptions.forEach((_, i) => void drop(i)),
    )
  }
}

function subscriptionsOf(filter: string | readonly (readonly [string, QoS])[], qos: QoS): Subscription[] {
  if (typeof filter === 'string') return [{ topicFilter: filter, qos }]
  return filter.map(([topicFilter, each]) => ({ topicFilter: text(topicFilter), qos: each }))
}

function text(value: string): string {
  if (typeof value === 'string') return value
  throw new MqttError(ErrorCode.INVALID_ARGUMENT, { cause: new TypeError('not a text') })
}

/** What is thrown is what the promise says; and nobody has to listen. */
function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    const promise = work()
    promise.catch(() => {})
    return promise
  } catch (error) {
    return rejected(error)
  }
}
