// A random number that a seed repeats, for tests that must be able to show again what they found.

/** From 0 up to, not including, `below`. */
export type Random = (below: number) => number

/** xorshift32; any seed but 0. */
export const randomOf = (seed: number): Random => {
  let x = seed >>> 0 || 1
  return (below) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}
