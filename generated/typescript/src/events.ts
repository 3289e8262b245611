// Typed events: on, once, off. Nothing is allocated before the first listener comes.

type Listener = (...args: never[]) => unknown

/** `E` names the events, each with its listener's arguments. */
export class Emitter<E extends { [K in keyof E]: unknown[] }> {
  #listeners: Map<keyof E, readonly Listener[]> | undefined

  /** Calls `listener` at each event of this name. */
  on<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): this {
    this.#listeners ??= new Map()
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }
  /** Calls `listener` at the next event of this name. */
  once<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): this {
    const first = (...args: E[K]): unknown => {
      this.off(event, first)
      return listener(...args)
    }
    return this.on(event, first)
  }
  /** Ends what `on` began. */
  off<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): this {
    const left = this.#listeners?.get(event)?.filter((l) => l !== listener) ?? []
    if (left.length > 0) this.#listeners!.set(event, left)
    else this.#listeners?.delete(event)
    return this
  }
  /** Under the names that Node's own `once` and `on` look for. */
  addListener<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): this {
    return this.on(event, listener)
  }
  removeListener<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): this {
    return this.off(event, listener)
  }

  /** Those who listen now: a list that later changes leave as it is. */
  protected listenersOf<K extends keyof E>(event: K): readonly ((...args: E[K]) => unknown)[] | undefined {
    return this.#listeners?.get(event) as readonly ((...args: E[K]) => unknown)[] | undefined
  }
}
