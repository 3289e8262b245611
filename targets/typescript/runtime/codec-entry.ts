// The entry `./codec`: packets to bytes and back, whole or from a stream.
export { decode, either, encode, InvalidPacket, ruleOf, server, sizeOf, write } from './codec.ts'
export { MalformedPacket, Writer } from './cursor.ts'
export { Framer, type Side } from './framing.ts'
export * from './packets.ts'
