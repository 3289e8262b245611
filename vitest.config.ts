// The order of the test files: what takes seconds first, then what boots emulators or talks to brokers, last and alone what measures.
// Each group waits for the one before it. A new file is in the first group unless its name says otherwise.
import { defineConfig } from 'vitest/config'

const slow = ['conformance', 'cpp', 'engines', 'explore', 'fuzz', 'mutate', 'rows', 'spec-errors', 'sweep', 'walk']
const live = ['boards', 'brokers', 'generate', 'live', 'micropython', 'package']
const alone = ['bench', 'sizes', 'speed']

// Generous: on a busy machine compilers and interpreters take long to start.
const patience = { testTimeout: 60_000, hookTimeout: 120_000 }

// What talks to sockets, brokers, emulators and file watchers, or takes the time, shares the machine with everything else: one that fails
// is tried again, and test.ts names it. What only computes must pass at once.
const again = { ...patience, retry: 2 }

const files = (names: string[]): string[] => [`test/**/{${names.join(',')}}{,-*,.*}.test.ts`]

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...patience,
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: files([...slow, ...live, ...alone]),
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...patience, name: 'slow', include: files(slow), sequence: { groupOrder: 1 } } },
      { test: { ...again, name: 'live', include: files(live), exclude: files(alone), sequence: { groupOrder: 1 } } },
      { test: { ...again, name: 'alone', include: files(alone), sequence: { groupOrder: 2 }, fileParallelism: false } },
    ],
  },
})
