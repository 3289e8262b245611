// Deadlines on a clock of 32-bit milliseconds that may wrap, and the random number of a delay. What is due when is session.ts's.

/** A fixed set of deadlines, by number; those due together are taken by their time, then by their number. */
export class Timers {
  readonly #due: (number | undefined)[]
  #late = 0 // bits: armed for a time that had passed already
  #fresh = 0 // bits: armed since the tick began, and not late: they wait for the next one
  #before: number
  #now: number

  constructor(count: number, now: number) {
    this.#due = new Array<number | undefined>(count).fill(undefined)
    this.#before = now
    this.#now = now
  }

  /** `after` ms from `now`; inside a tick it waits for the next one. */
  arm(timer: number, now: number, after: number): void {
    this.#due[timer] = (now + after) >>> 0
    this.#late &= ~(1 << timer)
    this.#fresh |= 1 << timer
  }
  /** At a time; if it is past, in this tick. */
  armAt(timer: number, now: number, due: number): void {
    const late = (due - now) << 0 <= 0
    this.#due[timer] = due >>> 0
    this.#fresh &= ~(1 << timer)
    this.#late = late ? this.#late | (1 << timer) : this.#late & ~(1 << timer)
  }
  disarm(timer: number): void {
    this.#due[timer] = undefined
  }
  /** Disarms all whose bit is not in `mask`. */
  keep(mask: number): void {
    for (let timer = 0; timer < this.#due.length; timer++) if (!(mask & (1 << timer))) this.#due[timer] = undefined
  }
  armed(timer: number): boolean {
    return this.#due[timer] !== undefined
  }

  /** A tick begins: time has come to `now`. */
  begin(now: number): void {
    this.#before = this.#now
    this.#now = now
    this.#fresh = 0
  }
  /** The next deadline to handle in this tick, disarmed; undefined when there is none. */
  take(): number | undefined {
    const elapsed = (this.#now - this.#before) >>> 0
    let next: number | undefined
    let least = Infinity
    for (let timer = 0; timer < this.#due.length; timer++) {
      const due = this.#due[timer]
      if (due === undefined || this.#fresh & (1 << timer)) continue
      const late = this.#late & (1 << timer)
      const wait = late ? (due - this.#before) << 0 : (due - this.#before) >>> 0
      if ((late || wait <= elapsed) && wait < least) [next, least] = [timer, wait]
    }
    if (next !== undefined) this.#due[next] = undefined
    return next
  }
  /** Milliseconds from `now` to a deadline; undefined when it is not armed. */
  until(timer: number, now: number): number | undefined {
    const due = this.#due[timer]
    if (due === undefined) return undefined
    if (this.#late & (1 << timer)) return 0
    return Math.max(0, ((due - this.#now) >>> 0) - ((now - this.#now) >>> 0))
  }
  /** Milliseconds from `now` to the next deadline; undefined when none is armed. */
  next(now: number): number | undefined {
    let least: number | undefined
    for (let timer = 0; timer < this.#due.length; timer++) {
      const wait = this.until(timer, now)
      if (wait !== undefined && (least === undefined || wait < least)) least = wait
    }
    return least
  }
}

/** Evenly spread numbers that a seed repeats: xorshift32. Seed 0 answers the most that is allowed. */
export class Random {
  #x: number
  constructor(seed: number) {
    this.#x = seed >>> 0
  }
  /** From 0 to `most`. */
  next(most: number): number {
    let x = this.#x
    if (x === 0) return most
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#x = x >>> 0
    return this.#x % (most + 1)
  }
}
