import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { after, before, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { appHost, bodyOf, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'
import { HSTS } from './answer-headers.ts'

let edge: EdgeUnderTest
let app: RequestListener = () => {}
before(async () => {
  edge = await startEdgeUnderTest()
  const server = await edge.serveApp((request, response) => app(request, response))
  const sockets = new WebSocketServer({ server, path: '/socket' })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
})
after(() => edge.close())

async function ask(
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<{ headers: IncomingHttpHeaders; body: string; stream: ClientHttp2Stream }> {
  const session = edge.http2()
  const stream = session.request({ ':authority': appHost, ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  const text = await bodyOf(stream)
  session.close()
  return { headers: answer, body: text, stream }
}

test('a request goes through HTTP/2 as through HTTP/1', async () => {
  app = (request, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2', 'c=3; Domain=apps.localhost'])
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }))
  }
  const { headers, body } = await ask({
    ':path': '/x?y',
    cookie: ['a=1', 'b=2'],
    'x-forwarded-for': '6.6.6.6',
  })
  const seen = JSON.parse(body)
  assert.equal(headers[':status'], 200)
  assert.equal(headers['strict-transport-security'], HSTS)
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
  assert.deepEqual([seen.method, seen.url], ['GET', '/x?y'])
  assert.equal(seen.headers.host, appHost)
  assert.equal(seen.headers.cookie, 'a=1; b=2')
  assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1')
})

test('bodies and trailers stream both ways', async () => {
  app = (request, response) => {
    response.setHeader('Trailer', 'digest')
    request.on('data', (chunk: Buffer) => response.write(String(chunk).toUpperCase()))
    request.on('end', () => {
      response.addTrailers({ digest: 'abc' })
      response.end()
    })
  }
  const session = edge.http2()
  const stream = session.request({ ':authority': appHost, ':method': 'POST', ':path': '/' })
  const trailers = once(stream, 'trailers')
  stream.write('one')
  assert.equal(String((await once(stream, 'data'))[0]), 'ONE')
  stream.end('two')
  assert.equal(await bodyOf(stream), 'TWO')
  assert.equal(((await trailers) as [IncomingHttpHeaders])[0].digest, 'abc')
  session.close()
})

test('an answer that Node would not put into HTTP/2 does not hurt the edge', async () => {
  app = (_request, response) => {
    response.writeHead(200, [
      'Location',
      '/a',
      'Location',
      '/b',
      'Content-Type',
      'a/b',
      'Content-Type',
      'c/d',
      'X',
      '1',
      'X',
      '2',
    ])
    response.end('x')
  }
  const { headers, body } = await ask({ ':path': '/' })
  assert.deepEqual([headers.location, headers['content-type'], headers.x, body], ['/a', 'a/b', '1, 2', 'x'])
})

test('another host on the same connection is sent away, and so is an odd scheme', async () => {
  app = (_request, response) => response.end('x')
  const { headers, body } = await ask({ ':authority': 'globex.eu-frankfurt.apps.localhost', ':path': '/' })
  assert.equal(headers[':status'], 421)
  assert.equal(headers['strict-transport-security'], HSTS)
  assert.match(body, /another address/)
  assert.equal((await ask({ ':scheme': 'http', ':path': '/' })).headers[':status'], 400)
  await assert.rejects(ask({ ':path': '/a b' }), /PROTOCOL_ERROR/)
})

test('a stream that is reset ends the request to the instance', async () => {
  const gone = new Promise<void>((resolve) => {
    app = (request, response) => {
      response.write('x')
      request.socket.on('close', () => resolve())
    }
  })
  const session = edge.http2()
  const stream = session.request({ ':authority': appHost, ':path': '/' })
  stream.on('error', () => {})
  await once(stream, 'response')
  stream.close(constants.NGHTTP2_CANCEL)
  await gone
  session.close()
})

test('an answer that breaks off is a broken stream', async () => {
  app = (_request, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half')
    setImmediate(() => response.socket?.destroy())
  }
  const session = edge.http2()
  const stream = session.request({ ':authority': appHost, ':path': '/' })
  await assert.rejects(bodyOf(stream))
  session.close()
})

test('a WebSocket runs inside a stream (RFC 8441)', async () => {
  const session = edge.http2()
  const [settings] = await once(session, 'remoteSettings')
  assert.equal(settings.enableConnectProtocol, true)
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': appHost,
      ':path': '/socket',
      'sec-websocket-version': '13',
    },
    { endStream: false },
  )
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  assert.equal(headers[':status'], 200)
  assert.equal(headers['sec-websocket-accept'], undefined)
  // A masked text frame of "hi", with a mask of zeros.
  stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
  const [frame] = (await once(stream, 'data')) as [Buffer]
  assert.equal(frame.subarray(2).toString(), 'echo hi')
  stream.destroy()
  session.close()
})
