import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AnswerHead, ResponseParser } from './response-parser.ts'

type Heard = {
  interims: number[]
  heads: AnswerHead[]
  body: string
  ends: string[][]
  rest: string | null
}

function listen(method = 'GET'): { parser: ResponseParser; heard: Heard } {
  const heard: Heard = { interims: [], heads: [], body: '', ends: [], rest: null }
  const parser = new ResponseParser({
    onInterim: (status) => heard.interims.push(status),
    onHead: (head) => heard.heads.push(head),
    onData: (chunk) => {
      heard.body += chunk.toString('latin1')
    },
    onEnd: (trailers) => heard.ends.push(trailers),
    onSwitch: (_head, rest) => {
      heard.rest = rest.toString('latin1')
    },
  })
  parser.expect(method)
  return { parser, heard }
}

/** Feeds a text cut at the given places from one buffer that is overwritten, as the edge's is. */
function feedCut(parser: ResponseParser, text: string, cuts: number[]): string | null {
  const bytes = Buffer.from(text, 'latin1')
  const shared = Buffer.alloc(bytes.length)
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    if (to === from) continue
    bytes.copy(shared, 0, from, to)
    const wrong = parser.feed(shared.subarray(0, to - from))
    shared.fill(0x21)
    if (wrong !== null) return wrong
    from = to
  }
  return null
}

test('any answer reads the same wherever the network cuts it', () => {
  const body = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { maxLength: 5 })
  const cuts = fc.array(fc.nat(), { maxLength: 12 })
  fc.assert(
    fc.property(
      body,
      cuts,
      fc.constantFrom('length', 'chunked', 'close'),
      fc.boolean(),
      (parts, at, how, interim) => {
        const whole = parts.join('')
        const chunks = parts.filter((part) => part !== '')
        const framed = {
          length: `Content-Length: ${whole.length}\r\n\r\n${whole}`,
          chunked: `Transfer-Encoding: chunked\r\n\r\n${chunks
            .map((part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`)
            .join('')}0\r\nDigest: abc\r\n\r\n`,
          close: `\r\n${whole}`,
        }[how]
        const text = `${interim ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : ''}HTTP/1.1 200 OK\r\nX-Name: some value \r\n${framed}`
        const { parser, heard } = listen()
        assert.equal(feedCut(parser, text, at), null)
        assert.equal(parser.finish(), null)
        assert.equal(heard.body, whole)
        assert.equal(heard.heads.length, 1)
        assert.deepEqual(heard.heads[0]!.rawHeaders.slice(0, 2), ['X-Name', 'some value'])
        assert.deepEqual(heard.ends, [how === 'chunked' ? ['Digest', 'abc'] : []])
        assert.deepEqual(heard.interims, interim ? [103] : [])
      },
    ),
    { numRuns: 500 },
  )
})

test('answers without a body end with their head, whatever they say of their length', () => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const { parser, heard } = listen(method)
    assert.equal(parser.feed(Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`)), null)
    assert.equal(heard.ends.length, 1)
    assert.equal(heard.heads[0]!.reusable, true)
    assert.notEqual(parser.feed(Buffer.from('hello')), null)
  }
})

test('after a switch of protocols the rest is left alone', () => {
  const { parser, heard } = listen()
  assert.equal(
    parser.feed(Buffer.from('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x00', 'latin1')),
    null,
  )
  assert.equal(heard.rest, '\x81\x00')
})

test('a connection is used again only when the end of the answer is certain', () => {
  const reusable = (head: string) => {
    const { parser, heard } = listen()
    parser.feed(Buffer.from(`${head}\r\n\r\n`))
    return heard.heads[0]!.reusable
  }
  assert.equal(reusable('HTTP/1.1 200 OK\r\nContent-Length: 0'), true)
  assert.equal(reusable('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close'), false)
  assert.equal(reusable('HTTP/1.0 200 OK\r\nContent-Length: 0'), false)
  assert.equal(reusable('HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive'), true)
  assert.equal(reusable('HTTP/1.1 200 OK'), false)
})

const malformed = {
  'no status line': 'hello\r\n\r\n',
  'another protocol': 'HTTP/2 200 OK\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n',
  'a space before the colon': 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
  'a header without a name': 'HTTP/1.1 200 OK\r\n: b\r\n\r\n',
  'a zero byte': 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n',
  'a bare line feed': 'HTTP/1.1 200 OK\r\nA: b\nSet-Cookie: x\r\n\r\n',
  'a bare line feed at the end of a value': 'HTTP/1.1 200 OK\r\nA: b\n\r\n\r\n',
  'a bare carriage return': 'HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: x\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  'the same length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
  'an interim answer in HTTP/1.0': 'HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n',
  'a length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'two codings': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
  'a chunk size that is none': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n',
  'a chunk size with a space behind it':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n',
  'a chunk longer than said': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
  'a chunk size of many digits': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`,
  'an endless head': `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`,
  'an endless chunk size': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1'.repeat(2_000)}`,
  'endless trailers': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(3_000)}`,
  'bytes behind the answer': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabHTTP/1.1 200 OK\r\n\r\n',
}
for (const [what, text] of Object.entries(malformed))
  test(`an answer with ${what} is given up`, () => {
    const { parser } = listen()
    assert.equal(typeof parser.feed(Buffer.from(text, 'latin1')), 'string')
  })

test('an answer that breaks off is not taken for whole', () => {
  for (const text of [
    '',
    'HTTP/1.1 200',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
  ]) {
    const { parser } = listen()
    assert.equal(parser.feed(Buffer.from(text)), null)
    assert.equal(typeof parser.finish(), 'string')
  }
})

test('no bytes at all make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, started) => {
      const { parser } = listen()
      if (started) parser.feed(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))
      parser.feed(Buffer.from(bytes))
      parser.finish()
    }),
    { numRuns: 1_000 },
  )
})
