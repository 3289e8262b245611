// Loads the golden scenarios of spec/scenarios, expands their repetitions, and plays one on a testee. Says what differs;
// what that means for a test is left to the test files.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { root } from './targets.ts'
import type { Testee } from './testee.ts'

export const FEATURES = [
  'queue',
  'qos1',
  'qos2',
  'subscribe',
  'unsubscribe',
  'deadlines',
  'will',
  'auth',
  'reconnect',
  'rx_buffer',
  'throw',
  'version3',
] as const
export type Feature = (typeof FEATURES)[number]

export interface Step {
  request: string
  answer: string[]
}

export interface Scenario {
  /** The card, or the name of one that no card covers. */
  id: string
  card: string | undefined
  file: string
  title: string
  see: string[]
  needs: Feature[]
  steps: Step[]
}

export interface Elsewhere {
  card: string
  reason: string
  tested: string
}

interface Repeated {
  repeat: number
  trace: string
}

interface Entry {
  card?: string
  name?: string
  title: string
  see: string[]
  needs?: Feature[]
  trace: string | (string | Repeated)[]
}

const folder = join(root, 'spec', 'scenarios')
const ELSEWHERE = 'elsewhere.yaml'
const PROFILES = 'profiles.yaml'

const validate = new Ajv({ strict: true, strictRequired: false }).compile(
  JSON.parse(readFileSync(join(root, 'spec', 'schema', 'scenarios.schema.json'), 'utf8')),
)

const load = <T>(file: string): T => {
  const data = parse(readFileSync(join(folder, file), 'utf8'), { strict: true, uniqueKeys: true, maxAliasCount: 0 })
  if (!validate(data)) {
    const [{ instancePath, message }] = validate.errors!
    throw new Error(`spec/scenarios/${file}: ${instancePath} ${message}`)
  }
  return data as T
}

export const loadElsewhere = (): Elsewhere[] => load<{ elsewhere: Elsewhere[] }>(ELSEWHERE).elsewhere

/** Those of the smaller profiles, by profile. */
export const loadProfileScenarios = (): (Scenario & { profile: string })[] =>
  load<{ profiles: (Entry & { profile: string })[] }>(PROFILES).profiles.map((entry) => ({
    ...scenarioOf(entry, PROFILES),
    profile: entry.profile,
  }))

export const scenarioFiles = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== ELSEWHERE && file !== PROFILES)
    .sort()

export const loadScenarios = (): Scenario[] => {
  const scenarios = scenarioFiles().flatMap((file) => load<{ scenarios: Entry[] }>(file).scenarios.map((entry) => scenarioOf(entry, file)))
  const seen = new Set<string>()
  for (const { id, file } of scenarios) {
    if (seen.has(id)) throw new Error(`spec/scenarios/${file}: '${id}' is there twice`)
    seen.add(id)
  }
  return scenarios
}

const scenarioOf = (entry: Entry, file: string): Scenario => {
  const id = entry.card ?? entry.name!
  const texts = [entry.trace].flat().map((part) => (typeof part === 'string' ? part : repeated(part)))
  const steps = stepsOf(texts.join('\n'))
  if (!steps[0].request.startsWith('new ')) throw new Error(`spec/scenarios/${file}: '${id}' does not begin with new`)
  return {
    id,
    card: entry.card?.slice(0, 3),
    file,
    title: entry.title,
    see: entry.see,
    needs: entry.needs ?? [],
    steps,
  }
}

const repeated = ({ repeat, trace }: Repeated): string =>
  Array.from({ length: repeat }, (_, index) =>
    trace
      .replace(/\{i(\+\d+)?\}/g, (_, more = '0') => String(index + 1 + Number(more)))
      .replaceAll('{i4}', (index + 1).toString(16).padStart(4, '0')),
  ).join('\n')

/** An answer belongs to the request above it. There, as in a request, @N ends a hex value with N more bytes 78. */
export const stepsOf = (text: string): Step[] => {
  const steps: Step[] = []
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    if (line.startsWith('> ')) steps.push({ request: line.slice(2), answer: [] })
    else steps[steps.length - 1].answer.push(line.replace(/@(\d+)(?= |$)/g, (_, bytes) => '78'.repeat(Number(bytes))))
  }
  return steps
}

export type Outcome = 'passed' | 'unsupported' | 'too_long' | { failed: string }

const UNSUPPORTED = 'bad unsupported'
const TOO_LONG = 'bad too_long'

/** Plays a scenario; one that needs what the target lacks has to be right up to the first `bad unsupported`. */
export const play = async (testee: Testee, scenario: Scenario, lacks: Set<Feature>): Promise<Outcome> => {
  const mayStop = scenario.needs.some((feature) => lacks.has(feature))
  const answers = await testee.askAll(scenario.steps.map((step) => step.request))
  for (const [at, { answer }] of scenario.steps.entries()) {
    const got = answers[at]
    if (got.join('\n') === answer.join('\n')) continue
    if (mayStop && got.join() === UNSUPPORTED) return 'unsupported'
    if (got.join() === TOO_LONG) return 'too_long'
    return { failed: report(scenario, at, got) }
  }
  return 'passed'
}

const SHOWN_BEFORE = 4
const SHOWN_LINES = 12
const SHOWN_CHARACTERS = 300

const report = ({ id, title, file, steps }: Scenario, at: number, got: string[]): string => {
  const before = steps.slice(Math.max(0, at - SHOWN_BEFORE), at)
  const lines = [
    ...before.flatMap(({ request, answer }) => [`  > ${request}`, ...limited('  ', answer)]),
    `  > ${steps[at].request}`,
    ...differences(steps[at].answer, got),
  ]
  return [
    `${id}: ${title} (${file}, request ${at + 1} of ${steps.length}; - expected, + got)`,
    ...lines.map((line) => `    ${shortened(line)}`),
  ].join('\n')
}

/** Where both begin and end alike only the middle differs. */
const differences = (expected: string[], got: string[]): string[] => {
  const shorter = Math.min(expected.length, got.length)
  let head = 0
  while (head < shorter && expected[head] === got[head]) head++
  let tail = 0
  while (tail < shorter - head && expected[expected.length - 1 - tail] === got[got.length - 1 - tail]) tail++
  return [
    ...limited('  ', got.slice(0, head)),
    ...limited('- ', expected.slice(head, expected.length - tail)),
    ...limited('+ ', got.slice(head, got.length - tail)),
    ...limited('  ', got.slice(got.length - tail)),
  ]
}

const limited = (mark: string, lines: string[]): string[] => {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => mark + line)
  return lines.length > SHOWN_LINES ? [...shown, `${mark}… ${lines.length - SHOWN_LINES} lines more`] : shown
}

const shortened = (line: string) =>
  line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}… (${line.length} characters)` : line

/** One request for each feature that a target without it must refuse; asked of a fresh, connected client. */
const PROBES: Record<Feature, string[]> = {
  queue: ['new client_id=61', 'call connect', 'call publish topic=74 msg= qos=1'],
  qos1: ['new client_id=61', 'call publish topic=74 msg= qos=1'],
  qos2: ['new client_id=61', 'call publish topic=74 msg= qos=2'],
  subscribe: ['new client_id=61', 'call subscribe topic=74'],
  unsubscribe: ['new client_id=61', 'call unsubscribe topic=74'],
  deadlines: ['new client_id=61 ack_timeout=5000'],
  will: ['new client_id=61', 'call set_last_will topic=74 message='],
  auth: ['new client_id=61 user=61'],
  reconnect: ['new client_id=61 reconn=1', 'call connect', 'open', 'recv 20020000', 'drop'],
  rx_buffer: ['new client_id=61 rx_buffer=256'],
  throw: ['new client_id=61', 'handler throw'],
  version3: ['new version=3 client_id=61'],
}

/** A target may have its codec before it has a session. */
export const hasSession = async (testee: Testee): Promise<boolean> => (await testee.ask('new client_id=61')).join() !== UNSUPPORTED

/** What a target says it does not have. */
export const lackedFeatures = async (testee: Testee): Promise<Set<Feature>> => {
  const lacks = new Set<Feature>()
  for (const feature of FEATURES) {
    const answers = await testee.askAll(PROBES[feature])
    if (answers.some((answer) => answer.join() === UNSUPPORTED)) lacks.add(feature)
  }
  return lacks
}
