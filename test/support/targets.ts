// Which targets have a testee, how it is built and how it is started: the `testee:` and `build:` lists of
// targets/<name>/target.yaml. What the testee then answers is testee.ts's and the tests' concern.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const targetsFolder = join(root, 'targets')

interface Commands {
  /** The testee's command, run in the project's root; `{profile}` stands for the profile asked for. */
  testee?: string[]
  /** What must run before; it has to be quick where nothing changed. */
  build?: string[]
  /** An example that exchanges six messages and ends; server, port and client id are appended. It builds what it needs. */
  demo?: string[]
}

const commandsOf = (target: string): Commands | undefined => {
  const file = join(targetsFolder, target, 'target.yaml')
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Commands) : undefined
}

/** The targets that have a testee, by name. Folders that begin with an underscore are templates. */
export const testeeTargets = (): string[] =>
  (existsSync(targetsFolder) ? readdirSync(targetsFolder) : [])
    .filter((name) => !name.startsWith('_') && commandsOf(name)?.testee !== undefined)
    .sort()

/** The examples that the demo shows, by target, this project's first language first. */
export const demoCommands = (): [target: string, command: string[]][] =>
  readdirSync(targetsFolder)
    .flatMap((name): [string, string[]][] => {
      const demo = name.startsWith('_') ? undefined : commandsOf(name)?.demo
      return demo ? [[name, demo]] : []
    })
    .sort(([a], [b]) => Number(b === 'typescript') - Number(a === 'typescript') || a.localeCompare(b))

/** The profiles a testee of a target can be of; none where it has only the whole. */
export const targetProfiles = (target: string): string[] => {
  const { testee = [], build = [] } = commandsOf(target) ?? {}
  if (![...testee, ...build].some((word) => word.includes('{profile}'))) return []
  return Object.keys((parse(readFileSync(join(root, 'spec', 'session.yaml'), 'utf8')) as { profiles: object }).profiles)
}

/** Builds `<target>` or `<target>:<profile>` where it asks for that, and gives the command that starts its testee. */
export const testeeCommand = async (name: string): Promise<string[]> => {
  const [target, profile] = name.split(':')
  const commands = commandsOf(target)
  if (!commands?.testee) throw new Error(`no testee for '${target}'; targets with one: ${testeeTargets().join(', ') || 'none'}`)
  const words = [...commands.testee, ...(commands.build ?? [])]
  if (profile !== undefined && !words.some((word) => word.includes('{profile}')))
    throw new Error(`target '${target}' has no profiles: '{profile}' stands neither in its testee nor its build command`)
  const filled = (command: string[]) => command.map((word) => word.replaceAll('{profile}', profile ?? 'full'))
  if (commands.build) await buildOnce(target, filled(commands.build))
  return filled(commands.testee)
}

const builds = new Map<string, Promise<void>>()

const buildOnce = (target: string, command: string[]): Promise<void> => {
  const key = command.join(' ')
  const build = builds.get(key) ?? oneAtATime(target, () => runQuietly(command))
  builds.set(key, build)
  return build
}

/** Nothing is printed unless it fails: stdout belongs to the testee. */
const runQuietly = (command: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command.join(' ')} failed with exit code ${code}\n${output}`)),
    )
  })

const STALE_AFTER = 300_000

/** Test files run in processes of their own; two builds of one target at once would write the same files. */
const oneAtATime = async (target: string, work: () => Promise<void>): Promise<void> => {
  const folder = join(root, 'node_modules', '.cache', 'umqtt-builds')
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, target)
  while (!taken(lock)) await sleep(100)
  try {
    await work()
  } finally {
    rmdirSync(lock)
  }
}

const taken = (lock: string): boolean => {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (since > 0 && Date.now() - since > STALE_AFTER) rmdirSync(lock) // its process was killed
    return false
  }
}
