// What the application is told: messages to whoever wants them, progress and errors by event. What a handler throws ends nothing here.
import type { EventEmitter } from 'node:events'
import type { Call } from './calls.ts'
import * as ErrorCode from './error-codes.ts'
import { MqttError } from './errors.ts'
import type { MessageStream } from './messages.ts'
import type { Message, MessageHandler } from './options.ts'
import type { Subscription } from './packets.ts'
import { matches } from './topics.ts'
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

export class Inbox {
  readonly #events: EventEmitter
  callback: MessageHandler | undefined
  errorCallback: ((error: MqttError) => unknown) | undefined
  lastError: MqttError | undefined
  /** What nobody wants waits for those who may still come. */
  protected patient = true
  readonly #handlers = new Map<string, { levels: string[]; handler: MessageHandler }>()
  #streams: MessageStream[] = []
  #waiters: Call<Message>[] = []

  constructor(events: EventEmitter<ClientEvents>) {
    this.#events = events as EventEmitter
  }

  // ------------------------------------------------------------------------------------------ who wants messages
  attach(stream: MessageStream): void {
    if (!this.#streams.includes(stream)) this.#streams.push(stream)
  }
  detach(stream: MessageStream): void {
    this.#streams = this.#streams.filter((s) => s !== stream)
  }
  /** The next message. */
  wait(call: Call<Message>): void {
    this.#waiters.push(call)
  }
  unwait(call: Call<Message>): void {
    this.#waiters = this.#waiters.filter((w) => w !== call)
  }
  /** From the call on: retained messages come before its answer. A filter that is refused loses its handler. */
  handle(subscriptions: Subscription[], handler: MessageHandler, answer: Promise<{ granted: number[] }>): void {
    for (const { topicFilter } of subscriptions) this.#handlers.set(topicFilter, { levels: topicFilter.split('/'), handler })
    const settled = ({ granted = [] }: { granted?: number[] }): void => {
      for (const [i, { topicFilter }] of subscriptions.entries())
        if (!(granted[i] < ErrorCode.SUBSCRIBE_FAILURE) && this.#handlers.get(topicFilter)?.handler === handler)
          this.#handlers.delete(topicFilter)
    }
    answer.then(settled, settled) // an error grants nothing
  }
  unhandle(filters: readonly string[]): void {
    for (const filter of filters) this.#handlers.delete(filter)
  }

  // ------------------------------------------------------------------------------------------ what there is to tell
  /** Whether what comes has to wait for a consumer. */
  full(): boolean {
    return this.#streams.some((stream) => !stream.hungry) || (this.patient && !this.wants())
  }
  /** Whether anybody wants messages. */
  wants(): unknown {
    return this.callback || this.#streams.length || this.#waiters.length || this.#handlers.size || this.#events.listenerCount('message')
  }
  deliver(message: Message): void {
    if (this.callback) this.#call(this.callback, message)
    if (this.#events.listenerCount('message') > 0) this.#call(this.#emit, message)
    if (this.#handlers.size > 0) this.#route(message)
    for (const stream of this.#streams) stream.push(message)
    if (this.#waiters.length > 0) for (const waiter of this.#waiters.splice(0)) waiter.settle(message)
  }
  tell<E extends keyof ClientEvents>(event: E, ...told: ClientEvents[E]): void {
    this.#safely(() => this.#events.emit(event, ...told))
  }
  /** Nothing will reconnect; with an error where the session gave up. */
  ended(error: MqttError | undefined): void {
    if (error) this.#report(error)
    for (const stream of this.#streams) stream.end(error)
    for (const waiter of this.#waiters.splice(0)) waiter.fail(new MqttError(ErrorCode.NOT_CONNECTED))
    this.tell('close')
  }
  /** A handler's failure is told; the message is acknowledged all the same. */
  failed(cause: unknown): void {
    const error = new MqttError(ErrorCode.CALLBACK_FAILED, { cause })
    this.lastError = error
    later(() => {
      if (!this.errorCallback && this.#events.listenerCount('error') === 0) warn(error) // else it would be lost
      this.#report(error)
    })
  }

  /** To the handlers there are now, whatever they do. */
  #route(message: Message): void {
    const levels = message.topic.split('/')
    for (const { levels: filter, handler } of [...this.#handlers.values()]) if (matches(filter, levels)) this.#call(handler, message)
  }
  #call(handler: MessageHandler, message: Message): void {
    try {
      const result = handler(message.topic, message.payload, message)
      if (result instanceof Promise) result.catch((error) => this.failed(error))
    } catch (error) {
      this.failed(error)
    }
  }
  readonly #emit: MessageHandler = (...told) => {
    this.#events.emit('message', ...told)
  }
  #report(error: MqttError): void {
    this.#safely(() => this.errorCallback?.(error))
    if (this.#events.listenerCount('error') > 0) this.tell('error', error)
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
