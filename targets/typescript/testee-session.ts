// The session half of the testee: `new`, `call`, `open`, `recv`, `drop`, `tick`, `stats`, `handler` over the emitted session. It numbers
// operations and prints what the session asks of its host; it knows no rule of its own.
import { pingTimeoutOf } from '../../generated/typescript/src/defaults.ts'
import type { Publish, Rule, Will } from '../../generated/typescript/src/packets.ts'
import { type Config, ErrorCode, type Host, parameterRule, Session, timerNames } from '../../generated/typescript/src/session.ts'
import { bytesOf, flagOf, hex, hexOfText, numberOf, Refusal, textOf, wordsOf } from './testee-lines.ts'

interface Op {
  name: string
}
/** What a message callback does, once. */
type Handler = { throws: true } | { call: string[] } | undefined

const NEW = [
  'version client_id user password server port keepalive reconn connect_timeout ack_timeout ping_timeout max_inflight max_queue',
  'max_subscriptions max_inbound_qos2 queue_qos0 rx_buffer max_packet_size next_packet_id clock seed',
]
  .join(' ')
  .split(' ')

export class Sessions implements Host {
  #session: Session | undefined
  #lines: string[] = []
  #clock = 0
  #operations = 0
  #dialling = false
  #open = false
  #handler: Handler

  answer(words: string[]): string[] {
    this.#lines = []
    const [request, ...rest] = words
    if (request === 'new') this.#new(rest)
    else if (!this.#session) throw new Refusal('no_client')
    else this.#request(this.#session, request, rest)
    return this.#lines
  }

  #request(session: Session, request: string, rest: string[]): void {
    if (request === 'call') return this.#call(session, rest)
    if (request === 'handler') return this.#setHandler(rest)
    if (request === 'stats') return this.#stats(session)
    if (request === 'open') {
      if (!this.#dialling) throw new Refusal('not_dialling')
      this.#dialling = false
      this.#open = true
      return session.opened()
    }
    if (request === 'recv') {
      const bytes = bytesOf(rest[0] ?? '', 'bytes')
      if (!this.#open) throw new Refusal('not_open')
      return session.receive(bytes)
    }
    if (request === 'drop') {
      if (!this.#open && !this.#dialling) throw new Refusal('not_open')
      this.#open = this.#dialling = false
      return session.lost()
    }
    if (request !== 'tick') throw new Refusal(`unknown ${request}`)
    this.#clock = (this.#clock + numberOf(rest[0] ?? '', 'ms')) >>> 0
    session.tick(this.#clock)
  }

  #new(words: string[]): void {
    const given = wordsOf(words, NEW)
    const number = (name: string, otherwise: number) => (given.has(name) ? numberOf(given.get(name)!, name) : otherwise)
    const flag = (name: string, otherwise: boolean) => (given.has(name) ? flagOf(given.get(name)!, name) : otherwise)
    if (!given.has('client_id')) throw new Refusal('missing client_id')
    if (number('rx_buffer', 0) !== 0) throw new Refusal('unsupported')
    if (given.has('server')) textOf(given.get('server')!, 'server')
    const keepalive = number('keepalive', 0)
    const config: Config = {
      version: number('version', 4),
      clientId: textOf(given.get('client_id')!, 'client_id'),
      user: given.has('user') ? textOf(given.get('user')!, 'user') : undefined,
      password: given.has('password') ? bytesOf(given.get('password')!, 'password') : undefined,
      keepalive,
      reconn: flag('reconn', true),
      connectTimeout: number('connect_timeout', 20000),
      reconnectDelay: 1000,
      ackTimeout: number('ack_timeout', 10000),
      pingTimeout: number('ping_timeout', pingTimeoutOf(keepalive)),
      maxInflight: number('max_inflight', 20),
      maxQueue: number('max_queue', 1000),
      maxSubscriptions: number('max_subscriptions', 1000),
      maxInboundQos2: number('max_inbound_qos2', 1000),
      queueQos0: flag('queue_qos0', false),
      maxPacketSize: number('max_packet_size', 268435455),
      nextPacketId: number('next_packet_id', 1),
    }
    const clock = number('clock', 0)
    const session = new Session(config, this, clock, number('seed', 0))
    this.#clock = clock
    this.#operations = 0
    this.#dialling = this.#open = false
    this.#handler = undefined
    this.#session = undefined
    const refused = session.create()
    const broken = parameterRule(number('port', 0))
    if (refused) this.#lines.push(rejected(refused, session.rule))
    else if (broken) this.#lines.push(rejected(ErrorCode.INVALID_ARGUMENT, broken))
    else this.#session = session
  }

  /** A refused call prints only that; an accepted operation its number first. */
  #call(session: Session, [name, ...words]: string[]): void {
    const before = this.#lines
    this.#lines = []
    const operation: Op = { name: name === 'connect' ? 'connect' : String(this.#operations + 1) }
    let refused: number
    try {
      refused = perform(session, name, words, operation)
    } catch (error) {
      this.#lines = before
      throw error
    }
    const lines = this.#lines
    this.#lines = before
    if (refused) return void before.push(rejected(refused, session.rule))
    if (['publish', 'subscribe', 'unsubscribe'].includes(name)) before.push(`op ${++this.#operations}`)
    before.push(...lines)
  }

  #setHandler([what, ...rest]: string[]): void {
    if (what === 'throw') this.#handler = { throws: true }
    else if (what === 'call' && rest.length > 0) this.#handler = { call: rest }
    else throw new Refusal('value handler')
  }

  #stats(session: Session): void {
    const counts = (['inflight', 'queued', 'requests', 'subscriptions', 'inbound'] as const).map((n) => `${n}=${session[n]()}`)
    this.#lines.push(
      `stats ${counts.join(' ')} unexpected=${session.unexpected} timers=${session.armed.map((t) => timerNames[t]).join(',')}`,
    )
  }

  full(): boolean {
    return false
  }
  dial(): void {
    this.#dialling = true
    this.#lines.push('dial')
  }
  hangUp(): void {
    this.#dialling = this.#open = false
    this.#lines.push('hang_up')
  }
  sent(): void {
    this.#lines.push(`send ${hex(this.#session!.lastPacket)}`)
    this.#session!.take()
  }
  deliver({ topic, payload, qos, retain, dup }: Publish): void {
    this.#lines.push(`deliver topic=${hexOfText(topic)} payload=${hex(payload)} qos=${qos} retain=${Number(retain)} dup=${Number(dup)}`)
    const handler = this.#handler
    this.#handler = undefined
    if (!handler) return
    if ('throws' in handler) this.#lines.push(`error ${ErrorCode.CALLBACK_FAILED}`)
    else this.#call(this.#session!, handler.call)
  }
  settle(operation: object, result?: boolean | number[]): void {
    const more = result === undefined ? '' : Array.isArray(result) ? ` granted=${result.join(',')}` : ` session_present=${Number(result)}`
    this.#lines.push(`settle ${(operation as Op).name} ok${more}`)
  }
  fail(operation: object, error: number): void {
    this.#lines.push(`settle ${(operation as Op).name} error ${error}`)
  }
  status(mqttsta: number): void {
    this.#lines.push(`status ${mqttsta}`)
  }
  error(error: number): void {
    this.#lines.push(`error ${error}`)
  }
  violation(rule: string, offset: number): void {
    this.#lines.push(`violation ${rule} ${offset}`)
  }
}

function rejected(code: number, rule: Rule | undefined): string {
  const name = Object.entries(ErrorCode)
    .find(([, c]) => c === code)?.[0]
    .toLowerCase()
  return `rejected ${code} ${code === ErrorCode.INVALID_ARGUMENT ? rule : name}`
}

function perform(session: Session, name: string, words: string[], operation: object): number {
  if (name === 'connect') {
    const given = wordsOf(words, ['clean_session'])
    return session.connect(flagOf(given.get('clean_session') ?? '1', 'clean_session'), operation)
  }
  if (name === 'publish') return publish(session, words, operation)
  if (name === 'subscribe') {
    const given = wordsOf(words, ['topic', 'qos', 'topics'])
    const list = given.has('topics') ? 'topics' : 'qos'
    const one = (filter: string, qos: string) => ({
      topicFilter: textOf(filter, list === 'qos' ? 'topic' : list),
      qos: numberOf(qos, list) as 0,
    })
    const subscriptions = listOf(given).map((entry) => {
      const [filter, qos, ...more] = given.has('topics') ? entry.split(':') : [entry, given.get('qos') ?? '0']
      if (qos === undefined || more.length > 0) throw new Refusal('value topics')
      return one(filter === '-' ? '' : filter, qos)
    })
    return session.subscribe({ kind: 'SUBSCRIBE', dup: false, packetId: 0, subscriptions }, operation)
  }
  if (name === 'unsubscribe') {
    const topicFilters = listOf(wordsOf(words, ['topic', 'topics'])).map((f) => textOf(f === '-' ? '' : f, 'topic'))
    return session.unsubscribe({ kind: 'UNSUBSCRIBE', dup: false, packetId: 0, topicFilters }, operation)
  }
  if (name === 'set_last_will') return setWill(session, words)
  wordsOf(words, [])
  if (name === 'ping') return session.ping()
  if (name === 'disconnect') return session.disconnect()
  if (name === 'close') return session.close()
  throw new Refusal(`unknown ${name ?? 'call'}`)
}

/** `topic=..` is a list of one, `topics=..` one by comma. */
function listOf(given: Map<string, string>): string[] {
  const [topic, topics] = [given.get('topic'), given.get('topics')]
  if (topic === undefined && topics === undefined) throw new Refusal('missing topic')
  return topic !== undefined ? [topic] : topics === '' ? [] : topics!.split(',')
}

function needed(given: Map<string, string>, name: string): string {
  const text = given.get(name)
  if (text === undefined) throw new Refusal(`missing ${name}`)
  return text
}

function publish(session: Session, words: string[], operation: object): number {
  const given = wordsOf(words, ['topic', 'msg', 'retain', 'qos'])
  const message: Publish = {
    kind: 'PUBLISH',
    dup: false,
    qos: numberOf(given.get('qos') ?? '0', 'qos') as 0,
    retain: flagOf(given.get('retain') ?? '0', 'retain'),
    topic: textOf(needed(given, 'topic'), 'topic'),
    payload: bytesOf(needed(given, 'msg'), 'msg'),
  }
  return session.publish(message, operation)
}

function setWill(session: Session, words: string[]): number {
  const given = wordsOf(words, ['topic', 'message', 'retain', 'qos'])
  if (!given.has('topic')) return session.clearLastWill()
  const will: Will = {
    topic: textOf(given.get('topic')!, 'topic'),
    message: bytesOf(needed(given, 'message'), 'message'),
    qos: numberOf(given.get('qos') ?? '0', 'qos') as 0,
    retain: flagOf(given.get('retain') ?? '0', 'retain'),
  }
  return session.setLastWill(will)
}
