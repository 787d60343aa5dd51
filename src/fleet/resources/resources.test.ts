import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startPlane } from '../../../test/support/plane.ts'
import type { InstanceUsage } from '../../drivers/instances/contract/usage.ts'
import { openDatabase } from '../../kernel/db.ts'
import { KEPT_MS, sampleJob, sweepSamplesJob } from './jobs.ts'
import { differences, drawnTogether } from './routes.ts'

const plane = await startPlane()
const worker = openDatabase(plane.postgres.urlAs('borgen_worker'))
after(async () => {
  await worker.close()
  await plane.stop()
})
const MINUTE = 60_000
const headers = await plane.tokenOf('operator')

async function newInstance(company: string): Promise<string> {
  const made = await plane.app.inject({
    method: 'POST',
    url: '/v1/accounts',
    headers,
    payload: { company, email: 'ann@acme.test', country: 'SE', region: 'eu-frankfurt' },
  })
  return (made.json() as { instance: { id: string } }).instance.id
}
await plane.addRelease()

/** The worker's job over a machine that says these things. */
async function sample(items: InstanceUsage[], agoMs = 0) {
  const at = plane.clock.now() - agoMs
  const usage = { read: async () => ({ at, items }) }
  return sampleJob({ db: worker.db, clock: plane.clock, usage }).run()
}
const used = (instance: string, cpuTotalMs: number, memoryBytes = 1000): InstanceUsage => ({
  instance,
  cpuTotalMs,
  memoryBytes,
  diskBytes: null,
  processes: 3,
})
const read = async (instance: string, hours = 24) =>
  (await plane.app.inject({ url: `/v1/instances/${instance}/resources?hours=${hours}`, headers })).json()

describe('what an instance used', () => {
  test('is what was measured each minute, with processor time between two looks', async () => {
    const id = await newInstance('Measured')
    for (const total of [500, 800, 1700]) {
      await sample([used(id, total)])
      plane.clock.advance(2 * MINUTE)
    }
    await sample([used(id, 40)]) // it slept and woke: its counter began anew
    const { items, limits } = await read(id)
    assert.deepEqual(
      items.map((one: { cpuMs: number; overMs: number | null }) => [one.cpuMs, one.overMs]),
      [
        [500, null],
        [300, 2 * MINUTE],
        [900, 2 * MINUTE],
        [40, null],
      ],
    )
    assert.deepEqual([items[0].diskBytes, items[0].processes], [null, 3])
    assert.deepEqual(limits, {
      memoryBytes: 256 * 2 ** 20,
      cpus: 1,
      processes: 64,
      diskBytes: 1024 * 2 ** 20,
    })
  })

  test('is nothing while it sleeps, when nobody measures, or what was measured is old', async () => {
    const id = await newInstance('Asleep')
    await sample([])
    await sample([used(id, 1)], 10 * MINUTE)
    await sampleJob({ db: worker.db, clock: plane.clock, usage: { read: async () => undefined } }).run()
    assert.deepEqual((await read(id)).items, [])
  })

  test('of an instance that no row knows is left out', async () => {
    const id = await newInstance('Known')
    await sample([used('ins_00000000000000000000000000', 1), used(id, 1)])
    assert.equal((await read(id)).items.length, 1)
  })

  test('goes after seven days, and not before', async () => {
    const id = await newInstance('Old')
    const sweep = sweepSamplesJob({ db: worker.db, clock: plane.clock })
    await sample([used(id, 10)])
    plane.clock.advance(KEPT_MS)
    await sample([used(id, 20)])
    await sweep.run()
    assert.equal((await read(id, 168)).items.length, 2)
    plane.clock.advance(1)
    await sweep.run()
    const { rows } = await plane.admin.pool.query('select at from fleet.resources where instance = $1', [id])
    assert.equal(rows.length, 1)
  })

  test('of a whole week comes in no more points than can be drawn', () => {
    const rows = Array.from({ length: 10_080 }, (_, at) => ({
      instance: 'x',
      at: at * MINUTE,
      cpu_total_ms: at * 10,
      memory_bytes: at,
      disk_bytes: null,
      processes: 1,
      state: 'awake' as const,
    }))
    const drawn = drawnTogether(differences(rows), (168 * 60 * MINUTE) / 720)
    assert.ok(drawn.length <= 721)
    assert.equal(
      drawn.reduce((sum, one) => sum + one.cpuMs!, 0),
      10_079 * 10,
    )
    assert.equal(drawn.at(-1)!.memoryBytes, 10_079)
  })
})
