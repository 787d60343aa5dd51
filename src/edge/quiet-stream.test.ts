import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'

const host = 'console.borgen.localhost'
const LIMIT_MS = 200
const QUIET_MS = 6 * LIMIT_MS

let edge: EdgeUnderTest
let gone: Promise<unknown> = Promise.resolve()
before(async () => {
  edge = await startEdgeUnderTest({
    limits: { idleTimeoutMs: LIMIT_MS, stalledTimeoutMs: LIMIT_MS, answerTimeoutMs: LIMIT_MS },
    // As the server tells of changes: an answer without an end, silent most of the time.
    plane: (_, response: ServerResponse) => {
      gone = once(response, 'close')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('retry: 2000\n\n')
      void pause(QUIET_MS).then(() => response.write('event: changed\ndata: {}\n\n'))
    },
  })
})
after(() => edge.close())

const QUIET_PASSED = /^retry: 2000\n\nevent: changed\n/

async function textUntil(answer: AsyncIterable<Buffer>, wanted: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of answer) {
    text += chunk
    if (wanted.test(text)) break
  }
  return text
}

test('an answer that is silent for longer than every limit goes on over HTTP/1, and its end is passed on', async () => {
  const sent = httpsRequest({
    port: edge.listeners.httpsPort,
    host: '127.0.0.1',
    servername: host,
    ca: edge.caPem,
    agent: false,
    path: '/v1/events',
    headers: { host },
  }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  assert.match(await textUntil(answer, QUIET_PASSED), QUIET_PASSED)
  sent.destroy()
  await gone
})

test('and over HTTP/2', async () => {
  const session = edge.http2(host)
  const stream = session.request({ ':authority': host, ':path': '/v1/events' })
  assert.match(await textUntil(stream, QUIET_PASSED), QUIET_PASSED)
  stream.close()
  await gone
  session.close()
})
