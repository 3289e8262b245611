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

/** One transport at a time, from dialling to its end. */
class Attempt implements LinkEvents {
  readonly #line: Line
  link: Link | undefined
  declare left: number // addresses still to be tried
  open = false
  ended: (() => void) | undefined

  constructor(line: Line, addresses: number) {
    this.#line = line
    this.left = addresses
  }
  /** Whether what it reports is of interest. */
  get live(): boolean {
    return this.#line.attempt === this
  }
  opened(): void {
    this.open = true
    if (this.live) this.#line.events.opened()
  }
  received(bytes: Uint8Array): void {
    if (this.live) this.#line.events.received(bytes)
  }
  closed(error?: unknown, secure?: boolean): void {
    this.link = undefined
    this.ended?.()
    this.left -= 1
    if (this.open || this.left === 0) return this.#line.gone(this, error, secure)
    if (!this.live) return
    this.#line.tryNext()
    this.#line.open(this)
  }
}

export class Line {
  declare readonly events: LineEvents
  readonly #servers: Address[]
  readonly #dial: Dial
  #server = 0 // tried next
  #hold = true
  attempt: Attempt | undefined
  /** Resolves when the transport that was hung up is gone; undefined when there is none. */
  closing: Promise<void> | undefined

  constructor(servers: Address[], dial: Dial, events: LineEvents) {
    this.#servers = servers
    this.#dial = dial
    this.events = events
  }

  /** The transport, where one is open. */
  get link(): Link | undefined {
    return this.attempt?.open ? this.attempt.link : undefined
  }
  dial(): void {
    const attempt = new Attempt(this, this.#servers.length)
    this.attempt = attempt
    this.events.login().then(
      () => this.open(attempt),
      (error) => this.gone(attempt, error),
    )
  }
  open(attempt: Attempt): void {
    if (!attempt.live) return
    const address = this.#servers[this.#server]
    try {
      attempt.link = this.#dial(address, attempt)
      if (!this.#hold) attempt.link.hold(false)
    } catch (error) {
      attempt.closed(error, address.tls !== undefined)
    }
  }
  gone(attempt: Attempt, error: unknown, secure = false): void {
    if (!attempt.live) return
    this.attempt = undefined
    this.events.gone(error, secure)
  }
  /** Closes the transport, whatever its state; it reports no more. What was written still goes out. */
  hangUp(): void {
    const { attempt } = this
    this.attempt = undefined
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
    this.attempt?.link?.hold(process)
  }
}
