// An ordered list of records that can be found by a number.

interface Keyed {
  packetId: number
}

/** So many places of records that left may stay at the beginning. */
const FEW = 16
const LARGEST = 65535 // the identifier after it is 1

/**
 * In the order in which records were added; the oldest usually leave first. A record with identifier 0 is in the list, but cannot be
 * found by it. While identifiers go up, the place of a record is guessed from its own, and one beyond the last is not looked for.
 */
export class List<R extends Keyed> {
  #all: R[] = []
  #head = 0 // where the oldest is
  #rising = true

  get size(): number {
    return this.#all.length - this.#head
  }
  get(packetId: number): R | undefined {
    const all = this.#all
    if (this.size === 0) return undefined
    const place = this.#place(packetId)
    if (place < all.length && all[place].packetId === packetId) return all[place]
    if (this.#rising && place > this.#place(all[all.length - 1].packetId)) return undefined
    return this.find((record) => record.packetId === packetId)
  }
  add(record: R): void {
    const all = this.#all
    this.#rising = this.size === 0 || (this.#rising && this.#place(record.packetId) > this.#place(all[all.length - 1].packetId))
    all.push(record)
  }
  remove(record: R): void {
    if (this.#all[this.#head] === record) this.shift()
    else {
      const place = this.#all.indexOf(record, this.#head)
      if (place > 0) this.#all.splice(place, 1)
    }
  }
  /** Takes out the oldest. */
  shift(): R | undefined {
    const all = this.#all
    const oldest = all[this.#head]
    if (this.size > 0) all[this.#head++] = undefined as never
    if (this.#head > FEW && this.#head > this.size) this.#keep(this.#live())
    return oldest
  }
  find(fits: (record: R) => boolean): R | undefined {
    return this.#live().find(fits)
  }
  /** Removes every record that fits. */
  prune(fits: (record: R) => boolean): void {
    this.#keep(this.#live().filter((record) => !fits(record)))
  }
  clear(): void {
    this.#keep([])
  }
  /** Those that are there now. */
  [Symbol.iterator](): Iterator<R> {
    return [...this.#live()].values()
  }

  /** Where a record is if there is one for each identifier from the oldest on. */
  #place(packetId: number): number {
    const ahead = packetId - this.#all[this.#head].packetId
    return this.#head + (ahead < 0 ? ahead + LARGEST : ahead)
  }
  #live(): R[] {
    return this.#head > 0 ? this.#all.slice(this.#head) : this.#all
  }
  #keep(all: R[]): void {
    this.#all = all
    this.#head = 0
  }
}
