// Finds the handlers of a topic: a tree with one level of topic filters a step.

interface Node<T> {
  value: T | undefined
  children: Map<string, Node<T>> | undefined
}
const node = <T>(): Node<T> => ({ value: undefined, children: undefined })

/** One value a topic filter. */
export class TopicTree<T> {
  readonly #root = node<T>()

  get(filter: string): T | undefined {
    let at: Node<T> | undefined = this.#root
    for (const level of filter.split('/')) at = at?.children?.get(level)
    return at?.value
  }
  set(filter: string, value: T): void {
    let at = this.#root
    for (const level of filter.split('/')) {
      at.children ??= new Map()
      if (!at.children.has(level)) at.children.set(level, node())
      at = at.children.get(level)!
    }
    at.value = value
  }
  delete(filter: string): void {
    const path = [this.#root]
    const levels = filter.split('/')
    for (const level of levels) {
      const next = path.at(-1)!.children?.get(level)
      if (!next) return
      path.push(next)
    }
    path.at(-1)!.value = undefined
    for (let i = levels.length; i > 0 && path[i].value === undefined && !path[i].children?.size; i--)
      path[i - 1].children!.delete(levels[i - 1])
  }
  get empty(): boolean {
    return !this.#root.children?.size
  }

  /** The values of every filter that matches a topic. */
  match(topic: string): T[] {
    const found: T[] = []
    const levels = topic.split('/')
    const walk = (at: Node<T>, depth: number): void => {
      const { children } = at
      const wild = depth > 0 || topic[0] !== '$' // MQTT-4.7.2-1
      if (wild) take(children?.get('#'), found) // also the parent level
      if (depth === levels.length) return take(at, found)
      if (!children) return
      const exact = children.get(levels[depth])
      if (exact) walk(exact, depth + 1)
      const plus = wild ? children.get('+') : undefined
      if (plus) walk(plus, depth + 1)
    }
    walk(this.#root, 0)
    return found
  }
}

function take<T>(at: Node<T> | undefined, found: T[]): void {
  if (at?.value !== undefined) found.push(at.value)
}
