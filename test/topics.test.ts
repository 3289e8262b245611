// What finds the handlers of a topic, against the standard's own examples of MQTT-4.7 (D13).
import { expect, test } from 'vitest'
import { Topics } from '../generated/typescript/src/topics.ts'

const FILTERS = [
  '#',
  '+',
  '+/+',
  '+/b',
  '+/monitor/Clients',
  '/+',
  '/finance',
  'a',
  'a/#',
  'a/+',
  'a//',
  'a/b',
  'a/+/c',
  '$SYS/#',
  '$SYS/monitor/+',
]
const topics = new Topics<string>()
for (const filter of FILTERS) topics.set(filter, filter)

test.each([
  ['a', ['#', '+', 'a', 'a/#']],
  ['a/b', ['#', '+/+', '+/b', 'a/#', 'a/+', 'a/b']],
  ['/b', ['#', '+/+', '+/b', '/+']],
  ['/finance', ['#', '+/+', '/+', '/finance']],
  ['a//', ['#', 'a/#', 'a//']],
  ['a/', ['#', '+/+', 'a/#', 'a/+']],
  ['a/x/c', ['#', 'a/#', 'a/+/c']],
  ['A', ['#', '+']],
  ['$SYS/monitor/Clients', ['$SYS/#', '$SYS/monitor/+']],
  ['$SYS', ['$SYS/#']],
  ['constructor/__proto__', ['#', '+/+']],
])('%s is matched by %j', (topic, filters) => {
  expect(topics.match(topic).toSorted()).toEqual(filters.toSorted())
})

test('a filter taken out matches no more, and leaves the others', () => {
  const own = new Topics<number>()
  own.set('a/b/c', 1)
  own.set('a', 2)
  own.delete('a/b')
  own.delete('x/y')
  expect(own.match('a/b/c')).toEqual([1])
  own.delete('a/b/c')
  expect(own.match('a/b/c')).toEqual([])
  expect(own.get('a')).toBe(2)
})
