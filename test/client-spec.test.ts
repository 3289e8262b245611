// spec/client.yaml against itself, the session and, where it lies beside the checkout, the user's document it was made from
// (UMQTT_SEED). Whether a client has this API is its own test's question.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from './support/targets.ts'

interface Parameter {
  ours?: true
  type: string
  required?: true
  optional?: true
  default?: unknown
  range?: [number, number]
  values?: number[]
  calls?: string
}
interface Method {
  ours?: true
  camel: string
  parameters: Record<string, Parameter>
  errors?: string[]
}
const client = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')) as {
  client: { name: string; errors: string[] }
  parameters: Record<string, Parameter>
  callbacks: Record<string, { parameters: Record<string, Parameter> }>
  methods: Record<string, Method>
  statuses: Record<string, object>
  errors: Record<string, { code: number }>
  settled: { of: string[] }[]
}
const session = parse(readFileSync(join(root, 'spec/session.yaml'), 'utf8')) as { phases: Record<string, { mqttsta: number }> }
const methods = Object.entries(client.methods)

it('names errors it defines, each with a number of its own', () => {
  const named = [...client.client.errors, ...methods.flatMap(([, m]) => m.errors ?? [])]
  expect(named.filter((name) => !(name in client.errors))).toEqual([])
  const codes = Object.values(client.errors).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
})

it('spells each method in both conventions', () => {
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  expect(methods.map(([, m]) => m.camel)).toEqual(methods.map(([name]) => camel(name)))
})

it('has the states the session can be in', () => {
  const reached = new Set(Object.values(session.phases).map(({ mqttsta }) => String(mqttsta)))
  expect(Object.keys(client.statuses).sort()).toEqual([...reached].sort())
})

it('settles what there is, and calls callbacks there are', () => {
  const names = new Set([client.parameters, client.methods, client.callbacks].flatMap((part) => Object.keys(part)))
  expect(client.settled.flatMap(({ of }) => of).filter((name) => !names.has(name))).toEqual([])
  const called = methods.flatMap(([, m]) => Object.values(m.parameters).flatMap((p) => (p.calls ? [p.calls] : [])))
  expect(called.filter((name) => !(name in client.callbacks))).toEqual([])
})

it.each(Object.entries(client.parameters))(
  'parameter %s has a default within its range',
  (_, { range, values, default: is, required, optional, type }) => {
    if (range) expect(is).toSatisfy((n: number) => n >= range[0] && n <= range[1])
    if (values) expect(values).toContain(is)
    expect(required === true || optional === true || is !== undefined || type === 'text').toBe(true)
  },
)

describe.skipIf(!process.env.UMQTT_SEED)("the user's document", () => {
  const seed = process.env.UMQTT_SEED ? readFileSync(process.env.UMQTT_SEED, 'utf8') : ''
  /** `connect(clean_session=True)` → its parameters, with their defaults. */
  const prototypes = new Map(
    [...seed.matchAll(/^> (?:MQTTClient\.)?(\w+)\(([^)]*)\)/gm)].map(([, name, list]) => [
      name,
      list
        .split(',')
        .map((part) => part.trim().split('='))
        .filter(([parameter]) => parameter !== ''),
    ]),
  )
  const python = (value: unknown): string =>
    value === undefined ? 'None' : value === true ? 'True' : value === false ? 'False' : typeof value === 'object' ? '{}' : String(value)
  const own = (parameters: Record<string, Parameter>) => Object.entries(parameters).filter(([, p]) => !p.ours)

  it('has these methods, in this order', () => {
    expect(methods.filter(([, m]) => !m.ours).map(([name]) => name)).toEqual(
      [...prototypes.keys()].filter((name) => name in client.methods),
    )
    expect([...prototypes.keys()].filter((name) => !(name in client.methods))).toEqual(['MQTTClient', 'function'])
  })

  it.each([...prototypes].filter(([name]) => name !== 'function'))('%s has its parameters and defaults', (name, prototype) => {
    const parameters = own(name === client.client.name ? client.parameters : client.methods[name].parameters)
    expect(parameters.map(([parameter]) => parameter)).toEqual(prototype.map(([parameter]) => parameter))
    for (const [i, [parameter, value]] of prototype.entries())
      if (value !== undefined) expect(`${parameter}=${python(parameters[i][1].default)}`).toBe(`${parameter}=${value}`)
  })
})
