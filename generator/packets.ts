// Reads packets.yaml into the model: what a field's path, a type or a version names must exist. Whether the YAML has the right shape was
// checked by its schema before.
import { parseExpression, Reader } from './expressions.ts'
import type { Type } from './ir.ts'
import { untag } from './lines.ts'
import type { Bit, Body, Bounds, Constant, Packet, PacketModel, Refusal, RuleSpec } from './model.ts'
import { type Item, type Problems, SpecError, unknown } from './source.ts'
import { typeNamed, WIRE_TYPES } from './types.ts'
import { emptyWorld, type Field } from './world.ts'

export const readPackets = (root: Item, problems: Problems): PacketModel => new ModelReader(root, problems).model

const widthOf = (bits: Bit[]): number => bits.reduce((sum, bit) => sum + bit.width, 0)

class ModelReader {
  readonly model: PacketModel
  readonly #problems: Problems
  readonly #versions: number[]

  constructor(root: Item, problems: Problems) {
    this.#problems = problems
    const pairs = root.get('versions').entries()
    const versions = pairs.map(([k, v]): [number, string] => [Number(k.text), v.text])
    this.#versions = versions.map(([v]) => v)
    const world = emptyWorld()
    const frame = this.#frame(root.get('frame'))
    const rule = (what: string) => this.#refusal(root.get('wire').get(what)).rule
    const wire = { tooLong: rule('over'), illFormed: rule('ill_formed'), zero: rule('zero') }
    const parts = { enums: [], structs: [], texts: [], functions: [], packets: [] }
    const shared = root.file.text.replace(root.get('packets').source, '')
    this.model = { versions, ...parts, frame, wire, again: root.get('again').text, world, shared, rules: this.#rules }
    this.#readEnums(root.get('enums'))
    for (const [key] of root.get('texts').entries()) this.model.world.texts.add(key.text)
    this.#readFunctions(root.get('functions'))
    this.#each(root.get('texts'), (key, value) => this.#readText(key, value))
    this.#each(root.get('structs'), (key, value) => this.#readStruct(key, value))
    this.#each(root.get('packets'), (key, value) => this.#readPacket(key, value))
    for (const [rule] of this.#rules) world.rules.set(rule, world.rules.size + 1)
  }

  readonly #rules = new Map<string, string[]>()

  #each(map: Item, read: (key: Item, value: Item) => void): void {
    for (const [key, value] of map.entries()) this.#problems.guard(() => read(key, value))
  }

  #refusal(item: Item, key = 'error'): Refusal {
    const rule = item.get(key).text
    const see = item.get('see').texts
    if (rule) this.#rules.set(rule, [...new Set([...(this.#rules.get(rule) ?? []), ...see])])
    return { rule, see }
  }

  #frame(item: Item): PacketModel['frame'] {
    const [length, body] = [item.get('length'), item.get('body')]
    const short = this.#refusal(body, 'short').rule
    return {
      typeBits: Number(item.get('type').get('bits').text),
      type: this.#refusal(item.get('type')),
      sender: this.#refusal(item.get('sender')),
      lengthBytes: Number(length.get('max_bytes').text),
      length: this.#refusal(length),
      over: this.#refusal(length, 'over').rule,
      short,
      long: this.#refusal(body, 'long'),
    }
  }

  #readEnums(item: Item): void {
    for (const [key, value] of item.entries()) {
      const members = value.entries().map(([k, v]): [string, number] => [k.text, Number(v.text)])
      for (const [i, [, v]] of value.entries().entries()) {
        const clash = members.findIndex(([, n]) => n === members[i][1])
        if (clash < i && v.text) this.#problems.add(v.spot, `the value ${v.text} is that of ${members[clash][0]} already`)
      }
      this.model.enums.push({ name: key.text, members })
      this.model.world.enums.set(key.text, new Map(members))
    }
  }

  #readFunctions(item: Item): void {
    this.#each(item, (key, value) => {
      const name = new Reader(key, key.text.replace('->', ' ')).word()
      this.model.functions.push({ name, doc: value.get('doc').text, body: value.get('do') })
      const params = [{ name: 'text', type: { kind: 'text' } as Type }]
      this.model.world.functions.set(name, { params, returns: { kind: 'bool' }, method: false })
    })
  }

  #readText(key: Item, value: Item): void {
    const rules = value.get('rules').map((i) => this.#rule(i))
    this.model.texts.push({ name: key.text, doc: value.get('doc').text, rules })
  }

  #readStruct(key: Item, value: Item): void {
    const fields = this.#fields(value.get('fields'))
    this.model.structs.push({ name: key.text, doc: value.get('doc').text, fields })
    this.model.world.structs.set(key.text, fields)
  }

  #fields(item: Item): Field[] {
    return item.entries().map(([key, value]) => {
      const spelled = value.isMap ? value.get('type') : value
      const { text, tags } = untag(key.text)
      return {
        name: text,
        tags,
        type: typeNamed(spelled.text, spelled, this.model.world, WIRE_TYPES),
        doc: value.isMap ? value.get('doc').text : '',
        ...this.#bounds(value),
      }
    })
  }

  #bounds(item: Item): Bounds {
    const read = (bound: Item, otherwise: number): number => {
      if (!bound.exists) return otherwise
      if (!this.#versions.includes(Number(bound.text))) this.#problems.add(bound.spot, `unknown version ${bound.text}`)
      return Number(bound.text)
    }
    return { since: read(item.get('since'), Math.min(...this.#versions)), until: read(item.get('until'), Math.max(...this.#versions)) }
  }

  #rule(item: Item): RuleSpec {
    const at = item.get('at')
    return {
      ...this.#refusal(item),
      ...this.#bounds(item),
      must: parseExpression(item.get('must')),
      at: at.exists ? at.text : undefined,
      item,
    }
  }

  #readPacket(key: Item, value: Item): void {
    const before = this.#problems.found.length
    const fields = this.#fields(value.get('fields'))
    this.model.world.packets.set(key.text, fields)
    const packet: Packet = {
      name: key.text,
      code: Number(value.get('code').text),
      from: value.get('from').text as Packet['from'],
      doc: value.get('doc').text,
      fields,
      header: value.get('header').map((i) => this.#bit(i, fields)),
      body: this.#body(value.get('body'), fields),
      rules: value.get('rules').items().flatMap((i) => this.#problems.guard(() => this.#rule(i)) ?? []), // biome-ignore format: a line
      item: key,
      source: `${key.text} ${value.source}`,
    }
    const [width, wanted] = [widthOf(packet.header), 8 - this.model.frame.typeBits]
    if (width !== wanted) this.#problems.add(value.get('header').spot, `the header has ${width} bits, not ${wanted}`)
    if (this.#problems.found.length === before) this.#complete(value, packet)
    const clash = this.model.packets.find((p) => p.code === packet.code)
    if (clash) this.#problems.add(value.get('code').spot, `code ${packet.code} is that of ${clash.name} already`)
    this.model.packets.push(packet)
  }

  /** Each field has its place in the header or in the body, and a rule is judged at a field. */
  #complete(value: Item, { fields, header, body, rules }: Packet): void {
    const flat = (list: Body[]): Body[] => list.flatMap((b) => [b, ...(b.is === 'when' ? flat([...b.do, ...b.else]) : [])])
    const paths = flat(body).flatMap((b) => {
      if (b.is === 'byte') return b.bits.filter((bit) => bit.is === 'value').map((bit) => bit.path)
      return 'path' in b && b.is !== 'absent' ? [b.path] : []
    })
    const placed = new Set([...header.map((bit) => bit.path), ...paths].map((path) => path.split('.')[0]))
    for (const [key] of value.get('fields').entries())
      if (!placed.has(untag(key.text).text)) this.#problems.add(key.spot, `the field '${key.text}' has no place in the header or the body`)
    for (const rule of rules) if (rule.at) this.#problems.guard(() => this.#path(rule.item.get('at'), fields))
  }

  /** A field, by its path, must exist: `a.b`. `item` is an entry of the list at hand. */
  #path(item: Item, fields: Field[], of?: Type): string {
    const text = item.text
    if (of && text === 'item') return text
    let known = fields
    for (const [i, step] of text.split('.').entries()) {
      const field = known.find((f) => f.name === step)
      if (!field) {
        const at = text.split('.').slice(0, i).join('.').length + (i > 0 ? 1 : 0)
        throw unknown('field', step, item.part(at, step.length), known)
      }
      const inner = field.type.kind === 'optional' ? field.type.of : field.type
      known = inner.kind === 'struct' ? (this.model.world.structs.get(inner.name) ?? []) : []
    }
    return text
  }

  #bit(item: Item, fields: Field[], of?: Type): Bit {
    const presence = item.get('bit')
    const [path, constant] = [item.get('of'), item.get('const')]
    return {
      width: presence.exists ? 1 : Number(item.get('bits').text),
      is: presence.exists ? 'presence' : constant.exists ? 'const' : 'value',
      path: presence.exists ? this.#path(presence, fields) : path.exists ? this.#path(path, fields, of) : '',
      value: constant.exists ? Number(constant.text) : 0,
      ...this.#refusal(item),
      ...this.#bounds(item),
      item,
    }
  }

  #body(list: Item, fields: Field[], of?: Type): Body[] {
    const body = list.items().map((item) => this.#problems.guard(() => this.#bodyItem(item, fields, of)))
    return body.filter((b) => b !== undefined)
  }

  #bodyItem(item: Item, fields: Field[], of?: Type): Body {
    if (item.get('byte').exists) {
      const bits = item.get('byte').map((i) => this.#bit(i, fields, of))
      if (widthOf(bits) !== 8) throw new SpecError(item.get('byte').spot, `a byte has 8 bits, not ${widthOf(bits)}`)
      return { is: 'byte', bits, item }
    }
    if (item.get('when').exists) {
      const [yes, no] = [item.get('do'), item.get('else')].map((i) => this.#body(i, fields, of))
      return { is: 'when', when: parseExpression(item.get('when')), do: yes, else: no, item }
    }
    if (item.get('check').exists) return { is: 'check', rule: this.#rule(item.get('check')), item }
    if (item.get('absent').exists) return { is: 'absent', path: this.#path(item.get('absent'), fields), ...this.#refusal(item), item }
    if (item.get('list').exists) return this.#list(item, fields)
    return this.#wire(item, fields, of)
  }

  #list(item: Item, fields: Field[]): Body {
    const path = this.#path(item.get('list'), fields)
    const type = fields.find((f) => f.name === path)!.type
    if (type.kind !== 'list') throw new SpecError(item.get('list').spot, `'${path}' is no list`)
    const inner = type.of.kind === 'struct' ? (this.model.world.structs.get(type.of.name) ?? []) : []
    return { is: 'list', path, ...this.#refusal(item), do: this.#body(item.get('do'), inner, type.of), item }
  }

  #wire(item: Item, fields: Field[], of?: Type): Body {
    const [[key, value]] = item.entries()
    const kinds = ['u8', 'u16', 'utf8', 'bytes', 'rest'] as const
    const wire = this.model.world.texts.has(key.text) ? 'utf8' : kinds.find((k) => k === key.text)
    if (!wire) {
      throw unknown('wire type', key.text, key.spot, [...kinds, ...this.model.world.texts, 'byte', 'when', 'check', 'list', 'absent'])
    }
    const constant = item.get('const')
    const refusal = this.#refusal(item)
    if (!refusal.rule && (wire === 'u8' || wire === 'u16'))
      throw new SpecError(key.spot, `which rule does a number break that is no ${wire}? 'error' is missing`)
    return {
      is: 'wire',
      wire,
      format: this.model.world.texts.has(key.text) ? key.text : undefined,
      path: constant.exists ? value.text : this.#path(value, fields, of),
      const: constant.exists ? this.#constant(constant, wire === 'utf8') : undefined,
      min: Number(item.get('min').text || 0),
      ...refusal,
      item,
    }
  }

  #constant(item: Item, text: boolean): Constant {
    const read = (i: Item): string | number => (text ? i.text : Number(i.text))
    if (!item.isMap) return new Map(this.#versions.map((v) => [v, read(item)]))
    const missing = this.#versions.find((v) => !item.get(String(v)).exists)
    if (missing !== undefined) throw new SpecError(item.spot, `no value for version ${missing}`)
    return new Map(this.#versions.map((v) => [v, read(item.get(String(v)))]))
  }
}
