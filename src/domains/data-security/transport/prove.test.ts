import 'reflect-metadata'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer, type TlsOptions } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import { appHost, type EdgeUnderTest, probeToken, startEdgeUnderTest } from '../../../../test/support/edge.ts'
import type { WebHost, WebReader } from '../../../drivers/web/contract/web.ts'
import { createLocalWeb } from '../../../drivers/web/local/local-web.ts'
import type { Finding } from '../../../pledges/verdict.ts'
import { judgeHsts, provePfsHsts, proveTls } from './prove.ts'

let edge: EdgeUnderTest
let web: WebReader
let good: WebHost
before(async () => {
  // Asleep, and to stay so.
  edge = await startEdgeUnderTest({ resolve: () => ({ state: 'asleep', instance: 'ins_1' }) })
  web = createLocalWeb({ ca: edge.caPem, probeToken })
  good = { address: '127.0.0.1', port: edge.listeners.httpsPort, name: appHost }
})
after(() => edge.close())

const nowMs = Date.parse('2026-11-23T12:00:00Z')
const signal = new AbortController().signal
const values = { left: 'P14D', maxAge: 'P1Y' }
const clock = { now: () => nowMs }
const eyesOn = (...hosts: WebHost[]) => ({ web, hosts: async () => hosts, mailAddress: '127.0.0.77', clock })
const partOf = (findings: readonly Finding[], part: string) => findings.find((one) => one.part === part)

test('the edge keeps both promises, for every address', async () => {
  const found = saidInEachLanguage(await proveTls(eyesOn(good)).prove({ values, nowMs, signal }))
  assert.deepEqual(
    found.map((one) => `${one.part} ${one.state}`),
    ['web kept', 'api kept', 'mobile kept', 'certificates kept', 'smtp absent', 'pop absent', 'imap absent'],
  )
  const other = saidInEachLanguage(await provePfsHsts(eyesOn(good)).prove({ values, nowMs, signal }))
  assert.deepEqual(
    other.map((one) => `${one.part} ${one.state}`),
    ['forward-secrecy kept', 'hsts kept'],
  )
  assert.match(
    partOf(other, 'forward-secrecy')?.evidence?.[0]?.seen.en ?? '',
    /TLS_AES_128_GCM_SHA256.*TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384/,
  )
  assert.match(
    partOf(other, 'hsts')?.evidence?.[0]?.seen.en ?? '',
    /^on 200, 204, 301, 303, 404, 405, 414, 429, 431, 500, 502, 503$/,
  )
  assert.deepEqual(edge.twin.questions, [], 'nobody was asked for, so nobody was woken')
})

test('HSTS is kept when it stood on answers of every class, and unknown while one is missing', () => {
  const answers = (...statuses: number[]) =>
    statuses.map((status) => ({ status, strictTransportSecurity: 'max-age=63072000; includeSubDomains' }))
  const of = (...statuses: number[]) =>
    judgeHsts([{ name: 'a.test', shakes: new Map(), answers: answers(...statuses) }], 31_536_000)
  assert.equal(of(200, 303, 404, 503).state, 'kept')
  assert.deepEqual([of(200, 404).state, /3xx, 5xx/.test(of(200, 404).reason.en)], ['unknown', true])
})

/** A server of this world's authority that is not our edge. */
const otherServer = async (
  options: TlsOptions,
  answer: (path: string) => { status: number; hsts: boolean },
): Promise<{ host: WebHost; close(): void }> => {
  const { certPem: cert, keyPem: key } = await edge.issue(['old.eu-frankfurt.apps.localhost'])
  const server = createHttpsServer({ cert, key, maxHeaderSize: 65_536, ...options }, (request, response) => {
    const { status, hsts } = answer(request.url ?? '')
    response.writeHead(status, hsts ? { 'strict-transport-security': 'max-age=63072000' } : {}).end()
  })
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: { address: '127.0.0.1', port, name: 'old.eu-frankfurt.apps.localhost' },
    close: () => server.close(),
  }
}
const statusIn = (path: string) => Number(/\/(\d{3})$/.exec(path)?.[1] ?? 400)

test('errors that do not say it break it, though pages and redirects do', async () => {
  const { host, close } = await otherServer({}, (path) => ({
    status: statusIn(path),
    hsts: statusIn(path) < 500,
  }))
  const found = partOf(
    saidInEachLanguage(await provePfsHsts(eyesOn(good, host)).prove({ values, nowMs, signal })),
    'hsts',
  )
  close()
  assert.equal(found?.state, 'broken')
  assert.match(found?.reason.en ?? '', /old\.eu-frankfurt\.apps\.localhost says nothing with its answer 50\d/)
})

test('a certificate for another name, or vouched for by nobody, breaks it however long it lasts', async () => {
  const foreign = await edge.issue(['other.uk.apps.localhost'])
  const unknown = await rsaCertificate()
  for (const [certificate, why] of [
    [{ cert: foreign.certPem, key: foreign.keyPem }, /ERR_TLS_CERT_ALTNAME_INVALID/],
    [unknown, /SELF_SIGNED|UNABLE_TO/],
  ] as const) {
    const { host, close } = await otherServer(certificate, () => ({ status: 200, hsts: true }))
    const found = partOf(
      saidInEachLanguage(await proveTls(eyesOn(good, host)).prove({ values, nowMs, signal })),
      'certificates',
    )
    close()
    assert.equal(found?.state, 'broken')
    assert.match(found?.evidence?.[0]?.seen.en ?? '', why)
  }
})

test('one suite without forward secrecy breaks it, and is named', async () => {
  const rsa = await rsaCertificate()
  const { host, close } = await otherServer(
    {
      cert: rsa.cert,
      key: rsa.key,
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256',
      maxVersion: 'TLSv1.2',
    },
    () => ({ status: 200, hsts: true }),
  )
  const enumerated = await web.suites(host, signal)
  const found = partOf(
    saidInEachLanguage(await provePfsHsts(eyesOn(good, host)).prove({ values, nowMs, signal })),
    'forward-secrecy',
  )
  close()
  assert.deepEqual(
    enumerated?.map((one) => one.suite),
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'],
  )
  assert.equal(found?.state, 'broken')
})

test('one address that takes TLS 1.0 breaks it, and is named', async () => {
  const weak = createServer({
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.2',
    ciphers: 'aNULL:@SECLEVEL=0',
    dhparam: 'auto',
  })
  weak.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(weak, 'listening')
  const bad = { address: '127.0.0.1', port: (weak.address() as AddressInfo).port, name: 'weak.test' }
  const found = partOf(
    saidInEachLanguage(await proveTls(eyesOn(good, bad)).prove({ values, nowMs, signal })),
    'web',
  )
  assert.deepEqual([found?.state, found?.population?.kept, found?.population?.all], ['broken', 1, 2])
  assert.match(found?.reason.en ?? '', /weak\.test takes tls-1\.0, tls-1\.1, tls-1\.2-weak/)
  const secrecy = partOf(
    saidInEachLanguage(await provePfsHsts(eyesOn(good, bad)).prove({ values, nowMs, signal })),
    'forward-secrecy',
  )
  assert.equal(secrecy?.state, 'broken')
  weak.close()
})

test('a certificate that ends too soon breaks it', async () => {
  const late = nowMs + 400 * 86_400_000
  const eyes = eyesOn(good)
  const found = partOf(
    saidInEachLanguage(
      await proveTls({ ...eyes, clock: { now: () => late } }).prove({ values, nowMs, signal }),
    ),
    'certificates',
  )
  assert.equal(found?.state, 'broken')
  // A demo's clock is ahead; certificates are not made by it.
  const ahead = partOf(
    saidInEachLanguage(await proveTls(eyes).prove({ values, nowMs: late, signal })),
    'certificates',
  )
  assert.equal(ahead?.state, 'kept')
})

test('an answer whose HSTS is shorter than promised, or missing, breaks it', async () => {
  const longer = saidInEachLanguage(
    await provePfsHsts(eyesOn(good)).prove({ values: { maxAge: 'P10Y' }, nowMs, signal }),
  )
  assert.equal(partOf(longer, 'hsts')?.state, 'broken')
})

test('an address that does not answer makes it unknown, not kept', async () => {
  const mute = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const host = { address: '127.0.0.1', port: (mute.address() as AddressInfo).port, name: 'mute.test' }
  const found = partOf(
    saidInEachLanguage(await proveTls(eyesOn(good, host)).prove({ values, nowMs, signal })),
    'web',
  )
  assert.deepEqual([found?.state, found?.population?.examined], ['unknown', 1])
  mute.close()
})

test('a reader that could not have seen the old versions makes it unknown', async () => {
  const blind = { ...eyesOn(good), web: { ...web, visible: async () => ['tls-1.2-weak' as const] } }
  const found = partOf(saidInEachLanguage(await proveTls(blind).prove({ values, nowMs, signal })), 'web')
  assert.equal(found?.state, 'unknown')
  assert.match(found?.reason.en ?? '', /could not have seen tls-1\.0, tls-1\.1/)
})

async function rsaCertificate(): Promise<{ cert: string; key: string }> {
  const { subtle } = globalThis.crypto
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=old',
    keys,
    signingAlgorithm: algorithm,
  })
  const key = x509.PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { cert: made.toString('pem'), key }
}
