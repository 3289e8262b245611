// The bounds that are explored: small ones for every run of the tests, larger ones for `npm run explore`.
import type { Bounds } from './world.ts'

/** Seconds, all together. */
export const SMALL: Record<string, Bounds> = {
  'messages both ways': { calls: [{ publish: 2 }, { publish: 1 }], serverMessages: [2, 1], losses: 2, forgets: 0, maxInflight: 20 },
  'a window of one': {
    calls: [{ publish: 2 }, { publish: 1 }, { publish: 2 }],
    serverMessages: [2],
    losses: 1,
    forgets: 0,
    maxInflight: 1,
  },
  'a session that is lost': {
    calls: [{ publish: 2 }, { subscribe: 'a' }, { publish: 1 }],
    serverMessages: [2],
    losses: 2,
    forgets: 1,
    maxInflight: 20,
  },
  'subscribe and unsubscribe': {
    calls: [{ subscribe: 'a' }, { subscribe: 'b' }, { unsubscribe: 'a' }],
    serverMessages: [1],
    losses: 2,
    forgets: 1,
    maxInflight: 20,
  },
}

/** Half a minute, all together. */
export const LARGE: Record<string, Bounds> = {
  'five messages, three losses': {
    calls: [{ publish: 2 }, { publish: 1 }, { publish: 2 }],
    serverMessages: [2, 1],
    losses: 3,
    forgets: 0,
    maxInflight: 20,
  },
  'five messages and a window of one': {
    calls: [{ publish: 2 }, { publish: 1 }, { publish: 2 }],
    serverMessages: [2, 1],
    losses: 2,
    forgets: 0,
    maxInflight: 1,
  },
  'requests, and the session lost': {
    calls: [{ publish: 2 }, { subscribe: 'a' }, { publish: 1 }, { unsubscribe: 'a' }],
    serverMessages: [2],
    losses: 3,
    forgets: 1,
    maxInflight: 20,
  },
}

/** All of it at once: nearly two million states, minutes, and gigabytes (`NODE_OPTIONS=--max-old-space-size=8000`). */
export const WHOLE: Record<string, Bounds> = {
  everything: {
    calls: [{ publish: 2 }, { publish: 1 }, { subscribe: 'a' }, { publish: 2 }, { unsubscribe: 'a' }],
    serverMessages: [2, 1],
    losses: 3,
    forgets: 1,
    maxInflight: 20,
  },
}
