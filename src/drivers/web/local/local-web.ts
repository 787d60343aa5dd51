import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect, createServer } from 'node:tls'
import {
  type Answer,
  type Handshake,
  OFFERS,
  type Offer,
  type WebHost,
  type WebReader,
} from '../contract/web.ts'

const LIMIT_MS = 5_000
// Everything this OpenSSL knows but what is allowed: ephemeral keys with authenticated encryption.
const WEAK = 'ALL:COMPLEMENTOFALL:-ECDHE+AESGCM:-ECDHE+CHACHA20:@SECLEVEL=0'
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
  const handshake = (host: WebHost, offer: Offer, signal: AbortSignal) =>
    new Promise<Handshake>((resolve) => {
      const socket = connect({
        host: host.address,
        port: host.port,
        servername: host.name,
        ca: options.ca,
        // What is accepted is looked at, also where it is not trusted.
        rejectUnauthorized: false,
        ...OPTIONS[offer],
      })
      let isConnected = false
      const end = (result: Handshake) => {
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
        const validTo = Date.parse(socket.getPeerCertificate().valid_to)
        const protocol = socket.getProtocol() ?? ''
        const suite = socket.getCipher().standardName
        end({ outcome: 'accepted', protocol, suite, validToMs: Number.isNaN(validTo) ? null : validTo })
      })
      socket.once('error', (error: NodeJS.ErrnoException) => {
        const because = error.code ?? error.message
        end({ outcome: isConnected ? 'refused' : 'silent', because })
      })
      socket.once('close', () => end({ outcome: isConnected ? 'refused' : 'silent', because: 'closed' }))
    })

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
    async answers(host, signal) {
      // An edge answers these itself, whoever lies behind it and however soundly it sleeps.
      const asked = [ask(host, 'TRACE', '/', signal), ask(host, 'GET', `/${'x'.repeat(20_000)}`, signal)]
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
