// The C++ client's flash, object, stack, heap and instructions on rv32imc, held where they are: none may grow unseen. What is to be reached stands
// in bench/figures.yaml, and `npm run sizes -- cpp` and `npm run bench -- cpp` print it beside. What has become smaller is lowered here.
import { describe, expect, it } from 'vitest'
import { counts } from './bench/cpp.ts'
import { missingBoards } from './tools/boards.ts'
import { heap } from './tools/rv32.ts'
import { build, flashOf, objects, stackOf } from './tools/sizes/cpp.ts'

const FLASH: [program: string, profile: string, bytes: number][] = [
  ['codec', 'full', 2100],
  ['session', 'full', 6831],
  ['client', 'full', 8680],
  ['session', 'std', 4727],
  ['client', 'std', 6605],
  ['session', 'tiny', 3760],
  ['client', 'tiny', 5565],
]

const INSTRUCTIONS: Record<string, number> = {
  'encode PUBLISH q0 20 B': 460,
  'encode CONNECT with everything': 1130,
  'encode SUBSCRIBE': 410,
  'encode PUBACK': 44,
  'decode PUBLISH 20 B': 175,
  'decode PUBACK': 40,
  'client: publish q0 20 B': 665,
  'client: receive q0 1 KiB': 550,
  'writes of connect': 1,
  'writes of publish q0': 1,
}

describe.skipIf(missingBoards('rv32imc'))('rv32imc', { timeout: 120_000 }, () => {
  it.each(FLASH)('flash of %s, %s', async (program, profile, bytes) => {
    expect(await flashOf(program, profile)).toBeLessThanOrEqual(bytes)
  })

  it('the object, without the memory the caller gives it', async () => {
    expect((await objects())['umqtt::MQTTClientBase']).toBeLessThanOrEqual(208)
  })

  it('no heap, and a stack that is known', async () => {
    const client = await build('client')
    expect(await heap(client)).toEqual([])
    expect((await stackOf(client)).bytes).toBeLessThanOrEqual(384)
  })

  it('instructions', async () => {
    const found = await counts()
    const grown = Object.entries(INSTRUCTIONS).filter(([name, most]) => !(found[name] <= most))
    expect(grown.map(([name, most]) => `${name}: ${found[name]}, at most ${most}`)).toEqual([])
  })
})
