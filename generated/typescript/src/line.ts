// The way to the server: which address is tried next, the transport at hand, and its end. What goes over it is driver.ts's.
import type { Address, Dial, Link, LinkEvents } from './transport.ts'

/** What a line tells, of the transport dialled last only. */
export interface LineEvents {
  /** Before each attempt; a failure ends it. */
  login(): Promise<void>
  opened(): void
  received(bytes: Uint8Array): void
  /** There is no transport any more, or none came to be; `secure`: it was TLS that failed. */
  gone(error: unknown, secure: boolean): void
}

/** One transport, from dialling to its end. */
class Attempt implements LinkEvents {
  readonly #line: Line
  link: Link | undefined
  left: number // addresses still to be tried
  open = false
  live = true // what it reports is of interest
  ended: (() => void) | undefined

  constructor(line: Line, addresses: number) {
    this.#line = line
    this.left = addresses
  }
  opened(): void {
    if (this.live) this.#line.opened(this)
  }
  received(bytes: Uint8Array): void {
    if (this.live) this.#line.events.received(bytes)
  }
  closed(error?: unknown, secure = false): void {
    if (!this.live) this.ended?.()
    else this.#line.closed(this, error, secure)
  }
}

export class Line {
  readonly events: LineEvents
  readonly #servers: Address[]
  readonly #dial: Dial
  #server = 0 // tried next
  #attempt: Attempt | undefined
  #hold = true
  /** Resolves when the transport that was hung up is gone; undefined when there is none. */
  closing: Promise<void> | undefined

  constructor(servers: Address[], dial: Dial, events: LineEvents) {
    this.#servers = servers
    this.#dial = dial
    this.events = events
  }

  /** The transport, where one is open. */
  get link(): Link | undefined {
    return this.#attempt?.open ? this.#attempt.link : undefined
  }
  dial(): void {
    const attempt = new Attempt(this, this.#servers.length)
    this.#attempt = attempt
    this.events.login().then(
      () => attempt.live && this.#open(attempt),
      (error) => attempt.live && this.#gone(attempt, error, false),
    )
  }
  /** Closes the transport, whatever its state; it reports no more. What was written still goes out. */
  hangUp(): void {
    const attempt = this.#attempt
    if (!attempt) return
    this.#forget(attempt)
    const { link } = attempt
    if (!link) return
    this.closing = new Promise((resolve) => {
      attempt.ended = () => {
        this.closing = undefined
        resolve()
      }
    })
    link.end()
  }
  /** The server that was tried last did not serve. */
  tryNext(): void {
    this.#server = (this.#server + 1) % this.#servers.length
  }
  hold(process: boolean): void {
    this.#hold = process
    this.#attempt?.link?.hold(process)
  }

  #open(attempt: Attempt): void {
    const address = this.#servers[this.#server]
    try {
      attempt.link = this.#dial(address, attempt)
      if (!this.#hold) attempt.link.hold(false)
    } catch (error) {
      attempt.closed(error, address.tls !== undefined)
    }
  }
  opened(attempt: Attempt): void {
    attempt.open = true
    this.events.opened()
  }
  closed(attempt: Attempt, error: unknown, secure: boolean): void {
    attempt.link = undefined
    attempt.left -= 1
    if (attempt.open || attempt.left === 0) return this.#gone(attempt, error, secure)
    this.tryNext()
    this.#open(attempt)
  }
  #gone(attempt: Attempt, error: unknown, secure: boolean): void {
    this.#forget(attempt)
    this.events.gone(error, secure)
  }
  #forget(attempt: Attempt): void {
    attempt.live = false
    this.#attempt = undefined
  }
}
