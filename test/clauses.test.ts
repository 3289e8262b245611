// Each clause that binds a client, by its form or its behaviour, has a vector or a scenario that stands for it; the few that cannot have one are
// listed with where they are shown instead.
import { describe, expect, it } from 'vitest'
import { loadProfileScenarios, loadScenarios } from './support/scenarios.ts'
import { loadClauses, loadVectors } from './support/vectors.ts'

const ELSEWHERE: Record<string, string> = {
  'MQTT-3.1.3-2': 'a client has one identifier as long as it lives, and its session with it',
  'MQTT-6.0.0-1': 'the WebSocket transport comes later',
  'MQTT-6.0.0-2': 'the WebSocket transport comes later; any split of the stream is shown by vectors.test.ts',
  'MQTT-6.0.0-3': 'the WebSocket transport comes later',
  'MQTT-7.0.0-2': 'live tests against brokers of others',
  'MQTT-7.1.2-1': 'a contract with the transport: TCP and TLS are ordered and lose nothing',
}

const clauses = loadClauses()
const shown = new Set([...loadVectors(), ...loadScenarios(), ...loadProfileScenarios()].flatMap(({ see }) => see))

describe('clauses', () => {
  it('that bind a client have a vector or a scenario', () => {
    const missing = Object.entries(clauses).filter(
      ([id, { binds, kind }]) => kind !== 'server' && binds !== 'server' && !shown.has(id) && !(id in ELSEWHERE),
    )
    expect(missing.map(([id, { doc }]) => `${id}: ${doc}`)).toEqual([])
  })

  it('shown elsewhere are there, and are not shown by a trace', () => {
    expect(Object.keys(ELSEWHERE).filter((id) => !(id in clauses) || shown.has(id))).toEqual([])
  })

  it('that scenarios name are there', () => {
    const named = [...shown].filter((id) => /^(MQTT|U)-/.test(id))
    expect(named.filter((id) => !(id in clauses))).toEqual([])
  })
})
