// Messages as an asynchronous iterator. It keeps none: what nobody asks for yet is not taken from the session, so its
// acknowledgement waits, too.
import type { Publish } from './packets.ts'

/** What a stream of messages needs of its client. */
export interface Source {
  /** A consumer has begun. */
  attach(stream: MessageStream): void
  /** It has ended. */
  detach(stream: MessageStream): void
  /** It wants the next message. */
  wanted(): void
}

interface Waiting {
  resolve(result: IteratorResult<Publish, undefined>): void
  reject(error: unknown): void
}

export class MessageStream implements AsyncIterableIterator<Publish, undefined> {
  readonly #source: Source
  #waiting: Waiting[] = []
  #state: 'new' | 'open' | 'ended' = 'new'
  #error: unknown

  constructor(source: Source) {
    this.#source = source
  }
  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Publish, undefined>> {
    if (this.#state === 'ended') {
      const error = this.#error
      this.#error = undefined
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#state === 'new') {
        this.#state = 'open'
        this.#source.attach(this)
      }
      this.#source.wanted()
    })
  }
  return(): Promise<IteratorResult<Publish, undefined>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Whether someone waits for a message. */
  get hungry(): boolean {
    return this.#waiting.length > 0
  }
  push(message: Publish): void {
    this.#waiting.shift()?.resolve({ done: false, value: message })
  }
  /** No more will come; with an error, whoever asks next is told. */
  end(error?: unknown): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    const waiting = this.#waiting
    this.#waiting = []
    if (error !== undefined && waiting.length > 0) waiting.shift()!.reject(error)
    else this.#error = error
    for (const { resolve } of waiting) resolve({ done: true, value: undefined })
    this.#source.detach(this)
    this.#source.wanted()
  }
}
