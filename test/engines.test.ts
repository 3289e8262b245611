// Proves that each JavaScript engine runs a testee bundle line by line, with a toy bundle that uses what a real one may:
// Uint8Array with a shared subarray, state between lines, long lines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { engineMissing, engineNames, startEngine } from './support/engines/engines.ts'

vi.setConfig({ testTimeout: 30_000 }) // processes start slowly on a busy machine

const TOY = `
var calls = 0
var testee = function (line) {
  calls += 1
  if (line === 'throw') throw new Error('thrown by the toy')
  if (line === 'count') return calls + '\\n.'
  if (line === 'typed') {
    var whole = new Uint8Array(4)
    whole.set([1, 2, 300], 1)
    var part = whole.subarray(1, 3)
    part[0] = 9
    var copy = new Uint8Array(part)
    copy[1] = 0
    return [whole.length, whole[0], whole[1], whole[2], whole[3], part.length, copy[0], part[5] === undefined,
      part instanceof Uint8Array, whole.subarray(-1)[0], new Uint8Array([5])[0]].join() + '\\n.\\n'
  }
  if (line === 'range') {
    try { new Uint8Array(2).set([1, 2], 1) } catch (error) { return (error instanceof RangeError) + '\\n.\\n' }
  }
  if (line === 'silent') return '.\\n'
  return line.length + '\\n' + line.slice(-3) + '\\n.\\n'
}`

let folder: string
let bundle: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'umqtt-engines-'))
  bundle = join(folder, 'toy.js')
  writeFileSync(bundle, TOY)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(engineNames)('%s', (name) => {
  const absent = engineMissing(name)

  test.skipIf(absent)('answers line by line and keeps its state', async () => {
    const engine = startEngine(name, bundle)
    expect(await engine.ask('count')).toEqual(['1'])
    expect(await engine.ask('typed')).toEqual(['4,0,9,2,44,2,9,true,true,44,5'])
    expect(await engine.ask('range')).toEqual(['true'])
    expect(await engine.ask('silent')).toEqual([])
    expect(await engine.ask('x'.repeat(150_000))).toEqual(['150000', 'xxx'])
    const many = await engine.askAll(Array.from({ length: 3000 }, () => 'count'))
    expect(many.flat()).toEqual(Array.from({ length: 3000 }, (_, i) => String(i + 6)))
    expect(await engine.close()).toBe(0)
  })

  test.skipIf(absent)('says what was thrown', async () => {
    const engine = startEngine(name, bundle)
    await expect(engine.ask('throw')).rejects.toThrow('thrown by the toy')
    expect(await engine.close()).toBe(1)
  })
})
