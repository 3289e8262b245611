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

/** What is made of a thing that does not change is made once, and lasts as long as the thing. */
export function once<Of extends object, More extends unknown[], Made>(
  make: (of: Of, ...more: More) => Made,
): (of: Of, ...more: More) => Made {
  const known = new WeakMap<Of, { made: Made }>()
  return (of, ...more) => {
    const { made } = known.get(of) ?? { made: make(of, ...more) }
    known.set(of, { made })
    return made
  }
}
/** Something that does not change, as a key. */
export const textOf = once((of: object): string => JSON.stringify(of))
