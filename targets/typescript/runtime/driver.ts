// Drives a session: opens transports for it, moves its bytes (one write a turn), keeps its clock, and hands its results out once an input
// was handled to its end. What is done when is the session's; what the application sees is client.ts's.
import type { Login } from './address.ts'
import { Call, Delivery } from './calls.ts'
import { MqttError } from './errors.ts'
import { type Credentials, type Message, passwordOf } from './options.ts'
import type { Publish, Rule, Subscribe, Unsubscribe, Will } from './packets.ts'
import { type Config, ErrorCode, type Host, Session, timerNames } from './session.ts'
import { type Address, type Dial, type Link, type LinkEvents, later } from './transport.ts'

const [PING, RECONNECT] = [timerNames.indexOf('ping'), timerNames.indexOf('reconnect')]
const LONGEST = 0x7fffffff // of a timer, in ms

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

/** One transport, from dialling to its end. */
class Attempt implements LinkEvents {
  readonly #driver: Driver
  link: Link | undefined
  left: number // addresses still to be tried
  open = false
  live = true // what it reports is for the session
  gone: (() => void) | undefined

  constructor(driver: Driver, addresses: number) {
    this.#driver = driver
    this.left = addresses
  }
  opened(): void {
    if (this.live) this.#driver.opened(this)
  }
  received(bytes: Uint8Array): void {
    if (this.live) this.#driver.received(bytes)
  }
  closed(error?: unknown, secure = false): void {
    if (!this.live) this.gone?.()
    else this.#driver.closed(this, error, secure)
  }
}

export class Driver implements Host {
  readonly session: Session
  readonly #config: Config
  readonly #owner: Owner
  readonly #servers: (Address & Login)[]
  readonly #dial: Dial
  readonly #credentials: (() => Credentials | Promise<Credentials>) | undefined
  #server = 0 // tried next
  #attempt: Attempt | undefined
  #closing: Promise<void> | undefined
  #hold = true
  #turn = false // its end is planned
  #busy = false // the session handles what came
  #paused = false
  #pending = 0 // calls the session has
  #idle: (() => void) | undefined
  #written: Call<void> | undefined // what is settled when the bytes of this turn are written
  #events: (() => void)[] | undefined
  #status = -1 // told last
  #waiting = false // to reconnect
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = 0
  #unsent = 0 // when the ping deadline was looked at last
  #cause: { error: unknown; secure: boolean } | undefined
  #broken: { rule: Rule; offset: number } | undefined
  #fatal: MqttError | undefined

  constructor(
    config: Config,
    servers: (Address & Login)[],
    dial: Dial,
    credentials: (() => Credentials | Promise<Credentials>) | undefined,
    owner: Owner,
  ) {
    this.#config = config
    this.#servers = servers
    this.#dial = dial
    this.#credentials = credentials
    this.#owner = owner
    this.session = new Session(config, this, clock(), (Math.random() * 0xffffffff + 1) >>> 0)
    this.check(this.session.create())
  }

  // ------------------------------------------------------------------------------------------ calls of the application
  connect(cleanSession: boolean, call: Call<boolean>): void {
    this.#begin()
    this.#accept(this.session.connect(cleanSession, call), call)
  }
  /** Settles when its bytes are written, or with its last acknowledgement. */
  publish(message: Publish, call: Call<void> | undefined): Promise<void> {
    this.#begin()
    if (call === undefined && message.qos === 0 && this.session.mqttsta === 0) {
      const refused = this.session.publish(message, undefined)
      if (refused !== ErrorCode.OK) throw this.#refusal(refused)
      this.#written ??= new Call()
      return this.#written.promise
    }
    if (call === undefined && message.qos > 0) {
      const delivery = new Delivery()
      this.#accept(this.session.publish(message, delivery), delivery)
      return delivery
    }
    const waits = call ?? new Call()
    this.#accept(this.session.publish(message, message.qos === 0 ? new Unwritten(waits) : waits), waits)
    return waits.promise
  }
  subscribe(request: Subscribe, call: Call<number[]>): void {
    this.#begin()
    this.#accept(this.session.subscribe(request, call), call)
  }
  unsubscribe(request: Unsubscribe, call: Call<void>): void {
    this.#begin()
    this.#accept(this.session.unsubscribe(request, call), call)
  }
  setLastWill(will: Will | undefined): void {
    this.check(will ? this.session.setLastWill(will) : this.session.clearLastWill())
  }
  ping(): void {
    this.#begin()
    this.check(this.session.ping())
  }
  poll(): void {
    this.#begin()
  }
  close(): void {
    this.#begin()
    this.session.close()
  }
  /** Resolves when the transport is gone. */
  disconnect(): Promise<void> {
    this.#begin()
    this.session.disconnect()
    return this.#closing ?? Promise.resolve()
  }
  /** Resolves when no call is pending, or after so many ms. */
  idle(most: number): Promise<void> {
    if (this.#pending === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#idle = undefined
        resolve()
      }
      const timer = setTimeout(end, most)
      this.#idle = end
    })
  }
  /** Hands over what was held back, as far as the owner has room. */
  release(): void {
    if (this.#busy || !this.session.holds) return
    this.#begin()
    this.#busy = true
    this.session.release()
    this.#busy = false
  }
  hold(process: boolean): void {
    this.#hold = process
    this.#attempt?.link?.hold(process)
    if (process) this.#timer?.ref()
    else this.#timer?.unref()
  }
  /** Bytes that wait to leave. */
  get buffered(): number {
    return this.session.out.at + (this.#attempt?.link?.buffered ?? 0)
  }

  #accept(refused: number, call: { fail(error: MqttError): void }): void {
    if (refused === ErrorCode.OK) this.#pending++
    else call.fail(this.#refusal(refused))
  }
  check(refused: number): void {
    if (refused !== ErrorCode.OK) throw this.#refusal(refused)
  }
  #refusal(code: number): MqttError {
    return new MqttError(code, { rule: code === ErrorCode.INVALID_ARGUMENT ? this.session.rule : undefined })
  }

  // ------------------------------------------------------------------------------------------ wishes of the session
  dial(): void {
    this.#waiting = false
    this.#cause = undefined
    this.#broken = undefined
    const attempt = new Attempt(this, this.#servers.length)
    this.#attempt = attempt
    this.#login().then(
      () => attempt.live && this.#open(attempt),
      (error) => attempt.live && this.#gone(attempt, error, false),
    )
  }
  hangUp(): void {
    const attempt = this.#attempt
    if (!attempt) return
    if (attempt.open) this.#flush()
    this.#leave(attempt)
    if (!attempt.link) return
    this.#closing = new Promise((resolve) => {
      attempt.gone = () => {
        this.#closing = undefined
        resolve()
      }
    })
    attempt.link.end()
  }
  sent(): void {}
  full(): boolean {
    return this.#owner.full()
  }
  deliver(message: Message): void {
    this.#owner.deliver(message)
  }
  settle(operation: object, result?: boolean | number[]): void {
    this.#settled()
    if (operation instanceof Unwritten) this.#afterWrite(operation.call)
    else (operation as Call<unknown>).settle(result)
  }
  fail(operation: object, error: number): void {
    this.#settled()
    const call = operation instanceof Unwritten ? operation.call : (operation as Call<unknown>)
    call.fail(this.#error(error))
  }
  status(mqttsta: number): void {
    const before = this.#status
    this.#status = mqttsta
    if (mqttsta === 0) this.#later(() => this.#owner.connected(this.session.present))
    else if (mqttsta !== 1) {
      this.#fatal = undefined
      this.#later(() => this.#owner.ended(this.#fatal))
    } else if (before === 0) {
      const error = this.#error(this.session.reason)
      this.#later(() => this.#owner.lost(error))
    }
  }
  error(code: number): void {
    this.#fatal = this.#error(code)
  }
  violation(rule: Rule, offset: number): void {
    this.#broken = { rule, offset }
  }

  #later(event: () => void): void {
    this.#events ??= []
    this.#events.push(event)
  }
  #settled(): void {
    if (--this.#pending === 0) this.#idle?.()
  }
  #afterWrite(call: Call<void>): void {
    this.#written ??= new Call()
    this.#written.promise.then(
      () => call.settle(),
      (error) => call.fail(error),
    )
  }
  #error(code: number): MqttError {
    const { error: cause, secure = false } = this.#cause ?? {}
    const network = code === ErrorCode.NETWORK_ERROR || code === ErrorCode.CONNECTION_LOST
    const broken = code === ErrorCode.PROTOCOL_ERROR || code === ErrorCode.PACKET_TOO_LARGE ? this.#broken : undefined
    const told = network && secure ? ErrorCode.TLS_ERROR : code
    this.#owner.lastError = new MqttError(told, network ? { cause } : { ...broken })
    return this.#owner.lastError
  }

  // ------------------------------------------------------------------------------------------ the transport
  async #login(): Promise<void> {
    if (!this.#credentials) return
    const credentials = await this.#credentials()
    this.#config.user = credentials.user
    this.#config.password = passwordOf(credentials)
    this.check(this.session.create())
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
    this.#begin()
    attempt.open = true
    this.session.opened()
  }
  received(bytes: Uint8Array): void {
    this.#begin()
    this.#busy = true
    this.session.receive(bytes)
    this.#busy = false
    this.release()
  }
  closed(attempt: Attempt, error: unknown, secure: boolean): void {
    attempt.link = undefined
    attempt.left -= 1
    if (attempt.open || attempt.left === 0) return this.#gone(attempt, error, secure)
    this.#server = (this.#server + 1) % this.#servers.length
    this.#open(attempt)
  }
  #gone(attempt: Attempt, error: unknown, secure: boolean): void {
    this.#begin()
    this.#cause = { error, secure }
    this.#leave(attempt)
    this.session.lost()
  }
  /** It is the session's no more, nor are the bytes that were for it. */
  #leave(attempt: Attempt): void {
    if (this.session.mqttsta !== 0) this.#server = (this.#server + 1) % this.#servers.length
    attempt.live = false
    this.#attempt = undefined
    this.#paused = false
    this.session.take()
    this.#written?.fail(this.#error(ErrorCode.CONNECTION_LOST))
    this.#written = undefined
  }
  #flush(): void {
    if (this.session.out.at === 0) return
    const written = this.#written
    this.#written = undefined
    this.#attempt!.link!.write(this.session.take(), (error) => {
      if (!written) return
      if (error) written.fail(new MqttError(ErrorCode.CONNECTION_LOST, { cause: error }))
      else written.settle()
    })
  }

  // ------------------------------------------------------------------------------------------ turns and time
  /** What happens from here on has one time, and its packets one write. */
  #begin(): void {
    if (this.#turn) return
    this.#turn = true
    later(this.#end)
    const now = clock()
    if (this.session.until(PING, now) === 0) this.#waitForBytes(now)
    this.session.tick(now)
  }
  readonly #end = (): void => {
    this.#turn = false
    this.#flush()
    this.#balance()
    const now = clock()
    const delay = this.session.until(RECONNECT, now)
    if (delay !== undefined && !this.#waiting) {
      this.#waiting = true
      this.#later(() => this.#owner.reconnecting(delay))
    }
    this.#setTimer(now)
    const events = this.#events
    if (!events) return
    this.#events = undefined
    for (const event of events) event()
  }
  /** While bytes written earlier leave, a PINGREQ behind them cannot have been answered. */
  #waitForBytes(now: number): void {
    const unsent = this.#attempt?.link?.buffered ?? 0
    if (unsent > 0 && unsent !== this.#unsent) this.session.progress(now)
    this.#unsent = unsent
  }
  /** Stops reading while messages wait for their consumer; never while something else is waited for that may be behind them. */
  #balance(): void {
    const link = this.#attempt?.link
    if (!link) return
    const pause = this.session.holds && this.#pending === 0 && !this.session.armed.includes(PING)
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) link.pause()
    else link.resume()
  }
  #setTimer(now: number): void {
    const wait = this.session.wait(now)
    if (wait === undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      return
    }
    const at = performance.now() + wait
    if (this.#timer && this.#timerAt <= at) return // one that is early finds nothing due, and is set anew
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(wait, 1), LONGEST))
    if (!this.#hold || this.session.mqttsta < 0) this.#timer.unref()
  }
  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.#begin()
  }
}

/** A QoS 0 message that had to wait for its turn: sent, but its bytes are not written yet. */
class Unwritten {
  readonly call: Call<void>
  constructor(call: Call<void>) {
    this.call = call
  }
}

/** Milliseconds that never go back, modulo 2^32. */
const clock = (): number => performance.now() >>> 0
