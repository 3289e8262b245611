// Judges mutants: the TypeScript target is made of a mutated spec in memory, and the lint, a hand-written vector or a hand-written scenario has
// to notice. Derived vectors do not count: they follow the spec wherever it goes.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Loaded } from '../../generator/generate.ts'
import { type Answer, bounded, CODEC, emitted, Modules, resolved, sourceOf, TESTEE } from './memory.ts'
import { type Mutant, packetMutants, sessionMutants } from './mutants.ts'
import { loadProfileScenarios, loadScenarios, type Scenario } from './scenarios.ts'
import { type HeaderRule, wrongSenders } from './senders.ts'
import { root } from './targets.ts'
import { fromTestee, loadVectors, printed, toTestee, type Vector, type Version } from './vectors.ts'

export interface Verdict {
  mutant: Mutant
  /** What noticed it, or undefined: it survived. */
  by: string | undefined
}
export interface Equivalent {
  mutant: string
  reason: string
}

/** A check: a name, and requests with the answers that are right. */
interface Check {
  name: string
  steps: { request: string; answer: string }[]
  heavy: boolean
}

const AGAIN = {
  session: ['src/session.ts', 'src/states.ts'],
  packets: ['src/codec.ts', 'src/packets.ts', 'src/packet-types.ts', 'src/wire.ts', 'src/session.ts', 'model.json'],
}
/** Milliseconds that all light checks, or one heavy one, may take; a mutant may loop for ever. */
const [LIGHT, HEAVY] = [5_000, 60_000]
const PROFILES = ['std', 'tiny']

export const loadEquivalents = (): Equivalent[] =>
  (parse(readFileSync(join(root, 'test', 'equivalents.yaml'), 'utf8')) as { equivalents: Equivalent[] | null }).equivalents ?? []

const ofVector = (v: Vector, version: Version): Check['steps'] => {
  const encode = (answer: string) => ({ request: `encode ${version} ${toTestee(v.packet!, version)}`, answer })
  const decode = (answer: string) => ({ request: `decode ${version} ${v.bytes}`, answer })
  if (v.kind === 'both') return [encode(`ok ${printed(v.bytes)}`), decode(`ok ${fromTestee(v.packet!, version)}`)]
  if (v.kind === 'decode') return [decode(`ok ${fromTestee(v.packet!, version)}`)]
  return v.kind === 'reject' ? [decode(`error ${v.error} ${v.at}`)] : [encode(`error ${v.error}`)]
}

const allChecks = (): Check[] => {
  const vectors = loadVectors().map((v): Check => {
    const steps = v.versions.flatMap((version) => ofVector(v, version))
    return { name: `vector '${v.name}'`, steps, heavy: steps.some(({ request }) => /@\d{6,}/.test(request) || request.length > 100_000) }
  })
  return [...loadScenarios().map(ofScenario), ...vectors, SENDERS]
}
const ofScenario = ({ id, steps }: Scenario): Check => {
  const plain = steps.map(({ request, answer }) => ({ request, answer: answer.join('\n') }))
  return { name: `scenario ${id}`, steps: plain, heavy: steps.length > 500 || plain.some(({ request }) => /@\d{6,}/.test(request)) }
}

/** The testee over these files, and one request more: who may send what. */
const answerOf = async (files: Map<string, string>): Promise<Answer> => {
  const modules = new Modules(files)
  const { answer } = (await modules.load(TESTEE)) as { answer: Answer }
  const { clientHeaderRule, serverHeaderRule } = (await modules.load(CODEC)) as Record<string, HeaderRule>
  return (line) => (line === 'senders' ? wrongSenders(clientHeaderRule, serverHeaderRule) : answer(line))
}
const SENDERS: Check = { name: 'the table of senders', steps: [{ request: 'senders', answer: '' }], heavy: false }

/** The answer to a request; what a profile does not have is `bad unsupported`, a crash is told as one. */
const ask = (answer: Answer, request: string): string => {
  try {
    return answer(request).join('\n')
  } catch (error) {
    return /is not a function/.test(String(error)) ? 'bad unsupported' : `crash: ${error}`
  }
}
const fails = (answer: Answer, check: Check): boolean => check.steps.some((step) => ask(answer, step.request) !== step.answer)

const firstDifference = (answer: Answer, check: Check): string => {
  for (const step of check.steps) {
    const got = ask(answer, step.request)
    if (got !== step.answer) return `> ${step.request}\n- ${step.answer}\n+ ${got}`
  }
  return 'nothing differs the second time'
}

/** One profile: what it is printed as, and the checks that it passes unmutated. */
interface Side {
  profile: string
  files: Map<string, string>
  checks: Check[]
}

export class Mutation {
  readonly mutants: Mutant[]
  /** What the unmutated target does not pass, and so cannot judge: scenarios of features it lacks. */
  readonly lacking: string[]
  readonly #sources: Loaded['sources']
  readonly #sides: Side[]

  private constructor(sources: Loaded['sources'], sides: Side[], mutants: Mutant[], lacking: string[]) {
    this.#sources = sources
    this.#sides = sides
    this.mutants = mutants
    this.lacking = lacking
  }

  static async begin(): Promise<Mutation> {
    const sources = { packets: sourceOf('packets'), client: sourceOf('client'), session: sourceOf('session') }
    const full = resolved(sources)
    if (typeof full === 'string') throw new Error(full)
    const { rules, errors } = full.codec.model.world
    const mutants = [...sessionMutants(sources.session, [...rules.keys()], [...errors.keys()]), ...packetMutants(sources.packets)]
    const checks = allChecks()
    const sides: Side[] = []
    const smaller = loadProfileScenarios()
    for (const profile of ['full', ...PROFILES]) {
      const loaded = profile === 'full' ? full : resolved(sources, profile)
      if (typeof loaded === 'string') throw new Error(loaded)
      const own = smaller.filter((scenario) => scenario.profile === profile).map(ofScenario)
      const files = await emitted(loaded)
      const answer = await answerOf(files)
      const failing = own.find((check) => fails(answer, check))
      if (failing) throw new Error(`${failing.name} fails:\n${firstDifference(answer, failing)}`)
      const passed = (check: Check): boolean => (profile === 'full' || !check.heavy) && !fails(answer, check)
      sides.push({ profile, files, checks: [...own, ...checks.filter(passed)] })
    }
    const lacking = checks.filter((check) => !sides[0].checks.includes(check)).map(({ name }) => name)
    return new Mutation(sources, sides, mutants, lacking)
  }

  async judge(mutant: Mutant): Promise<Verdict> {
    return { mutant, by: await this.#noticed(mutant) }
  }

  /** In the profile that has everything; what that does not print, in those that print it. */
  async #noticed(mutant: Mutant): Promise<string | undefined> {
    for (const side of this.#sides) {
      const printed = await this.#printed(mutant, side)
      if (typeof printed === 'string') return printed
      if (printed) return this.#run(printed, side)
    }
    return undefined
  }

  /** What a mutant is printed as; undefined where that is no difference. */
  async #printed(mutant: Mutant, { profile, files }: Side): Promise<Map<string, string> | string | undefined> {
    const undo = mutant.apply()
    try {
      const loaded = resolved(this.#sources, profile)
      if (typeof loaded === 'string') return 'the lint'
      const printed = await emitted(loaded, files, AGAIN[mutant.file])
      return [...printed].some(([path, text]) => files.get(path) !== text) ? printed : undefined
    } catch {
      return 'the printer'
    } finally {
      undo()
    }
  }

  async #run(files: Map<string, string>, side: Side): Promise<string | undefined> {
    let answer: Answer
    try {
      answer = await answerOf(files)
    } catch {
      return 'the compiler'
    }
    return (
      this.#first(
        answer,
        side,
        side.checks.filter(({ heavy }) => !heavy),
        LIGHT,
      ) ?? this.#heavy(answer, side)
    )
  }
  #heavy(answer: Answer, side: Side): string | undefined {
    for (const check of side.checks) {
      const noticed = check.heavy && this.#first(answer, side, [check], HEAVY)
      if (noticed) return noticed
    }
    return undefined
  }

  /** The first check that fails comes first the next time: mutants that stand together are noticed by the same ones. */
  #first(answer: Answer, side: Side, checks: Check[], ms: number): string | undefined {
    let running = checks[0]
    try {
      return bounded(ms, () => {
        for (running of checks) {
          if (!fails(answer, running)) continue
          side.checks.splice(side.checks.indexOf(running), 1)
          side.checks.unshift(running)
          return running.name
        }
        return undefined
      })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      return `${running.name}, which did not end`
    }
  }
}
