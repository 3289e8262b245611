// What the C++ client costs on rv32imc: flash of the codec, the session and the whole client by profile, its object, its worst stack, its heap.
// How it is measured is rv32.ts's; what it may cost stands in bench/figures.yaml.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/targets.ts'
import { type CompileOptions, compile, flash, heap, type Program, sizes } from './rv32.ts'
import { worstStack } from './rv32-stack.ts'

const src = join(root, 'generated/cpp/src')
const cache = join(root, 'node_modules/.cache/umqtt-sizes')
export const PROFILES: Record<string, string[]> = { full: [], std: ['UMQTT_STD'], tiny: ['UMQTT_TINY'] }

const sourcesOf = (profile: string): string[] =>
  [...readdirSync(join(src, 'umqtt')).filter((file) => file.endsWith('.cpp') && file !== 'socket.cpp'), `${profile}/session.cpp`].map(
    (file) => join(src, 'umqtt', file),
  )

/** Only what of the program is ours: the driver's own functions are the application's. */
const optionsOf = (what: string, profile: string, saveRestore: boolean): CompileOptions => ({
  dir: join(cache, `${what}-${profile}${saveRestore ? '-msr' : ''}`),
  sources: sourcesOf(profile),
  driver: [join(root, `test/sizes/${what}.cpp`)],
  include: [src],
  defines: PROFILES[profile],
  saveRestore,
  own: /^_ZN?K?5umqtt/,
})

export const build = (what: string, profile = 'full', saveRestore = false): Promise<Program> =>
  compile(optionsOf(what, profile, saveRestore))

export const flashOf = async (what: string, profile = 'full', saveRestore = false) => flash(await build(what, profile, saveRestore))

/** sizeof the client's classes, without the memory the caller gives them. */
export const objects = () =>
  sizes({ dir: join(cache, 'objects'), include: [src] }, ['"umqtt/client.h"'], ['umqtt::Session', 'umqtt::MQTTClientBase', 'umqtt::Config'])

export const heapOf = async () => heap(await build('client'))

/** The worst stack below the calls of an application and the turn; the transport's and callbacks' own are theirs. */
export const stackOf = async (saveRestore = false) => {
  const program = await build('client', 'full', saveRestore)
  const roots = ['connect', 'publish', 'subscribe', 'unsubscribe', 'ping', 'waitMsg', 'checkMsg', 'disconnect', 'close'].map(
    (name) => `umqtt::MQTTClientBase::${name}`,
  )
  return worstStack(program, roots, {})
}
