// The client an application sees: calls that return promises. It decides nothing of MQTT: that is session.ts's, driven by driver.ts; what
// comes goes to inbox.ts.
import { EventEmitter } from 'node:events'
import { Call, rejected, unlessAborted } from './calls.ts'
import { Driver } from './driver.ts'
import { MqttError } from './errors.ts'
import { type ClientEvents, Inbox } from './inbox.ts'
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
  textOf,
  type WaitOptions,
} from './options.ts'
import type { QoS, Subscription } from './packets.ts'
import { ErrorCode } from './session.ts'
import { dial } from './transport.ts'

const NONE = {}

/** @doc client */
export class MQTTClient extends EventEmitter<ClientEvents> {
  readonly #driver: Driver
  readonly #inbox: Inbox

  constructor(clientId: string, server: string | readonly string[], options: ClientOptions = NONE) {
    super({ captureRejections: true })
    const { servers, config } = readOptions(clientId, server, options)
    this.#inbox = new Inbox(this)
    this.#driver = new Driver(config, servers, options.transport ?? dial, options.credentials, this.#inbox)
  }

  /** @doc set_callback */
  setCallback(callback: MessageHandler | null | undefined): void {
    this.#inbox.callback = callback ?? undefined
  }
  /** @doc error_register_cb */
  errorRegisterCb(callback: ((error: MqttError) => unknown) | null | undefined): void {
    this.#inbox.errorCallback = callback ?? undefined
  }
  /** @doc set_last_will */
  setLastWill(
    topic: string | null | undefined,
    message: string | Uint8Array = '',
    { retain = false, qos = 0 }: { retain?: boolean; qos?: QoS } = NONE,
  ): void {
    this.#driver.setLastWill(topic == null ? undefined : { topic: textOf(topic), message: bytesOf(message), qos, retain })
  }

  /** @doc connect */
  connect(options: ConnectOptions = NONE): Promise<{ sessionPresent: boolean }> {
    return guarded(() => {
      unlessAborted(options)
      const call = new Call<boolean>().limit(options, () => this.close())
      this.#driver.connect(options.cleanSession ?? true, call)
      return call.promise.then((sessionPresent) => ({ sessionPresent }))
    })
  }
  /** @doc ping */
  ping(): void {
    this.#driver.ping()
  }
  /** @doc publish */
  publish(topic: string, message: string | Uint8Array, options: PublishOptions = NONE): Promise<void> {
    try {
      const { qos = 0, retain = false, signal, timeout } = options
      unlessAborted(options)
      const call = signal || timeout !== undefined ? new Call<void>().limit(options) : undefined
      const payload = bytesOf(message)
      return this.#driver.publish({ kind: 'PUBLISH', dup: false, qos, retain, topic: textOf(topic), packetId: undefined, payload }, call)
    } catch (error) {
      return rejected(error)
    }
  }
  /** @doc subscribe */
  subscribe(
    filter: string | readonly (readonly [filter: string, qos: QoS])[],
    options: SubscribeOptions = NONE,
    handler?: MessageHandler,
  ): Promise<{ granted: number[] }> {
    return guarded(() => {
      unlessAborted(options)
      const subscriptions = subscriptionsOf(filter, options.qos ?? 0)
      const call = new Call<number[]>().limit(options)
      this.#driver.subscribe({ kind: 'SUBSCRIBE', dup: false, packetId: 0, subscriptions }, call)
      if (handler) this.#inbox.handle(subscriptions, handler, call.promise)
      return call.promise.then((granted) => ({ granted }))
    })
  }
  /** @doc unsubscribe */
  unsubscribe(filter: string | readonly string[], options: WaitOptions = NONE): Promise<void> {
    return guarded(() => {
      unlessAborted(options)
      const topicFilters = (typeof filter === 'string' ? [filter] : filter).map(textOf)
      const call = new Call<void>().limit(options)
      this.#driver.unsubscribe({ kind: 'UNSUBSCRIBE', dup: false, packetId: 0, topicFilters }, call)
      return call.promise.then(() => this.#inbox.unhandle(topicFilters))
    })
  }

  /** @doc get_mqttsta */
  getMqttsta(): number {
    return this.status
  }
  /** What getMqttsta() says. */
  get status(): number {
    return this.#driver.session.mqttsta
  }
  get connected(): boolean {
    return this.status === 0
  }
  /** Bytes that wait to leave: for an application that writes faster than its network. */
  get bufferedBytes(): number {
    return this.#driver.buffered
  }
  /** What went wrong last, with the rule that was broken and its clause. */
  get lastError(): MqttError | undefined {
    return this.#inbox.lastError
  }

  /** @doc wait_msg */
  waitMsg(options: WaitOptions = NONE): Promise<Message> {
    return guarded(() => {
      unlessAborted(options)
      if (this.status !== 0 && this.status !== 1) throw new MqttError(ErrorCode.NOT_CONNECTED)
      const call = this.#inbox.wait()
      return call.limit(options, () => this.#inbox.unwait(call)).promise
    })
  }
  /** @doc check_msg */
  checkMsg(): void {
    this.#driver.begin()
  }
  /**
   * Every message from the first `next()` on. One that is not asked for is not acknowledged, so the server waits with this consumer; other
   * consumers of this client wait, too. It ends with disconnect() and close(), and throws when the client gives up.
   */
  messages(): AsyncIterableIterator<Message, undefined> {
    return new MessageStream({
      attach: (stream) => this.#inbox.attach(stream),
      detach: (stream) => this.#inbox.detach(stream),
      wanted: () => this.#driver.release(),
    })
  }

  /** @doc disconnect */
  async disconnect({ drain = 0 }: { drain?: number } = NONE): Promise<void> {
    if (drain > 0) await this.#driver.idle(drain)
    await this.#driver.disconnect()
  }
  /** @doc close */
  close(): void {
    this.#driver.close()
  }
  /** `await using` disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect()
  }
  /** The connection keeps the process alive, as it does from the beginning. */
  ref(): this {
    this.#driver.hold(true)
    return this
  }
  /** The connection does not keep the process alive. */
  unref(): this {
    this.#driver.hold(false)
    return this
  }
  /** Where EventEmitter sends what a listener's promise was rejected with. */
  [Symbol.for('nodejs.rejection')](error: unknown): void {
    this.#inbox.failed(error)
  }
}

function subscriptionsOf(filter: string | readonly (readonly [string, QoS])[], qos: QoS): Subscription[] {
  if (typeof filter === 'string') return [{ topicFilter: filter, qos }]
  return filter.map(([topicFilter, each]) => ({ topicFilter: textOf(topicFilter), qos: each }))
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
