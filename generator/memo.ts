// What was made once of the same things is not made again: while it watches, the generator makes anew only what a change touches.

const all: Memo<unknown>[] = []

/** Results by what they were made of, as text. One that no turn has asked for since the last is forgotten. */
export class Memo<T> {
  #now = new Map<string, T>()
  #before = new Map<string, T>()

  constructor() {
    all.push(this)
  }

  of(key: string, make: () => T): T {
    const known = this.#now.get(key) ?? this.#before.get(key) ?? make()
    this.#now.set(key, known)
    return known
  }
  /** What cannot be made is tried again. */
  get(key: string, make: () => T | undefined): T | undefined {
    const known = this.#now.get(key) ?? this.#before.get(key) ?? make()
    if (known !== undefined) this.#now.set(key, known)
    return known
  }

  turn(): void {
    this.#before = this.#now
    this.#now = new Map()
  }
}

export function nextTurn(): void {
  for (const memo of all) memo.turn()
}

const texts = new WeakMap<object, string>()
/** Something that does not change, as a key. */
export function textOf(of: object): string {
  const known = texts.get(of) ?? JSON.stringify(of)
  texts.set(of, known)
  return known
}
