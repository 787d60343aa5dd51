import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import {
  appHost,
  bodyOf,
  type EdgeUnderTest,
  type Question,
  startEdgeUnderTest,
} from '../../test/support/edge.ts'
import type { Limits } from './limits.ts'

type Resolve = NonNullable<NonNullable<Parameters<typeof startEdgeUnderTest>[0]>['resolve']>

async function withEdge(
  resolve: Resolve,
  run: (edge: EdgeUnderTest) => Promise<void>,
  limits: Partial<Limits> = {},
): Promise<void> {
  const edge = await startEdgeUnderTest({ resolve, limits })
  try {
    await run(edge)
  } finally {
    await edge.close()
  }
}

const browser = { Accept: 'text/html,application/xhtml+xml', 'Sec-Fetch-Mode': 'navigate' }
const awake = (socket: string) => ({ state: 'awake', instance: 'ins_1', socket, activity: null })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('requests are held while the instance wakes, ask the server once, and bodies come through whole', async () => {
  let wake = () => {}
  const woken = new Promise<void>((resolve) => {
    wake = resolve
  })
  await withEdge(
    async (_question, { appSocket }) => {
      await woken
      return awake(appSocket)
    },
    async (edge) => {
      const body = 'x'.repeat(300_000)
      const asked = [
        edge.request({ path: '/' }),
        edge.request({ path: '/', headers: browser }),
        edge.request({ path: '/', method: 'POST', body }),
      ]
      while (edge.twin.questions.length === 0) await pause(5)
      await edge.serveApp((request, response) => request.pipe(response))
      wake()
      const answers = await Promise.all(asked)
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      )
      assert.equal(answers[2]!.body, body)
      assert.equal(edge.twin.questions.length, 1)
      assert.deepEqual(
        { ...edge.twin.questions[0], waitMs: 0 },
        { host: appHost, wake: true, waitMs: 0, refused: false },
      )
    },
  )
})

test('a browser is shown a page that comes again by itself; it waits 3 s at most, others 20 s', async () => {
  const waits: number[] = []
  await withEdge(
    async ({ waitMs }) => {
      waits.push(waitMs)
      await pause(Math.min(waitMs, 3_000))
      return { state: 'waking', instance: 'ins_1' }
    },
    async (edge) => {
      const page = await edge.request({ path: '/', headers: { ...browser, 'Accept-Language': 'sv' } })
      assert.equal(page.status, 503)
      assert.equal(page.headers['retry-after'], '1')
      assert.equal(page.headers['cache-control'], 'no-store')
      assert.match(page.body, /<meta http-equiv="refresh" content="1">/)
      assert.match(page.body, /Startar/)
      assert.doesNotMatch(page.body, /<script/)
      assert.ok(waits[0]! <= 3_000)
      const held = await edge.tls()
      held.write(`GET / HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`)
      while (waits.length < 2) await pause(10)
      assert.ok(waits.at(-1)! > 15_000 && waits.at(-1)! <= 20_000)
      held.destroy()
    },
  )
})

test('a client that leaves while it waits leaves nothing behind', async () => {
  await withEdge(
    async () => {
      await pause(300)
      return { state: 'waking', instance: 'ins_1' }
    },
    async (edge) => {
      const socket = await edge.tls()
      socket.write(`GET / HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`)
      while (edge.twin.questions.length === 0) await pause(5)
      socket.destroy()
      await pause(500)
      const asked = edge.twin.questions.length
      await pause(500)
      assert.equal(edge.twin.questions.length, asked)
    },
  )
})

test('a socket that nobody listens at is asked about again, with that said, and the request is sent again', async () => {
  await withEdge(
    ({ refused }: Question, { appSocket }) => awake(refused ? appSocket : `${appSocket}.gone`),
    async (edge) => {
      await edge.serveApp(async (request, response) => response.end(await bodyOf(request)))
      const answer = await edge.request({ method: 'POST', path: '/', body: 'y'.repeat(200_000) })
      assert.deepEqual([answer.status, answer.body.length], [200, 200_000])
      assert.deepEqual(
        edge.twin.questions.map(({ refused }) => refused),
        [false, true],
      )
    },
  )
})

test('an instance that falls asleep between two requests is woken by the second', async () => {
  let asleep = false
  await withEdge(
    (_question, { appSocket }) => (asleep ? { state: 'waking', instance: 'ins_1' } : awake(appSocket)),
    async (edge) => {
      const first = await edge.serveApp((_request, response) => response.end('first'))
      assert.equal((await edge.request({ path: '/' })).body, 'first')
      asleep = true
      const closed = once(first, 'close')
      first.close()
      first.closeAllConnections()
      await closed
      const second = edge.request({ path: '/' })
      while (!edge.twin.questions.some(({ refused }) => refused)) await pause(5)
      await edge.serveApp((_request, response) => response.end('second'))
      asleep = false
      assert.equal((await second).body, 'second')
    },
  )
})

test('a GET whose instance dies before it answers is sent again; a POST is not', async () => {
  let deaths = 0
  await withEdge(
    (_question, { appSocket }) => awake(appSocket),
    async (edge) => {
      await edge.serveApp((request, response) => {
        if (deaths++ === 0) request.socket.destroy()
        else response.end('alive')
      })
      assert.equal((await edge.request({ path: '/' })).body, 'alive')
      deaths = 0
      assert.equal((await edge.request({ method: 'POST', path: '/', body: 'pay' })).status, 502)
      assert.equal(deaths, 1)
    },
  )
})

test('while the server is away, instances that are awake stay reachable', async () => {
  await withEdge(
    (_question, { appSocket }) => awake(appSocket),
    async (edge) => {
      await edge.serveApp((_request, response) => response.end('app'))
      await edge.request({ path: '/' })
      edge.twin.server.close()
      edge.twin.server.closeAllConnections()
      assert.equal((await edge.request({ path: '/' })).body, 'app')
      const page = await edge.request({ servername: 'globex.us.apps.localhost', headers: browser })
      assert.equal(page.status, 503)
      assert.match(page.body, /Not answering/)
      assert.equal((await edge.request({ servername: 'console.borgen.localhost' })).status, 503)
    },
    { heldForBrowsersMs: 300 },
  )
})

test('nonsense from the server counts as no answer', async () => {
  await withEdge(
    () => ({ state: 'awake', instance: 'ins_1', socket: 'relative/path' }),
    async (edge) => {
      assert.equal((await edge.request({ path: '/', headers: browser })).status, 503)
    },
    { heldForBrowsersMs: 300 },
  )
})
