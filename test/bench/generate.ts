// The generator beside bare node processes of the same run: all targets from nothing, nothing to do, and the way from a saved file to the
// last write while it watches.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { targetNames } from '../../generator/files.ts'
import { copyProject, removeCopy, runIn } from '../support/copy.ts'
import { median, type Table } from './table.ts'

const TIMES = 5
const SAVES = 15

export async function run(): Promise<Table> {
  const copy = copyProject()
  try {
    writeFileSync(join(copy, 'empty.ts'), '')
    writeFileSync(join(copy, 'morph.ts'), "await import('ts-morph')\n")
    const took: Record<string, number[]> = { empty: [], morph: [], all: [], idle: [] }
    for (let i = 0; i < TIMES; i++) {
      took.empty.push((await runIn(copy, 'empty.ts')).ms)
      took.morph.push((await runIn(copy, 'morph.ts')).ms)
      rmSync(join(copy, 'generated'), { recursive: true, force: true })
      took.all.push((await runIn(copy, 'generator/cli.ts', 'generate')).ms)
      took.idle.push((await runIn(copy, 'generator/cli.ts', 'generate')).ms)
    }
    const of = (name: string) => median(took[name])
    const watched = await watching(copy)
    return {
      figures: 'generator',
      title: `Generator, ${targetNames(copy).length} targets`,
      unit: 'as each row says',
      about: `The middle of ${TIMES} runs; an empty file ${Math.round(of('empty'))} ms, importing ts-morph ${Math.round(of('morph'))} ms.`,
      columns: ['figure'],
      rows: {
        'all targets, times importing ts-morph by tsx': [of('all') / of('morph')],
        'nothing to do, times tsx on an empty file': [of('idle') / of('empty')],
        'watch round trip, ms': [watched.template],
        'watch round trip after a change of the spec, ms': [watched.spec],
      },
    }
  } finally {
    removeCopy(copy)
  }
}

/** Saves a template and the spec again and again; what the watcher says is from the file event to the last write. */
async function watching(copy: string): Promise<{ template: number; spec: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(copy, 'generator/cli.ts'), 'generate', '--watch'], { cwd: copy })
  try {
    await said(child, /^watching/m)
    const save = async (file: string, from: string, to: string): Promise<number> => {
      const path = join(copy, file)
      const before = readFileSync(path, 'utf8')
      const times: number[] = []
      for (let i = 0; i < SAVES; i++) {
        const heard = said(child, /written in (\d+) ms|nothing to do in (\d+) ms/)
        writeFileSync(path, i % 2 === 0 ? before.replace(from, to) : before)
        times.push(Number((await heard).find((text, at) => at > 0 && text)))
      }
      return median(times)
    }
    const template = await save('targets/typescript/templates/codec.ts.hbs', 'Encoders and decoders', 'Decoders and encoders')
    return { template, spec: await save('spec/packets.yaml', 'doc: The answer to PINGREQ.', 'doc: What answers PINGREQ.') }
  } finally {
    child.kill()
  }
}

const said = (child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> =>
  new Promise((resolve) => {
    const hear = (chunk: Buffer): void => {
      const found = wanted.exec(chunk.toString())
      if (!found) return
      child.stdout?.off('data', hear)
      resolve(found)
    }
    child.stdout?.on('data', hear)
  })
