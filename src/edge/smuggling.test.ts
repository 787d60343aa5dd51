import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appHost, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'

let edge: EdgeUnderTest
/** Everything that reached the instance, as it stood on the wire. */
let arrived = ''
before(async () => {
  edge = await startEdgeUnderTest()
  await edge.serveRaw((socket) => {
    socket.on('data', (chunk: Buffer) => {
      arrived += chunk.toString('latin1')
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
    })
  })
})
after(() => edge.close())

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const post = (headers: string, body: string) => `POST / HTTP/1.1\r\nHost: ${appHost}\r\n${headers}\r\n${body}`

const refused: Record<string, string> = {
  'a length and chunks': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
  'chunks and a length': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `0\r\n\r\n${smuggled}`),
  'two lengths': post(`Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`, smuggled),
  'the same length twice': post('Content-Length: 2\r\nContent-Length: 2\r\n', 'ab'),
  'a list of lengths': post('Content-Length: 0, 0\r\n', smuggled),
  'a signed length': post(`Content-Length: +${smuggled.length}\r\n`, smuggled),
  'a length in hex': post('Content-Length: 0x10\r\n', smuggled),
  'a length of letters': post('Content-Length: ten\r\n', smuggled),
  'an unknown coding': post('Transfer-Encoding: xchunked\r\n', smuggled),
  'a coding with a tab before it': post('Transfer-Encoding:\x0bchunked\r\n', `0\r\n\r\n${smuggled}`),
  'a coding in two headers': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
    `0\r\n\r\n${smuggled}`,
  ),
  'a coding behind a list': post('Transfer-Encoding: identity, chunked\r\n', `0\r\n\r\n${smuggled}`),
  'a space before the colon': post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${smuggled}`),
  'a folded header': post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${smuggled}`),
  'a bare carriage return': post('X: a\rTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
  'a bare line feed': `POST / HTTP/1.1\nHost: ${appHost}\nContent-Length: 0\n\n`,
  'a zero byte in a value': post('X: a\0b\r\n', ''),
  'a control character in a name': post('X\x01: a\r\n', ''),
  'a space in a name': post('X Y: a\r\n', ''),
  'two hosts': `GET / HTTP/1.1\r\nHost: ${appHost}\r\nHost: other\r\n\r\n`,
  'no host': 'GET / HTTP/1.1\r\n\r\n',
  'a host of two names': `GET / HTTP/1.1\r\nHost: ${appHost}, other\r\n\r\n`,
  'a host with a user': `GET / HTTP/1.1\r\nHost: x@${appHost}\r\n\r\n`,
  'an absolute address of another host': `GET https://other/ HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`,
  'an address with a space': `GET /a b HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`,
  'an address of another scheme': `GET http://${appHost}/ HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`,
  'HTTP/0.9': 'GET /\r\n\r\n',
  'a version of the future': `GET / HTTP/9.9\r\nHost: ${appHost}\r\n\r\n`,
  'chunks in HTTP/1.0': `POST / HTTP/1.0\r\nHost: ${appHost}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
}
for (const [what, text] of Object.entries(refused))
  test(`${what}: refused, the connection ended, nothing passed on`, async () => {
    arrived = ''
    const answer = await edge.raw(Buffer.from(text, 'latin1'))
    assert.match(answer, /^HTTP\/1\.1 (400|501|505) /)
    assert.equal(answer.split('HTTP/1.1 ').length, 2)
    assert.equal(arrived, '')
  })

const badChunks: Record<string, string> = {
  'a chunk size that is none': `zz\r\nabc\r\n0\r\n\r\n${smuggled}`,
  'a chunk longer than it says': `2\r\nabc\r\n0\r\n\r\n${smuggled}`,
  'a chunk size with a sign': `-1\r\na\r\n0\r\n\r\n${smuggled}`,
  'a chunk size that overflows': `10000000000000002\r\nab\r\n0\r\n\r\n${smuggled}`,
  'a chunk extension with a line feed': `1;a\nb\r\nx\r\n0\r\n\r\n${smuggled}`,
}
for (const [what, body] of Object.entries(badChunks))
  test(`${what}: the connection is ended, nothing of it becomes a request`, async () => {
    arrived = ''
    await edge.raw(post('Transfer-Encoding: chunked\r\n', body))
    assert.doesNotMatch(arrived, /smuggled/)
  })

test('what looks like a request inside a body stays a body', async () => {
  arrived = ''
  const text = post(`Content-Length: ${smuggled.length}\r\nConnection: close\r\n`, smuggled)
  assert.match(await edge.raw(text), /^HTTP\/1\.1 200 /)
  assert.ok(arrived.includes(`content-length: ${smuggled.length}\r\n`))
  assert.equal(arrived.match(/^content-length|^transfer-encoding/gm)?.length, 1)
})

test('header names cannot be declared away that frame the request', async () => {
  arrived = ''
  const text = post('Connection: close, content-length, host\r\nContent-Length: 2\r\n', 'ab')
  assert.match(await edge.raw(text), /^HTTP\/1\.1 200 /)
  assert.match(arrived, /content-length: 2\r\n/)
  assert.match(arrived, new RegExp(`host: ${appHost}\r\n`))
})

test('an answer behind an answer is never taken for the next one', async () => {
  const lone = await startEdgeUnderTest()
  try {
    await lone.serveRaw((socket) => {
      const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none'
      socket.once('data', () => socket.write(`${one}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`))
      socket.on('data', () => {})
    })
    const get = `GET / HTTP/1.1\r\nHost: ${appHost}\r\n`
    const answers = await lone.raw(`${get}\r\n${get}\r\n${get}Connection: close\r\n\r\n`)
    assert.doesNotMatch(answers, /poison/)
  } finally {
    await lone.close()
  }
})
