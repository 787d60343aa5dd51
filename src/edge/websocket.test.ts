import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { appHost, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'

let edge: EdgeUnderTest
let sockets: WebSocketServer
before(async () => {
  edge = await startEdgeUnderTest()
  const server = await edge.serveApp((_request, response) => response.writeHead(404).end('no page'))
  sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/socket') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      sockets.emit('connection', webSocket, request),
    )
  })
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
})
after(() => edge.close())

function open(path = '/socket'): WebSocket {
  const headers = { host: appHost }
  // The types of ws know fewer options than it hands to TLS.
  const options: ClientOptions & { servername: string } = { ca: edge.caPem, servername: appHost, headers }
  return new WebSocket(`wss://127.0.0.1:${edge.listeners.httpsPort}${path}`, options)
}

test('a WebSocket echoes through the edge, small and large', async () => {
  const socket = open()
  await once(socket, 'open')
  for (const message of [Buffer.from('hi'), Buffer.alloc(2_000_000, 7)]) {
    socket.send(message)
    const [echoed] = (await once(socket, 'message')) as [Buffer]
    assert.ok(echoed.equals(message))
  }
  socket.close(4000, 'bye')
  const [code, reason] = await once(socket, 'close')
  assert.deepEqual([code, String(reason)], [4000, 'bye'])
})

test('while it is open it counts as an open request', async () => {
  const socket = open()
  await once(socket, 'open')
  assert.equal(edge.listeners.activity.takeNews().at(-1)?.openRequests, 1)
  socket.terminate()
  const done = async () => {
    for (;;) {
      const news = edge.listeners.activity.takeNews().at(-1)
      if (news?.openRequests === 0) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await done()
})

test('when one side breaks off, so does the other', async () => {
  const clients: WebSocket[] = [open(), open()]
  const connected = [] as WebSocket[]
  const both = new Promise<void>((resolve) => {
    sockets.on('connection', (socket) => {
      connected.push(socket)
      if (connected.length === 2) resolve()
    })
  })
  await Promise.all(clients.map((client) => once(client, 'open')))
  await both
  const serverSide = connected.map((socket) => once(socket, 'close'))
  const clientSide = clients.map((client) => once(client, 'close'))
  clients[0]!.terminate()
  await Promise.race(serverSide)
  for (const socket of connected) socket.terminate()
  await Promise.all(clientSide)
})

test('an instance that refuses is heard, and the connection goes on no further', async () => {
  const socket = open('/other')
  const [request, response] = await once(socket, 'unexpected-response')
  assert.equal(response.statusCode, 403)
  assert.ok(response.headers['strict-transport-security'])
  request.destroy()
  const raw = await edge.raw(
    `GET /other HTTP/1.1\r\nHost: ${appHost}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`,
  )
  assert.equal(raw.match(/HTTP\/1\.1 /g)?.length, 1)
})

test('other upgrades are not made; the request is answered as it stands', async () => {
  const raw = await edge.raw(
    `GET / HTTP/1.1\r\nHost: ${appHost}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n`,
  )
  assert.match(raw, /^HTTP\/1\.1 404 /)
})

test('an instance that switches unasked is not let through', async () => {
  const lone = await startEdgeUnderTest()
  try {
    await lone.serveRaw((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw')),
    )
    const answer = await lone.request({ path: '/' })
    assert.equal(answer.status, 502)
    assert.doesNotMatch(answer.body, /raw/)
  } finally {
    await lone.close()
  }
})
