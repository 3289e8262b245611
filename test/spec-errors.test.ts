// Each file of spec-errors/ is a mistake somebody could make in the spec, and exactly what they are told. `{line}` is the line of the
// first change, `{line+2}` two lines further down.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkSpec, type SpecFile } from '../generator/generate.ts'
import { Problems } from '../generator/source.ts'
import { root } from './support/targets.ts'

interface Mistake {
  file: string
  changes: { from: string; to: string }[]
  says: string
}

const folder = join(import.meta.dirname, 'spec-errors')
const names = readdirSync(folder).map((name) => name.replace('.yaml', ''))

/** What the generator says of the spec after the changes, and the line of the first. */
function told({ file, changes }: Mistake): { says: string; line: number } {
  const before = readFileSync(join(root, 'spec', file), 'utf8')
  let text = before
  for (const { from, to } of changes) {
    expect(text, 'the spec no longer has what this mistake changes').toContain(from)
    text = text.replace(from, () => to)
  }
  const same = [...before].findIndex((_, i) => before[i] !== text[i])
  const problems = new Problems()
  checkSpec(root, problems, { [file.replace('.yaml', '') as SpecFile]: text })
  return { says: problems.report(), line: before.slice(0, same).split('\n').length }
}

describe('a mistake in the spec', () => {
  it.each(names)('%s', (name) => {
    const mistake = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as Mistake
    const { says, line } = told(mistake)
    expect(`${says}\n`).toBe(mistake.says.replace(/\{line([+-]\d+)?\}/g, (_, more = '0') => String(line + Number(more))))
  })

  it('is told from a spec that is in order', () => {
    const problems = new Problems()
    checkSpec(root, problems)
    expect(problems.report()).toBe('')
  })
})
