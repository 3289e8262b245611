// The documents are true: links and anchors lead somewhere, commands exist, what is quoted is what stands there, the examples of the
// testee's page are what a testee answers, and every manifest has the same version.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, testeeCommand } from './support/targets.ts'
import { startTestee } from './support/testee.ts'
import { QUOTING, withExcerpts } from './tools/excerpts.ts'

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** A target's README is copied into generated/, and its links hold there. */
const copied = (path: string): boolean => {
  const [, target, name] = /^targets\/([^/]+)\/(?:.*\/)?([^/]+)$/.exec(path) ?? []
  return target !== undefined && tracked.includes(`generated/${target}/${name}`)
}
const documents = tracked.filter((path) => path.endsWith('.md') && !copied(path))
const pkg = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> }

/** Without what stands in code. */
const prose = (text: string): string => text.replace(/^( *)```[\s\S]*?^\1```/gm, '').replace(/`[^`\n]*`/g, '')

const headingAnchor = (title: string): string =>
  title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

/** The places of a document a link can lead to; a heading that is there twice has a number behind it. */
const anchorsOf = (path: string): Set<string> => {
  const text = read(path).replace(/^( *)```[\s\S]*?^\1```/gm, '')
  const found = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map((m) => m[1]))
  const seen = new Map<string, number>()
  for (const [, title] of text.matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = headingAnchor(title)
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    found.add(before > 0 ? `${anchor}-${before}` : anchor)
  }
  return found
}

const wrongLinks = (path: string): string[] =>
  [...prose(read(path)).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
    .map((m) => m[1] ?? m[2])
    .filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false
      const [file, anchor] = decodeURI(link).split('#')
      const target = file === '' ? path : relative(root, join(root, dirname(path), file))
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !statSync(join(root, target)).isDirectory() && !anchorsOf(target).has(anchor)
    })

describe.each(documents)('%s', (path) => {
  it('has links that lead somewhere', () => {
    expect(wrongLinks(path)).toEqual([])
  })

  it('names commands there are', () => {
    const named = [...read(path).matchAll(/\bnpm run (?:--silent |-s )?([\w:-]+)/g)].map((m) => m[1])
    expect(named.filter((script) => !(script in pkg.scripts))).toEqual([])
  })
})

it.each(QUOTING)('%s quotes what stands there (npm run excerpts mends it)', (path) => {
  expect(read(path)).toBe(withExcerpts(read(path)))
})

it('ARCHITECTURE.md names files of the generator that there are', () => {
  const section = read('ARCHITECTURE.md').split('## A packet')[0]
  const named = [...section.matchAll(/`([\w-]+\.ts)`/g)].map((m) => m[1])
  expect(named.filter((file) => !existsSync(join(root, 'generator', file)))).toEqual([])
})

describe('targets/TESTEE.md', () => {
  const fences = [...read('targets/TESTEE.md').matchAll(/^```\n([\s\S]*?)^```/gm)].map((m) => m[1]).filter((text) => text.includes('→'))
  it.each(fences)('%s', async (text) => {
    const testee = startTestee(await testeeCommand('typescript'), { cwd: root })
    const steps: { request: string; answer: string[] }[] = []
    for (const line of text.trimEnd().split('\n')) {
      const [request, answer] = line.includes('→') ? line.split('→').map((part) => part.trim()) : ['', line.trim()]
      if (request === '') steps.at(-1)!.answer.push(answer)
      else steps.push({ request, answer: answer === '' ? [] : [answer] })
    }
    const answers = await testee.askAll(steps.map(({ request }) => request))
    await testee.close()
    expect(steps.map(({ request }, i) => ({ request, answer: answers[i] }))).toEqual(steps)
  })
})

describe('one version number', () => {
  const manifests = tracked.filter((path) =>
    /(^|\/)(package\.json|library\.json|library\.properties|pyproject\.toml|idf_component\.yml)$/.test(path),
  )
  const own = manifests.filter((path) => path === 'package.json' || path === 'library.json' || path.startsWith('generated/'))
  it.each(own)('%s', (path) => {
    const found = /^\s*"?version"?\s*[:=]\s*"?([^",\n]+)/m.exec(read(path))?.[1]
    expect(found).toBe(pkg.version)
  })
})
