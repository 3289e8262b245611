// The ordered list against a plain array that does the same, over long seeded sequences: identifiers that go up, wrap, jump, or are missing.
import { expect, test } from 'vitest'
import { List } from '../generated/typescript/src/list.ts'

interface Entry {
  packetId: number
  n: number
}

const generator = (seed: number) => (below: number) => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}

test.each([
  ['one by one, the oldest leaving first', 1, 0, 1],
  ['one by one, over the end of the range, leaving anyhow', 65_500, 40, 1],
  ['with jumps', 65_000, 30, 7],
  ['with records that have none', 1, 20, 0],
])('%s', (_, first, outOfTurn, step) => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = generator(seed)
    const list = new List<Entry>()
    let plain: Entry[] = []
    let id = first - 1
    for (let n = 0; n < 3000; n++) {
      if (random(100) < (plain.length > 60 ? 40 : 55)) {
        do id = ((id + (step > 1 ? random(step) : 0)) % 65_535) + 1
        while (plain.some((e) => e.packetId === id))
        const entry = { packetId: step === 0 && random(4) === 0 ? 0 : id, n }
        list.add(entry)
        plain.push(entry)
      } else if (plain.length > 0) {
        const at = random(100) < outOfTurn ? random(plain.length) : 0
        const [entry] = plain.splice(at, 1)
        if (at === 0 && random(2) === 0) expect(list.shift()).toBe(entry)
        else list.remove(entry)
      }
      if (random(500) === 0) {
        list.prune((e) => e.n % 3 === 0)
        plain = plain.filter((e) => e.n % 3 !== 0)
      }
      const probe = random(3) === 0 ? random(65_535) + 1 : (plain[random(plain.length || 1)]?.packetId ?? 1)
      if (probe > 0) expect(list.get(probe)).toBe(plain.find((e) => e.packetId === probe))
      expect(list.size).toBe(plain.length)
    }
    expect([...list]).toEqual(plain)
    expect(list.find((e) => e.n > 1500)).toBe(plain.find((e) => e.n > 1500))
  }
})

test('one that never leaves does not make the others stay', () => {
  const list = new List<Entry>()
  list.add({ packetId: 1, n: 0 })
  for (let n = 1; n < 200_000; n++) {
    const entry = { packetId: (n % 65_534) + 2, n }
    list.add(entry)
    list.remove(entry)
  }
  expect([...list]).toHaveLength(1)
  expect(list.get(1)?.n).toBe(0)
})
