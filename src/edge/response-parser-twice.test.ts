import assert from 'node:assert/strict'
import { request } from 'node:http'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { ResponseParser } from './response-parser.ts'

/**
 * Our parser against Node's own (llhttp): whatever ours takes, llhttp takes as well and reads in the same way. Ours may refuse
 * more.
 */
type Reading = { status: number; rawHeaders: string[]; body: string; rawTrailers: string[] }

/** What our parser makes of an answer after which the connection is closed, or null. */
function ours(text: string, method: string): Reading | null {
  const reading: Reading = { status: 0, rawHeaders: [], body: '', rawTrailers: [] }
  let ended = false
  const parser = new ResponseParser({
    onInterim: () => {},
    onHead: (head) => Object.assign(reading, { status: head.status, rawHeaders: head.rawHeaders }),
    onData: (chunk) => {
      reading.body += chunk.toString('latin1')
    },
    onEnd: (rawTrailers) => {
      ended = true
      reading.rawTrailers = rawTrailers
    },
    onSwitch: () => {},
  })
  parser.expect(method)
  const wrong = parser.feed(Buffer.from(text, 'latin1')) ?? parser.finish()
  return wrong === null && ended ? reading : null
}

/** What Node's client makes of it, or null. */
function llhttps(text: string, method: string): Promise<Reading | null> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const sent = request({ method, createConnection: () => wire })
    sent.on('error', () => resolve(null))
    sent.on('upgrade', () => resolve(null))
    sent.on('response', (answer) => {
      let body = ''
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1')
      })
      answer.on('error', () => resolve(null))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          rawHeaders: answer.rawHeaders,
          body,
          rawTrailers: answer.rawTrailers,
        }),
      )
    })
    sent.end()
    wire.push(Buffer.from(text, 'latin1'))
    wire.push(null)
  })
}

const ends = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n ', '\0\r\n')
const statusLines = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 500 Ä\xe4',
  'HTTP/1.1 999 ?',
  'HTTP/1.1 2000 OK',
  'HTTP/1.1  200 OK',
  'http/1.1 200 OK',
  'HTTP/1.2 200 OK',
)
const headers = fc.constantFrom(
  'Content-Length: 2',
  'Content-Length: 2',
  'Content-Length: 0',
  'Content-Length: 02',
  'Content-Length:2 ',
  'Content-Length: \t2',
  'Content-Length: 2, 2',
  'Content-Length: +2',
  'Content-Length: 2.0',
  'Content-Length:',
  'Content-Length : 2',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked ',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked;x=y',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:',
  'Connection: close',
  'Connection: keep-alive',
  'Set-Cookie: a=b; Path=/',
  'X: \xe4\xf6',
  'X:',
  'X:   spaced   out   ',
  'X: \x07',
  'X: \x7f',
  ': nameless',
  'X Y: a',
  '\xe4: a',
  ' X: folded',
)
const bodies = fc.constantFrom(
  '',
  'ok',
  'okk',
  'o',
  '2\r\nok\r\n0\r\n\r\n',
  '2;a=b\r\nok\r\n0\r\n\r\n',
  '2 ;a=b\r\nok\r\n0\r\n\r\n',
  '2;a="b;c";d\r\nok\r\n0\r\n\r\n',
  '2;a="b\\"c"\r\nok\r\n0\r\n\r\n',
  '2;\r\nok\r\n0\r\n\r\n',
  '02\r\nok\r\n00\r\n\r\n',
  'A\r\n0123456789\r\n0\r\n\r\n',
  'a\r\n0123456789\r\n0\r\nX: y\r\n\r\n',
  '2\r\nok\r\n0\r\nX : y\r\n\r\n',
  '2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  '2\nok\n0\n\n',
  '2\r\nok0\r\n\r\n',
  '2\r\nok\r\n-0\r\n\r\n',
  '2\r\nok\r\n0\r\n',
  '2\r\nok\r\n',
  '0x2\r\nok\r\n0\r\n\r\n',
  ' 2\r\nok\r\n0\r\n\r\n',
  '2\r\nok\r\n0 \r\n\r\n',
  '2 3\r\nok\r\n0\r\n\r\n',
  '100000000000000002\r\nok\r\n0\r\n\r\n',
)
const answers = fc
  .tuple(statusLines, fc.array(fc.tuple(headers, ends), { maxLength: 4 }), ends, bodies)
  .map(([status, lines, end, body]) => `${status}\r\n${lines.flat().join('')}${end}${body}`)
/** The same with one byte changed. */
const damaged = fc
  .tuple(answers, fc.nat(), fc.constantFrom('\0', '\n', '\r', ' ', ':', ',', '0', 'f', '\xff', ''))
  .map(([text, at, byte]) => {
    const place = at % text.length
    return text.slice(0, place) + byte + text.slice(place + 1)
  })

test('what our parser takes, llhttp reads in the same way', async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(answers, damaged),
      fc.constantFrom('GET', 'HEAD', 'POST'),
      async (text, method) => {
        const reading = ours(text, method)
        if (reading === null) return
        taken++
        assert.deepEqual(await llhttps(text, method), reading)
      },
    ),
    { numRuns: 20_000 },
  )
  assert.ok(taken > 500, `Only ${taken} of the answers were taken.`)
})
