// What the application is told: messages to whoever wants them, progress and errors by event. What a handler throws ends nothing here.
import type { EventEmitter } from 'node:events'
import { Call } from './calls.ts'
import { MqttError } from './errors.ts'
import type { MessageStream } from './messages.ts'
import type { Message, MessageHandler } from './options.ts'
import type { Subscription } from './packets.ts'
import { ErrorCode } from './session.ts'
import { TopicTree } from './topics.ts'
import { later, warn } from './transport.ts'

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

/** Whom the driver tells. Only `deliver` and `full` are called in the middle of an input. */
export interface Owner {
  full(): boolean
  deliver(message: Message): void
  connected(sessionPresent: boolean): void
  lost(error: MqttError): void
  reconnecting(delay: number): void
  /** Nothing will reconnect; with an error where the session gave up. */
  ended(error: MqttError | undefined): void
  lastError: MqttError | undefined
}

export class Inbox implements Owner {
  readonly #events: EventEmitter<ClientEvents>
  callback: MessageHandler | undefined
  errorCallback: ((error: MqttError) => unknown) | undefined
  lastError: MqttError | undefined
  #handlers: TopicTree<MessageHandler> | undefined
  #streams: MessageStream[] | undefined
  #waiters: Call<Message>[] | undefined

  constructor(events: EventEmitter<ClientEvents>) {
    this.#events = events
  }

  // ------------------------------------------------------------------------------------------ who wants messages
  attach(stream: MessageStream): void {
    this.#streams = [...(this.#streams ?? []), stream]
  }
  detach(stream: MessageStream): void {
    this.#streams = this.#streams?.filter((s) => s !== stream)
  }
  /** The next message. */
  wait(): Call<Message> {
    const call = new Call<Message>()
    this.#waiters ??= []
    this.#waiters.push(call)
    return call
  }
  unwait(call: Call<Message>): void {
    this.#waiters = this.#waiters?.filter((w) => w !== call)
  }
  /** From the call on: retained messages come before its answer. A filter that is refused loses its handler. */
  handle(subscriptions: Subscription[], handler: MessageHandler, answer: Promise<number[]>): void {
    this.#handlers ??= new TopicTree()
    const handlers = this.#handlers
    for (const { topicFilter } of subscriptions) handlers.set(topicFilter, handler)
    const drop = (i: number): void => {
      if (handlers.get(subscriptions[i].topicFilter) === handler) handlers.delete(subscriptions[i].topicFilter)
    }
    answer.then(
      (granted) => granted.forEach((code, i) => void (code >= ErrorCode.SUBSCRIBE_FAILURE && drop(i))),
      () => subscriptions.forEach((_, i) => void drop(i)),
    )
  }
  unhandle(filters: readonly string[]): void {
    for (const filter of filters) this.#handlers?.delete(filter)
  }

  // ------------------------------------------------------------------------------------------ what the driver has to tell
  full(): boolean {
    return this.#streams?.some((stream) => !stream.hungry) ?? false
  }
  deliver(message: Message): void {
    if (this.callback) this.#call(this.callback, message)
    if (this.#events.listenerCount('message') > 0) this.#emit(message)
    if (this.#handlers) for (const handler of this.#handlers.match(message.topic)) this.#call(handler, message)
    if (this.#streams) for (const stream of this.#streams) stream.push(message)
    const waiters = this.#waiters
    if (!waiters) return
    this.#waiters = undefined
    for (const waiter of waiters) waiter.settle(message)
  }
  connected(sessionPresent: boolean): void {
    this.#safely(() => this.#events.emit('connect', { sessionPresent }))
  }
  lost(error: MqttError): void {
    this.#safely(() => this.#events.emit('lost', error))
  }
  reconnecting(delay: number): void {
    this.#safely(() => this.#events.emit('reconnecting', delay))
  }
  ended(error: MqttError | undefined): void {
    if (error) this.report(error)
    for (const stream of this.#streams ?? []) stream.end(error)
    const waiters = this.#waiters ?? []
    this.#waiters = undefined
    for (const waiter of waiters) waiter.fail(new MqttError(ErrorCode.NOT_CONNECTED))
    this.#safely(() => this.#events.emit('close'))
  }

  /** A handler's failure is told; the message is acknowledged all the same. */
  #call(handler: MessageHandler, message: Message): void {
    try {
      const result = handler(message.topic, message.payload, message)
      if (result instanceof Promise) result.catch((error) => this.failed(error))
    } catch (error) {
      this.failed(error)
    }
  }
  #emit(message: Message): void {
    try {
      this.#events.emit('message', message.topic, message.payload, message)
    } catch (error) {
      this.failed(error)
    }
  }
  failed(cause: unknown): void {
    const error = new MqttError(ErrorCode.CALLBACK_FAILED, { cause })
    this.lastError = error
    later(() => this.report(error))
  }
  report(error: MqttError): void {
    const listens = this.#events.listenerCount('error') > 0
    if (error.code === ErrorCode.CALLBACK_FAILED && !this.errorCallback && !listens) warn(error) // else it would be lost
    this.#safely(() => this.errorCallback?.(error))
    if (listens) this.#safely(() => this.#events.emit('error', error))
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
}
