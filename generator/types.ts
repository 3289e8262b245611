// Types as the spec writes them: `u16`, `Will?`, `Subscription[]`, `stages`.
import { RULE, type Type, U8, U16, U32 } from './ir.ts'
import { type Item, unknown } from './source.ts'
import type { World } from './world.ts'

const NUMBERS: Record<string, Type> = { u8: U8, u16: U16, u32: U32, bool: { kind: 'bool' } }
/** What a packet is made of. */
export const WIRE_TYPES: Record<string, Type> = { ...NUMBERS, utf8: { kind: 'text' }, bytes: { kind: 'bytes' } }
/** What a session keeps. */
export const SESSION_TYPES: Record<string, Type> = {
  ...NUMBERS,
  text: { kind: 'text' },
  bytes: { kind: 'bytes' },
  frame: { kind: 'frame' },
  operation: { kind: 'operation' },
  rule: RULE,
  error: { kind: 'error' },
}

/** The type called `text`: a plain one, or one that the spec declares. */
export function typeNamed(text: string, item: Item, world: World, plain: Record<string, Type>): Type {
  if (text.endsWith('?')) return { kind: 'optional', of: typeNamed(text.slice(0, -1), item, world, plain) }
  if (text.endsWith('[]')) return { kind: 'list', of: typeNamed(text.slice(0, -2), item, world, plain) }
  const { texts, enums, structs, packets, records, states } = world
  if (plain[text]) return plain[text]
  if (texts.has(text)) return { kind: 'text', format: text }
  if (enums.has(text)) return { kind: 'enum', name: text }
  if (structs.has(text)) return { kind: 'struct', name: text }
  if (packets.has(text)) return { kind: 'packet', name: text }
  if (records.has(text)) return { kind: 'record', name: text }
  if (states.has(text)) return { kind: 'state', table: text }
  const known = [...Object.keys(plain), ...[texts, enums, structs, packets, records, states].flatMap((of) => [...of.keys()])]
  throw unknown('type', text, item.spot, known)
}
