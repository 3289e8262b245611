// The way to the server: which address is tried next, the transport at hand, and its end. What goes over it is driver.ts's.
import type { Address, Dial, Link } from './transport.ts'

/** What a line tells, of the transport dialled last only. */
export interface LineEvents {
  /** Before each attempt; a failure ends it. */
  login(): Promise<void>
  opened(): void
  received(bytes: Uint8Array): void
  /** There is no transport any more, or none came to be; `secure`: it was TLS that failed. */
  gone(error: unknown, secure: boolean): void
}

/** One transport at a time, from dialling to its end. */
interface Attempt {
  link?: Link | undefined
  open?: boolean
  ended?: () => void
}

export class Line {
  readonly #events: LineEvents
  readonly #servers: Address[]
  readonly #dial: Dial
  #server = 0 // tried next
  #attempt: Attempt | undefined // what it reports is of interest
  #hold = true
  /** Resolves when the transport that was hung up is gone; undefined when there is none. */
  closing: Promise<void> | undefined

  constructor(servers: Address[], dial: Dial, events: LineEvents) {
    this.#servers = servers
    this.#dial = dial
    this.#events = events
  }

  /** The transport, where one is open. */
  get link(): Link | undefined {
    return this.#attempt?.open ? this.#attempt.link : undefined
  }
  dial(): void {
    const attempt: Attempt = {}
    this.#attempt = attempt
    let left = this.#servers.length
    const live = (): boolean => this.#attempt === attempt
    const gone = (error: unknown, secure = false): void => {
      if (!live()) return
      this.#attempt = undefined
      this.#events.gone(error, secure)
    }
    const open = (): void => {
      if (!live()) return
      const address = this.#servers[this.#server]
      const closed = (error?: unknown, secure?: boolean): void => {
        attempt.link = undefined
        attempt.ended?.()
        if (attempt.open || --left === 0) return gone(error, secure)
        if (!live()) return
        this.tryNext()
        open()
      }
      const opened = (): void => {
        attempt.open = true
        if (live()) this.#events.opened()
      }
      const received = (bytes: Uint8Array): void => {
        if (live()) this.#events.received(bytes)
      }
      try {
        attempt.link = this.#dial(address, { opened, received, closed })
        if (!this.#hold) attempt.link.hold(false)
      } catch (error) {
        closed(error, address.tls !== undefined)
      }
    }
    this.#events.login().then(open, gone)
  }
  /** Closes the transport, whatever its state; it reports no more. What was written still goes out. */
  hangUp(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    if (!attempt?.link) return
    this.closing = new Promise((resolve) => {
      attempt.ended = () => {
        this.closing = undefined
        resolve()
      }
    })
    attempt.link.end()
  }
  /** The server that was tried last did not serve. */
  tryNext(): void {
    this.#server = (this.#server + 1) % this.#servers.length
  }
  hold(process: boolean): void {
    this.#hold = process
    this.#attempt?.link?.hold(process)
  }
}
