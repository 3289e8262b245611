// Drives a session: opens transports for it, moves its bytes (one write a turn), keeps its clock, and hands its results out once an input
// was handled to its end. What is done when is the session's; what the application sees is client.ts's.
import type { EventEmitter } from 'node:events'
import { Alarm, clock } from './alarm.ts'
import { type Call, Unwritten } from './calls.ts'
import * as ErrorCode from './error-codes.ts'
import { MqttError } from './errors.ts'
import { type ClientEvents, Inbox } from './inbox.ts'
import { Line, type LineEvents } from './line.ts'
import type { Source } from './messages.ts'
import { type ClientOptions, passwordOf, type Settings, type WaitOptions } from './options.ts'
import type { Rule } from './packets.ts'
import { type Config, type Host, Session } from './session.ts'
import { PING, RECONNECT } from './states.ts'
import { dial, later } from './transport.ts'

export class Driver extends Inbox implements Host, LineEvents, Source {
  declare readonly session: Session
  readonly #config: Config
  readonly #line: Line
  readonly #alarm = new Alarm(() => this.begin())
  readonly #credentials: ClientOptions['credentials']
  #hold = true
  #turn = false // its end is planned
  #busy = false // the session handles what came
  #paused = false
  #pending = 0 // calls the session has
  #idle: (() => void) | undefined
  #written: Unwritten[] = [] // what is settled when the bytes of this turn are written
  #events: (() => void)[] = []
  #status = -1 // told last
  #waiting = false // to reconnect
  #unsent = 0 // when the ping deadline was looked at last
  #cause: { cause: unknown; secure: boolean } | undefined
  #broken: { rule: Rule; offset: number } | undefined
  #fatal: MqttError | undefined

  constructor(events: EventEmitter<ClientEvents>, { servers, config }: Settings, { transport = dial, credentials }: ClientOptions) {
    super(events)
    this.#config = config
    this.#line = new Line(servers, transport, this)
    this.#credentials = credentials
    this.session = new Session(config, this, clock(), Math.random() * 0xffffffff + 1)
    this.#check(this.session.create())
  }

  // ------------------------------------------------------------------------------------------ calls of the application
  /** What is answered at once. */
  ask(ask: (session: Session) => number): void {
    this.begin()
    this.#check(ask(this.session))
  }
  /** What the session settles later; `gone` hears when the caller does not wait any longer. */
  call<T>(call: Call<T>, options: WaitOptions, ask: (session: Session, call: Call<T>) => number, gone?: () => void): Call<T> {
    return call.begin(
      options,
      () => {
        this.ask((session) => ask(session, call))
        this.#pending++
      },
      gone,
    )
  }
  /** Resolves when the transport is gone. */
  async disconnect(): Promise<void> {
    this.ask((session) => session.disconnect())
    await this.#line.closing
  }
  /** Resolves when no call is pending, or after so many ms. */
  idle(most: number): Promise<void> {
    this.begin()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, most)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  /** Hands over what was held back, as far as there is room. */
  wanted(): void {
    if (this.#busy || !this.session.holds) return
    this.begin()
    this.#handle(() => this.session.release())
    // whoever was waiting for the answer in front of a message runs first, and may ask for it: where TCP cut makes no difference
    if (this.session.holds && !this.wants())
      setImmediate(() => {
        this.patient = !!this.wants()
        this.wanted()
        this.patient = true
      })
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
  #check(code: number): void {
    if (code) throw new MqttError(code, code === ErrorCode.INVALID_ARGUMENT ? { rule: this.session.rule } : {})
  }

  // ------------------------------------------------------------------------------------------ wishes of the session
  dial(): void {
    this.#waiting = false
    this.#cause = this.#broken = undefined
    this.#line.dial()
  }
  hangUp(): void {
    if (this.#line.link) this.#flush()
    this.#leave()
    this.#line.hangUp()
  }
  sent(): void {}
  settle(call: Call<unknown>, result?: boolean | number[]): void {
    this.#pending--
    if (call instanceof Unwritten) this.#written.push(call)
    else call.settle(typeof result === 'boolean' ? { sessionPresent: result } : result && { granted: result })
  }
  fail(call: Call<unknown>, error: number): void {
    this.#pending--
    call.fail(this.#error(error))
  }
  status(mqttsta: number): void {
    const before = this.#status
    this.#status = mqttsta
    if (mqttsta === 0) {
      const sessionPresent = this.session.present
      this.#events.push(() => this.tell('connect', { sessionPresent }))
    } else if (mqttsta !== 1) {
      this.#fatal = undefined
      this.#events.push(() => this.ended(this.#fatal))
    } else if (before === 0) {
      const error = this.#error(this.session.reason)
      this.#events.push(() => this.tell('lost', error))
    }
  }
  error(code: number): void {
    this.#fatal = this.#error(code)
  }
  violation(rule: Rule, offset: number): void {
    this.#broken = { rule, offset }
  }

  #error(code: number): MqttError {
    const network = code === ErrorCode.NETWORK_ERROR || code === ErrorCode.CONNECTION_LOST
    const broken = code === ErrorCode.PROTOCOL_ERROR || code === ErrorCode.PACKET_TOO_LARGE
    const told = network && this.#cause?.secure ? ErrorCode.TLS_ERROR : code
    this.lastError = new MqttError(told, network ? this.#cause : broken ? this.#broken : undefined)
    return this.lastError
  }

  // ------------------------------------------------------------------------------------------ the transport
  async login(): Promise<void> {
    if (!this.#credentials) return
    const credentials = await this.#credentials()
    this.#config.user = credentials.user
    this.#config.password = passwordOf(credentials)
    this.#check(this.session.create())
  }
  opened(): void {
    this.begin()
    this.session.opened()
  }
  received(bytes: Uint8Array): void {
    this.begin()
    this.#handle(() => this.session.receive(bytes))
    this.wanted()
  }
  gone(cause: unknown, secure: boolean): void {
    this.begin()
    this.#cause = { cause, secure }
    this.#leave()
    this.session.lost()
  }
  #handle(work: () => void): void {
    this.#busy = true
    work()
    this.#busy = false
  }
  /** What was to be written on this transport is not for the next. */
  #leave(): void {
    if (this.session.mqttsta !== 0) this.#line.tryNext()
    this.session.take()
    this.#paused = false
    for (const call of this.#written.splice(0)) call.fail(this.#error(ErrorCode.CONNECTION_LOST))
  }
  #flush(): void {
    if (this.session.out.at === 0) return
    const written = this.#written
    this.#written = []
    this.#line.link!.write(this.session.take(), (cause) => {
      for (const call of written)
        if (cause) call.fail(new MqttError(ErrorCode.CONNECTION_LOST, { cause }))
        else call.settle()
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
      this.#events.push(() => this.tell('reconnecting', delay))
    }
    this.#setAlarm(now)
    if (this.#pending === 0) this.#idle?.()
    if (this.#events.length > 0) for (const event of this.#events.splice(0)) event()
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
    const pause = this.session.holds && this.#pending === 0 && !this.session.armed.includes(PING)
    if (!link || pause === this.#paused) return
    this.#paused = pause
    if (pause) link.pause()
    else link.resume()
  }
  #setAlarm(now: number): void {
    this.#alarm.set(this.session.wait(now), this.#hold && this.session.mqttsta >= 0)
  }
}
