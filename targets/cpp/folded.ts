// What a profile leaves of the functions: versions it does not speak, and fields its packets never have.
import { Folder, foldingOf } from '../../generator/fold.ts'
import type { Loaded } from '../../generator/generate.ts'
import { type Func, rewrite } from '../../generator/ir.ts'
import type { Codec } from '../../generator/lower.ts'

/** Parameters and variables stay: one file serves application and testee. */
const keeping = (loaded: Loaded) => ({
  ...foldingOf(loaded, () => true),
  unread: new Set<string>(),
  unused: new Set<string>(),
  fixed: new Map<string, number>(),
})

/** Packets are made field by field, in order: none may be missing. */
const whole = (f: Func, { model }: Codec): Func =>
  rewrite(f, (node) => {
    const packet = node.kind === 'make' ? model.packets.find((p) => p.name === node.name) : undefined
    if (node.kind !== 'make' || !packet || node.fields.length === packet.fields.length) return node
    const value = (name: string) => node.fields.find((f) => f.name === name)?.value
    return { ...node, fields: packet.fields.map(({ name, type }) => ({ name, value: value(name) ?? { kind: 'none', type } })) }
  })

/** The functions of the session as the profile has them, and the version where there is only one. */
export function sessionFold(loaded: Loaded): { fold: (f: Func) => Func; version: number | undefined } {
  const folding = { ...keeping(loaded), absent: new Set<string>() }
  const folder = new Folder(folding)
  return { fold: (f) => whole(folder.func(f), loaded.codec), version: folding.version }
}

/** The codec that a profile needs: it reads all there is, and writes what it sends. */
export function codecFold(loaded: Loaded): Codec {
  const { codec } = loaded
  const writes = new Folder(keeping(loaded))
  const reads = new Folder({ ...keeping(loaded), absent: new Set() })
  return {
    ...codec,
    packets: codec.packets.map((p) => ({ ...p, encode: writes.func(p.encode), decode: reads.func(p.decode) })),
    headerRule: reads.func(codec.headerRule),
    senderRule: new Map([...codec.senderRule].map(([from, rule]) => [from, reads.func(rule)])),
    again: reads.func(codec.again),
  }
}
