// `node --import tsx test/support/engines/run.ts <engine> <bundle>`: runs a testee bundle on an engine and speaks the line
// protocol on stdin and stdout. Native engines have a host of their own, which is started in its place.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import { getQuickJS, newQuickJSWASMModule, type QuickJSSyncVariant, type QuickJSWASMModule } from 'quickjs-emscripten'
import { type EngineName, engineCommand, engineNames, whyEngineMissing } from './engines.ts'
import { loadXs } from './xs.ts'

type Answer = (line: string) => string | Promise<string>

const loadNode = (source: string, file: string): Answer => {
  const context = vm.createContext({})
  vm.runInContext(source, context, { filename: file })
  return context.testee
}

const loadQuickJs = (module: QuickJSWASMModule, source: string, file: string): Answer => {
  const context = module.newContext()
  context.unwrapResult(context.evalCode(source, file)).dispose()
  const testee = context.getProp(context.global, 'testee')
  return (line) => {
    const text = context.newString(line)
    const answer = context.unwrapResult(context.callFunction(testee, context.undefined, text))
    const lines = context.getString(answer)
    answer.dispose()
    text.dispose()
    return lines
  }
}

const quickJsNg = async () => {
  const { default: variant } = await import('@jitl/quickjs-ng-wasmfile-release-sync')
  return newQuickJSWASMModule(variant as unknown as QuickJSSyncVariant)
}

const load = async (name: EngineName, file: string): Promise<Answer> => {
  const source = readFileSync(file, 'utf8')
  switch (name) {
    case 'quickjs':
      return loadQuickJs(await getQuickJS(), source, file)
    case 'quickjs-ng':
      return loadQuickJs(await quickJsNg(), source, file)
    case 'xs':
      return loadXs(source)
    default:
      return loadNode(source, file)
  }
}

/** Answers every line; what one chunk of stdin asked for is written at once. */
const serve = async (answer: Answer) => {
  let rest = ''
  for await (const chunk of process.stdin.setEncoding('latin1')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    const answers = await Promise.all(lines.map(answer))
    if (answers.length > 0) process.stdout.write(answers.map((text) => `${text.replace(/\n$/, '')}\n`).join(''))
  }
}

const main = async ([name, bundle]: string[]) => {
  const engine = engineNames.find((known) => known === name)
  if (!engine || !bundle) throw new Error(`usage: run.ts <${engineNames.join('|')}> <bundle>`)
  const reason = whyEngineMissing(engine)
  if (reason) throw new Error(reason)
  if (engine === 'duktape' || engine === 'mujs') {
    const [host, ...args] = engineCommand(engine, bundle)
    return spawnSync(host!, args, { stdio: 'inherit' }).status ?? 1
  }
  await serve(await load(engine, bundle))
  return 0
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  },
)
