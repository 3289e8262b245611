// Finds the handlers of a topic, among the topic filters that have one.

/** One value a topic filter. */
export class Topics<T> {
  readonly #entries = new Map<string, { levels: string[]; value: T }>()

  get size(): number {
    return this.#entries.size
  }
  get(filter: string): T | undefined {
    return this.#entries.get(filter)?.value
  }
  set(filter: string, value: T): void {
    this.#entries.set(filter, { levels: filter.split('/'), value })
  }
  delete(filter: string): void {
    this.#entries.delete(filter)
  }

  /** The values of every filter that matches a topic. */
  match(topic: string): T[] {
    const found: T[] = []
    if (this.size === 0) return found
    const levels = topic.split('/')
    for (const { levels: filter, value } of this.#entries.values()) if (matches(filter, levels)) found.push(value)
    return found
  }
}

function matches(filter: string[], topic: string[]): boolean {
  const wild = (level: string): boolean => level === '+' || level === '#'
  if (wild(filter[0]) && topic[0][0] === '$') return false // MQTT-4.7.2-1
  const more = filter.at(-1) === '#' // the parent level, too
  const fits = more ? topic.length >= filter.length - 1 : topic.length === filter.length
  return fits && filter.every((level, i) => wild(level) || level === topic[i])
}
