// Breadth-first search through every interleaving of world.ts within its bounds. What must hold in every state, in every final state, and
// on a calm network, is asked here; a counterexample is the shortest, and prints as a scenario.
import { createHash } from 'node:crypto'
import type { Answer } from '../memory.ts'
import { type Bounds, type Event, type Explored, keyOf, type World } from './world.ts'

export interface Found {
  states: number
  finals: number
  /** The longest way to a state, in events. */
  depth: number
  counterexample: { wrong: string; path: Event[] } | undefined
}

interface Node {
  from: number
  event: Event
  /** Where a calm network goes from here; -1 at a final state. */
  calm: number
}

const twice = <T>(list: T[]): T | undefined => list.find((item, i) => list.indexOf(item) !== i)
const first = <T>(list: T[]): T[] => list.filter((item, i) => list.indexOf(item) === i)

/** What is wrong in a state, whatever comes next. */
export function wrongIn(world: World, bounds: Bounds): string | undefined {
  if (world.faults.length > 0) return world.faults[0]
  const qos = (call: string): number | undefined => {
    const made = bounds.calls[Number(call) - 1]
    return made && 'publish' in made ? made.publish : undefined
  }
  const forgot = world.forgets < bounds.forgets
  const doubled = twice(world.received.filter((call) => qos(call) === 2))
  if (doubled && !forgot) return `the server got the QoS 2 message of call ${doubled} twice`
  const delivered = twice(world.delivered.filter((message) => bounds.serverMessages[message - 1] === 2))
  if (delivered && !forgot) return `the application got the QoS 2 message ${delivered} twice`
  const order = first(world.received).map(Number)
  if (order.some((call, i) => i > 0 && call < order[i - 1])) return `the server got the messages in the order ${order}`
  const other = first(world.delivered)
  if (!forgot && other.some((message, i) => i > 0 && message < other[i - 1]))
    return `the application got the messages in the order ${other}`
  const settled = twice(world.settled.map((s) => s.split(' ')[0]))
  if (settled) return `operation ${settled} is settled twice`
  const { session } = world
  const ids = [...session._outbox, ...session._queue, ...session._filters].map(({ packetId }) => packetId).filter((id) => id > 0)
  const shared = twice(ids)
  return shared ? `the packet identifier ${shared} is shared` : undefined
}

/** The filters that remain after all calls. */
function subscribedBy(calls: Bounds['calls']): string[] {
  const filters = new Set<string>()
  for (const call of calls) {
    if ('subscribe' in call) filters.add(call.subscribe)
    if ('unsubscribe' in call) filters.delete(call.unsubscribe)
  }
  return [...filters]
}

/** What is wrong where nothing more comes of itself. */
export function wrongAtTheEnd(world: World, bounds: Bounds): string | undefined {
  const { session, server } = world
  if (session.mqttsta !== 0) return `the status is ${session.mqttsta}`
  for (const [i, call] of bounds.calls.entries()) {
    const name = String(i + 1)
    const settled = world.settled.filter((s) => s.split(' ')[0] === name)
    if (settled.length !== 1 || settled[0] !== name)
      return `operation ${name} is settled ${settled.length === 0 ? 'never' : `with ${settled}`}`
    if ('publish' in call && call.publish > 0 && !world.received.includes(name)) return `the message of call ${name} is lost`
  }
  for (const [i] of bounds.serverMessages.entries())
    if (!world.delivered.includes(i + 1) && !world.forgotten.includes(i + 1)) return `the server's message ${i + 1} is lost`
  const left = [...session._outbox, ...session._queue, ...session._received].length
  if (left > 0) return `${left} records are left in the lists`
  if (server.received.length + server.outbound.length > 0) return 'the server waits for an answer that does not come'
  const wanted = subscribedBy(bounds.calls)
  const remembered = [...session._filters]
  if (remembered.map(({ filter }) => filter).join() !== wanted.join())
    return `the filters remembered are '${remembered.map(({ filter }) => filter)}'`
  if (remembered.some(({ renewing }) => renewing)) return 'a filter is still being subscribed again'
  return [...server.subscriptions].sort().join() === [...wanted].sort().join()
    ? undefined
    : `the server's subscriptions are '${server.subscriptions}'`
}

/**
 * Where no connection will be lost any more, server and client only meet through what is under way: the server's next step first changes
 * nothing but the order in which independent things happen.
 */
const reduced = (world: World, events: Event[]): Event[] =>
  world.losses === 0 && world.toServer.length > 0 ? events.filter((event) => event === 'to server' || event === 'server publishes') : events

/** Keys are long and states many: a digest takes their place. */
const digest = (world: World): string => createHash('md5').update(keyOf(world)).digest('base64')

/** Until the bounds are exhausted, something is wrong, or so many states were seen. */
export function search(explored: Explored, most = Infinity, tell: (states: number) => void = () => {}): Found {
  const { bounds } = explored
  const start = explored.begin()
  const index = new Map([[digest(start), 0]])
  const nodes: Node[] = [{ from: -1, event: 'call', calm: -1 }]
  let frontier: [number, World][] = [[0, start]]
  let finals = 0
  let depth = 0
  const found = (wrong?: string, at = 0, more?: Event): Found => ({
    states: nodes.length,
    finals,
    depth,
    counterexample: wrong === undefined ? undefined : { wrong, path: pathTo(nodes, at, more) },
  })
  while (frontier.length > 0 && nodes.length < most) {
    const next: [number, World][] = []
    for (const [at, world] of frontier) {
      const events = reduced(world, explored.possible(world))
      const calm = events.filter((event) => event !== 'loss' && event !== 'server forgets')
      if (calm.length === 0) {
        finals++
        const wrong = wrongAtTheEnd(world, bounds)
        if (wrong) return found(wrong, at)
      }
      for (const event of events) {
        const after = explored.copy(world)
        explored.happen(after, event)
        const wrong = wrongIn(after, bounds)
        if (wrong) return found(wrong, at, event)
        const key = digest(after)
        let to = index.get(key)
        if (to === undefined) {
          to = nodes.length
          index.set(key, to)
          nodes.push({ from: at, event, calm: -1 })
          next.push([to, after])
          if (to % 10_000 === 0) tell(to)
        }
        if (event === calm[0]) nodes[at].calm = to
      }
    }
    frontier = next
    if (next.length > 0) depth++
  }
  const stuck = frontier.length > 0 ? undefined : neverCalm(nodes)
  return stuck === undefined ? found() : found('on a calm network it never comes to rest', stuck)
}

/** A state from which a calm network goes in circles. */
function neverCalm(nodes: Node[]): number | undefined {
  const rests = new Uint8Array(nodes.length)
  for (let at = 0; at < nodes.length; at++) {
    const way: number[] = []
    let here = at
    while (here >= 0 && rests[here] === 0) {
      rests[here] = 2 // on the way
      way.push(here)
      here = nodes[here].calm
    }
    if (here >= 0 && rests[here] === 2) return at
    for (const passed of way) rests[passed] = 1
  }
  return undefined
}

function pathTo(nodes: Node[], at: number, more?: Event): Event[] {
  const path: Event[] = more ? [more] : []
  for (let here = at; nodes[here].from >= 0; here = nodes[here].from) path.unshift(nodes[here].event)
  return path
}

/** A path as requests to a testee. */
export function requestsOf(explored: Explored, path: Event[]): string[] {
  const world = explored.begin()
  const requests = [
    `new client_id=63 max_inflight=${explored.bounds.maxInflight} ack_timeout=2000000000 connect_timeout=2000000000`,
    'call connect clean_session=0',
    'open',
    'recv 20020000',
  ]
  const { calls } = explored.bounds
  for (const event of path) {
    if (event === 'call') requests.push(`call ${callText(calls[world.calls], world.calls + 1)}`)
    if (event === 'to client') requests.push(`recv ${world.toClient[0]}`)
    if (event === 'open') requests.push('open')
    if (event === 'loss') requests.push('drop')
    if (event === 'reconnect') requests.push(`tick ${world.session.wait(world.session._timers.now)}`)
    explored.happen(world, event)
  }
  return requests
}
function callText(call: Bounds['calls'][number], number: number): string {
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  if ('publish' in call) return `publish topic=74 msg=${number.toString(16).padStart(2, '0')} qos=${call.publish}`
  return 'subscribe' in call ? `subscribe topic=${hex(call.subscribe)} qos=0` : `unsubscribe topic=${hex(call.unsubscribe)}`
}

/** A counterexample as a scenario; the answers are those of the testee at hand, and one of them is wrong. */
export function asScenario(requests: string[], wrong: string, answer: Answer): string {
  const lines = requests.flatMap((request) => [`> ${request}`, ...answer(request)])
  return ['  - name: explored-…', `    title: ${wrong}`, '    see: [TESTEE]', '    trace: |', ...lines.map((line) => `      ${line}`)].join(
    '\n',
  )
}
