// Every interleaving within small bounds: QoS 2 is never doubled, order is kept, identifiers are never shared, nothing is lost, every
// operation is settled once, and a calm network always comes to rest with empty lists. Faults planted into the session are found.
import { describe, expect, it } from 'vitest'
import { asScenario, requestsOf, search } from './support/explore/search.ts'
import { type Bounds, Explored } from './support/explore/world.ts'
import { SMALL } from './support/explore/worlds.ts'
import { answerOf, emitted, theSpec } from './support/memory.ts'

describe('nothing is wrong in any state', () => {
  it.each(Object.entries(SMALL))('%s', { timeout: 120_000 }, async (_, bounds) => {
    const explored = await Explored.of(bounds)
    const { states, finals, counterexample } = search(explored)
    if (counterexample) {
      const answer = await answerOf(await emitted(theSpec()))
      throw new Error(asScenario(requestsOf(explored, counterexample.path), counterexample.wrong, answer))
    }
    expect(states).toBeGreaterThan(1_000)
    expect(finals).toBeGreaterThan(0)
  })
})

/** A change of the session's text, the bounds that are enough to find it, and what is said about it. */
const FAULTS: Record<string, { from: RegExp; to: string; bounds?: Partial<Bounds>; wrong: RegExp }> = {
  'the message is sent again after PUBREC': {
    from: /m\.stage = WAIT_PUBCOMP.*/,
    to: '',
    wrong: /QoS 2 message of call 1 twice|settled never|comes to rest/,
  },
  'received identifiers are forgotten with each connection': {
    from: /if \(!packet\.sessionPresent && .*\) this\.#received\.clear\(\)/,
    to: 'this.#received.clear()',
    bounds: { calls: [], serverMessages: [2] },
    wrong: /the application got the QoS 2 message 1 twice/,
  },
  'received identifiers are never forgotten': {
    from: /if \(!packet\.sessionPresent && .*\) this\.#received\.clear\(\)/,
    to: '',
    bounds: { calls: [], serverMessages: [2], forgets: 1 },
    wrong: /records are left|is lost/,
  },
  'nothing is sent again': { from: /this\.#resume\(m\).*/, to: '', wrong: /settled never/ },
  'what is in flight is sent again the last first': {
    from: /for \(const m of this\.#outbox\)(?=[^\n]*(?:\n[^\n]*)?this\.#resume)/,
    to: 'for (const m of [...this.#outbox].reverse())',
    bounds: { calls: [{ publish: 1 }, { publish: 1 }] },
    wrong: /in the order 2,1/,
  },
  'an acknowledged message stays': { from: /this\.#outbox\.remove\(m\)/, to: '', wrong: /settled twice|records are left/ },
  'a filter is not subscribed again': {
    from: /this\.#renew\(f\)/,
    to: 'void f',
    bounds: { calls: [{ subscribe: 'a' }], forgets: 1 },
    wrong: /the server's subscriptions are ''|still being subscribed/,
  },
}

it.each(Object.entries(FAULTS))('a planted fault is found: %s', { timeout: 60_000 }, async (_, { from, to, bounds, wrong }) => {
  const alter = (text: string): string => {
    const altered = text.replace(from, to)
    expect(altered).not.toBe(text)
    return altered
  }
  const small: Bounds = { calls: [{ publish: 2 }, { publish: 1 }], serverMessages: [], losses: 1, forgets: 0, maxInflight: 20, ...bounds }
  const explored = await Explored.of(small, alter)
  const { counterexample } = search(explored)
  expect(counterexample?.wrong).toMatch(wrong)
  const requests = requestsOf(explored, counterexample!.path)
  expect(requests.slice(0, 4).map((request) => request.split(' ')[0])).toEqual(['new', 'call', 'open', 'recv'])
  expect(requests.length).toBeLessThan(20)
})
