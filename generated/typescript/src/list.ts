// An ordered list of records that can be found by a number. Nothing is allocated before the first record comes.

interface Keyed {
  packetId: number
}

/** Up to so many records, looking at each is cheaper than an index. */
const FEW = 8

/**
 * In the order in which records were added; the oldest usually leave first. A record with identifier 0 is in the list, but cannot be
 * found by it. One that left from the middle stays in `#order`, without being in the index, until those before it are gone.
 */
export class List<R extends Keyed> {
  #order: R[] | undefined
  #head = 0 // where the oldest is
  #size = 0
  #index: Map<number, R> | undefined // by identifier, once there are many

  get size(): number {
    return this.#size
  }
  get(packetId: number): R | undefined {
    if (this.#size > FEW || this.#index) return this.#indexed().get(packetId)
    return this.#size === 0 ? undefined : this.find((record) => record.packetId === packetId)
  }
  add(record: R): void {
    this.#order ??= []
    this.#order.push(record)
    this.#size++
    if (record.packetId > 0) this.#index?.set(record.packetId, record)
  }
  remove(record: R): void {
    const order = this.#order
    if (!order) return
    if (order[this.#head] === record) return void this.shift()
    if (record.packetId > 0 && this.#index) {
      if (!this.#index.delete(record.packetId)) return
      this.#size--
      if (order.length - this.#head > 2 * this.#size + FEW) this.#order = [...this]
      if (this.#order !== order) this.#head = 0
    } else this.#rebuild((r) => r !== record)
  }
  /** Takes out the oldest. */
  shift(): R | undefined {
    const order = this.#order
    if (!order || this.#size === 0) return undefined
    const oldest = order[this.#head++]
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
  }
  *[Symbol.iterator](): Iterator<R> {
    for (let i = this.#head; this.#order && i < this.#order.length; i++) if (this.#has(this.#order[i])) yield this.#order[i]
  }

  #has(record: R): boolean {
    return !this.#index || record.packetId === 0 || this.#index.get(record.packetId) === record
  }
  #indexed(): Map<number, R> {
    this.#index ??= new Map([...this].map((record) => [record.packetId, record]))
    return this.#index
  }
  #rebuild(stays: (record: R) => boolean): void {
    const order = [...this].filter(stays)
    this.clear()
    for (const record of order) this.add(record)
  }
}
