// The emitted TypeScript API, read back by ts-morph, against spec/client.yaml and targets/typescript/api.yaml: every parameter an option of its
// type and words (its default: defaults.test.ts), every call a method with the signature that the documents show, every error its number.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClassDeclaration, type InterfaceDeclaration, Project } from 'ts-morph'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ErrorCode } from '../generated/typescript/src/index.ts'
import { root } from './support/targets.ts'

interface Parameter {
  type: string
  optional?: boolean
  usual?: number[]
  required?: boolean
  fields?: Record<string, { type: string }>
  doc: { en: string }
}
interface Api {
  parameters: Record<string, Parameter>
  methods: Record<string, { camel: string; doc: { en: string }; errors?: string[] }>
  errors: Record<string, { code: number }>
}

const read = <T>(path: string) => parse(readFileSync(join(root, path), 'utf8')) as T
const api = read<Api>('spec/client.yaml')
const { calls } = read<{ calls: Record<string, string> }>('targets/typescript/api.yaml')
const camel = (name: string) => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())
const words = (text: string) => text.replaceAll('*\\/', '*/').replace(/\s+/g, ' ').trim()
/** Types are the same whatever order, readonly or undefined they are written with. */
const plain = (type: string) =>
  type
    .replace(/readonly /g, '')
    .replace(/ \| undefined/g, '')
    .replace(/;/g, ',')
    .replace(/[\s()]/g, '')

const TYPES: Record<string, string[]> = {
  text: ['string'],
  bytes: ['string|Uint8Array'],
  u8: ['number', 'Version'],
  u32: ['number'],
  bool: ['boolean'],
  options: ['TlsParams|string'],
}

let client: ClassDeclaration
let options: InterfaceDeclaration[]
beforeAll(() => {
  const project = new Project({ tsConfigFilePath: join(root, 'tsconfig.json'), skipAddingFilesFromTsConfig: true })
  const source = (name: string) => project.addSourceFileAtPath(join(root, 'generated/typescript/src', `${name}.ts`))
  client = source('client').getClassOrThrow('MQTTClient')
  options = [
    source('options').getInterfaceOrThrow('ClientOptions'),
    source('options').getInterfaceOrThrow('Credentials'),
    source('transport').getInterfaceOrThrow('TlsParams'),
  ]
})

const option = (name: string) => options.map((shape) => shape.getProperty(camel(name))).find((property) => property !== undefined)

describe('parameters', () => {
  const all = Object.entries(api.parameters)

  test.each(all.filter(([, p]) => p.required))('%s is asked for by the constructor', (name, { type }) => {
    const parameter = client.getConstructors()[0].getParameter(camel(name))
    expect(plain(parameter!.getTypeNode()!.getText())).toMatch(type === 'text' ? /^string/ : /./)
  })

  test.each(all.filter(([, p]) => !p.required))('%s is an option, typed and described', (name, { type, doc }) => {
    const property = option(name)
    expect(property?.hasQuestionToken()).toBe(true)
    expect(TYPES[type]).toContain(plain(property!.getTypeNode()!.getText()))
    expect(words(property!.getJsDocs()[0].getDescription())).toContain(words(doc.en))
  })

  test.each(Object.keys(api.parameters.ssl_params.fields!))('%s is a field of sslParams', (name) => {
    expect(option(name)).toBeDefined()
  })

  test('the usual keepalive is what the API says', () => {
    expect(readFileSync(join(root, 'generated/typescript/src/defaults.ts'), 'utf8')).toContain(
      `USUAL_KEEPALIVE = [${api.parameters.keepalive.usual!.join(', ')}]`,
    )
  })
})

describe('methods', () => {
  const methods = Object.entries(api.methods).filter(([name]) => name !== 'progress_register_cb')

  test.each(methods)('%s is there, described, with its errors', (_, { camel: name, doc, errors }) => {
    const docs = client.getMethodOrThrow(name).getJsDocs()[0]
    expect(words(docs.getDescription())).toContain(words(doc.en))
    const thrown = docs.getTags().filter((tag) => tag.getTagName() === 'throws')
    expect(words(thrown[0]?.getCommentText() ?? '')).toBe(errors ? `MqttError: ${errors.join(', ')}` : '')
  })

  test.each(methods.filter(([name]) => name !== 'get_mqttsta'))(
    '%s has the signature that the documents show',
    (name, { camel: method }) => {
      const declared = client.getMethodOrThrow(method)
      const [, shown, returns] = calls[name].match(/^\w+\((.*)\): (.*)$/)!
      expect(plain(declared.getReturnTypeNode()!.getText())).toBe(plain(returns))
      for (const parameter of declared.getParameters()) {
        const optional = parameter.isOptional() ? '\\?' : ''
        const label = parameter.getName().startsWith('{') ? '\\w+' : parameter.getName()
        expect(shown).toMatch(new RegExp(`\\b${label}${optional}: `))
      }
      expect(shown === '').toBe(declared.getParameters().length === 0)
    },
  )
})

test('every error has its number, and no other', () => {
  expect(ErrorCode).toEqual(Object.fromEntries(Object.entries(api.errors).map(([name, { code }]) => [name, code])))
})
