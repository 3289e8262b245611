// Who may send what, by table 2.1 of MQTT 3.1.1 (3.1 has the same): the first byte of each packet, and whether a client or a server sends it.
// A client's session shows what a server may not send; what a client may not send only a server would notice.
interface Sender {
  first: number
  client: boolean
  server: boolean
}

const row = (first: number, client: boolean, server: boolean): Sender => ({ first, client, server })

export const SENDERS: Record<string, Sender> = {
  CONNECT: row(0x10, true, false),
  CONNACK: row(0x20, false, true),
  PUBLISH: row(0x30, true, true),
  PUBACK: row(0x40, true, true),
  PUBREC: row(0x50, true, true),
  PUBREL: row(0x62, true, true),
  PUBCOMP: row(0x70, true, true),
  SUBSCRIBE: row(0x82, true, false),
  SUBACK: row(0x90, false, true),
  UNSUBSCRIBE: row(0xa2, true, false),
  UNSUBACK: row(0xb0, false, true),
  PINGREQ: row(0xc0, true, false),
  PINGRESP: row(0xd0, false, true),
  DISCONNECT: row(0xe0, true, false),
}

export type HeaderRule = (first: number, version: number) => string | undefined

/** The packets about which the rules of first bytes say something else. */
export const wrongSenders = (client: HeaderRule, server: HeaderRule): string[] =>
  Object.entries(SENDERS)
    .filter(([, is]) =>
      [3, 4].some((version) => {
        const wanted = (may: boolean) => (may ? undefined : 'unexpected_packet')
        return client(is.first, version) !== wanted(is.client) || server(is.first, version) !== wanted(is.server)
      }),
    )
    .map(([name]) => name)
