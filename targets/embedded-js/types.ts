// The types of a profile's file: the options and calls that are in it, with what spec/client.yaml says of them.
import { Memo } from '../../generator/memo.ts'
import type { Item } from '../../generator/source.ts'
import type { Emit } from '../../generator/target.ts'
import { clientOf } from './emit.ts'
import { render } from './units.ts'

/** The calls in TypeScript's terms; what they do is client.yaml's. */
const SIGNATURES: Record<string, string> = {
  set_callback: '(callback?: (topic: string, message: Uint8Array) => void): void',
  error_register_cb: '(callback?: (error: number, cause?: unknown) => void): void',
  progress_register_cb: '(callback?: (event: string, detail: number | boolean) => void): void',
  set_last_will: '(topic?: string, message?: string | Uint8Array, retain?: boolean, qos?: number): number',
  connect: '(clean_session?: boolean, done?: Done<boolean | number>): number',
  publish: '(topic: string, msg: string | Uint8Array, retain?: boolean, qos?: number, done?: Done): number',
  subscribe: '(topic: string | [string, number][], qos?: number, done?: Done<number[]>): number',
  unsubscribe: '(topic: string | string[], done?: Done): number',
  ping: '(): number',
  get_mqttsta: '(): number',
  check_msg: '(): void',
  wait_msg: '(done: Done): void',
  disconnect: '(): number',
  close: '(): number',
}
const TYPES: Record<string, string> = { text: 'string', bytes: 'string | Uint8Array', bool: 'boolean', options: 'object | string' }
const DECLARED = {
  commonjs: { declare: 'export declare ', tail: '' },
  module: { declare: 'export declare ', tail: '' },
  global: { declare: '', tail: '}' },
}

export const types: Emit = (context, loaded, printer) => {
  const { text } = clientOf(context, loaded, printer)
  const shape = context.shape as keyof typeof DECLARED
  const said = known.of(`${loaded.sources.client.text}${text}`, () => saidOf(text, loaded.sources.client.root))
  const code = render('umqtt.d.ts.hbs', { header: context.header, profile: loaded.session.profile, ...DECLARED[shape], ...said })
  return shape === 'global' ? code.replace('\n\n/**', '\n\ndeclare namespace umqtt {\n/**') : code
}

const known = new Memo<object>()
/** The options and calls that a client has. */
function saidOf(text: string, api: Item): object {
  const entries = (part: string, there: (name: string) => boolean) =>
    api
      .get(part)
      .entries()
      .filter(([k]) => there(k.text))
      .map(([k, v]) => ({ name: k.text, item: v, doc: v.get('doc').get('en').text.trim() }))
  const parameters = entries('parameters', (name) => new RegExp(`options\\.${name}\\b`).test(text))
  const methods = entries('methods', (name) => new RegExp(`^  ${name}: (function|method)\\b`, 'm').test(text))
  return {
    parameters: parameters.map(({ name, item, doc }) => ({ name, type: TYPES[item.get('type').text] ?? 'number', doc })),
    methods: methods.map(({ name, doc }) => ({ signature: name + SIGNATURES[name], doc })),
  }
}
