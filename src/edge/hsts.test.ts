import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http2'
import { after, before, test } from 'node:test'
import { bodyOf, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'
import { HSTS } from './answer-headers.ts'

const zone = 'eu-frankfurt.apps.localhost'
const appNames: Record<string, object | null> = {
  awake: { state: 'awake' },
  waking: { state: 'waking' },
  provisioning: { state: 'provisioning' },
  asleep: { state: 'asleep' },
  suspended: { state: 'suspended', reason: 'Unpaid.' },
  failed: { state: 'failed', reason: 'It does not start.' },
  unknown: null,
  absent: { state: 'awake', socket: '/nonexistent/app.sock' },
  nonsense: { state: 'nonsense' },
}
let edge: EdgeUnderTest

/** Answers /<status> with it, and says of HSTS what the edge must not pass on. */
const app: RequestListener = (request, response) => {
  response.setHeader('Strict-Transport-Security', 'max-age=0')
  if (request.url === '/silent') return
  if (request.url === '/broken') {
    response.socket?.end('nonsense\r\n\r\n')
    return
  }
  const status = Number(request.url?.slice(1))
  response.writeHead(status, status >= 300 && status < 400 && status !== 304 ? { Location: '/200' } : {})
  response.end(status === 204 || status === 304 ? undefined : 'x')
}

before(async () => {
  edge = await startEdgeUnderTest({
    plane: app,
    limits: {
      answerTimeoutMs: 600,
      stalledTimeoutMs: 600,
      heldForBrowsersMs: 100,
      heldForOthersMs: 100,
    },
    resolve({ host }, { appSocket }) {
      const answer = appNames[host.split('.', 1)[0]!] ?? null
      return answer && { instance: 'ins_1', socket: appSocket, activity: null, ...answer }
    },
  })
  await edge.serveApp(app)
})
after(() => edge.close())

type Asked = {
  host: string
  path: string
  method?: string
  headers?: Record<string, string>
  authority?: string
}
type Answered = { status: number; hsts: unknown; body: string }

const ask: Record<string, (asked: Asked) => Promise<Answered>> = {
  async 'HTTP/1.1'({ host, path, method = 'GET', headers, authority = host }) {
    const answer = await edge.request({
      servername: host,
      path,
      method,
      headers: { host: authority, ...headers },
    })
    return { status: answer.status, hsts: answer.headers['strict-transport-security'], body: answer.body }
  },
  async 'HTTP/2'({ host, path, method = 'GET', headers, authority = host }) {
    const session = edge.http2(host)
    const stream = session.request({ ':authority': authority, ':path': path, ':method': method, ...headers })
    stream.end()
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    const body = await bodyOf(stream)
    session.close()
    return { status: Number(answer[':status']), hsts: answer['strict-transport-security'], body }
  },
}

const awake = `awake.${zone}`
const console_ = 'console.borgen.localhost'
const statuses = [
  200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 410, 413, 429,
]
statuses.push(500, 501, 502, 503, 504)

/** What the edge says itself. */
const own: Record<string, [number, Asked]> = {
  'a holding page': [503, { host: `waking.${zone}`, path: '/', headers: { accept: 'text/html' } }],
  'a sleeping instance asked by a program': [503, { host: `asleep.${zone}`, path: '/' }],
  'an instance being made': [
    503,
    { host: `provisioning.${zone}`, path: '/', headers: { accept: 'text/html' } },
  ],
  'a suspended instance': [403, { host: `suspended.${zone}`, path: '/' }],
  'a failed instance': [503, { host: `failed.${zone}`, path: '/' }],
  'an unknown name': [404, { host: `unknown.${zone}`, path: '/' }],
  'an instance that nobody listens for': [503, { host: `absent.${zone}`, path: '/' }],
  'a server that answers nonsense': [503, { host: `nonsense.${zone}`, path: '/' }],
  'an instance that answers nonsense': [502, { host: awake, path: '/broken', method: 'DELETE' }],
  'an instance that does not answer': [504, { host: awake, path: '/silent' }],
  'the wrong connection': [421, { host: awake, authority: console_, path: '/' }],
  'a host that is none': [400, { host: awake, authority: 'a_b!', path: '/' }],
  'an address that is too long': [414, { host: awake, path: `/${'x'.repeat(9_000)}` }],
  TRACE: [405, { host: awake, path: '/', method: 'TRACE' }],
  'an expectation that nobody meets': [417, { host: awake, path: '/', headers: { expect: 'miracles' } }],
  "the plane's inner routes": [404, { host: console_, path: '/internal/edge/resolve' }],
  'a plane that answers nonsense': [502, { host: console_, path: '/broken', method: 'DELETE' }],
  'a plane that does not answer': [504, { host: console_, path: '/silent' }],
}

for (const [protocol, asking] of Object.entries(ask)) {
  for (const host of [awake, console_, 'portal.borgen.localhost', 'trust.borgen.localhost'])
    test(`every status of ${host} comes with HSTS over ${protocol}`, async () => {
      for (const status of statuses) {
        const answer = await asking({ host, path: `/${status}` })
        assert.deepEqual([answer.status, answer.hsts], [status, HSTS])
      }
      const head = await asking({ host, path: '/200', method: 'HEAD' })
      assert.deepEqual([head.status, head.hsts, head.body], [200, HSTS, ''])
    })
  for (const [what, [status, asked]] of Object.entries(own))
    test(`${what}: ${status} with HSTS over ${protocol}`, async () => {
      const answer = await asking(asked)
      assert.deepEqual([answer.status, answer.hsts], [status, HSTS])
      if (asked.headers?.accept) assert.match(answer.body, /^<!doctype html>[\s\S]*http-equiv="refresh"/)
    })
}
