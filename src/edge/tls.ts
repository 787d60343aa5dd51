import { randomBytes } from 'node:crypto'
import { createSecureContext, getCiphers, type SecureContext, type SecureContextOptions } from 'node:tls'
import { type Domains, routeOf, zoneOf } from './host.ts'

/** TLS 1.3 suites, and for TLS 1.2 only those with ephemeral keys and authenticated encryption (RFC 9325, 4.2). */
const suites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

/** Hybrid first: what is recorded today must not be readable with a quantum computer later. */
const groups = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384']

const signatures = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
]

/** The options every context of the edge is made with; groups that this OpenSSL lacks are left out. */
export function secureOptions(): SecureContextOptions {
  const known = new Set(getCiphers())
  const usable = groups.filter((group) => isGroup(group))
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: suites.filter((suite) => suite.startsWith('TLS_') || known.has(suite.toLowerCase())).join(':'),
    honorCipherOrder: false,
    ecdhCurve: usable.join(':'),
    sigalgs: signatures.join(':'),
    secureOptions: NO_RENEGOTIATION,
  }
}

/** SSL_OP_NO_RENEGOTIATION; Node's `constants` lack it. */
const NO_RENEGOTIATION = 1 << 30

/** A certificate (chain and key, PEM) for the one-label children of a zone. */
export type ZoneCertificate = { zone: string; certPem: string; keyPem: string }

/** Certificates by zone; `use` may be called again at any time, and holds for handshakes from then on. */
export class Contexts {
  private readonly byZone = new Map<string, SecureContext>()
  private readonly options: SecureContextOptions
  private readonly domains: Domains

  constructor(domains: Domains) {
    this.options = secureOptions()
    this.domains = domains
  }

  use(certificates: readonly ZoneCertificate[]): void {
    for (const { zone, certPem: cert, keyPem: key } of certificates)
      this.byZone.set(zone, createSecureContext({ ...this.options, cert, key }))
  }

  /** The context for a name that a client asks for; undefined, and so no handshake, when nobody here has that name. */
  of(servername: string): SecureContext | undefined {
    const name = servername.toLowerCase()
    return routeOf(name, this.domains) ? this.byZone.get(zoneOf(name)) : undefined
  }
}

/** Keys that session tickets are sealed with: new ones make all earlier tickets worthless. */
export function newTicketKeys(): Buffer {
  return randomBytes(48)
}

function isGroup(group: string): boolean {
  try {
    createSecureContext({ ecdhCurve: group })
    return true
  } catch {
    return false
  }
}
