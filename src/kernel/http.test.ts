import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { allowLongBody } from './body-deadline.ts'
import { AppError, STATUS_OF } from './errors.ts'
import { createHttpServer, listenUnix, type Problem } from './http.ts'
import { ID_PATTERN } from './ids.ts'
import { unixRequest } from './unix-request.ts'

const errors: unknown[] = []
const logger = { info() {}, warn() {}, error: (_: string, fields?: object) => void errors.push(fields) }
const app = createHttpServer({ logger })
app.post(
  '/echo',
  { schema: { body: z.strictObject({ name: z.string().max(5), more: z.unknown().optional() }) } },
  async (request) => request.body,
)
app.get('/fails/:code', async (request) => {
  const { code } = request.params as { code: keyof typeof STATUS_OF }
  throw new AppError(code, 'What went wrong.', {
    remedy: 'Do this.',
    detail: { at: 1 },
    cause: new Error('a secret'),
  })
})
app.get('/breaks', async () => {
  throw new Error('password=hunter2')
})
after(() => app.close())

const post = (payload: string, type = 'application/json') =>
  app.inject({ method: 'POST', url: '/echo', headers: { 'content-type': type }, payload })

function problem(answer: { headers: Record<string, unknown>; json(): unknown; statusCode: number }): Problem {
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  const body = answer.json() as Problem
  assert.equal(body.status, answer.statusCode)
  assert.equal(body.type, `urn:borgen:error:${body.code}`)
  assert.match(body.instance ?? '', ID_PATTERN)
  return body
}

test('every code of an AppError has its status, sentence and remedy, and keeps its cause', async () => {
  for (const [code, status] of Object.entries(STATUS_OF)) {
    const answer = await app.inject(`/fails/${code}`)
    const body = problem(answer)
    assert.equal(answer.statusCode, status)
    assert.equal(body.detail, 'What went wrong.')
    assert.equal(body.remedy, 'Do this.')
    assert.deepEqual(body.more, { at: 1 })
    assert.doesNotMatch(answer.body, /secret/)
  }
})

test('an unexpected error says nothing of itself outside, and everything inside', async () => {
  errors.length = 0
  const answer = await app.inject('/breaks')
  assert.equal(problem(answer).code, 'internal')
  assert.doesNotMatch(answer.body, /hunter2|http\.test/)
  assert.equal(errors.length, 1)
})

test('a body of another form names the field', async () => {
  for (const payload of ['{}', '{"name":1}', '{"name":"longer than"}', '{"name":"a","role":"owner"}']) {
    const body = problem(await post(payload))
    assert.equal(body.code, 'bad_request')
    assert.ok(body.errors?.[0]?.at.startsWith('body'), payload)
    assert.ok(body.remedy)
  }
})

test('what is no JSON, of no known type, or too large is refused as such', async () => {
  assert.equal((await post('{"name":')).statusCode, 400)
  assert.equal((await post('<a/>', 'application/xml')).statusCode, 415)
  const large = await post(JSON.stringify({ name: 'a', more: 'x'.repeat(1024 * 1024) }))
  assert.equal(large.statusCode, 413)
  for (const answer of [await post('{"name":'), await post('<a/>', 'application/xml'), large]) problem(answer)
})

test('32 levels are taken, 33 are not, a hundred thousand do no harm', async () => {
  const nested = (levels: number) => `{"name":"a","more":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  assert.equal((await post(nested(32))).statusCode, 200)
  assert.equal(problem(await post(nested(33))).code, 'bad_request')
  assert.equal(problem(await post(nested(100_000))).code, 'bad_request')
})

test('keys that would reach a prototype are refused', async () => {
  assert.equal((await post('{"name":"a","more":{"__proto__":{"x":1}}}')).statusCode, 400)
  assert.equal((await post('{"name":"a","more":{"constructor":{"prototype":{"x":1}}}}')).statusCode, 400)
})

test('an unknown address and an unknown method are a problem document too', async () => {
  assert.equal(problem(await app.inject('/nowhere')).code, 'not_found')
  assert.equal(problem(await app.inject({ method: 'DELETE', url: '/echo' })).status, 404)
})

test('a Unix socket takes the place of a stale one and has its mode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bhttp-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const socketPath = join(folder, 'a.sock')
  writeFileSync(socketPath, '')
  await listenUnix(app, socketPath, 0o660)
  assert.equal(statSync(socketPath).mode & 0o777, 0o660)
  const answer = await unixRequest({ socketPath, method: 'POST', path: '/echo', body: { name: 'é' } })
  assert.deepEqual(JSON.parse(answer.body.toString()), { name: 'é' })
})

describe('bodies that come slowly', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bhttp-'))
  const socketPath = join(folder, 'slow.sock')
  const slow = createHttpServer({ logger, bodyWithinMs: 100 })
  slow.post('/short', async (request) => request.body)
  slow.addContentTypeParser('text/slow', (request, body, done) => {
    if (request.url === '/long') allowLongBody(request, 60_000)
    let text = ''
    body.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    body.on('end', () => done(null, text)).on('error', done)
  })
  slow.post('/long', async (request) => request.body)
  slow.post('/refuses', { onRequest: async (_, reply) => reply.code(403).send('no') }, async () => 'never')
  before(() => listenUnix(slow, socketPath, 0o600))
  after(async () => {
    await slow.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const halfOf = (path: string) => {
    const socket = connect(socketPath)
    let said = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/slow\r\nContent-Length: 6\r\n\r\nabc`,
    )
    return { socket, ended: once(socket, 'close').then(() => said) }
  }

  test('are ended with a 408 at the limit, and go on where their route allows it', async () => {
    const long = halfOf('/long')
    await once(long.socket, 'connect')
    assert.match(await halfOf('/short').ended, /^HTTP\/1\.1 408 /)
    long.socket.end('def')
    assert.match(await long.ended, /^HTTP\/1\.1 200 [\s\S]*abcdef$/)
  })

  test('of a request that was answered already are not waited for any longer than that', async () => {
    assert.match(await halfOf('/refuses').ended, /^HTTP\/1\.1 403 [\s\S]*no$/)
  })
})
