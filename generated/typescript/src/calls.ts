// Calls that wait for their answer, as promises. A promise nobody awaits never ends the process.
import { MqttError } from './errors.ts'
import type { WaitOptions } from './options.ts'
import { ErrorCode } from './session.ts'

const ignore = (): void => {}

/** A promise that is rejected, whether or not somebody looks. */
export function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error)
  promise.catch(ignore)
  return promise
}

/** One pending call. Whatever comes first settles it. */
export class Call<T> {
  readonly promise: Promise<T>
  #resolve!: (value: T) => void
  #reject!: (error: MqttError) => void
  #free: (() => void) | undefined

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Ends the wait early: by the signal, with ABORTED, or by the time, with ACK_TIMEOUT. `gone` hears of it. */
  limit({ signal, timeout }: WaitOptions, gone?: () => void): this {
    if (signal === undefined && timeout === undefined) return this
    const end = (error: MqttError): void => {
      this.fail(error)
      gone?.()
    }
    const abort = (): void => end(new MqttError(ErrorCode.ABORTED, { cause: signal!.reason }))
    if (signal?.aborted) abort()
    else {
      signal?.addEventListener('abort', abort)
      const timer = timeout === undefined ? undefined : setTimeout(() => end(new MqttError(ErrorCode.ACK_TIMEOUT)), timeout)
      this.#free = () => {
        signal?.removeEventListener('abort', abort)
        clearTimeout(timer)
      }
    }
    return this
  }

  settle(value: T): void {
    this.#free?.()
    this.#resolve(value)
  }
  fail(error: MqttError): void {
    this.#free?.()
    this.promise.catch(ignore)
    this.#reject(error)
  }
}

/**
 * A publish under way, for its caller a promise like any other. A real one is only made when somebody looks: most are never looked at, and each
 * message in flight would hold its resolvers.
 */
export class Delivery implements Promise<void> {
  static {
    Object.setPrototypeOf(Delivery.prototype, Promise.prototype) // so that `instanceof` says what it is
  }
  declare readonly [Symbol.toStringTag]: string
  #is: 'done' | MqttError | Call<void> | undefined // how it ended, or who waits for its end

  settle(): void {
    if (this.#is instanceof Call) this.#is.settle()
    this.#is = 'done'
  }
  fail(error: MqttError): void {
    if (this.#is instanceof Call) this.#is.fail(error)
    this.#is = error
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = void, B = never>(
    // biome-ignore lint/suspicious/noConfusingVoidType: as Promise declares it
    done?: ((value: void) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise().then(done, failed)
  }
  // biome-ignore lint/suspicious/noConfusingVoidType: as Promise declares it
  catch<B = never>(failed?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<void | B> {
    return this.#promise().catch(failed)
  }
  finally(work?: (() => void) | null): Promise<void> {
    return this.#promise().finally(work)
  }
  #promise(): Promise<void> {
    if (this.#is === 'done') return Promise.resolve()
    if (this.#is instanceof MqttError) return Promise.reject(this.#is)
    this.#is ??= new Call()
    return this.#is.promise
  }
}

/** A QoS 0 message that had to wait for its turn: sent, but its bytes are not written yet. */
export class Unwritten {
  readonly call: Call<void>
  constructor(call: Call<void>) {
    this.call = call
  }
}

/** Throws where a signal says so before anything is done. */
export function unlessAborted({ signal }: WaitOptions): void {
  if (signal?.aborted) throw new MqttError(ErrorCode.ABORTED, { cause: signal.reason })
}
