// Drives a session: opens transports for it, moves its bytes (one write a turn), keeps its clock, and hands its results out once an input
// was handled to its end. What is done when is the session's; what the application sees is client.ts's.
import { Alarm, clock } from './alarm.ts'
import { Call, Delivery, Unwritten } from './calls.ts'
import { MqttError } from './errors.ts'
import type { Owner } from './inbox.ts'
import { Line, type LineEvents } from './line.ts'
import { type Credentials, type Message, passwordOf } from './options.ts'
import type { Publish, Rule, Subscribe, Unsubscribe, Will } from './packets.ts'
import { type Config, ErrorCode, type Host, Session, timerNames } from './session.ts'
import { type Address, type Dial, later } from './transport.ts'

const [PING, RECONNECT] = [timerNames.indexOf('ping'), timerNames.indexOf('reconnect')]

export class Driver implements Host, LineEvents {
  readonly session: Session
  readonly #config: Config
  readonly #owner: Owner
  readonly #line: Line
  readonly #alarm = new Alarm(() => this.begin())
  readonly #credentials: (() => Credentials | Promise<Credentials>) | undefined
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
  #unsent = 0 // when the ping deadline was looked at last
  #cause: { error: unknown; secure: boolean } | undefined
  #broken: { rule: Rule; offset: number } | undefined
  #fatal: MqttError | undefined

  constructor(
    config: Config,
    servers: Address[],
    dial: Dial,
    credentials: (() => Credentials | Promise<Credentials>) | undefined,
    owner: Owner,
  ) {
    this.#config = config
    this.#line = new Line(servers, dial, this)
    this.#credentials = credentials
    this.#owner = owner
    this.session = new Session(config, this, clock(), (Math.random() * 0xffffffff + 1) >>> 0)
    this.check(this.session.create())
  }

  // ------------------------------------------------------------------------------------------ calls of the application
  connect(cleanSession: boolean, call: Call<boolean>): void {
    this.begin()
    this.#accept(this.session.connect(cleanSession, call), call)
  }
  /** Settles when its bytes are written, or with its last acknowledgement. */
  publish(message: Publish, call: Call<void> | undefined): Promise<void> {
    this.begin()
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
    this.begin()
    this.#accept(this.session.subscribe(request, call), call)
  }
  unsubscribe(request: Unsubscribe, call: Call<void>): void {
    this.begin()
    this.#accept(this.session.unsubscribe(request, call), call)
  }
  setLastWill(will: Will | undefined): void {
    this.check(will ? this.session.setLastWill(will) : this.session.clearLastWill())
  }
  ping(): void {
    this.begin()
    this.check(this.session.ping())
  }
  close(): void {
    this.begin()
    this.session.close()
  }
  /** Resolves when the transport is gone. */
  disconnect(): Promise<void> {
    this.begin()
    this.session.disconnect()
    return this.#line.closing ?? Promise.resolve()
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
    this.begin()
    this.#busy = true
    this.session.release()
    this.#busy = false
  }
  hold(process: boolean): void {
    this.#hold = process
    this.#line.hold(process)
    this.#setAlarm(clock())
  }
  /** Bytes that wait to leave. */
  get buffered(): number {
    return this.session.out.at + (this.#line.link?.buffered ?? 0)
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
    this.#line.dial()
  }
  hangUp(): void {
    if (this.#line.link) this.#flush()
    this.#leave()
    this.#line.hangUp()
  }
  sent(): void {}
  full(): boolean {
    return this.#owner.full()
  }
  deliver(message: Message): void {
    this.#owner.deliver(message)
  }
  settle(operation: object, result?: boolean | number[]): void {
    if (--this.#pending === 0) this.#idle?.()
    if (operation instanceof Unwritten) this.#afterWrite(operation.call)
    else (operation as Call<unknown>).settle(result)
  }
  fail(operation: object, error: number): void {
    if (--this.#pending === 0) this.#idle?.()
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
  async login(): Promise<void> {
    if (!this.#credentials) return
    const credentials = await this.#credentials()
    this.#config.user = credentials.user
    this.#config.password = passwordOf(credentials)
    this.check(this.session.create())
  }
  opened(): void {
    this.begin()
    this.session.opened()
  }
  received(bytes: Uint8Array): void {
    this.begin()
    this.#busy = true
    this.session.receive(bytes)
    this.#busy = false
    this.release()
  }
  gone(error: unknown, secure: boolean): void {
    this.begin()
    this.#cause = { error, secure }
    this.#leave()
    this.session.lost()
  }
  /** What was to be written on this transport is not for the next. */
  #leave(): void {
    if (this.session.mqttsta !== 0) this.#line.tryNext()
    this.session.take()
    this.#paused = false
    this.#written?.fail(this.#error(ErrorCode.CONNECTION_LOST))
    this.#written = undefined
  }
  #flush(): void {
    if (this.session.out.at === 0) return
    const written = this.#written
    this.#written = undefined
    this.#line.link!.write(this.session.take(), (error) => {
      if (!written) return
      if (error) written.fail(new MqttError(ErrorCode.CONNECTION_LOST, { cause: error }))
      else written.settle()
    })
  }

  // ------------------------------------------------------------------------------------------ turns and time
  /** What happens from here on has one time, and its packets one write. */
  begin(): void {
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
    this.#setAlarm(now)
    const events = this.#events
    if (!events) return
    this.#events = undefined
    for (const event of events) event()
  }
  /** While bytes written earlier leave, a PINGREQ behind them cannot have been answered. */
  #waitForBytes(now: number): void {
    const unsent = this.#line.link?.buffered ?? 0
    if (unsent > 0 && unsent !== this.#unsent) this.session.progress(now)
    this.#unsent = unsent
  }
  /** Stops reading while messages wait for their consumer; never while something else is waited for that may be behind them. */
  #balance(): void {
    const { link } = this.#line
    if (!link) return
    const pause = this.session.holds && this.#pending === 0 && !this.session.armed.includes(PING)
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) link.pause()
    else link.resume()
  }
  #setAlarm(now: number): void {
    this.#alarm.set(this.session.wait(now), this.#hold && this.session.mqttsta >= 0)
  }
}
