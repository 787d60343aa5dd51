import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appHost, type EdgeUnderTest, probeToken, startEdgeUnderTest } from '../../test/support/edge.ts'
import { HSTS } from './answer-headers.ts'

let edge: EdgeUnderTest
before(async () => {
  edge = await startEdgeUnderTest({
    resolve: () => ({ state: 'suspended', instance: 'ins_1', reason: 'Unpaid.' }),
    plane: (_, response) => response.writeHead(418).end(),
  })
})
after(() => edge.close())

const ask = (host: string, path: string, token?: string, method = 'GET') =>
  edge.request({
    servername: host,
    path,
    method,
    headers: { host, ...(token ? { 'x-borgen-probe': token } : {}) },
  })

test('whoever knows the probes’ token gets an answer of any class, headed as an application’s is, and nobody is asked for', async () => {
  for (const host of [appHost, 'console.borgen.localhost'])
    for (const status of [200, 204, 301, 304, 404, 500, 502]) {
      const answer = await ask(host, `/.well-known/borgen-probe/${status}`, probeToken)
      assert.deepEqual([answer.status, answer.headers['strict-transport-security']], [status, HSTS])
    }
  assert.deepEqual(edge.twin.questions, [])
})

test('for everybody else, and for whatever is not quite it, the address means nothing', async () => {
  const path = '/.well-known/borgen-probe/500'
  const elsewhere = [
    await ask('console.borgen.localhost', path),
    await ask('console.borgen.localhost', path, 'another token of the same kind'),
    await ask('console.borgen.localhost', path, probeToken, 'DELETE'),
    await ask('console.borgen.localhost', `${path}?x`, probeToken),
    await ask('console.borgen.localhost', '/.well-known/borgen-probe/101', probeToken),
  ]
  for (const { status } of elsewhere) assert.equal(status, 418)
  assert.equal((await ask(appHost, path)).status, 403)
})
