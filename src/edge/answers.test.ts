import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { appHost, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'
import { HSTS } from './answer-headers.ts'

const upstreamHsts = 'max-age=1'
let edge: EdgeUnderTest

before(async () => {
  edge = await startEdgeUnderTest({
    resolve: ({ host }, { appSocket }) =>
      host === appHost
        ? { state: 'awake', instance: 'ins_1', socket: appSocket, activity: null }
        : host.startsWith('suspended.')
          ? { state: 'suspended', instance: 'ins_2', reason: 'Unpaid <b>' }
          : host.startsWith('failed.')
            ? { state: 'failed', instance: 'ins_3', reason: 'It does not start.' }
            : null,
  })
  const server = await edge.serveApp((request, response) => {
    response.setHeader('Strict-Transport-Security', upstreamHsts)
    response.setHeader('Server', 'secret/1.0')
    response.setHeader('X-Powered-By', 'secret')
    response.setHeader('Alt-Svc', 'h3=":1"')
    response.setHeader('X-Borgen-Secret', 'x')
    const status = Number(request.url?.slice(1))
    if (Number.isInteger(status) && status > 0) {
      response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {})
      response.end(status === 204 || status === 304 ? undefined : 'x')
    } else if (request.url === '/cookies') {
      const wide = ['wide=1; Domain=apps.localhost', 'other=1; Domain=globex.eu-frankfurt.apps.localhost']
      response.setHeader('Set-Cookie', ['own=1; Path=/', `same=1; Domain=${appHost}`, ...wide])
      response.setHeader('Clear-Site-Data', '"*"')
      response.end('signed in')
    } else if (request.url === '/hop') {
      response.writeHead(200, ['Connection', 'X-Hop', 'X-Hop', '1', 'X-Kept', '2', 'Proxy-Authenticate', 'x'])
      response.end()
    } else response.end(JSON.stringify({ url: request.url, headers: request.headers }))
  })
  const sockets = new WebSocketServer({ server, path: '/socket' })
  sockets.on('headers', (headers) => headers.push(`Strict-Transport-Security: ${upstreamHsts}`))
})
after(() => edge.close())

/** How often a header stands in a raw answer, and with which value. */
function valuesOf(raw: string, name: string): string[] {
  const head = raw.split('\r\n\r\n', 1)[0]!
  return head.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return line.slice(0, colon).toLowerCase() === name ? [line.slice(colon + 1).trim()] : []
  })
}

const get = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${appHost}\r\nConnection: close\r\n${more}\r\n`
const askedOnce: [string, number, string, string?][] = [
  ['200', 200, get('/200')],
  ['204', 204, get('/204')],
  ['206', 206, get('/206')],
  ['302', 302, get('/302')],
  ['304', 304, get('/304')],
  ['404', 404, get('/404')],
  ['500', 500, get('/500')],
  ['an unknown name', 404, get('/').replace(appHost, 'none.us.apps.localhost'), 'none.us.apps.localhost'],
  [
    'a suspended instance',
    403,
    get('/').replace(appHost, 'suspended.us.apps.localhost'),
    'suspended.us.apps.localhost',
  ],
  [
    'a failed instance',
    503,
    get('/').replace(appHost, 'failed.us.apps.localhost'),
    'failed.us.apps.localhost',
  ],
  ['the wrong connection', 421, get('/').replace(appHost, 'console.borgen.localhost')],
  ['a bad request line', 400, 'GET\r\n\r\n'],
  ['bytes that are no request', 400, '\x00\x01\x02\x03\r\n\r\n'],
  ['HTTP/2 without ALPN', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no host', 400, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['a host that is none', 400, get('/').replace(appHost, 'a b')],
  ['headers that are too long', 431, get('/', `X: ${'x'.repeat(20_000)}\r\n`)],
  ['too many headers', 431, get('/', 'X: y\r\n'.repeat(150))],
  ['an address that is too long', 414, get(`/${'x'.repeat(9_000)}`)],
  ['an expectation that nobody meets', 417, get('/', 'Expect: miracles\r\n')],
  ['CONNECT', 405, `CONNECT ${appHost}:443 HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`],
  ['TRACE', 405, get('/').replace('GET', 'TRACE')],
  ['an unknown method', 400, get('/').replace('GET', 'BREW2')],
  [
    'a WebSocket',
    101,
    get(
      '/socket',
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
    ).replace('Connection: close', 'Connection: Upgrade'),
  ],
  [
    'a WebSocket that is refused',
    400,
    get('/socket', 'Upgrade: websocket\r\nSec-WebSocket-Version: 1\r\nSec-WebSocket-Key: x\r\n').replace(
      'Connection: close',
      'Connection: Upgrade',
    ),
  ],
]
for (const [what, status, text, servername] of askedOnce)
  test(`${what} is answered ${status}, with HSTS once`, async () => {
    const socket = await edge.tls({ servername: servername ?? appHost })
    let raw = ''
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        raw += chunk.toString('latin1')
        if (raw.includes('\r\n\r\n')) resolve()
      })
      socket.on('close', () => resolve())
      socket.write(text)
    })
    socket.destroy()
    assert.match(raw, new RegExp(`^HTTP/1.1 ${status} `))
    assert.deepEqual(valuesOf(raw, 'strict-transport-security'), [HSTS])
    for (const name of ['server', 'x-powered-by', 'alt-svc', 'x-borgen-secret'])
      assert.deepEqual(valuesOf(raw, name), [])
  })

test('an instance that nobody listens for, and one that answers nonsense, are told with HSTS too', async () => {
  const lone = await startEdgeUnderTest()
  try {
    const absent = await lone.request({ path: '/', method: 'POST' })
    assert.deepEqual([absent.status, absent.headers['strict-transport-security']], [503, HSTS])
    await lone.serveRaw((socket) => socket.end('nonsense\r\n\r\n'))
    const broken = await lone.request({ path: '/' })
    assert.deepEqual([broken.status, broken.headers['strict-transport-security']], [502, HSTS])
  } finally {
    await lone.close()
  }
})

test('HSTS lasts at least a year and covers the names below', () => {
  assert.ok(Number(/max-age=([0-9]+)/.exec(HSTS)?.[1]) >= 31_536_000)
  assert.match(HSTS, /includeSubDomains/)
})

test('a cookie wider than its host is dropped and recorded; the rest of the answer gets through', async () => {
  const answer = await edge.request({ path: '/cookies' })
  assert.equal(answer.body, 'signed in')
  assert.deepEqual(answer.headers['set-cookie'], ['own=1; Path=/', `same=1; Domain=${appHost}`])
  assert.equal(answer.headers['clear-site-data'], '"cache", "storage"')
  const refused = edge.warnings.filter(({ message }) => message.includes('cookie'))
  assert.deepEqual(
    refused.map(({ fields }) => fields),
    [
      { host: appHost, cookie: 'wide' },
      { host: appHost, cookie: 'other' },
    ],
  )
})

test('headers for one connection only do not pass', async () => {
  const { headers } = await edge.request({ path: '/hop' })
  assert.equal(headers['x-hop'], undefined)
  assert.equal(headers['proxy-authenticate'], undefined)
  assert.equal(headers['x-kept'], '2')
})

test('an instance learns who asked from the edge alone', async () => {
  const answer = await edge.request({
    path: '/x',
    headers: {
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Proto': 'http',
      Forwarded: 'for=6.6.6.6',
      'X-Borgen-Instance': 'other',
      'X-Real-IP': '6.6.6.6',
    },
  })
  const { headers } = JSON.parse(answer.body)
  assert.deepEqual(
    { ...headers, connection: undefined },
    {
      host: appHost,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': appHost,
      connection: undefined,
    },
  )
})

test('the plane gets what is for it, and is never asked for its inner routes', async () => {
  const servername = 'console.borgen.localhost'
  const answer = await edge.request({ servername, path: '/v1/x?y=1' })
  assert.equal(JSON.parse(answer.body).url, '/v1/x?y=1')
  assert.equal(JSON.parse(answer.body).headers['x-forwarded-proto'], 'https')
  for (const path of [
    '/internal/edge/resolve',
    '//internal/edge/resolve',
    '/x/../internal/edge',
    '/%69nternal/edge',
    '/Internal',
    '/internal',
    '/internal?x',
    '/./internal/x',
    '/\\internal/x',
    '/%2e/internal/x',
    '/%zz',
  ])
    assert.equal((await edge.request({ servername, path })).status, 404, path)
  assert.equal((await edge.request({ servername, path: '/internals' })).status, 200)
})

test('a page of the edge speaks Swedish to who asks for it, and shows reasons as text', async () => {
  const servername = 'suspended.us.apps.localhost'
  const headers = { Accept: 'text/html', 'Accept-Language': 'sv-SE,sv;q=0.9,en;q=0.5' }
  const page = await edge.request({ servername, headers })
  assert.equal(page.status, 403)
  assert.match(page.body, /<html lang="sv">[\s\S]*Avstängd[\s\S]*Unpaid &#60;b&#62;/)
  assert.doesNotMatch(page.body, /<script|https?:/)
  const json = JSON.parse((await edge.request({ servername })).body)
  assert.equal(json.status, 403)
  assert.match(json.detail, /suspended.*Unpaid <b>/)
})

test('several requests sent at once are answered one after the other', async () => {
  const raw = await edge.raw(
    [1, 2, 3].map((n) => `GET /n${n} HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`).join('') + get('/last'),
  )
  assert.deepEqual(
    [...raw.matchAll(/"url":"([^"]+)"/g)].map((match) => match[1]),
    ['/n1', '/n2', '/n3', '/last'],
  )
})
