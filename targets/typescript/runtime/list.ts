// An ordered list of records that can be found by a number. Nothing is allocated before the first record comes.

interface Keyed {
  packetId: number
}

/** In the order in which records were added. A record with identifier 0 is in the list, but cannot be found by it. */
export class List<R extends Keyed> {
  #records: Map<number, R> | undefined
  #unnamed = 0 // records without an identifier get -1, -2, …

  get size(): number {
    return this.#records?.size ?? 0
  }
  get(packetId: number): R | undefined {
    return this.#records?.get(packetId)
  }
  add(record: R): void {
    this.#records ??= new Map()
    this.#records.set(record.packetId || --this.#unnamed, record)
  }
  remove(record: R): void {
    const records = this.#records
    if (!records) return
    if (records.get(record.packetId) === record) records.delete(record.packetId)
    else for (const [key, r] of records) if (r === record) return void records.delete(key)
  }
  /** Takes out the oldest. */
  shift(): R | undefined {
    for (const [key, record] of this.#records ?? []) {
      this.#records!.delete(key)
      return record
    }
    return undefined
  }
  find(fits: (record: R) => boolean): R | undefined {
    for (const record of this) if (fits(record)) return record
    return undefined
  }
  /** Removes every record that fits. */
  prune(fits: (record: R) => boolean): void {
    for (const [key, record] of this.#records ?? []) if (fits(record)) this.#records!.delete(key)
  }
  clear(): void {
    this.#records = undefined
  }
  *[Symbol.iterator](): Iterator<R> {
    if (this.#records) yield* this.#records.values()
  }
}
