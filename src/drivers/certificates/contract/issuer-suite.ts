import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { isAppError } from '../../../kernel/errors.ts'
import { type CertificateIssuer, renewalDueMs } from './issuer.ts'

const dayMs = 86_400_000

/** What every issuer has to do; `names` are two that it may vouch for, `rootPem` is what clients trust, `nowMs` its time. */
export function issuerSuite(asked: {
  open: () => Promise<{ issuer: CertificateIssuer; rootPem: string }>
  names: readonly [string, string]
  foreign: readonly string[]
  nowMs: number
}): void {
  const { names, nowMs } = asked

  test('a certificate is for exactly the names asked, with a key of its own', async () => {
    const { issuer } = await asked.open()
    const [first, second] = await Promise.all([issuer.issue(names, nowMs), issuer.issue(names, nowMs)])
    const leaf = new X509Certificate(first.certPem)
    assert.equal(leaf.subjectAltName, names.map((name) => `DNS:${name}`).join(', '))
    assert.equal(leaf.ca, false)
    assert.ok(leaf.checkPrivateKey(createPrivateKey(first.keyPem)))
    assert.notEqual(first.keyPem, second.keyPem)
    assert.notEqual(leaf.serialNumber, new X509Certificate(second.certPem).serialNumber)
  })

  test('it lives at most 90 days, from before now, and is due for renewal at two thirds', async () => {
    const { issuer } = await asked.open()
    const issued = await issuer.issue(names, nowMs)
    const leaf = new X509Certificate(issued.certPem)
    assert.equal(leaf.validFromDate.getTime(), Math.floor(issued.notBeforeMs / 1000) * 1000)
    assert.equal(leaf.validToDate.getTime(), Math.floor(issued.notAfterMs / 1000) * 1000)
    assert.ok(issued.notBeforeMs <= nowMs && issued.notAfterMs - issued.notBeforeMs <= 90 * dayMs)
    const dueMs = renewalDueMs(issued)
    assert.equal(dueMs, issued.notBeforeMs + ((issued.notAfterMs - issued.notBeforeMs) / 3) * 2)
  })

  test('a client that trusts the root accepts it, for these names only', async () => {
    const { issuer, rootPem } = await asked.open()
    const { certPem: cert, keyPem: key } = await issuer.issue([names[0]], nowMs)
    const server = createServer({ cert, key }, (socket) => socket.end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const shake = async (servername: string, ca: string | undefined) => {
      const socket = connect({ port, host: '127.0.0.1', servername, ...(ca ? { ca } : {}) })
      try {
        await once(socket, 'secureConnect')
        return 'accepted'
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      } finally {
        socket.destroy()
      }
    }
    try {
      assert.equal(await shake(names[0].replace('*', 'any'), rootPem), 'accepted')
      assert.equal(await shake(names[1].replace('*', 'any'), rootPem), 'ERR_TLS_CERT_ALTNAME_INVALID')
      assert.notEqual(await shake(names[0].replace('*', 'any'), undefined), 'accepted')
    } finally {
      server.close()
    }
  })

  test('names that it may not vouch for are refused, and so is none', async () => {
    const { issuer } = await asked.open()
    for (const refused of [[], ...asked.foreign.map((name) => [names[0], name])])
      await assert.rejects(issuer.issue(refused, nowMs), (error) => isAppError(error, 'bad_request'))
  })
}
