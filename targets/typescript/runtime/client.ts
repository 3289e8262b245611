// The client an application sees: calls that return promises. It decides nothing of MQTT: that is session.ts's, driven by driver.ts.
import { EventEmitter } from 'node:events'
import { Call, Unwritten } from './calls.ts'
import { Driver } from './driver.ts'
import * as ErrorCode from './error-codes.ts'
import { MqttError } from './errors.ts'
import type { ClientEvents } from './inbox.ts'
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
import type { QoS } from './packets.ts'

const NONE = {}

/** @doc client */
export class MQTTClient extends EventEmitter<ClientEvents> {
  readonly #driver: Driver

  constructor(clientId: string, server: string | readonly string[], options: ClientOptions = NONE) {
    super({ captureRejections: true })
    this.#driver = new Driver(this, readOptions(clientId, server, options), options)
  }

  /** @doc set_callback */
  setCallback(callback: MessageHandler | null | undefined): void {
    this.#driver.callback = callback ?? undefined
  }
  /** @doc error_register_cb */
  errorRegisterCb(callback: ((error: MqttError) => unknown) | null | undefined): void {
    this.#driver.errorCallback = callback ?? undefined
  }
  /** @doc set_last_will */
  setLastWill(
    topic: string | null | undefined,
    message: string | Uint8Array = '',
    { retain = false, qos = 0 }: { retain?: boolean; qos?: QoS } = NONE,
  ): void {
    this.#driver.ask((session) =>
      topic == null ? session.clearLastWill() : session.setLastWill({ topic: textOf(topic), message: bytesOf(message), qos, retain }),
    )
  }

  /** @doc connect */
  connect(options: ConnectOptions = NONE): Promise<{ sessionPresent: boolean }> {
    const { cleanSession = true } = options
    return this.#driver.call(
      new Call(),
      options,
      (session, call) => session.connect(cleanSession, call),
      () => this.close(),
    )
  }
  /** @doc ping */
  ping(): void {
    this.#driver.ask((session) => session.ping())
  }
  /** @doc publish */
  publish(topic: string, message: string | Uint8Array, options: PublishOptions = NONE): Promise<void> {
    const { qos = 0, retain = false } = options
    return this.#driver.call(qos === 0 ? new Unwritten() : new Call(), options, (session, call) =>
      session.publish(
        { kind: 'PUBLISH', dup: false, qos, retain, topic: textOf(topic), packetId: undefined, payload: bytesOf(message) },
        call,
      ),
    )
  }
  /** @doc subscribe */
  subscribe(
    filter: string | readonly (readonly [filter: string, qos: QoS])[],
    options: SubscribeOptions = NONE,
    handler?: MessageHandler,
  ): Promise<{ granted: number[] }> {
    return this.#driver.call(new Call<{ granted: number[] }>(), options, (session, call) => {
      const wanted = typeof filter === 'string' ? [[filter, options.qos ?? 0] as const] : filter
      const subscriptions = wanted.map(([topicFilter, qos]) => ({ topicFilter: textOf(topicFilter), qos }))
      if (handler) this.#driver.handle(subscriptions, handler, call)
      return session.subscribe({ kind: 'SUBSCRIBE', dup: false, packetId: 0, subscriptions }, call)
    })
  }
  /** @doc unsubscribe */
  unsubscribe(filter: string | readonly string[], options: WaitOptions = NONE): Promise<void> {
    return this.#driver.call(new Call<void>(), options, (session, call) => {
      const topicFilters = [filter].flat().map(textOf)
      call.then(
        () => this.#driver.unhandle(topicFilters),
        () => {},
      )
      return session.unsubscribe({ kind: 'UNSUBSCRIBE', dup: false, packetId: 0, topicFilters }, call)
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
    return this.#driver.lastError
  }

  /** @doc wait_msg */
  waitMsg(options: WaitOptions = NONE): Promise<Message> {
    const call = new Call<Message>()
    return call.begin(
      options,
      () => {
        if (this.status !== 0 && this.status !== 1) throw new MqttError(ErrorCode.NOT_CONNECTED)
        this.#driver.wait(call)
        this.#driver.wanted()
      },
      () => this.#driver.unwait(call),
    )
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
    return new MessageStream(this.#driver)
  }

  /** @doc disconnect */
  async disconnect({ drain = 0 }: { drain?: number } = NONE): Promise<void> {
    if (drain > 0) await this.#driver.idle(drain)
    await this.#driver.disconnect()
  }
  /** @doc close */
  close(): void {
    this.#driver.ask((session) => session.close())
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
    this.#driver.failed(error)
  }
}
