import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect as connectTcp } from 'node:net'
import { after, before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { appHost, type EdgeUnderTest, readAll, startEdgeUnderTest } from '../../test/support/edge.ts'
import { flags, frame, frameTypes, getRoot, literal, opening } from '../../test/support/h2-frames.ts'

/** What no client means well: over HTTP/2 frame by frame, and bytes that mean nothing at all. */
let edge: EdgeUnderTest
let endlessOver = () => {}
before(async () => {
  edge = await startEdgeUnderTest({ limits: { idleTimeoutMs: 700, stalledTimeoutMs: 700 } })
  await edge.serveApp((request, response) => {
    request.on('error', () => {})
    if (request.url !== '/endless') return request.resume().on('end', () => response.end('ok'))
    response.on('close', () => endlessOver())
    const more = () => {
      while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return
      response.once('drain', more)
    }
    return more()
  })
})
after(() => edge.close())

async function speak(settings: [number, number][] = []): Promise<TLSSocket> {
  const socket = await edge.tls({ ALPNProtocols: ['h2'] })
  socket.write(opening(settings))
  return socket
}

async function stillServes(): Promise<void> {
  assert.deepEqual((await edge.request({ path: '/' })).body, 'ok')
}

/** Sends what `part` gives for 0, 1, 2, … until the edge has ended the connection; fails when it takes `most` of them. */
async function flood(
  socket: TLSSocket,
  most: number,
  part: (n: number) => Buffer,
  reads = true,
): Promise<void> {
  const closed = reads ? readAll(socket) : new Promise((resolve) => socket.on('close', resolve))
  let sent = 0
  const send = () => {
    if (socket.destroyed) return
    const batch = Array.from({ length: 500 }, () => part(sent++))
    if (sent >= most) socket.destroy()
    else if (socket.write(Buffer.concat(batch))) setImmediate(send)
    else socket.once('drain', send)
  }
  send()
  await closed
  assert.ok(sent < most, `The edge took ${sent} of them.`)
  await stillServes()
}

const none = Buffer.alloc(0)
const zero = Buffer.alloc(4)
const cancel = Buffer.from([0, 0, 0, 8])
const idOf = (n: number) => 2 * n + 1
const ask = (n: number, more = flags.endStream) =>
  frame(frameTypes.headers, flags.endHeaders | more, idOf(n), getRoot)

const floods: Record<string, (n: number) => Buffer> = {
  'streams that are reset at once (CVE-2023-44487)': (n) =>
    Buffer.concat([ask(n), frame(frameTypes.reset, 0, idOf(n), cancel)]),
  'streams that the edge is made to reset (CVE-2025-8671)': (n) =>
    Buffer.concat([ask(n), frame(frameTypes.windowUpdate, 0, idOf(n), zero)]),
  'streams that depend on themselves': (n) =>
    Buffer.concat([ask(n), frame(frameTypes.priority, 0, idOf(n), Buffer.from([0, 0, 0, 1, 0]))]),
  'headers without an end (CVE-2024-27983)': (n) =>
    frame(
      n === 0 ? frameTypes.headers : frameTypes.continuation,
      0,
      1,
      n === 0 ? getRoot : literal('x', 'y'),
    ),
  'empty pieces of a body': (n) => (n === 0 ? ask(0, 0) : frame(frameTypes.data, 0, 1, none)),
}
for (const [what, part] of Object.entries(floods))
  test(`a flood of ${what} ends the connection and nothing else`, async () => {
    await flood(await speak(), 200_000, part)
  })

const unread: Record<string, Buffer> = {
  pings: frame(frameTypes.ping, 0, 0, Buffer.alloc(8)),
  settings: frame(frameTypes.settings, 0, 0, none),
}
for (const [what, part] of Object.entries(unread))
  test(`a flood of ${what} by a client that reads no answer ends the connection and nothing else`, async () => {
    await flood(await speak(), 200_000, () => part, false)
  })

test('headers over HTTP/2 that are too long or too many are not passed on', async () => {
  for (const fields of [literal('x', 'y'.repeat(15_000)), literal('x', 'y')]) {
    const count = fields.length > 1_000 ? 2 : 200
    const block = Buffer.concat([getRoot, ...Array.from({ length: count }, () => fields)])
    const socket = await speak()
    const parts = [block.subarray(0, 16_000), block.subarray(16_000)].filter((part) => part.length > 0)
    for (const [index, part] of parts.entries()) {
      const type = index === 0 ? frameTypes.headers : frameTypes.continuation
      const ends = index === parts.length - 1 ? flags.endHeaders : 0
      socket.write(frame(type, ends | (index === 0 ? flags.endStream : 0), 1, part))
    }
    const told = await readAll(socket)
    assert.doesNotMatch(told, /ok$/)
  }
  await stillServes()
})

test('headers over HTTP/2 that stop coming are not waited for', async () => {
  const socket = await speak()
  socket.write(frame(frameTypes.headers, 0, 1, getRoot))
  await readAll(socket)
})

test('a client that opens no window for its answer is cut off', async () => {
  const over = new Promise<void>((resolve) => {
    endlessOver = resolve
  })
  const socket = await speak([[4, 0]])
  const path = Buffer.concat([Buffer.from([0x04, 8]), Buffer.from('/endless')])
  const block = Buffer.concat([getRoot.subarray(0, 2), path, getRoot.subarray(3)])
  socket.write(frame(frameTypes.headers, flags.endHeaders | flags.endStream, 1, block))
  const closed = readAll(socket)
  await over
  await closed
})

test('whatever frames come, the edge stands', async () => {
  const frames = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0, 1, 2, 3, 5, 0x7fffffff),
      fc.oneof(fc.constant(getRoot), fc.uint8Array({ maxLength: 40 }).map(Buffer.from)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(frames, async (sent) => {
      const socket = await speak()
      const closed = readAll(socket)
      socket.end(Buffer.concat(sent.map(([type, bits, id, payload]) => frame(type, bits, id, payload))))
      await closed
    }),
    { numRuns: 60 },
  )
  await stillServes()
})

test('whatever bytes come over TLS, plain HTTP or instead of TLS, the edge stands', async () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(`GET / HTTP/1.1\r\n`, `Host: ${appHost}\r\n`, '\r\n', 'Transfer-Encoding: chunked\r\n'),
      fc.constantFrom('Content-Length: 5\r\n', 'Upgrade: websocket\r\n', 'Connection: Upgrade\r\n', '5\r\n'),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(pieces, fc.constantFrom('tls', 'https', 'http'), async (parts, where) => {
      const { httpsPort, httpPort } = edge.listeners
      const socket =
        where === 'tls'
          ? await edge.tls()
          : connectTcp(where === 'https' ? httpsPort : httpPort, '127.0.0.1').on('error', () => {})
      const closed = readAll(socket)
      socket.end(Buffer.from(parts.join(''), 'latin1'))
      await closed
    }),
    { numRuns: 150 },
  )
  const socket = connectTcp(edge.listeners.httpsPort, '127.0.0.1').on('error', () => {})
  socket.end(randomBytes(100_000))
  await readAll(socket)
  await stillServes()
})
