import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPlane } from '../../test/support/plane.ts'

const plane = await startPlane()
after(() => plane.stop())

test('what a first request made impossible is answered as the first time when it is repeated under its key', async () => {
  await plane.addRelease()
  const owner = await plane.tokenOf('owner')
  const payload = { company: 'Acme', email: 'ann@acme.test', country: 'SE', region: 'eu-frankfurt' }
  const signedUp = await plane.app.inject({ method: 'POST', url: '/v1/accounts', headers: owner, payload })
  const { instance } = signedUp.json()
  const destroy = (key: string, confirm = 'acme', reference: string = instance.id) =>
    plane.app.inject({
      method: 'DELETE',
      url: `/v1/instances/${reference}`,
      headers: { ...owner, 'idempotency-key': key },
      payload: { confirm },
    })
  const first = await destroy('k1')
  assert.equal(first.statusCode, 202, first.body)
  const again = await destroy('k1')
  assert.deepEqual(
    [again.statusCode, again.headers['idempotent-replayed'], again.json()],
    [202, 'true', first.json()],
  )
  for (const other of [destroy('k2'), destroy('k1', 'other')]) assert.equal((await other).statusCode, 409)
  const events = await plane.admin.pool.query(
    "select from fleet.account_events where type = 'instance.destruction-wished'",
  )
  assert.equal(events.rowCount, 1)
})
