// The one error class of the client, with the numbers that are the same in every language.
import { clauses } from './clauses.ts'
import type { Rule } from './packets.ts'
import { ErrorCode } from './session.ts'

const names = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]))

/** What went wrong: `code` is one of ErrorCode, `cause` the system's own error where there is one. */
export class MqttError extends Error {
  override readonly name = 'MqttError'
  readonly code: number
  /** The rule that was broken, where one was: by the caller (INVALID_ARGUMENT) or by the server (PROTOCOL_ERROR). */
  readonly rule: Rule | undefined
  /** The clauses of the standard behind that rule. */
  readonly clauses: readonly string[]
  /** Where in the server's packet, in bytes from its first. */
  readonly offset: number | undefined

  constructor(code: number, why: { cause?: unknown; rule?: Rule | undefined; offset?: number | undefined } = {}) {
    const clause = why.rule === undefined ? [] : (clauses[why.rule] ?? [])
    super(describe(code, why, clause), why.cause === undefined ? undefined : { cause: why.cause })
    this.code = code
    this.rule = why.rule
    this.clauses = clause
    this.offset = why.offset
  }
}

function describe(
  code: number,
  why: { cause?: unknown; rule?: Rule | undefined; offset?: number | undefined },
  clause: readonly string[],
): string {
  let text = names.get(code) ?? String(code)
  if (why.rule !== undefined) text += `: ${why.rule}`
  if (why.offset !== undefined) text += ` at byte ${why.offset}`
  if (clause.length > 0) text += ` (${clause.join(', ')})`
  if (why.cause instanceof Error && why.cause.message) text += `: ${why.cause.message}`
  return text
}
