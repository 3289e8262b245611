// Whether a topic is one that a topic filter asks for. Who has a handler for which filter is inbox.ts's.

/** Of the levels of both, as `/` divides them. */
export function matches(filter: string[], topic: string[]): boolean {
  const wild = (level: string): boolean => level === '+' || level === '#'
  if (wild(filter[0]) && topic[0][0] === '$') return false // MQTT-4.7.2-1
  const more = filter.at(-1) === '#' // the parent level, too
  const fits = more ? topic.length >= filter.length - 1 : topic.length === filter.length
  return fits && filter.every((level, i) => wild(level) || level === topic[i])
}
