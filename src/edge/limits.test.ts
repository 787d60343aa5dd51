import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { appHost, type EdgeUnderTest, readAll, startEdgeUnderTest } from '../../test/support/edge.ts'
import { ConnectionCount } from './clients.ts'

let edge: EdgeUnderTest
let endlessEnded = () => {}
const endlessOver = new Promise<void>((resolve) => {
  endlessEnded = resolve
})
before(async () => {
  edge = await startEdgeUnderTest({
    limits: {
      headersTimeoutMs: 600,
      handshakeTimeoutMs: 600,
      idleTimeoutMs: 600,
      stalledTimeoutMs: 900,
      answerTimeoutMs: 900,
      connectionsOfOneAddress: 20,
      pipelinedOfOneConnection: 4,
    },
  })
  await edge.serveApp((request, response) => {
    if (request.url === '/silent') return
    if (request.url === '/endless') {
      response.on('close', () => endlessEnded())
      const more = () => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return
        response.once('drain', more)
      }
      more()
      return
    }
    request.resume().on('end', () => void response.end('ok'))
  })
})
after(() => edge.close())

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`

test('a handshake that does not come is not waited for', async () => {
  const socket = connect(edge.listeners.httpsPort, '127.0.0.1')
  assert.equal(await readAll(socket), '')
})

test('headers that trickle in are not waited for', async () => {
  const socket = await edge.tls()
  const read = readAll(socket)
  socket.write('GET / HTTP/1.1\r\n')
  const trickle = setInterval(() => socket.write('X: y\r\n'), 100)
  const answer = await read
  clearInterval(trickle)
  assert.match(answer, /^HTTP\/1\.1 408 [\s\S]*strict-transport-security/)
})

test('a connection without requests is closed, over HTTP/2 as well', async () => {
  const socket = await edge.tls()
  socket.write(get('/'))
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /)
  const session = edge.http2()
  await new Promise<void>((resolve) => session.on('close', () => resolve()))
})

test('a body that stops coming ends the request', async () => {
  const answer = await edge.raw(`POST / HTTP/1.1\r\nHost: ${appHost}\r\nContent-Length: 10\r\n\r\nabc`)
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('an instance that never answers is given up', async () => {
  const answer = await edge.request({ path: '/silent' })
  assert.equal(answer.status, 504)
})

test('a client that takes nothing of its answer is cut off', async () => {
  const socket = await edge.tls()
  socket.pause()
  socket.write(get('/endless'))
  await endlessOver
  socket.destroy()
})

test('more requests at once than may wait end the connection', async () => {
  const text = await edge.raw(get('/silent') + get('/').repeat(10))
  assert.equal(text, '')
})

test('one address may have so many connections, and gets them back', async () => {
  const sockets = []
  for (let n = 0; n < 20; n++) sockets.push(await edge.tls())
  await assert.rejects(edge.tls())
  for (const socket of sockets) socket.destroy()
  let again = null
  while (again === null) again = await edge.tls().catch(() => null)
  again.destroy()
})

test('connections are counted by address, IPv6 by its /64', () => {
  const count = new ConnectionCount({ all: 5, ofOne: 2 })
  const leave = count.enter('10.0.0.1')
  assert.ok(leave && count.enter('::ffff:10.0.0.1'))
  assert.equal(count.enter('10.0.0.1'), null)
  leave()
  leave()
  assert.ok(count.enter('10.0.0.1'))
  assert.equal(count.enter('10.0.0.1'), null)
  assert.ok(count.enter('2001:db8::1') && count.enter('2001:db8::2'))
  assert.equal(count.enter('2001:db8::ffff:3'), null)
  assert.ok(count.enter('2001:db8:0:1::1'))
  assert.equal(count.enter('2001:db8:0:2::1'), null)
})
