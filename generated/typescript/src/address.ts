// Reads what the application gives as a server: a host, a URL, or a list of them.
import { PORT, TLS_PORT } from './defaults.ts'
import { invalid } from './errors.ts'
import type { Address, TlsParams } from './transport.ts'

/** The second is over TLS. */
const SCHEMES = ['mqtt:', 'mqtts:']

/** What a URL may say beside the address. */
export interface Login {
  user?: string | undefined
  password?: string | undefined
}

/** `port` 0 is the usual one. A URL's own port and scheme come before `port` and `ssl`. */
export function readServers(server: string | readonly string[], port: number, ssl: boolean, params: TlsParams): (Address & Login)[] {
  const servers = [server].flat()
  if (servers.length === 0) throw invalid('no server')
  return servers.map((text) => (text.includes('://') ? readUrl(text, port, params) : addressOf(text, port, ssl, params)))
}

const addressOf = (host: string, port: number, secure: boolean, params: TlsParams): Address & Login => ({
  host,
  port: port || (secure ? TLS_PORT : PORT),
  tls: secure ? params : undefined,
})

function readUrl(text: string, port: number, params: TlsParams): Address & Login {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = SCHEMES.indexOf(url?.protocol ?? '')
  if (scheme < 0 || !url?.hostname) throw invalid(`not a server: ${text}`)
  const host = url.hostname.replace(/[[\]]/g, '') // of an IPv6 address
  const [user, password] = [url.username, url.password].map((part) => decodeURIComponent(part) || undefined)
  return { ...addressOf(host, Number(url.port) || port, scheme > 0, params), user, password }
}
