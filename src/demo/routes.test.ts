import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPlane } from '../../test/support/plane.ts'

const real = await startPlane({ demo: false })
const demo = await startPlane()
after(() => Promise.all([real.stop(), demo.stop()]))

const calls = [
  ['GET', '/v1/demo'],
  ['POST', '/v1/demo/break/tls'],
  ['POST', '/v1/demo/mend/tls'],
  ['POST', '/v1/demo/advance'],
] as const

test('outside a demo world none of these addresses exist, for anybody', async () => {
  assert.deepEqual(
    real.routes.filter((route) => route.url.includes('demo')),
    [],
  )
  const headers = await real.tokenOf('owner')
  const nonsense = await real.app.inject({ method: 'GET', url: '/v1/nonsense', headers })
  for (const [method, url] of calls) {
    const asked = { method, url, headers }
    const answer = await real.app.inject(method === 'GET' ? asked : { ...asked, payload: { by: 'P1D' } })
    assert.deepEqual([answer.statusCode, answer.json().code], [404, nonsense.json().code])
  }
})

test('a demo says what can be broken, and that nothing is', async () => {
  const headers = await demo.tokenOf('auditor')
  const found = (await demo.app.inject({ method: 'GET', url: '/v1/demo', headers })).json()
  assert.deepEqual([found.broken, found.offsetMs, found.problem, found.advance], [[], 0, null, null])
  assert.ok(found.breakable.some((one: { what: string }) => one.what === 'tls'))
})

test('the clock is advanced by a duration, once at a time, and not out of all measure', async () => {
  const headers = await demo.tokenOf('owner')
  const advance = (by: string) =>
    demo.app.inject({ method: 'POST', url: '/v1/demo/advance', headers, payload: { by } })
  for (const by of ['P0D', '-P1D', 'PT0.5S', 'a day', 'P20Y', ''])
    assert.deepEqual([by, (await advance(by)).statusCode], [by, 400])
  const taken = await advance('P1DT1H')
  assert.equal(taken.statusCode, 202)
  assert.equal(taken.json().to - taken.json().from, 25 * 3_600_000)
  assert.equal((await advance('P1D')).statusCode, 409)
  const { advance: shown } = (await demo.app.inject({ method: 'GET', url: '/v1/demo', headers })).json()
  assert.deepEqual([shown.endedAt, shown.steps, shown.to - shown.from], [null, 0, 25 * 3_600_000])
})
