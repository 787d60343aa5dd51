import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { appHost, bodyOf, type EdgeUnderTest, listenAt, startEdgeUnderTest } from '../../test/support/edge.ts'

let edge: EdgeUnderTest
let app: RequestListener = () => {}
const server = createServer((request, response) => app(request, response))
server.on('checkContinue', (request, response) => app(request, response))

before(async () => {
  edge = await startEdgeUnderTest()
  await listenAt(server, edge.appSocket)
})
afterEach(() => {
  app = () => {}
})
after(async () => {
  await edge.close()
  server.close()
  server.closeAllConnections()
})

/** A request whose body the test writes itself. */
function open(options: { method?: string; path?: string; headers?: Record<string, string> } = {}) {
  const sent = httpsRequest({
    port: edge.listeners.httpsPort,
    host: '127.0.0.1',
    servername: appHost,
    ca: edge.caPem,
    agent: false,
    method: 'POST',
    ...options,
    headers: { host: appHost, ...options.headers },
  })
  const answered = once(sent, 'response').then(([response]) => response as IncomingMessage)
  answered.catch(() => {})
  return { sent, answered }
}

test('every piece of a body goes on at once, both ways', async () => {
  app = (request, response) => {
    response.writeHead(200)
    request.on('data', (chunk: Buffer) => response.write(`got ${chunk}`))
    request.on('end', () => response.end())
  }
  const { sent, answered } = open()
  sent.write('one')
  const response = await answered
  assert.equal(String((await once(response, 'data'))[0]), 'got one')
  sent.write('two')
  assert.equal(String((await once(response, 'data'))[0]), 'got two')
  sent.end()
  await once(response, 'end')
})

test('a large body comes through whole, both ways, with and without its length told', async () => {
  const body = randomBytes(5_000_000)
  const digest = createHash('sha256').update(body).digest('hex')
  app = (request, response) => {
    if (request.headers['x-length']) response.setHeader('Content-Length', String(request.headers['x-length']))
    response.setHeader('X-Framing', request.headers['content-length'] ? 'length' : 'chunked')
    request.pipe(response)
  }
  for (const length of [String(body.length), '']) {
    const headers: Record<string, string> = length ? { 'content-length': length, 'x-length': length } : {}
    const { sent, answered } = open({ headers })
    Readable.from([body.subarray(0, 1_000_001), body.subarray(1_000_001)]).pipe(sent)
    const response = await answered
    const hash = createHash('sha256')
    for await (const chunk of response) hash.update(chunk)
    assert.equal(hash.digest('hex'), digest)
    assert.equal(response.headers['x-framing'], length ? 'length' : 'chunked')
    assert.equal(response.headers['content-length'], length || undefined)
  }
})

/** Writes without end until the other side takes no more; gives how much it took. */
async function fill(stream: { write(chunk: Buffer): boolean }, limitBytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024)
  let taken = 0
  const drained = stream as unknown as NodeJS.EventEmitter
  while (taken < limitBytes) {
    taken += chunk.length
    if (stream.write(chunk)) continue
    const more = await Promise.race([once(drained, 'drain').then(() => true), pause(700, false)])
    if (!more) break
  }
  return taken
}

const plenty = 200_000_000

test('an answer that the client does not read is not gathered up', async () => {
  let taken: Promise<number> | null = null
  app = (_request, response) => {
    taken = fill(response, plenty)
  }
  const { sent, answered } = open({ method: 'GET' })
  sent.end()
  const response = await answered
  response.pause()
  assert.ok(taken !== null)
  const bytes = await taken
  assert.ok(bytes < 30_000_000, `${bytes} bytes were taken from the instance`)
  response.destroy()
})

test('a body that the instance does not read is not gathered up', async () => {
  let arrived: IncomingMessage | null = null
  app = (request) => {
    arrived = request
    request.pause()
  }
  const { sent } = open()
  sent.on('error', () => {})
  const bytes = await fill(sent, plenty)
  assert.ok(arrived !== null)
  assert.ok(bytes < 30_000_000, `${bytes} bytes were taken from the client`)
  sent.destroy()
})

test('who leaves is followed by the other side', async () => {
  const gone = new Promise<void>((resolve) => {
    app = (request, response) => {
      response.write('x')
      request.socket.on('close', () => resolve())
    }
  })
  const { sent, answered } = open({ method: 'GET' })
  sent.end()
  await once(await answered, 'data')
  sent.destroy()
  await gone

  const uploaderGone = new Promise<void>((resolve) => {
    app = (request) => request.on('data', () => {}).on('error', () => resolve())
  })
  const upload = open()
  upload.sent.on('error', () => {})
  upload.sent.write('x')
  await pause(50)
  upload.sent.destroy()
  await uploaderGone

  for (const headers of [{ 'Content-Length': '10' }, {}] as Record<string, string>[]) {
    app = (_request, response) => {
      response.writeHead(200, headers)
      response.write('half')
      setImmediate(() => response.socket?.destroy())
    }
    const broken = open({ method: 'GET' })
    broken.sent.end()
    await assert.rejects(
      broken.answered.then((response) => bodyOf(response)),
      /aborted/,
    )
  }
})

test('answers without a body have none, and say what they would have had', async () => {
  app = (request, response) => {
    const status = Number(request.url?.slice(1))
    response.writeHead(status, status === 204 ? {} : { 'Content-Length': '5' })
    response.end(request.method === 'HEAD' || status !== 200 ? undefined : 'hello')
  }
  const head = await edge.request({ method: 'HEAD', path: '/200' })
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '5', ''])
  const none = await edge.request({ path: '/204' })
  assert.deepEqual([none.status, none.headers['content-length'], none.body], [204, undefined, ''])
  const same = await edge.request({ path: '/304' })
  assert.deepEqual([same.status, same.body], [304, ''])
})

test('trailers pass both ways, but none that would change the meaning', async () => {
  let received: Record<string, string | undefined> = {}
  app = (request, response) => {
    response.setHeader('Trailer', 'Digest')
    request.resume().on('end', () => {
      received = request.trailers as typeof received
      response.write('x')
      response.addTrailers({ Digest: 'abc', 'Set-Cookie': 'a=b' })
      response.end()
    })
  }
  const { sent, answered } = open()
  sent.write('x')
  sent.addTrailers({ Checksum: '1', 'X-Forwarded-For': '6.6.6.6', Host: 'evil' })
  sent.end()
  const response = await answered
  await bodyOf(response)
  assert.deepEqual({ ...response.trailers }, { digest: 'abc' })
  assert.deepEqual({ ...received }, { checksum: '1' })
})

test('a client that asks first is answered by the instance, not by the edge', async () => {
  let begged = false
  app = (request, response) => {
    begged = request.headers.expect === '100-continue'
    if (request.url === '/no') return void response.writeHead(413, { Connection: 'close' }).end('too much')
    response.writeContinue()
    request.pipe(response)
  }
  const yes = open({ headers: { Expect: '100-continue', 'content-length': '5' } })
  yes.sent.flushHeaders()
  await once(yes.sent, 'continue')
  yes.sent.end('hello')
  assert.equal(await bodyOf(await yes.answered), 'hello')
  assert.equal(begged, true)

  const no = open({ path: '/no', headers: { Expect: '100-continue', 'content-length': '5' } })
  no.sent.on('continue', () => assert.fail('asked to go on'))
  no.sent.on('error', () => {})
  no.sent.flushHeaders()
  const refusal = await no.answered
  assert.equal(refusal.statusCode, 413)
  assert.equal(await bodyOf(refusal), 'too much')
})

test('early hints pass, and the answer after them', async () => {
  app = (_request, response: ServerResponse) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('done')
  }
  const { sent, answered } = open({ method: 'GET' })
  const hinted = once(sent, 'information')
  sent.end()
  assert.equal((await hinted)[0].statusCode, 103)
  assert.equal(await bodyOf(await answered), 'done')
})

test('an answer that comes before the body was sent gets through', async () => {
  app = (_request, response) => response.writeHead(413, { Connection: 'close' }).end('too much')
  const { sent, answered } = open({ headers: { 'content-length': '1000000' } })
  sent.on('error', () => {})
  sent.write('x')
  const response = await answered
  assert.deepEqual([response.statusCode, await bodyOf(response)], [413, 'too much'])
  sent.destroy()
})

test('connections to the instance are used again', async () => {
  const ports = new Set<object>()
  app = (request, response) => {
    ports.add(request.socket)
    response.end('x')
  }
  for (let n = 0; n < 5; n++) await edge.request({ path: '/' })
  assert.equal(ports.size, 1)
})
