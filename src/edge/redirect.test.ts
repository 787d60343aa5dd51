import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { appHost, type EdgeUnderTest, readAll, startEdgeUnderTest } from '../../test/support/edge.ts'

let edge: EdgeUnderTest
before(async () => {
  edge = await startEdgeUnderTest()
})
after(() => edge.close())

async function send(text: string): Promise<string> {
  const socket = connect(edge.listeners.httpPort, '127.0.0.1')
  socket.write(text)
  return readAll(socket)
}

test('whoever names one of our hosts is sent to HTTPS, method and address kept', async () => {
  for (const host of [appHost, 'console.borgen.localhost', `${appHost.toUpperCase()}:80`]) {
    const answer = await send(`POST /a?b=c HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)
    const name = host.toLowerCase().replace(':80', '')
    assert.match(answer, /^HTTP\/1\.1 308 /)
    assert.match(answer, new RegExp(`location: https://${name}:${edge.listeners.httpsPort}/a\\?b=c\r\n`))
    assert.doesNotMatch(answer, /strict-transport-security/i)
  }
})

for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
  test(`${method} is sent on as ${method}`, async () => {
    const text = `${method} /a HTTP/1.1\r\nHost: ${appHost}\r\nContent-Length: 0\r\n\r\n`
    assert.match(await send(text), /^HTTP\/1\.1 308 [\s\S]*\r\nlocation: https:[\s\S]*\r\n\r\n$/)
  })

test('an absolute address of one of our hosts is sent on as any other', async () => {
  const text = `GET http://${appHost}?b HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`
  assert.match(await send(text), new RegExp(`location: https://${appHost}:[0-9]+/\\?b\r\n`))
})

test('a client that sends its whole body before it reads gets its answer', async () => {
  const socket = connect(edge.listeners.httpPort, '127.0.0.1')
  const body = Buffer.alloc(8_000_000)
  const head = `POST /upload HTTP/1.1\r\nHost: ${appHost}\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(head)
  await new Promise((sent) => socket.write(body, sent))
  assert.match(await readAll(socket), /^HTTP\/1\.1 308 /)
})

test('a client that waits to be asked for its body is not asked', async () => {
  const text = `POST / HTTP/1.1\r\nHost: ${appHost}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`
  assert.match(await send(text), /^HTTP\/1\.1 308 /)
})

const refused: [string, number, string][] = [
  ['an unknown host', 404, 'GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n'],
  ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  ['two hosts', 400, `GET / HTTP/1.1\r\nHost: ${appHost}\r\nHost: evil.test\r\n\r\n`],
  ['a host with a user', 400, `GET / HTTP/1.1\r\nHost: evil.test@${appHost}\r\n\r\n`],
  ['an absolute address', 400, `GET http://evil.test/ HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`],
  ['an address that leads elsewhere', 400, `GET @evil.test/ HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`],
  ['no HTTP', 400, '\x16\x03\x01\x00\xff\r\n\r\n'],
  [
    'an ACME challenge that nobody set',
    404,
    `GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`,
  ],
]
for (const [what, status, text] of refused)
  test(`${what} is answered ${status}`, async () => {
    assert.match(await send(text), new RegExp(`^HTTP/1.1 ${status} `))
  })

test('CONNECT is not for here', async () => {
  assert.equal(await send(`CONNECT ${appHost}:443 HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`), '')
})

test('the other loopback address is listened at as well, where there is one', async (t) => {
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect(edge.listeners.httpPort, '::1')
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.write(`GET / HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`)
    void readAll(socket).then(resolve)
  })
  if (outcome === 'EADDRNOTAVAIL' || outcome === 'EAFNOSUPPORT') t.skip('no IPv6 here')
  else assert.match(outcome, /^HTTP\/1\.1 308 /)
})
