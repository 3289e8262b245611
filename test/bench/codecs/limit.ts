// The hand-written limit in the codec bench, with its checks and without them.
import { limitStream, makeLimit } from '../limit.ts'
import type { BenchCodec } from './codec.ts'

const codec = (name: string, validate: boolean): BenchCodec => {
  const limit = makeLimit(validate)
  return {
    name,
    encoder: (packet, into) => () => limit.encode(packet, into),
    decoder: () => (bytes) => limit.decode(bytes, 0, bytes.length),
    stream: (onPacket) => limitStream(limit, onPacket),
  }
}

export const codecs = [codec('limit', true), codec('limit, unvalidated', false)]
