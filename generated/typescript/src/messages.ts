// Messages as an asynchronous iterator. It keeps none: what nobody asks for yet is not taken from the session, so its
// acknowledgement waits, too.
import type { Publish } from './packets.ts'

/** What a stream of messages needs of its client. */
export interface Source {
  /** A consumer is there. */
  attach(stream: MessageStream): void
  /** It has ended. */
  detach(stream: MessageStream): void
  /** It wants the next message. */
  wanted(): void
}

type Result = IteratorResult<Publish, undefined>

export class MessageStream implements AsyncIterableIterator<Publish, undefined> {
  readonly #source: Source
  readonly #waiting: ((result: Result | Promise<Result>) => void)[] = []
  #ended = false
  #error: unknown // for whoever asks next

  constructor(source: Source) {
    this.#source = source
  }
  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<Result> {
    if (!this.#ended)
      return new Promise((resolve) => {
        this.#waiting.push(resolve)
        this.#source.attach(this)
        this.#source.wanted()
      })
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) throw error
    return { done: true, value: undefined }
  }
  return(): Promise<Result> {
    this.end()
    this.#error = undefined
    return this.next()
  }

  /** Whether someone waits for a message. */
  get hungry(): boolean {
    return this.#waiting.length > 0
  }
  push(value: Publish): void {
    this.#waiting.shift()?.({ done: false, value })
  }
  /** No more will come; with an error, whoever asks next is told. */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const resolve of this.#waiting.splice(0)) resolve(this.next())
    this.#source.detach(this)
    this.#source.wanted()
  }
}
