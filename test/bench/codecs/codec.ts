// What the codec bench asks of a codec, in the packets of limit.ts. Each file beside this one exports `codecs`.
import type { Packet } from '../limit.ts'

export interface BenchCodec {
  name: string
  /** The packet in the codec's own form, and then a function that encodes it and gives the bytes it made. */
  encoder(packet: Packet, into: Buffer): () => number
  /** Where `encoder` does not write into the buffer given: its bytes, for the check before the bench. */
  encoded?(packet: Packet): Uint8Array
  /** Decodes one whole packet; gives something of it, so that nothing can be left out. */
  decoder(): (bytes: Buffer) => unknown
  /** Takes a stream in chunks. */
  stream(onPacket: (packet: unknown) => void): (chunk: Buffer) => void
}
