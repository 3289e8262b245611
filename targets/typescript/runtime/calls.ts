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

/** Throws where a signal says so before anything is done. */
export function unlessAborted({ signal }: WaitOptions): void {
  if (signal?.aborted) throw new MqttError(ErrorCode.ABORTED, { cause: signal.reason })
}
