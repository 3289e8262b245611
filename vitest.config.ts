// The order of the test files: what takes seconds first, then what boots emulators or talks to brokers, last and alone what measures.
// Each group waits for the one before it. A new file is in the first group unless its name says otherwise.
import { defineConfig } from 'vitest/config'

const slow = [
  'boards',
  'brokers',
  'browser',
  'conformance',
  'cpp',
  'engines',
  'explore',
  'fuzz',
  'generate',
  'live',
  'micropython',
  'mutate',
  'package',
  'rows',
  'spec-errors',
  'sweep',
  'walk',
]
const alone = ['bench', 'sizes', 'speed']

// Generous: on a busy machine compilers and interpreters take long to start.
const patience = { testTimeout: 60_000, hookTimeout: 120_000 }

const files = (names: string[]): string[] => [`test/**/{${names.join(',')}}{,-*,.*}.test.ts`]

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...patience,
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...files(slow), ...files(alone)],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...patience, name: 'slow', include: files(slow), exclude: files(alone), sequence: { groupOrder: 1 } } },
      { test: { ...patience, name: 'alone', include: files(alone), sequence: { groupOrder: 2 }, fileParallelism: false } },
    ],
  },
})
