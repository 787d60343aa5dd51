import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Agent } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { appHost, bodyOf, type EdgeUnderTest, readAll, startEdgeUnderTest } from '../../test/support/edge.ts'

/** An edge with an application that holds what is asked of it under /held; `closed` tells whether the edge is closed. */
async function startHolding(): Promise<{
  edge: EdgeUnderTest
  held: ServerResponse[]
  heldTimes: (count: number) => Promise<void>
  close: () => Promise<void>
}> {
  const edge = await startEdgeUnderTest()
  const held: ServerResponse[] = []
  let more = () => {}
  await edge.serveApp((incoming, response) => {
    if (incoming.url?.startsWith('/begun')) response.write('begun ')
    if (incoming.url === '/') response.end('app')
    else held.push(response)
    more()
  })
  const heldTimes = async (count: number) => {
    while (held.length < count)
      await new Promise<void>((resolve) => {
        more = resolve
      })
  }
  return { edge, held, heldTimes, close: () => edge.listeners.close() }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: ${appHost}\r\n\r\n`

test('what runs over HTTP/1 ends, is told that the connection does too, and it does', async () => {
  const { edge, held, heldTimes, close } = await startHolding()
  const socket = await edge.tls()
  const all = readAll(socket)
  socket.write(get('/held'))
  await heldTimes(1)
  const closed = close()
  held[0]!.end('whole')
  assert.match(await all, /^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n[\s\S]*whole/i)
  await closed
  await edge.close()
})

test('an answer that has begun ends whole before its connection does', async () => {
  const { edge, held, heldTimes, close } = await startHolding()
  const socket = await edge.tls()
  const all = readAll(socket)
  socket.write(get('/begun'))
  await once(socket, 'data')
  await heldTimes(1)
  const closed = close()
  held[0]!.end('and whole')
  assert.match(await all, /begun [\s\S]*and whole\r\n0\r\n\r\n$/)
  await closed
  await edge.close()
})

test('what runs over HTTP/2 ends, and its connection takes no more', async () => {
  const { edge, held, heldTimes, close } = await startHolding()
  const session = edge.http2()
  const stream = session.request({ ':path': '/held' })
  await heldTimes(1)
  const goaway = once(session, 'goaway')
  const closed = close()
  await goaway
  held[0]!.end('whole')
  assert.equal(await bodyOf(stream), 'whole')
  await closed
  await edge.close()
})

test('connections that carry nothing are closed and new ones dropped, also while something runs', async () => {
  const { edge, held, heldTimes, close } = await startHolding()
  const agent = new Agent({ keepAlive: true })
  assert.equal((await edge.request({ path: '/', agent })).body, 'app')
  const [idle] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])
  assert.ok(idle)
  const idleClosed = once(idle, 'close')
  const running = edge.request({ path: '/held' })
  await heldTimes(1)
  const closed = close()
  await idleClosed
  await Promise.all(
    [edge.listeners.httpsPort, edge.listeners.httpPort].flatMap((port) =>
      ['127.0.0.1', '::1'].map(async (host) => {
        const socket = connectTcp({ host, port })
        socket.on('error', () => {})
        socket.write('anything')
        await once(socket.resume(), 'close')
      }),
    ),
  )
  held[0]!.end('whole')
  assert.equal((await running).body, 'whole')
  await closed
  agent.destroy()
  await edge.close()
})

test('a connection that never says anything does not hold the end up', async () => {
  const { edge, close } = await startHolding()
  const silent = connectTcp({ host: '127.0.0.1', port: edge.listeners.httpsPort })
  const handshaken = await edge.tls()
  const gone = [once(silent.resume(), 'close'), once(handshaken.resume(), 'close')]
  await close()
  await Promise.all(gone)
  await edge.close()
})

test('what came over IPv6 is waited for as well', async () => {
  const { edge, held, heldTimes, close } = await startHolding()
  const socket = await edge.tls({ host: '::1' })
  const all = readAll(socket)
  socket.write(get('/held'))
  await heldTimes(1)
  const closed = close()
  held[0]!.end('whole')
  assert.match(await all, /whole/)
  await closed
  await edge.close()
})
