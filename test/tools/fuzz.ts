// `npm run fuzz [-- decoder|session] [--seconds N]`: coverage-guided fuzzing of the C++ client under ASan and UBSan, seeded with the vectors and
// scenarios. An input that fails stays in test/fuzz/build and is named; what it shows becomes a vector or a scenario.
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { loadScenarios } from '../support/scenarios.ts'
import { root } from '../support/targets.ts'
import { expand, loadVectors } from '../support/vectors.ts'

const exec = promisify(execFile)
const folder = fileURLToPath(new URL('../fuzz', import.meta.url))
const build = join(folder, 'build')
export const FUZZERS = ['decoder', 'session'] as const
export type Fuzzer = (typeof FUZZERS)[number]
const LONGEST = 4096

/** Where inputs begin: packets for the decoder, whole connections for the session. */
const seeds = (fuzzer: Fuzzer): Buffer[] =>
  fuzzer === 'decoder'
    ? loadVectors()
        .filter(({ bytes }) => bytes !== '')
        .flatMap(({ bytes, versions }) => versions.map((v) => Buffer.concat([Buffer.from([v === 3 ? 1 : 0, 255]), expand(bytes)])))
    : loadScenarios().map(({ steps }) => {
        const received = steps.flatMap(({ request }) => commandOf(request))
        return Buffer.concat([Buffer.from([4, 2, 3, 7, 3, 7, 1, 0]), ...received])
      })

/** A request as the session fuzzer's commands, as far as they are alike. */
const commandOf = (request: string): Buffer[] => {
  const [what, ...words] = request.split(' ')
  if (what === 'recv') {
    const bytes = expand(words[0]).subarray(0, 63)
    return [Buffer.from([13, 0, bytes.length]), bytes]
  }
  const call = what === 'call' ? words[0] : what
  const number = { publish: 0, subscribe: 2, unsubscribe: 3, connect: 4, open: 6, drop: 7, ping: 9, disconnect: 10, close: 11, tick: 12 }[
    call
  ]
  const qos = Number(words.find((word) => word.startsWith('qos='))?.slice(4) ?? 0)
  return number === undefined ? [] : [Buffer.from(call === 'tick' ? [12, 255, 7] : [number, call === 'connect' ? 1 : qos, 0])]
}

export async function buildFuzzer(fuzzer: Fuzzer): Promise<string> {
  mkdirSync(build, { recursive: true })
  const src = join(root, 'generated/cpp/src/umqtt')
  const sources = ['texts'].map((file) => join(src, `${file}.cpp`))
  const program = join(build, fuzzer)
  const flags = [
    '-std=gnu++17',
    '-O1',
    '-g',
    '-fsanitize=fuzzer,address,undefined',
    '-fno-sanitize-recover=all',
    '-fno-exceptions',
    '-fno-rtti',
  ]
  await exec('clang++', [...flags, `-I${join(root, 'generated/cpp/testee')}`, ...sources, join(folder, `${fuzzer}.cpp`), '-o', program])
  return program
}

/** Runs for so many seconds; throws with the fuzzer's report where it found something. */
export async function fuzz(fuzzer: Fuzzer, seconds: number): Promise<string> {
  const program = await buildFuzzer(fuzzer)
  const [corpus, given] = [`corpus-${fuzzer}`, `seeds-${fuzzer}`].map((name) => join(build, name))
  for (const path of [corpus, given]) mkdirSync(path, { recursive: true })
  for (const [i, seed] of seeds(fuzzer).entries()) if (seed.length <= LONGEST) writeFileSync(join(given, String(i)), seed)
  const options = [
    `-max_total_time=${seconds}`,
    `-max_len=${LONGEST}`,
    '-timeout=10',
    `-artifact_prefix=${build}/${fuzzer}-`,
    '-print_final_stats=1',
  ]
  const { stderr } = await exec(program, [...options, corpus, given], { maxBuffer: 1 << 26, cwd: build }).catch((error) => {
    throw new Error(String(error.stderr).slice(-6000))
  })
  const runs = /stat::number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1]
  return `${fuzzer}: ${runs} inputs, ${readdirSync(corpus).length} kept for what they reach, nothing found`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string' } } })
  for (const fuzzer of FUZZERS.filter((name) => positionals.length === 0 || positionals.includes(name)))
    console.log(await fuzz(fuzzer, Number(values.seconds ?? 600)))
}
