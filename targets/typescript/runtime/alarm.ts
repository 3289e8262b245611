// The clock, and one timer that wakes for the next deadline. Which deadlines there are is the session's.

/** Milliseconds that never go back, modulo 2^32. */
export const clock = (): number => performance.now() >>> 0

const LONGEST = 0x7fffffff // of a timer, in ms

export class Alarm {
  readonly #ring: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #at = 0

  constructor(ring: () => void) {
    this.#ring = () => {
      this.#timer = undefined
      ring()
    }
  }
  /** Rings in `wait` ms, or a little before: whoever hears it finds nothing due, and sets it again. `hold`: the process lives until then. */
  set(wait: number | undefined, hold: boolean): void {
    if (wait === undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      return
    }
    const at = performance.now() + wait
    if (!this.#timer || this.#at > at) {
      clearTimeout(this.#timer)
      this.#at = at
      this.#timer = setTimeout(this.#ring, Math.min(Math.max(wait, 1), LONGEST))
    }
    if (hold) this.#timer.ref()
    else this.#timer.unref()
  }
}
