import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ClientRequest, type RequestHead, readRequestHead } from './request-head.ts'

const plain: ClientRequest = {
  version: '1.1',
  method: 'GET',
  target: '/',
  rawHeaders: ['Host', 'a.b'],
  authority: null,
  endsWithHead: false,
}

function read(request: Partial<ClientRequest>, probeToken = 'p'): RequestHead {
  const head = readRequestHead({ ...plain, ...request }, probeToken)
  assert.ok(!('refused' in head), JSON.stringify(head))
  return head
}

function refusal(request: Partial<ClientRequest>): number | null {
  const head = readRequestHead({ ...plain, ...request }, 'p')
  return 'refused' in head ? head.refused : null
}

const host = ['Host', 'a.b']

test('what could be read in two ways is refused', () => {
  const table: [Partial<ClientRequest>, number][] = [
    [{ rawHeaders: [] }, 400],
    [{ rawHeaders: [...host, ...host] }, 400],
    [{ rawHeaders: [...host, 'Content-Length', '1', 'Content-Length', '1'] }, 400],
    [{ rawHeaders: [...host, 'Content-Length', '1', 'Transfer-Encoding', 'chunked'] }, 400],
    [{ rawHeaders: [...host, 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'] }, 400],
    [{ rawHeaders: [...host, 'Transfer-Encoding', 'gzip, chunked'] }, 501],
    [{ rawHeaders: [...host, 'Transfer-Encoding', 'xchunked'] }, 501],
    [{ rawHeaders: [...host, 'Content-Length', '+1'] }, 400],
    [{ rawHeaders: [...host, 'Content-Length', '0x1'] }, 400],
    [{ rawHeaders: [...host, 'Content-Length', '1 2'] }, 400],
    [{ rawHeaders: [...host, 'Content-Length', '9'.repeat(20)] }, 400],
    [{ rawHeaders: [...host, 'A', 'b\r\nC: d'] }, 400],
    [{ rawHeaders: [...host, 'A\r\nB', 'c'] }, 400],
    [{ rawHeaders: [...host, 'A B', 'c'] }, 400],
    [{ rawHeaders: [...host, 'A', 'b\0'] }, 400],
    [{ rawHeaders: [...host, 'Expect', '200-ok'] }, 417],
    [{ version: '1.0', rawHeaders: [...host, 'Transfer-Encoding', 'chunked'] }, 400],
    [{ method: 'G ET' }, 400],
    [{ method: '' }, 400],
    [{ method: 'TRACE' }, 405],
    [{ method: 'CONNECT' }, 405],
    [{ target: '*' }, 400],
    [{ target: 'a' }, 400],
    [{ target: '/a b' }, 400],
    [{ target: '/a#b' }, 400],
    [{ target: '/a\r\nb' }, 400],
    [{ target: 'https://other.b/' }, 400],
    [{ target: 'http://a.b/' }, 400],
    [{ target: 'https://user@a.b/' }, 400],
    [{ target: `/${'a'.repeat(9_000)}` }, 414],
    [{ rawHeaders: [...host, ...Array.from({ length: 100 }, () => ['A', 'b']).flat()] }, 431],
    [{ version: '2', authority: 'a.b', rawHeaders: ['host', 'c.d'] }, 400],
    [{ version: '2', authority: 'a.b', rawHeaders: ['transfer-encoding', 'chunked'] }, 400],
    [{ version: '2', authority: 'a.b', rawHeaders: ['content-length', '5'], endsWithHead: true }, 400],
  ]
  for (const [request, status] of table) assert.equal(refusal(request), status, JSON.stringify(request))
})

test('an absolute address is taken apart', () => {
  assert.equal(read({ target: 'https://A.b/x?y' }).path, '/x?y')
  assert.equal(read({ target: 'https://a.b' }).path, '/')
  assert.equal(read({ target: 'https://a.b?x' }).path, '/?x')
})

test('what only the edge may say, and what is for one connection only, does not go on', () => {
  const dropped = [
    'X-Forwarded-For',
    'x-forwarded-host',
    'X-Forwarded-Anything',
    'X_Forwarded_For',
    'x-forwarded_proto',
    'Forwarded',
    'X-Real-IP',
    'x_real_ip',
    'X-Borgen-Instance',
    'x_borgen_probe',
    'Proxy',
    'Content_Length',
    'Keep-Alive',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Upgrade',
    'HTTP2-Settings',
  ]
  const { fields } = read({ rawHeaders: [...host, ...dropped.flatMap((name) => [name, 'x']), 'X-Mine', 'y'] })
  assert.equal(fields, 'x-mine: y\r\n')
})

test('headers named by Connection go no further, but not what the edge needs', () => {
  const rawHeaders = [...host, 'Connection', 'close, X-Hop, Content-Length', 'X-Hop', '1', 'X-Hopper', '2']
  const head = read({ method: 'POST', rawHeaders: [...rawHeaders, 'Content-Length', '3'] })
  assert.equal(head.fields, 'x-hopper: 2\r\n')
  assert.deepEqual(head.framing, { kind: 'length', bytes: 3 })
})

test('crumbs of cookies are put together', () => {
  const head = read({
    version: '2',
    authority: 'a.b',
    endsWithHead: true,
    rawHeaders: ['cookie', 'a=1', 'cookie', 'b=2'],
  })
  assert.equal(head.fields, 'cookie: a=1; b=2\r\n')
})

test('a body in HTTP/2 without a length goes on in chunks', () => {
  assert.deepEqual(read({ version: '2', authority: 'a.b', rawHeaders: [] }).framing, { kind: 'chunked' })
  assert.deepEqual(read({ version: '2', authority: 'a.b', rawHeaders: [], endsWithHead: true }).framing, {
    kind: 'none',
  })
})

test('only the right token makes a probe, and it is never passed on', () => {
  const probe = (value: string, token: string) =>
    read({ rawHeaders: [...host, 'X-Borgen-Probe', value] }, token)
  assert.equal(probe('secret', 'secret').probe, true)
  assert.equal(probe('secreT', 'secret').probe, false)
  assert.equal(probe('', '').probe, false)
  assert.equal(probe('secret', 'secret').fields, '')
})

test('whatever headers come, the lines that go on are well-formed and hold none of the forbidden names', () => {
  const name = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      'X-Forwarded-For',
      'Transfer-Encoding',
      'Connection',
      'x-borgen-probe',
      'Cookie',
      'Accept',
    ),
  )
  const value = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('chunked', 'close, accept', 'a\r\nb: c'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (pairs) => {
      const head = readRequestHead({ ...plain, rawHeaders: [...host, ...pairs.flat()] }, 'p')
      if ('refused' in head) return
      for (const line of head.fields.split('\r\n').slice(0, -1)) {
        assert.match(line, /^[!#$%&'*+.^_`|~0-9a-z-]+: [\t\x20-\x7e\x80-\xff]*$/)
        assert.doesNotMatch(
          line,
          /^(x-forwarded-|x-borgen-|transfer-encoding|content-length|connection|host:)/,
        )
      }
      assert.ok(head.fields === '' || head.fields.endsWith('\r\n'))
    }),
    { numRuns: 2_000 },
  )
})
