// Asked for by x509 before it is loaded.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { systemClock } from '../../../kernel/clock.ts'
import { issuerSuite } from '../contract/issuer-suite.ts'
import { createLocalCa, openLocalIssuer } from './local-ca.ts'
import { trustInstructions } from './trust-instructions.ts'

const domains = ['borgen.localhost', 'apps.localhost']
const nowMs = systemClock.now()
const dayMs = 86_400_000
const made = createLocalCa({ domains, nowMs })

issuerSuite({
  open: async () => {
    const ca = await made
    return { issuer: await openLocalIssuer(ca), rootPem: ca.certPem }
  },
  names: ['*.borgen.localhost', '*.eu-frankfurt.apps.localhost'],
  foreign: ['example.org', 'notborgen.localhost', 'borgen.localhost.example.org', 'localhost', '127.0.0.1'],
  nowMs,
})

test('the authority lives ten years, and each installation has one of its own', async () => {
  const certificate = new X509Certificate((await made).certPem)
  assert.equal(certificate.ca, true)
  const lifeDays = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / dayMs
  assert.ok(lifeDays > 3_650 && lifeDays < 3_660)
  const other = new X509Certificate((await createLocalCa({ domains, nowMs })).certPem)
  assert.notEqual(other.fingerprint256, certificate.fingerprint256)
  assert.notEqual(other.subject, certificate.subject)
})

test('no leaf outlives the authority', async () => {
  const issuer = await openLocalIssuer(await made)
  const lateMs = nowMs + 3_640 * dayMs
  const { notAfterMs } = await issuer.issue(['*.borgen.localhost'], lateMs)
  assert.equal(notAfterMs, new X509Certificate((await made).certPem).validToDate.getTime())
})

/** A leaf that the authority's key signed although its own certificate does not allow it. */
async function forbiddenLeaf(name: x509.JsonGeneralName): Promise<string> {
  const ca = await made
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const der = x509.PemConverter.decodeFirst(ca.keyPem)
  const signingKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '01',
    subject: 'CN=forbidden',
    issuer: new x509.X509Certificate(ca.certPem).subject,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + dayMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([name])],
  })
  return leaf.toString('pem')
}

test('OpenSSL refuses what the authority may not vouch for, even when its key has signed it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-ca-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const verify = (pem: string): string => {
    writeFileSync(join(folder, 'ca.pem'), ca.certPem)
    writeFileSync(join(folder, 'leaf.pem'), pem)
    try {
      const args = ['verify', '-x509_strict', '-CAfile', join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
      return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const failure = error as NodeJS.ErrnoException & { stderr?: string }
      if (failure.code === 'ENOENT') return 'no openssl'
      return failure.stderr ?? ''
    }
  }
  const ca = await made
  const good = verify((await (await openLocalIssuer(ca)).issue(['*.borgen.localhost'], nowMs)).certPem)
  if (good === 'no openssl') return t.skip('openssl is not installed')
  assert.match(good, /OK/)
  assert.match(
    verify(await forbiddenLeaf({ type: 'dns', value: 'example.org' })),
    /permitted subtree violation/,
  )
  assert.match(verify(await forbiddenLeaf({ type: 'ip', value: '10.0.0.1' })), /excluded subtree violation/)
})

test('the instructions name the certificate wherever it is needed', () => {
  const text = trustInstructions('/data/ca.crt')
  assert.ok(text.split('/data/ca.crt').length > 6)
  for (const place of ['curl', 'Debian', 'macOS', 'Chromium']) assert.match(text, new RegExp(place))
})
