// What finds the filters of a topic, against the standard's own examples of MQTT-4.7 (D13).
import { expect, test } from 'vitest'
import { matches } from '../generated/typescript/src/topics.ts'

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
  const levels = topic.split('/')
  expect(FILTERS.filter((filter) => matches(filter.split('/'), levels)).toSorted()).toEqual(filters.toSorted())
})
