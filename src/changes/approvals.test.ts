import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addPerson, startPlane, type TestPlane } from '../../test/support/plane.ts'
import { contentOf } from '../access/approvals/content.ts'
import { requestApproval } from '../access/approvals/request.ts'
import { approvalById, approvedOf, decideApproval, markCarriedOut } from '../access/approvals/store.ts'
import { type Database, openDatabase } from '../kernel/db.ts'
import { expireDue } from './expire-approvals.ts'

let plane: TestPlane
let worker: Database
before(async () => {
  plane = await startPlane()
  worker = openDatabase(plane.postgres.urlAs('borgen_worker'))
})
after(async () => {
  await worker.close()
  await plane.stop()
})

const ask = async (kind: string) => {
  const requester = await addPerson(plane, 'owner', `${kind}-${Math.random()}@x.test`)
  return requestApproval(plane.server.db, {
    kind,
    title: { en: 'Destroy a key', sv: 'Förstör en nyckel' },
    preview: [{ en: 'Nobody can read it any more.', sv: 'Ingen kan läsa det mer.' }],
    payload: { key: 'k1' },
    actor: { kind: 'person', id: requester, role: 'owner', behind: [] },
    requester,
    mayAlone: false,
    now: plane.clock.now(),
  })
}
const agree = (id: string) =>
  decideApproval(plane.server.db, id, {
    state: 'approved',
    manner: 'second person',
    decided_by: 'per_bob',
    decided_at: plane.clock.now(),
    reason: null,
    carried_out_at: null,
  })

test('what reaches outside stays approved until who carries it out ends it, once, oldest first', async () => {
  const [first, second] = [await ask('key.destroy'), await ask('key.destroy')]
  assert.ok(await agree(second.id))
  plane.clock.advance(1)
  assert.ok(await agree(first.id))
  assert.ok(!(await agree(first.id)))
  const due = await approvedOf(worker.db, 'key.destroy', 10)
  assert.deepEqual(
    due.map((row) => row.id),
    [second.id, first.id],
  )
  assert.deepEqual(contentOf(due[0]!).payload, { key: 'k1' })
  assert.ok(await markCarriedOut(worker.db, second.id, plane.clock.now()))
  assert.ok(!(await markCarriedOut(worker.db, second.id, plane.clock.now())))
  assert.deepEqual(
    (await approvedOf(worker.db, 'key.destroy', 10)).map((row) => row.id),
    [first.id],
  )
  assert.equal((await approvalById(worker.db, second.id))?.state, 'carried-out')
})

test('what nobody answered is ended with an entry, once, and nothing else is', async () => {
  const [old, decided] = [await ask('a.b'), await ask('a.b')]
  await agree(decided.id)
  plane.clock.advance(7 * 86_400_000)
  const fresh = await ask('a.b')
  const due = { db: worker.db, clock: plane.clock }
  assert.deepEqual(await expireDue(due), { expired: 1 })
  assert.deepEqual(await expireDue(due), { expired: 0 })
  const { rows } = await plane.admin.pool.query(
    `select event from changes.outbox where type = 'approval.expired'`,
  )
  assert.deepEqual(
    rows.map((row) => row.event.approval),
    [old.id],
  )
  assert.equal((await approvalById(worker.db, fresh.id))?.state, 'open')
  assert.equal((await approvalById(worker.db, decided.id))?.state, 'approved')
})

test('nobody but the server agrees, and nobody changes what was asked for', async () => {
  const { id } = await ask('a.c')
  for (const [pool, sql] of [
    [worker.pool, `update access.approvals set manner = 'second person' where id = $1`],
    [worker.pool, `update access.approvals set content = '{}' where id = $1`],
    [plane.server.pool, `update access.approvals set content = '{}' where id = $1`],
    [plane.server.pool, `update access.approvals set digest = repeat('0', 64) where id = $1`],
    [plane.server.pool, `update access.approvals set requester = null where id = $1`],
    [plane.server.pool, `delete from access.approvals where id = $1`],
  ] as const)
    await assert.rejects(pool.query(sql, [id]), /permission denied/, sql)
})
