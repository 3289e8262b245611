// Makes the certificates of the TLS tests with the openssl program, in a temporary folder: what a client must accept
// and what it must refuse. Who serves or presents them is the test's business.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface KeyPair {
  cert: string
  key: string
}

export interface Certs {
  dir: string
  ca: string
  /** A CA that signed nothing the servers here present, but `otherServer`. */
  otherCa: string
  /** For localhost, 127.0.0.1 and ::1. */
  server: KeyPair
  /** Signed by our CA for `elsewhere.example`. */
  wrongHost: KeyPair
  /** Signed by our CA for localhost; its time ended yesterday. */
  expired: KeyPair
  /** For localhost, signed by `otherCa`. */
  otherServer: KeyPair
  /** Its key is encrypted with `passphrase`. */
  client: KeyPair & { passphrase: string }
  remove(): void
}

const LOCAL = 'DNS:localhost,IP:127.0.0.1,IP:::1'

/** Synchronous, so that a test file can make them at its top; about 0.2 s. */
export const makeCerts = (): Certs => {
  const dir = mkdtempSync(join(tmpdir(), 'umqtt-certs-'))
  const ca = authority(dir, 'ca')
  const otherCa = authority(dir, 'other-ca')
  const passphrase = 'open sesame'
  const client = signed(dir, 'client', ca, { usage: 'clientAuth' })
  const encrypted = join(dir, 'client-encrypted.key')
  const secret = ['-v2', 'aes-256-cbc', '-passout', `pass:${passphrase}`]
  openssl(dir, 'pkcs8', '-topk8', '-in', client.key, ...secret, '-out', encrypted)
  return {
    dir,
    ca: ca.cert,
    otherCa: otherCa.cert,
    server: signed(dir, 'server', ca, { names: LOCAL }),
    wrongHost: signed(dir, 'wrong-host', ca, { names: 'DNS:elsewhere.example' }),
    expired: signed(dir, 'expired', ca, { names: LOCAL, days: -1 }),
    otherServer: signed(dir, 'other-server', otherCa, { names: LOCAL }),
    client: { cert: client.cert, key: encrypted, passphrase },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const openssl = (dir: string, ...args: string[]) => {
  execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
}

const newKey = (dir: string, name: string): KeyPair => {
  const pair = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) }
  openssl(dir, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', pair.key)
  return pair
}

const authority = (dir: string, name: string): KeyPair => {
  const pair = newKey(dir, name)
  const extension = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  openssl(dir, 'req', '-x509', '-key', pair.key, '-subj', `/CN=${name}`, '-days', '2', ...extension, '-out', pair.cert)
  return pair
}

interface Request {
  names?: string
  days?: number
  usage?: string
}

const signed = (dir: string, name: string, by: KeyPair, { names, days = 2, usage = 'serverAuth' }: Request) => {
  const pair = newKey(dir, name)
  const lines = [`extendedKeyUsage=${usage}`, ...(names ? [`subjectAltName=${names}`] : [])]
  writeFileSync(join(dir, `${name}.ext`), lines.join('\n'))
  openssl(dir, 'req', '-new', '-key', pair.key, '-subj', `/CN=${name}`, '-out', `${name}.csr`)
  const signer = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-days', String(days)]
  openssl(dir, 'x509', '-req', '-in', `${name}.csr`, ...signer, '-extfile', `${name}.ext`, '-out', pair.cert)
  return pair
}
