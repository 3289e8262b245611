// From the spec to the files of every target: loads, checks, lowers, prints. The command line is cli.ts, files on disk are write.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeManifest, specHash, targetNames } from './files.ts'
import { lintModel, lintNames, lintSession, lintTests } from './lint.ts'
import { type Codec, lower, type PacketFunctions } from './lower.ts'
import { Memo, once } from './memo.ts'
import { readPackets } from './packets.ts'
import { validate } from './schema.ts'
import { readSession, type Session } from './session.ts'
import { Fault, Problems, Source } from './source.ts'
import { makeTarget } from './target.ts'
import { fork } from './world.ts'
import type { Files } from './write.ts'

/** The spec, resolved and lowered, as one profile has it. */
export interface Loaded {
  codec: Codec
  session: Session
  sources: Record<'packets' | 'client' | 'session', Source>
}

export type SpecFile = keyof Loaded['sources']

const parsed = new Memo<Source>()
function sourceOf(root: string, path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return parsed.of(`${path}\n${text}`, () => new Source(path, text))
}

/** Reads and checks the spec; what is wrong is in `problems`. `altered`: texts to take instead of files. */
export function loadSpec(
  root: string,
  problems: Problems,
  profile = 'full',
  altered: Partial<Record<SpecFile, string>> = {},
): Loaded | undefined {
  const read = (file: SpecFile) => {
    const text = altered[file]
    const source = text === undefined ? sourceOf(root, `spec/${file}.yaml`) : new Source(`spec/${file}.yaml`, text)
    validate(source, join(root, `spec/schema/${file}.schema.json`), problems)
    return source
  }
  const sources = { packets: read('packets'), client: read('client'), session: read('session') }
  if (problems.none) lintNames(root, sources, problems)
  const resolve = problems.none ? profileOf : resolveSpec
  const loaded = problems.guard(() => resolve(sources, problems, profile))
  return problems.none ? loaded : undefined
}

/** All that can be found wrong: in every profile, and what vectors and scenarios leave out. */
export function checkSpec(root: string, problems: Problems, altered: Partial<Record<SpecFile, string>> = {}): void {
  const loaded = loadSpec(root, problems, 'full', altered)
  if (!loaded) return
  const { session } = loaded.sources
  for (const [profile] of session.root.get('profiles').entries()) problems.guard(() => profileOf(loaded.sources, problems, profile.text))
  const own = session.root.get('rules').entries()
  lintTests(root, loaded.sources, [...loaded.codec.model.rules.keys(), ...own.map(([rule]) => rule.text)], problems)
}

/** A profile of a spec that was read already. */
export function resolveSpec(sources: Loaded['sources'], problems: Problems, profile: string): Loaded | undefined {
  const codec = readCodec(sources.packets, problems)
  return codec && resolveProfile(codec, sources, problems, profile)
}
function readCodec(packets: Source, problems: Problems, known?: Memo<PacketFunctions>): Codec | undefined {
  const model = readPackets(packets.root, problems)
  return problems.none ? lower(model, problems, known) : undefined
}
/** A profile names more than the packets do. */
function resolveProfile(shared: Codec, sources: Loaded['sources'], problems: Problems, profile: string): Loaded | undefined {
  const codec = { ...shared, model: { ...shared.model, world: fork(shared.model.world), rules: new Map(shared.model.rules) } }
  const session = readSession(sources.session.root, sources.client.root, codec, profile, problems)
  if (problems.none) lintSession({ session, sources }, profile === 'full', problems)
  if (profile === 'full') lintModel(sources, problems)
  return problems.none ? { codec, session, sources } : undefined
}

const codecs = new Memo<Codec>()
const lowered = new Memo<PacketFunctions>()
const profiles = new Memo<Loaded>()
/** The same, of files that do not change in memory: what was resolved of the same texts is taken again. */
function profileOf(sources: Loaded['sources'], problems: Problems, profile: string): Loaded | undefined {
  const { packets, client, session } = sources
  const codec = codecs.get(packets.text, () => readCodec(packets, problems, lowered))
  if (!codec) return undefined
  const key = [profile, client.text, session.text, namesOf(codec)].join('\n')
  const known = profiles.get(key, () => resolveProfile(codec, sources, problems, profile))
  if (!known || known.sources.packets === packets) return known
  if (profile === 'full') lintModel(sources, problems)
  const rules = new Map([...known.codec.model.rules, ...codec.model.rules])
  return { codec: { ...codec, model: { ...codec.model, world: known.codec.model.world, rules } }, session: known.session, sources }
}

/** All of the packets that a session depends on. */
const namesOf = once(({ model: { world, packets } }: Codec): string => {
  const plain = (name: string, value: unknown) =>
    name === 'doc' ? undefined : value instanceof Map || value instanceof Set ? [...value] : value
  return JSON.stringify([world, packets.map((p) => [p.name, p.code])], plain)
})

/** The files of some targets, by path below generated/. */
export async function makeTargets(root: string, loaded: Loaded, names: string[]): Promise<Files> {
  const header = `Generated by umqtt from spec/ (${specHash(root)}). Do not edit: change the spec, then npm run generate.`
  const profiles = new Map([[loaded.session.profile, loaded]])
  const profile = (name: string): Loaded => {
    const problems = new Problems()
    const found = profiles.get(name) ?? profileOf(loaded.sources, problems, name)
    if (!found) throw new Fault(`the profile '${name}' does not hold together:\n${problems.report()}`)
    profiles.set(name, found)
    return found
  }
  const made = names.map(async (name) => [name, await makeTarget(root, name, loaded, header, profile)] as const)
  const files: Files = new Map()
  for (const [name, own] of await Promise.all(made)) for (const [path, content] of own) files.set(`${name}/${path}`, content)
  return files
}

/** All of generated/, or what one target has there. */
export async function makeAll(root: string, loaded: Loaded, only?: string): Promise<Files> {
  if (only) return makeTargets(root, loaded, [only])
  const files = await makeTargets(root, loaded, targetNames(root))
  return files.set('manifest.json', makeManifest(root, files))
}
