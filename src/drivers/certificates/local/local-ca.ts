// Its dependency tsyringe asks for this before it is loaded.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import { AppError } from '../../../kernel/errors.ts'
import type { CertificateIssuer } from '../contract/issuer.ts'

const dayMs = 86_400_000
const caLifeDays = 3653
const leafLifeDays = 90
/** Clocks of clients run behind ours; a certificate is valid from a little before it was made. */
const backdatedMs = 3_600_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const serverAuth = '1.3.6.1.5.5.7.3.1'

x509.cryptoProvider.set(webcrypto)

export type LocalCa = { certPem: string; keyPem: string }

/**
 * Makes a certificate authority of this installation alone: ECDSA P-256, ten years, and constrained to the given
 * domains and what lies below them (no addresses, no further authorities), so that whoever trusts it trusts it for
 * nothing else. `keyPem` is a secret.
 */
export async function createLocalCa(asked: { domains: readonly string[]; nowMs: number }): Promise<LocalCa> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const notBeforeMs = asked.nowMs - backdatedMs
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Borgen local authority ${newSerial().slice(-8)}, O=Borgen`,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notBeforeMs + caLifeDays * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      nameConstraints(asked.domains),
    ],
  })
  return { certPem: pemOf(certificate), keyPem: await privatePemOf(keys.privateKey) }
}

/** The local authority; `issueFor` gives certificates that end after the given time. */
export type LocalIssuer = CertificateIssuer & {
  issueFor(
    names: readonly string[],
    asked: { nowMs: number; lifeMs: number },
  ): ReturnType<CertificateIssuer['issue']>
}

/** The local authority as an issuer; leaves live 90 days. Refuses names outside the authority's own constraints. */
export async function openLocalIssuer(ca: LocalCa): Promise<LocalIssuer> {
  const caCertificate = new x509.X509Certificate(ca.certPem)
  const der = x509.PemConverter.decodeFirst(ca.keyPem)
  const caKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const domains = permittedDomains(caCertificate)
  const issuer: LocalIssuer = {
    kind: 'local',
    issue: (names, nowMs) => issuer.issueFor(names, { nowMs, lifeMs: leafLifeDays * dayMs - backdatedMs }),
    async issueFor(names, { nowMs, lifeMs }) {
      const foreign = names.find((name) => !domains.some((domain) => lies(name, domain)))
      if (names.length === 0 || foreign !== undefined) {
        throw new AppError('bad_request', `The local authority may not vouch for ${foreign ?? 'no name'}.`, {
          remedy: `It vouches for names below ${domains.join(' and ')}; other domains need a new data folder.`,
        })
      }
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const notBeforeMs = nowMs - backdatedMs
      const notAfterMs = Math.min(nowMs + lifeMs, caCertificate.notAfter.getTime())
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: newSerial(),
        subject: 'O=Borgen',
        issuer: caCertificate.subject,
        notBefore: new Date(notBeforeMs),
        notAfter: new Date(notAfterMs),
        publicKey: keys.publicKey,
        signingKey: caKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([serverAuth]),
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
          await x509.AuthorityKeyIdentifierExtension.create(caCertificate.publicKey),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      return {
        certPem: `${pemOf(leaf)}${pemOf(caCertificate)}`,
        keyPem: await privatePemOf(keys.privateKey),
        notBeforeMs,
        notAfterMs,
      }
    },
  }
  return issuer
}

function nameConstraints(domains: readonly string[]): x509.Extension {
  const everyAddress = ['0.0.0.0/0', '::/0']
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(
      domains.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })),
    ),
    excludedSubtrees: new GeneralSubtrees(
      everyAddress.map((iPAddress) => new GeneralSubtree({ base: new GeneralName({ iPAddress }) })),
    ),
  })
  return new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints))
}

function permittedDomains(certificate: x509.X509Certificate): string[] {
  const extension = certificate.getExtension(id_ce_nameConstraints)
  if (!extension) return []
  const constraints = AsnConvert.parse(extension.value, NameConstraints)
  return [...(constraints.permittedSubtrees ?? [])].flatMap((tree) => tree.base.dNSName ?? [])
}

function lies(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}

/** 16 random bytes as hex, the first bit clear: positive, and never the same twice. */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`
}

async function privatePemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY').trim()}\n`
}
