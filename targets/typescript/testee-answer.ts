// The testee of this target: targets/TESTEE.md over the emitted client. It translates lines; what it prints comes from the client. A
// module, so that a test can hold it over a client that exists in memory only.
import { decode, encode, InvalidPacket } from '../../generated/typescript/src/codec.ts'
import { MalformedPacket } from '../../generated/typescript/src/cursor.ts'
import type { Packet, Version } from '../../generated/typescript/src/packets.ts'
import { bytesOf, fieldsOf, hex, Refusal, show } from './testee-lines.ts'
import { Sessions } from './testee-session.ts'

function packets(words: string[]): string {
  const [command, level, ...rest] = words
  const version = Number(level)
  if (version !== 3 && version !== 4) throw new Refusal('value version')
  return command === 'decode' ? decodeLine(bytesOf(rest[0] ?? '', 'bytes'), version) : encodeLine(rest, version)
}

function decodeLine(bytes: Uint8Array, version: Version): string {
  try {
    const found = decode(bytes, version)
    if (!found) return `error incomplete ${bytes.length}`
    return found.length < bytes.length ? 'bad more_than_one_packet' : `ok ${show(found.packet, version)}`
  } catch (error) {
    if (!(error instanceof MalformedPacket)) throw error
    return `error ${error.rule} ${error.offset}`
  }
}

function encodeLine([kind, ...words]: string[], version: Version): string {
  const packet = fieldsOf(kind ?? '', words, version)
  try {
    return `ok ${hex(encode(packet as Packet, version))}`
  } catch (error) {
    if (!(error instanceof InvalidPacket)) throw error
    return `error ${error.rule}`
  }
}

const sessions = new Sessions()

/** The lines of one answer, without the closing dot. */
export function answer(line: string): string[] {
  const words = line.split(' ')
  try {
    if (words[0] === 'decode' || words[0] === 'encode') return [packets(words)]
    return sessions.answer(words)
  } catch (error) {
    if (error instanceof Refusal) return [`bad ${error.message}`]
    throw error
  }
}
