// An ordered list of records that can be found by a number. Nothing is allocated before the first record comes.

interface Keyed {
  packetId: number
}

/** Up to so many records, looking at each is cheaper than an index. */
const FEW = 8
const LARGEST = 65535 // the identifier after it is 1

/**
 * In the order in which records were added; the oldest usually leave first. A record with identifier 0 is in the list, but cannot be
 * found by it. While identifiers go up one by one, the place of a record follows from its own; otherwise there is an index once there
 * are many. A record that left from the middle leaves a hole, or stays in `#order` without being in the index, until those before it are gone.
 */
export class List<R extends Keyed> {
  #order: (R | undefined)[] | undefined
  #head = 0 // where the oldest is
  #size = 0
  #next = 0 // the identifier that would be consecutive; 0: they are not
  #index: Map<number, R> | undefined

  get size(): number {
    return this.#size
  }
  get(packetId: number): R | undefined {
    if (this.#size === 0) return undefined
    if (this.#next > 0) {
      const place = this.#place(packetId)
      return place < this.#order!.length ? this.#order![place] : undefined
    }
    if (this.#size > FEW || this.#index) return this.#indexed().get(packetId)
    return this.find((record) => record.packetId === packetId)
  }
  add(record: R): void {
    const { packetId } = record
    this.#order ??= []
    this.#order.push(record)
    if (this.#size === 0 || packetId === this.#next) this.#next = packetId === 0 ? 0 : (packetId % LARGEST) + 1
    else this.#next = 0
    this.#size++
    if (packetId > 0) this.#index?.set(packetId, record)
  }
  remove(record: R): void {
    const order = this.#order
    if (!order) return
    if (order[this.#head] === record) this.shift()
    else if (this.#next > 0) {
      const place = this.#place(record.packetId)
      if (order[place] !== record) return
      order[place] = undefined
      this.#left(order)
    } else if (record.packetId > 0 && this.#index) {
      if (this.#index.delete(record.packetId)) this.#left(order)
    } else this.#rebuild((r) => r !== record)
  }
  /** Takes out the oldest. */
  shift(): R | undefined {
    const order = this.#order
    if (!order || this.#size === 0) return undefined
    const oldest = order[this.#head]!
    if (order.length === 1) {
      order.pop() // as most often: its place is kept for the next
      this.#size = 0
      this.#index = undefined
      return oldest
    }
    order[this.#head++] = undefined
    this.#size--
    this.#index?.delete(oldest.packetId)
    while (this.#head < order.length && !this.#has(order[this.#head])) this.#head++
    if (this.#size === 0) this.clear()
    else if (this.#head > FEW && this.#head * 2 > order.length) {
      order.splice(0, this.#head)
      this.#head = 0
    }
    return oldest
  }
  find(fits: (record: R) => boolean): R | undefined {
    for (let i = this.#head; this.#order && i < this.#order.length; i++) {
      const record = this.#order[i]
      if (this.#has(record) && fits(record)) return record
    }
    return undefined
  }
  /** Removes every record that fits. */
  prune(fits: (record: R) => boolean): void {
    if (this.#size > 0) this.#rebuild((record) => !fits(record))
  }
  clear(): void {
    this.#order = undefined
    this.#index = undefined
    this.#head = 0
    this.#size = 0
    this.#next = 0
  }
  *[Symbol.iterator](): Iterator<R> {
    for (let i = this.#head; this.#order && i < this.#order.length; i++) {
      const record = this.#order[i]
      if (this.#has(record)) yield record
    }
  }

  #has(record: R | undefined): record is R {
    return record !== undefined && (!this.#index || record.packetId === 0 || this.#index.get(record.packetId) === record)
  }
  #place(packetId: number): number {
    return this.#head + ((packetId - this.#order![this.#head]!.packetId + LARGEST) % LARGEST)
  }
  #indexed(): Map<number, R> {
    this.#index ??= new Map([...this].map((record) => [record.packetId, record]))
    return this.#index
  }
  /** One is gone from the middle. Where most are, the rest moves together, and is found by an index from here on. */
  #left(order: (R | undefined)[]): void {
    this.#size--
    if (order.length - this.#head <= 2 * this.#size + FEW) return
    this.#order = [...this]
    this.#head = 0
    this.#next = 0
  }
  #rebuild(stays: (record: R) => boolean): void {
    const order = [...this].filter(stays)
    this.clear()
    for (const record of order) this.add(record)
  }
}
