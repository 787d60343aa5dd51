import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect, createServer, getCiphers } from 'node:tls'
import {
  type Answer,
  type Handshake,
  OFFERS,
  type Offer,
  type Suite,
  type WebHost,
  type WebReader,
} from '../contract/web.ts'

const LIMIT_MS = 5_000

/** With the suite as this OpenSSL calls it. */
type Shake =
  | Exclude<Handshake, { outcome: 'accepted' }>
  | (Extract<Handshake, { outcome: 'accepted' }> & { name: string })

// Everything this OpenSSL knows but what is allowed: ephemeral keys with authenticated encryption.
const WEAK = 'ALL:COMPLEMENTOFALL:-ECDHE+AESGCM:-ECDHE+CHACHA20:@SECLEVEL=0'
/** Our edge answers these as if the application had, to whoever knows the probe's token; anybody else's server as it likes. */
const PROBED = [200, 204, 301, 303, 404, 429, 500, 502, 503]
// Suites without certificates: the planted server needs none, and they are among what is offered above.
const ANONYMOUS = 'aNULL:@SECLEVEL=0'

const OPTIONS: Readonly<Record<Offer, ConnectionOptions>> = {
  'tls-1.0': { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' },
  'tls-1.1': { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' },
  'tls-1.2-weak': { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: WEAK },
  'tls-1.2': { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
  'tls-1.3': { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
}

/** With Node's own TLS. `ca` (PEM) is trusted beside no other; `probeToken` marks requests that are no use. */
export function createLocalWeb(options: { ca: string; probeToken: string }): WebReader {
  const shake = (host: WebHost, offered: ConnectionOptions, signal: AbortSignal) =>
    new Promise<Shake>((resolve) => {
      const socket = connect({
        host: host.address,
        port: host.port,
        servername: host.name,
        ca: options.ca,
        // What is accepted is looked at, also where it is not trusted.
        rejectUnauthorized: false,
        ...offered,
      })
      let isConnected = false
      const end = (result: Shake) => {
        signal.removeEventListener('abort', abort)
        socket.destroy()
        resolve(result)
      }
      const abort = () => end({ outcome: 'silent', because: 'no time is left' })
      signal.addEventListener('abort', abort)
      socket.setTimeout(LIMIT_MS, () => end({ outcome: 'silent', because: 'no answer in time' }))
      socket.once('connect', () => {
        isConnected = true
      })
      socket.once('secureConnect', () => {
        const distrusted = socket.authorized ? {} : { distrusted: String(socket.authorizationError) }
        const validTo = Date.parse(socket.getPeerCertificate().valid_to)
        const protocol = socket.getProtocol() ?? ''
        const { name, standardName: suite } = socket.getCipher()
        const validToMs = Number.isNaN(validTo) ? null : validTo
        end({ outcome: 'accepted', protocol, suite, name, validToMs, ...distrusted })
      })
      socket.once('error', (error: NodeJS.ErrnoException) => {
        const because = error.code ?? error.message
        end({ outcome: isConnected ? 'refused' : 'silent', because })
      })
      socket.once('close', () => end({ outcome: isConnected ? 'refused' : 'silent', because: 'closed' }))
    })

  const handshake = async (host: WebHost, offer: Offer, signal: AbortSignal): Promise<Handshake> => {
    const found = await shake(host, OPTIONS[offer], signal)
    if (found.outcome !== 'accepted') return found
    const { name: _, ...accepted } = found
    return accepted
  }

  /** Offers all, then all but what was taken, until nothing is taken any more. */
  const suitesOf = async (
    host: WebHost,
    version: 'TLSv1.2' | 'TLSv1.3',
    signal: AbortSignal,
  ): Promise<Suite[] | null> => {
    const isModern = (name: string) => name.startsWith('TLS_')
    let left = getCiphers()
      .map((name) => name.toUpperCase())
      .filter((name) => isModern(name) === (version === 'TLSv1.3'))
    const taken: Suite[] = []
    while (left.length > 0) {
      const ciphers = version === 'TLSv1.3' ? left.join(':') : `${left.join(':')}:@SECLEVEL=0`
      const found = await shake(host, { minVersion: version, maxVersion: version, ciphers }, signal)
      if (found.outcome === 'silent') return null
      if (found.outcome === 'refused') break
      taken.push({ protocol: found.protocol, suite: found.suite })
      const before = left.length
      left = left.filter((name) => name !== found.name.toUpperCase())
      if (left.length === before) return null
    }
    return taken
  }

  const ask = (host: WebHost, method: string, path: string, signal: AbortSignal) =>
    new Promise<Answer | undefined>((resolve) => {
      const sent = request(
        {
          host: host.address,
          port: host.port,
          servername: host.name,
          method,
          path,
          ca: options.ca,
          headers: { host: `${host.name}:${host.port}`, 'x-borgen-probe': options.probeToken },
          agent: false,
          timeout: LIMIT_MS,
          signal,
        },
        (answer) => {
          answer.resume()
          const found = answer.headers['strict-transport-security'] ?? null
          resolve({ status: answer.statusCode ?? 0, strictTransportSecurity: found })
          sent.destroy()
        },
      )
      sent.on('timeout', () => sent.destroy())
      sent.on('error', () => resolve(undefined))
      sent.end()
    })

  return {
    handshake,
    async suites(host, signal) {
      const older = await suitesOf(host, 'TLSv1.2', signal)
      const newer = await suitesOf(host, 'TLSv1.3', signal)
      return older && newer && [...newer, ...older]
    },
    async answers(host, signal) {
      // An edge answers these itself, whoever lies behind it and however soundly it sleeps.
      const asked = [
        ask(host, 'TRACE', '/', signal),
        ...[9_000, 20_000].map((length) => ask(host, 'GET', `/${'x'.repeat(length)}`, signal)),
      ]
      for (const status of PROBED) asked.push(ask(host, 'GET', `/.well-known/borgen-probe/${status}`, signal))
      for (const path of host.paths ?? []) asked.push(ask(host, 'GET', path, signal))
      return (await Promise.all(asked)).flatMap((answer) => answer ?? [])
    },
    isListening: (address, port, signal) =>
      new Promise((resolve) => {
        const socket = connectTcp({ host: address, port, signal })
        const end = (result: boolean | null) => {
          socket.destroy()
          resolve(result)
        }
        socket.setTimeout(LIMIT_MS, () => end(null))
        socket.once('connect', () => end(true))
        socket.once('error', (error: NodeJS.ErrnoException) =>
          end(error.code === 'ECONNREFUSED' ? false : null),
        )
      }),
    async visible(signal) {
      const weak = createServer({
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.2',
        ciphers: ANONYMOUS,
        dhparam: 'auto',
      })
      weak.on('tlsClientError', () => {})
      await new Promise<void>((resolve) => weak.listen(0, '127.0.0.1', resolve))
      const place = weak.address()
      const port = typeof place === 'object' && place ? place.port : 0
      try {
        const seen: Offer[] = []
        for (const offer of OFFERS) {
          const host = { address: '127.0.0.1', port, name: 'planted.invalid' }
          if ((await handshake(host, offer, signal)).outcome === 'accepted') seen.push(offer)
        }
        return seen
      } finally {
        weak.close()
      }
    },
  }
}
