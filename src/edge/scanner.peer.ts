// Its dependency tsyringe asks for this before it is loaded.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer, type Server } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { appHost, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'

/**
 * What outside scanners find: Debian's sslscan, and openssl where no name is to be sent. Each is first held against a server
 * that is weak on purpose, since a scanner that cannot speak the old things would call any server strong.
 */
let edge: EdgeUnderTest
let weak: Server
const planeHosts = ['console', 'portal', 'trust'].map((face) => `${face}.borgen.localhost`)

before(async () => {
  edge = await startEdgeUnderTest()
  await edge.serveApp((_request, response) => response.end('app'))
  weak = await startWeakServer()
})
after(async () => {
  weak.close()
  await edge.close()
})

/** Speaks everything that Node's OpenSSL can be talked into, with an RSA and an ECDSA certificate. */
async function startWeakServer(): Promise<Server> {
  const rsa = { publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048, hash: 'SHA-256' }
  const pairs = await Promise.all([
    selfSigned({ name: 'RSASSA-PKCS1-v1_5', ...rsa }),
    selfSigned({ name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }),
  ])
  const server = createServer({
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
    minVersion: 'TLSv1',
    ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0',
    dhparam: 'auto',
  })
  server.on('secureConnection', (socket) => socket.on('error', () => {}).on('data', () => socket.end()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function selfSigned(
  algorithm: webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { hash: string }),
): Promise<{ cert: string; key: string }> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=weak.test',
    keys,
    signingAlgorithm: algorithm,
  })
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  )
  return { cert: certificate.toString('pem'), key }
}

function run(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk
      })
    child.on('error', (cause) =>
      reject(new Error(`Install the scanner with: sudo apt-get install -y ${program}`, { cause })),
    )
    child.on('close', () => resolve(text))
  })
}

type Scan = { versions: string[]; suites: string[]; faults: string[] }

/** What sslscan finds under a name, and what of it nobody should offer; every line that it can mean something is judged. */
async function scan(port: number, name: string, host = '127.0.0.1'): Promise<Scan> {
  const text = await run('sslscan', ['--no-colour', '--show-sigs', `--sni-name=${name}`, `${host}:${port}`])
  assert.match(text, /Supported Server Cipher/, text)
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, ...found]) => found.join(' '))
  const versions = all(/^(SSLv[23]|TLSv1\.[0-3])\s+enabled/gm)
  const suites = all(/^(?:Preferred|Accepted)\s+(\S+)\s+[0-9]+ bits\s+(\S+)/gm)
  const faults = [
    ...versions.filter((version) => version !== 'TLSv1.2' && version !== 'TLSv1.3'),
    ...suites.filter(
      (suite) =>
        !/^TLSv1\.3 TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)$/.test(suite) &&
        !/^TLSv1\.2 ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$/.test(suite),
    ),
    ...all(/^(TLSv1\.[23]\s+\S*(?:sha1|sha224|pkcs1|dsa_sha\b)\S*)$/gm),
    ...all(/^(TLSv1\.[23]\s+112 bits\s+\S+)/gm),
    ...all(/^(Secure session renegotiation supported|Insecure session renegotiation supported)/gm),
    ...all(/^(Compression enabled)/gm),
    ...all(/^(\S+ vulnerable to heartbleed)/gm),
  ]
  return { versions, suites, faults }
}

test('sslscan sees each weakness at a server that has them all', async () => {
  const { port } = weak.address() as AddressInfo
  const { versions, faults } = await scan(port, 'weak.test')
  assert.deepEqual(versions, ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
  const expected = {
    'TLS 1.0': /^TLSv1\.0$/,
    'TLS 1.1': /^TLSv1\.1$/,
    'a suite in TLS 1.0': /^TLSv1\.0 \S+-SHA$/,
    'a suite in TLS 1.1': /^TLSv1\.1 \S+-SHA$/,
    CBC: /^TLSv1\.2 ECDHE-RSA-AES128-SHA$/,
    'CBC with SHA-2': /^TLSv1\.2 ECDHE-RSA-AES256-SHA384$/,
    'CBC with an ECDSA certificate': /^TLSv1\.2 ECDHE-ECDSA-AES128-SHA$/,
    'RSA key exchange': /^TLSv1\.2 AES128-GCM-SHA256$/,
    'RSA key exchange and CBC': /^TLSv1\.2 AES256-SHA$/,
    'finite-field key exchange': /^TLSv1\.2 DHE-RSA-AES128-GCM-SHA256$/,
    'a short tag': /^TLSv1\.2 ECDHE-ECDSA-AES128-CCM8$/,
    'no authentication': /^TLSv1\.2 A(EC)?DH-/,
    'no encryption': /^TLSv1\.2 NULL-/,
    'SHA-1 signatures': /^TLSv1\.2 +\S*sha1/,
    'a short group': /112 bits/,
    renegotiation: /renegotiation/,
  }
  for (const [what, pattern] of Object.entries(expected))
    assert.ok(
      faults.some((fault) => pattern.test(fault)),
      `This sslscan does not see ${what}: ${faults.join(', ')}`,
    )
})

for (const name of [appHost, 'acme.japan.apps.localhost', ...planeHosts])
  test(`under ${name} sslscan finds TLS 1.2 and 1.3 with ephemeral, authenticated suites, and nothing else`, async () => {
    const { versions, suites, faults } = await scan(edge.listeners.httpsPort, name)
    assert.deepEqual(faults, [])
    assert.deepEqual(versions, ['TLSv1.2', 'TLSv1.3'])
    for (const version of versions)
      assert.ok(suites.filter((suite) => suite.startsWith(version)).length >= 3, suites.join(', '))
  })

for (const name of ['unknown.test', '127.0.0.1', 'borgen.localhost', 'evil.borgen.localhost', 'localhost'])
  test(`under ${name}, which is nobody's, sslscan gets no handshake at all`, async () => {
    assert.deepEqual(await scan(edge.listeners.httpsPort, name), { versions: [], suites: [], faults: [] })
  })

/** Whether openssl gets a handshake when it offers one version alone, and every suite that it has. */
async function opensslGets(port: number, version: string, name: string | null): Promise<boolean> {
  const named = name === null ? ['-noservername'] : ['-servername', name]
  const args = ['-connect', `127.0.0.1:${port}`, `-${version}`, '-cipher', 'ALL:@SECLEVEL=0', ...named]
  const text = await run('openssl', ['s_client', ...args])
  assert.match(text, /^CONNECTED/m, text)
  return /^New, \S+, Cipher is (?!\(NONE\))/m.test(text)
}

test('openssl without a name gets no handshake, in any version, though it could', async () => {
  const { port } = weak.address() as AddressInfo
  for (const version of ['tls1', 'tls1_1', 'tls1_2', 'tls1_3']) {
    assert.equal(await opensslGets(port, version, null), true, version)
    assert.equal(await opensslGets(edge.listeners.httpsPort, version, null), false, version)
    const spoken = version === 'tls1_2' || version === 'tls1_3'
    assert.equal(await opensslGets(edge.listeners.httpsPort, version, appHost), spoken, version)
  }
})
