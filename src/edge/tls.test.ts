import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { after, before, test } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { appHost, type EdgeUnderTest, readAll, startEdgeUnderTest } from '../../test/support/edge.ts'

let edge: EdgeUnderTest
before(async () => {
  edge = await startEdgeUnderTest()
  await edge.serveApp((_request, response) => response.end('app'))
})
after(() => edge.close())

async function handshake(options: ConnectionOptions): Promise<{ protocol: string | null; cipher: string }> {
  const socket = await edge.tls(options)
  const answer = { protocol: socket.getProtocol(), cipher: socket.getCipher().name }
  socket.destroy()
  return answer
}

/** Lets OpenSSL offer what it thinks too old itself. */
const anything = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'

for (const version of ['TLSv1', 'TLSv1.1'] as const)
  test(`${version} is refused`, async () => {
    const asked = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }
    await assert.rejects(handshake(asked), /alert protocol version|unsupported protocol/)
  })

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`${version} is spoken`, async () => {
    const { protocol } = await handshake({ minVersion: version, maxVersion: version })
    assert.equal(protocol, version)
  })

const refusedSuites = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-CCM8',
  'ECDHE-RSA-AES128-SHA',
  'AES128-GCM-SHA256',
  'AES256-SHA',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-SHA',
  'AECDH-AES128-SHA',
]
for (const suite of refusedSuites)
  test(`the suite ${suite} is refused`, async () => {
    const asked = { ciphers: `${suite}:@SECLEVEL=0`, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    await assert.rejects(handshake(asked), /handshake failure|alert/)
  })

test('of everything that OpenSSL can offer in TLS 1.2 an ephemeral, authenticated suite is taken', async () => {
  const { cipher } = await handshake({ ciphers: anything, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  assert.match(cipher, /^ECDHE-ECDSA-(AES(128|256)-GCM|CHACHA20-POLY1305)/)
})

test('the hybrid key exchange is offered: the pinned Node has it', async () => {
  assert.equal((await handshake({ ecdhCurve: 'X25519MLKEM768' })).protocol, 'TLSv1.3')
  assert.equal((await handshake({ ecdhCurve: 'X25519' })).protocol, 'TLSv1.3')
  await assert.rejects(handshake({ ecdhCurve: 'P-521' }), /handshake failure/)
})

for (const servername of [
  'unknown.test',
  'x.borgen.localhost',
  'borgen.localhost',
  'acme.mars.apps.localhost',
])
  test(`the name ${servername} gets no handshake`, async () => {
    await assert.rejects(handshake({ servername, rejectUnauthorized: false }), /alert handshake failure/)
  })

test('no name at all gets no handshake', async () => {
  await assert.rejects(handshake({ servername: '', rejectUnauthorized: false }), /alert handshake failure/)
})

test('each zone has a certificate of its own that a client accepts', async () => {
  for (const servername of ['console.borgen.localhost', appHost, 'acme.japan.apps.localhost']) {
    const socket = await edge.tls({ servername })
    const zone = servername.slice(servername.indexOf('.') + 1)
    assert.equal(socket.getPeerCertificate().subjectaltname, `DNS:*.${zone}`)
    socket.destroy()
  }
})

test('the protocol is agreed by ALPN; a client without it gets HTTP/1.1', async () => {
  for (const [offered, agreed] of [
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [undefined, false],
  ] as const) {
    const socket = await edge.tls(offered ? { ALPNProtocols: [...offered] } : {})
    assert.equal(socket.alpnProtocol, agreed)
    socket.destroy()
  }
  await assert.rejects(edge.tls({ ALPNProtocols: ['imap'] }), /no application protocol/)
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a ${version} session is resumed, still knows its name, and not after the keys were changed`, async () => {
    const limits = { minVersion: version, maxVersion: version } as const
    const ask = `GET / HTTP/1.1\r\nHost: ${appHost}\r\nConnection: close\r\n\r\n`
    const first = await edge.tls(limits)
    // In TLS 1.3 tickets come after the handshake.
    const ticket = version === 'TLSv1.3' ? once(first, 'session') : Promise.resolve([first.getSession()])
    first.write(ask)
    const [session] = (await ticket) as [Buffer]
    first.destroy()
    const second = await edge.tls({ ...limits, session })
    assert.equal(second.isSessionReused(), true)
    second.write(ask)
    assert.match(await readAll(second), /^HTTP\/1.1 200 /)
    edge.listeners.useTicketKeys(randomBytes(48))
    const third = await edge.tls({ ...limits, session })
    assert.equal(third.isSessionReused(), false)
    third.destroy()
  })

test('a session of one name does not answer for another', async () => {
  const first = await edge.tls({ maxVersion: 'TLSv1.2' })
  const session = first.getSession()!
  first.destroy()
  const servername = 'console.borgen.localhost'
  const second = await edge.tls({ maxVersion: 'TLSv1.2', servername, session }).catch(() => null)
  if (second === null) return
  second.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`)
  const text = await readAll(second)
  assert.match(text, /^HTTP\/1.1 (200|421) /)
  assert.doesNotMatch(text, /\r\n\r\napp/)
})

test('renegotiation is refused', async () => {
  const socket = await edge.tls({ maxVersion: 'TLSv1.2' })
  const outcome = await new Promise<Error | null>((resolve) => {
    socket.on('error', resolve)
    socket.on('close', () => resolve(new Error('closed')))
    socket.renegotiate({}, (error) => resolve(error))
  })
  assert.ok(outcome instanceof Error)
  socket.destroy()
})

test('garbage at the port ends the connection and nothing else', async () => {
  const pieces = [
    randomBytes(5_000),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(300),
    Buffer.from([22, 3, 1, 255, 255]),
  ]
  for (const bytes of pieces) {
    const socket = connectTcp(edge.listeners.httpsPort, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(bytes)
    await readAll(socket)
  }
  assert.equal((await edge.request({ path: '/' })).status, 200)
})
