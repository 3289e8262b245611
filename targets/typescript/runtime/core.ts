// The entry `./core`: the session without I/O, for whoever brings an event loop and a transport of their own.
export { MalformedPacket, Writer } from './cursor.ts'
export type { Packet, Publish, QoS, Rule, Subscribe, Subscription, Unsubscribe, Version, Will } from './packets.ts'
export { type Config, ErrorCode, type Host, type Operation, Session, timerNames } from './session.ts'
