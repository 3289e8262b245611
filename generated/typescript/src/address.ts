// Reads what the application gives as a server: a host, a URL, or a list of them.
import { PORT, TLS_PORT } from './defaults.ts'
import { MqttError } from './errors.ts'
import { ErrorCode } from './session.ts'
import type { Address, TlsParams } from './transport.ts'

const SCHEMES = new Map([
  ['mqtt:', false],
  ['mqtts:', true],
])

/** What a URL may say beside the address. */
export interface Login {
  user: string | undefined
  password: string | undefined
}

/** `port` 0 is the usual one. A URL's own port and scheme come before `port` and `ssl`. */
export function readServers(server: string | readonly string[], port: number, ssl: boolean, params: TlsParams): (Address & Login)[] {
  const servers = typeof server === 'string' ? [server] : server
  if (servers.length === 0) throw new MqttError(ErrorCode.INVALID_ARGUMENT, { cause: new Error('no server') })
  return servers.map((text) => (text.includes('://') ? readUrl(text, port, params) : readHost(text, port, ssl ? params : undefined)))
}

const usual = (secure: boolean): number => (secure ? TLS_PORT : PORT)

function readHost(host: string, port: number, params: TlsParams | undefined): Address & Login {
  return { host, port: port || usual(params !== undefined), tls: params, user: undefined, password: undefined }
}

function readUrl(text: string, port: number, params: TlsParams): Address & Login {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const secure = url && SCHEMES.get(url.protocol)
  if (!url || secure === undefined || !url.hostname) {
    throw new MqttError(ErrorCode.INVALID_ARGUMENT, { cause: new Error(`not a server: ${text}`) })
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'), // an IPv6 address
    port: Number(url.port) || port || usual(secure),
    tls: secure ? params : undefined,
    user: url.username ? decodeURIComponent(url.username) : undefined,
    password: url.password ? decodeURIComponent(url.password) : undefined,
  }
}
