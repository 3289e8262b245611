// Deadlines on a clock of 32-bit milliseconds that may wrap. What is due when is session.ts's.

/** A fixed set of deadlines, by number; those due together are taken by their time, then by their number. */
export class Timers {
  /** The time of the last tick, or of what came since. */
  declare now: number
  readonly #left: number[] // ms from `now`
  #jump = 0 // how far this tick has come

  constructor(count: number, now: number) {
    this.#left = new Array<number>(count).fill(Infinity)
    this.now = now
  }

  /** So many ms from now; inside a tick it waits for the next one, even if that is at once. */
  arm(timer: number, after: number): void {
    this.#left[timer] = after || 0.5
  }
  /** At a time; if it is past, in this tick. It counts from where the tick began: a jump may be longer than half the clock. */
  armAt(timer: number, due: number): void {
    this.#left[timer] = ((due - this.now + this.#jump) | 0) - this.#jump
  }
  disarm(timer: number): void {
    this.#left[timer] = Infinity
  }
  /** Disarms all whose bit is not in `mask`. */
  keep(mask: number): void {
    for (const timer of this.all) if (!((mask >> timer) & 1)) this.disarm(timer)
  }
  /** Their numbers. */
  get all(): number[] {
    return [...this.#left.keys()]
  }
  armed(timer: number): boolean {
    return this.#left[timer] < Infinity
  }

  /** Time has come to `now`. */
  advance(now: number): void {
    this.#jump = (now - this.now) >>> 0
    this.now = now
    for (const [timer, left] of this.#left.entries()) this.#left[timer] = Math.floor(left) - this.#jump
  }
  /** The next deadline to handle in this tick, disarmed; undefined when there is none. */
  take(): number | undefined {
    const timer = this.#next()
    if (this.#left[timer] > 0) {
      this.#jump = 0
      return undefined
    }
    this.disarm(timer)
    return timer
  }
  /** Milliseconds from `now` to a deadline, the next one if none is named; undefined when it is not armed. */
  until(now: number, timer = this.#next()): number | undefined {
    return this.armed(timer) ? Math.max(0, Math.floor(this.#left[timer]) - ((now - this.now) >>> 0)) : undefined
  }
  #next(): number {
    return this.#left.indexOf(Math.min(...this.#left))
  }
}
