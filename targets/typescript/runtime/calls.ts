// Calls that wait for their answer, as promises. A promise nobody awaits never ends the process.

import * as ErrorCode from './error-codes.ts'
import { MqttError } from './errors.ts'
import type { WaitOptions } from './options.ts'

const ignore = (): void => {}

class Waiter<T> {
  declare resolve: (end: T | Promise<T>) => void
  readonly promise = new Promise<T>((resolve) => {
    this.resolve = resolve
  })
}

/**
 * A call under way, for its caller a promise like any other; whatever comes first settles it. A real one is only made when somebody looks: most
 * are never looked at, and each message in flight would hold its resolvers. It has no private methods either: an object that may call them holds a mark.
 */
export class Call<T> implements Promise<T> {
  static {
    Object.setPrototypeOf(Call.prototype, Promise.prototype) // so that `instanceof` says what it is
  }
  declare readonly [Symbol.toStringTag]: string
  declare readonly catch: Promise<T>['catch']
  declare readonly finally: Promise<T>['finally']
  #is: Promise<T> | Waiter<T> | undefined // how it ended, or who waits for its end

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#is instanceof Promise) return this.#is.then(done, failed)
    this.#is ??= new Waiter()
    return this.#is.promise.then(done, failed)
  }

  /** Ends it; says whether it was still under way. */
  settle(end: T | Promise<T>): boolean {
    if (this.#is instanceof Promise) return false
    this.#is?.resolve(end)
    this.#is = Promise.resolve(end)
    return true
  }
  fail(error: unknown): boolean {
    const end = Promise.reject(error)
    end.catch(ignore)
    return this.settle(end)
  }

  /** Begins it: what is thrown is what the promise says. It ends early by the signal, with ABORTED, or by the time, with ACK_TIMEOUT; `gone` hears of that. */
  begin(options: WaitOptions, work: () => void, gone = ignore): this {
    try {
      limit(this, options, gone)
      work()
    } catch (error) {
      this.fail(error)
    }
    return this
  }
}

function limit<T>(call: Call<T>, { signal, timeout }: WaitOptions, gone: () => void): void {
  if (!signal && timeout === undefined) return
  const aborted = (): MqttError => new MqttError(ErrorCode.ABORTED, { cause: signal!.reason })
  if (signal?.aborted) throw aborted()
  const end = (error: MqttError): void => {
    if (call.fail(error)) gone()
  }
  const abort = (): void => end(aborted())
  const timer = timeout === undefined ? undefined : setTimeout(() => end(new MqttError(ErrorCode.ACK_TIMEOUT)), timeout)
  signal?.addEventListener('abort', abort)
  const free = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  call.then(free, free)
}

/** A QoS 0 message: sent, it is settled when its bytes are written. */
export class Unwritten extends Call<void> {}
