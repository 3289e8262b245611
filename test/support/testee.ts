// Speaks the testee's line protocol to a child process: a line in, lines out, then a line with a single dot. Knows nothing
// of what is asked; which process to start is told by targets.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Testee {
  /** The lines of one answer, without the closing dot. */
  ask(line: string): Promise<string[]>
  /** The answers of many requests, written ahead in batches: one process switch a batch instead of one a request. */
  askAll(lines: string[]): Promise<string[][]>
  /** Ends stdin and waits for the exit; the promise gives the exit code. */
  close(): Promise<number>
}

export interface TesteeOptions {
  /** Milliseconds that one answer may take. */
  deadline?: number
  cwd?: string
  env?: NodeJS.ProcessEnv
}

interface Question {
  request: string
  resolve(lines: string[]): void
  reject(error: Error): void
}

const BATCH_REQUESTS = 256
const BATCH_CHARACTERS = 1 << 20
const SHOWN_CHARACTERS = 200

const shorten = (text: string) =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`

export const startTestee = (command: string[], options: TesteeOptions = {}): Testee => {
  const { deadline = 20_000, cwd, env } = options
  const child = spawn(command[0], command.slice(1), {
    stdio: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  })
  const questions = new Questions(child, command.join(' '), deadline)
  return {
    ask: (line) => questions.ask(line),
    askAll: (lines) => askInBatches(questions, lines),
    close: () => questions.close(),
  }
}

const askInBatches = async (questions: Questions, lines: string[]): Promise<string[][]> => {
  const answers: string[][] = []
  for (let at = 0; at < lines.length; ) {
    let end = at
    for (let size = 0; end < lines.length && end - at < BATCH_REQUESTS && size < BATCH_CHARACTERS; end++) size += lines[end].length
    for (const answer of await Promise.all(lines.slice(at, end).map((line) => questions.ask(line)))) answers.push(answer)
    at = end
  }
  return answers
}

/** The requests on their way and the answer that is being read; answers come in the order of the requests. */
class Questions {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #deadline: number
  readonly #waiting: Question[] = []
  #lines: string[] = []
  #partial: string[] = []
  #stderr = ''
  #ended: Error | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #exit: Promise<number>

  constructor(child: ChildProcess, name: string, deadline: number) {
    this.#child = child
    this.#name = name
    this.#deadline = deadline
    child.stdout!.setEncoding('latin1').on('data', (text: string) => this.#read(text))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2000)
    })
    child.stdin!.on('error', () => {}) // the exit tells more than the broken pipe
    child.on('error', (error) => this.#end(`could not be started: ${error.message}`))
    this.#exit = once(child, 'close').then(
      ([code, signal]) => {
        this.#end(`ended with ${signal ?? `exit code ${code}`}`)
        return code ?? 1
      },
      () => 1,
    )
  }

  ask(request: string): Promise<string[]> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      if (this.#waiting.length === 1) this.#watch()
      this.#child.stdin!.write(`${request}\n`)
    })
  }

  async close(): Promise<number> {
    this.#child.stdin!.end()
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), this.#deadline)
    const code = await this.#exit
    clearTimeout(kill)
    return code
  }

  /** A line may come in many pieces, so pieces are kept apart and joined once. */
  #read(text: string) {
    const pieces = text.split('\n')
    for (const piece of pieces.slice(0, -1)) {
      const line = this.#partial.length === 0 ? piece : this.#partial.join('') + piece
      this.#partial = []
      if (line === '.') this.#answer()
      else this.#lines.push(line)
    }
    const rest = pieces[pieces.length - 1]
    if (rest !== '') this.#partial.push(rest)
  }

  #answer() {
    const question = this.#waiting.shift()
    const lines = this.#lines
    this.#lines = []
    clearTimeout(this.#timer)
    if (!question) return this.#end(`answered without being asked: ${shorten(lines.join(' | '))}`)
    if (this.#waiting.length > 0) this.#watch()
    question.resolve(lines)
  }

  /** The deadline counts from the answer before, since only then does the testee turn to this request. */
  #watch() {
    this.#timer = setTimeout(() => {
      this.#end(`gave no answer within ${this.#deadline} ms`)
      this.#child.kill('SIGKILL')
    }, this.#deadline)
  }

  #end(what: string) {
    if (this.#ended) return
    clearTimeout(this.#timer)
    const request = this.#waiting[0]?.request
    const asked = request === undefined ? '' : `\n  last request: ${shorten(request)}`
    const partly = this.#lines.length === 0 ? '' : `\n  lines so far: ${shorten(this.#lines.join(' | '))}`
    const said = this.#stderr === '' ? '' : `\n  stderr: ${this.#stderr.trimEnd()}`
    this.#ended = new Error(`testee ${this.#name} ${what}${asked}${partly}${said}`)
    for (const question of this.#waiting.splice(0)) question.reject(this.#ended)
  }
}
