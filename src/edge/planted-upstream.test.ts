import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, linkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { appHost, type EdgeUnderTest, listenAt, startEdgeUnderTest } from '../../test/support/edge.ts'
import { Names } from './names.ts'

const swapper = `const { linkSync, renameSync, symlinkSync } = require('node:fs')
const [, own, victim, name] = process.argv
for (;;) {
  symlinkSync(victim, name + '.next'); renameSync(name + '.next', name)
  linkSync(own, name + '.next'); renameSync(name + '.next', name)
}`

async function withEdge(run: (edge: EdgeUnderTest) => Promise<void>): Promise<void> {
  const edge = await startEdgeUnderTest()
  try {
    await run(edge)
  } finally {
    await edge.close()
  }
}

const ask = async (edge: EdgeUnderTest) => {
  const { status, body } = await edge.request({ path: '/', headers: { host: appHost } })
  return { status, body }
}

test("a link in place of an instance's socket leads nowhere, least of all to the plane", async () => {
  await withEdge(async (edge) => {
    await edge.serveApp((_, response) => response.end('own'))
    assert.deepEqual(await ask(edge), { status: 200, body: 'own' })
    renameSync(edge.appSocket, join(edge.folder, 'own.sock'))
    symlinkSync(edge.twin.socketPath, edge.appSocket)
    // The connection that is open still leads to its own socket; the edge lets go of it within a second.
    const limit = performance.now() + 10_000
    for (let status = 200; status === 200; ) {
      assert.ok(performance.now() < limit, 'it is still connected to')
      const answer = await ask(edge)
      assert.doesNotMatch(answer.body, /"plane":true/)
      status = answer.status
    }
    assert.equal((await ask(edge)).status, 503)
    assert.match(edge.warnings.map(({ fields }) => fields.because).join(), /No socket stands there/)
    // What it puts back answers again.
    rmSync(edge.appSocket)
    renameSync(join(edge.folder, 'own.sock'), edge.appSocket)
    assert.deepEqual(await ask(edge), { status: 200, body: 'own' })
  })
})

test("a socket of another user in an instance's folder is not connected to", {
  skip: process.getuid?.() !== 0,
}, async () => {
  await withEdge(async (edge) => {
    await edge.serveApp((_, response) => response.end('own'))
    chownSync(edge.appSocket, 65_533, 65_533)
    assert.equal((await ask(edge)).status, 503)
    chownSync(edge.appSocket, 0, 0)
    assert.equal((await ask(edge)).status, 200)
  })
})

test('an instance that swaps its socket for a link between two looks reaches nothing by it', async () => {
  await withEdge(async (edge) => {
    const own = join(edge.folder, 'own.sock')
    // Every answer on a connection of its own.
    await edge.serveApp((_, response) => response.setHeader('connection', 'close').end('own'))
    linkSync(edge.appSocket, own)
    const child = spawn(process.execPath, ['-e', swapper, own, edge.twin.socketPath, edge.appSocket])
    const statuses = new Set<number>()
    try {
      for (let times = 0; times < 300 || (statuses.size < 2 && times < 2_000); times++) {
        const { status, body } = await ask(edge)
        assert.doesNotMatch(body, /"plane":true/)
        statuses.add(status)
      }
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    assert.deepEqual([...statuses].sort(), [200, 503])
  })
})

test('a connection to a socket that was replaced takes no further request', async () => {
  await withEdge(async (edge) => {
    const before = await edge.serveApp((_, response) => response.end('before'))
    assert.equal((await ask(edge)).body, 'before')
    // It lives on, as what an instance hides from the end of its processes would.
    renameSync(edge.appSocket, join(edge.folder, 'before.sock'))
    const now = createServer((_, response) => response.end('now'))
    await listenAt(now, edge.appSocket)
    const limit = performance.now() + 10_000
    while ((await ask(edge)).body !== 'now') assert.ok(before.listening && performance.now() < limit)
    for (let times = 0; times < 50; times++) assert.equal((await ask(edge)).body, 'now')
    now.close().closeAllConnections()
  })
})

test('what is open to an instance is let go of when the server says that it sleeps', async () => {
  const left: string[] = []
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const answers = ['awake', 'awake', 'asleep', 'awake']
  let nowMs = 0
  const names = new Names(
    async () => ({
      status: 200,
      body: JSON.stringify({ state: answers.shift(), instance: 'ins_1', socket: '/run/app.sock' }),
    }),
    (socket) => left.push(socket),
    () => nowMs,
  )
  await names.wake(appHost, 0)
  for (const expected of [[], ['/run/app.sock']]) {
    nowMs += 6_000
    names.peek(appHost)
    await settled()
    assert.deepEqual(left, expected)
  }
  assert.equal(names.peek(appHost), null)
})
