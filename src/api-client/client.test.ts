import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { addressOf } from './calls.ts'
import { createApiClient } from './client.ts'
import { ApiProblem } from './problem.ts'

const folder = mkdtempSync(join(tmpdir(), 'bclient-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const TOKEN = 'bgn_0123456789012345678901234567890123456789012'

/** A server that does to each request what the next of these says, and keeps what it heard. */
async function serverThat(...does: http.RequestListener[]) {
  const heard: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = []
  const server = http.createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = Buffer.concat(await request.toArray()).toString()
    heard.push({ method, url, headers, body })
    does[heard.length - 1]?.(request, response)
  })
  const socketPath = join(mkdtempSync(join(folder, 's')), 'server.sock')
  await new Promise<void>((done) => server.listen(socketPath, done))
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { heard, client: await createApiClient({ place: { socketPath }, token: TOKEN }) }
}

const answer =
  (status: number, body: string): http.RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
const hangUp: http.RequestListener = (request) => void request.socket.destroy()
const breakOff: http.RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('{"items"', () => request.socket.destroy())
}
const problem = {
  type: 'urn:borgen:error:conflict',
  title: 'Conflict',
  code: 'conflict',
  detail: 'It is taken.',
}
const signUp = { company: 'A', email: 'a@b.test', country: 'SE', plan: 'trial', start: 'now' } as const

test('a change whose connection is lost is sent once more, with the same idempotency key and body', async () => {
  for (const loss of [hangUp, breakOff]) {
    const { heard, client } = await serverThat(loss, answer(201, '{"account":{}}'))
    await client.post('/v1/accounts', { body: signUp })
    assert.equal(heard.length, 2)
    assert.equal(heard[0]?.headers['idempotency-key'], heard[1]?.headers['idempotency-key'])
    assert.match(String(heard[0]?.headers['idempotency-key']), /^[\x21-\x7e]{1,128}$/)
    assert.deepEqual(
      heard.map((one) => JSON.parse(one.body)),
      [signUp, signUp],
    )
  }
})

test('a connection lost twice is said to be lost: nobody knows whether it was done', async () => {
  const { heard, client } = await serverThat(hangUp, hangUp)
  await assert.rejects(client.post('/v1/accounts', { body: signUp }), (error) => {
    assert.ok(error instanceof ApiProblem)
    assert.equal(error.problem.code, 'lost')
    assert.match(error.message, /not known whether/)
    return true
  })
  assert.equal(heard.length, 2)
})

test('every change has its own idempotency key, reads have none; a DELETE tells the length of its body', async () => {
  const { heard, client } = await serverThat(answer(200, '{}'), answer(200, '{}'), answer(200, '{}'))
  await client.delete('/v1/instances/{instance}', {
    params: { path: { instance: 'a' } },
    body: { confirm: 'a' },
  })
  await client.delete('/v1/tokens/{token}', { params: { path: { token: 't' } } })
  await client.get('/v1/regions')
  const [first, second, third] = heard.map((one) => one.headers)
  assert.notEqual(first?.['idempotency-key'], second?.['idempotency-key'])
  assert.equal(third?.['idempotency-key'], undefined)
  assert.equal(heard[0]?.body, '{"confirm":"a"}')
  assert.ok(heard.every((one) => one.headers.authorization === `Bearer ${TOKEN}`))
})

test('every failure is a problem: the server’s own, or one that says what came instead', async () => {
  const cases: [http.RequestListener, string, number][] = [
    [answer(409, JSON.stringify(problem)), 'conflict', 409],
    [answer(409, '{"detail":"no code"}'), 'not_understood', 409],
    [answer(502, '<html>Bad gateway</html>'), 'not_understood', 502],
    [answer(200, '<html>Welcome</html>'), 'not_understood', 200],
    [answer(500, '[]'), 'not_understood', 500],
    [answer(500, ''), 'not_understood', 500],
  ]
  for (const [does, code, status] of cases) {
    const { client } = await serverThat(does)
    const error = await client.get('/v1/regions').catch((error: unknown) => error)
    assert.ok(error instanceof ApiProblem)
    assert.deepEqual([error.problem.code, error.problem.status], [code, status])
  }
  const nobody = await createApiClient({ place: { socketPath: join(folder, 'nobody.sock') }, token: TOKEN })
  const error = await nobody.get('/v1/regions').catch((error: unknown) => error)
  assert.ok(error instanceof ApiProblem)
  assert.equal(error.problem.code, 'unreachable')
})

test('a socket is reached however long the path of its folder is', async () => {
  const { mkdirSync, renameSync } = await import('node:fs')
  const short = join(mkdtempSync(join(folder, 'l')), 'server.sock')
  const server = http.createServer((_, response) => response.end('{"items":[]}'))
  await new Promise<void>((done) => server.listen(short, done))
  after(() => server.close())
  const deep = join(folder, 'x'.repeat(80), 'y'.repeat(80))
  mkdirSync(deep, { recursive: true })
  renameSync(short, join(deep, 'server.sock'))
  const client = await createApiClient({ place: { socketPath: join(deep, 'server.sock') }, token: TOKEN })
  assert.deepEqual(await client.get('/v1/regions'), { items: [] })
  server.closeAllConnections()
})

test('parameters cannot leave their place in an address, whatever they hold', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'grapheme' }),
      (name, value) => {
        fc.pre(name !== '.' && name !== '..')
        const address = addressOf('/v1/accounts/{account}', {
          params: { path: { account: name }, query: { after: value } },
        })
        const url = new URL(address, 'http://localhost')
        assert.equal(url.pathname.split('/').length, 4)
        assert.equal(decodeURIComponent(url.pathname.split('/')[3]!), name)
        assert.deepEqual([...url.searchParams], [['after', value]])
      },
    ),
  )
})
