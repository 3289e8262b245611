// How the bits of a byte are taken apart and put together in Python.
import type { Expr } from '../../generator/ir.ts'
import type { Printer } from '../../generator/print.ts'

export const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, '0')}`
/** Which may not be there; else it is true. */
export const isStruct = (e: Expr): boolean => e.type.kind === 'struct' || (e.type.kind === 'optional' && e.type.of.kind === 'struct')

/** Bits of a byte: shifted and masked only as far as needed. */
export function bits(e: Expr & { kind: 'bits' }, p: Printer): string {
  const of = p.expr(e.of, 60)
  if (e.type.kind === 'bool') return `${of} & ${hex(1 << e.shift)} != 0`
  const mask = 2 ** e.width - 1
  if (e.shift === 0) return `${of} & ${hex(mask)}`
  return e.shift + e.width === 8 ? `${of} >> ${e.shift}` : `(${of} >> ${e.shift}) & ${mask}`
}

export function packPart({ value, shift }: { value: Expr; shift: number }, p: Printer): string {
  if (value.kind === 'number') return hex(value.value)
  if (value.type.kind === 'bool') {
    const bit = value.kind === 'has' && !isStruct(value.of) ? `(${p.expr(value)})` : `bool(${p.expr(value)})`
    return shift === 0 ? bit : `${bit} << ${shift}`
  }
  return shift === 0 ? p.expr(value, 56) : `(${p.expr(value, 59)} << ${shift})`
}
