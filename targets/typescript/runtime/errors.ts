// The one error class of the client, with the numbers that are the same in every language.
import { clauses } from './clauses.ts'
import * as Code from './error-codes.ts'
import type { Rule } from './packets.ts'
import { ErrorCode } from './session.ts'

const names = Object.entries(ErrorCode)

interface Why {
  cause?: unknown
  rule?: Rule | undefined
  offset?: number | undefined
}

/** What went wrong: `code` is one of ErrorCode, `cause` the system's own error where there is one. */
export class MqttError extends Error {
  override readonly name = 'MqttError'
  declare readonly code: number
  /** The rule that was broken, where one was: by the caller (INVALID_ARGUMENT) or by the server (PROTOCOL_ERROR). */
  declare readonly rule: Rule | undefined
  /** The clauses of the standard behind that rule. */
  declare readonly clauses: readonly string[]
  /** Where in the server's packet, in bytes from its first. */
  declare readonly offset: number | undefined

  constructor(code: number, { cause, rule, offset }: Why = {}) {
    const broken = (rule && clauses[rule]?.split(' ')) ?? []
    let text = names.find((name) => name[1] === code)?.[0] ?? String(code)
    if (rule) text += `: ${rule}`
    if (offset !== undefined) text += ` at byte ${offset}`
    if (broken.length > 0) text += ` (${broken.join(', ')})`
    if (cause instanceof Error && cause.message) text += `: ${cause.message}`
    super(text, cause === undefined ? undefined : { cause })
    this.code = code
    this.rule = rule
    this.clauses = broken
    this.offset = offset
  }
}

/** What an argument is that no rule of the standard speaks of. */
export const invalid = (message: string): MqttError => new MqttError(Code.INVALID_ARGUMENT, { cause: new TypeError(message) })
