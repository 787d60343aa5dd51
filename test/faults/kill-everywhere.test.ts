import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../support/running-world.ts'
import { runCampaign } from './campaign.ts'
import { serversIn, worksBelow } from './oracle/read-processes.ts'
import { randomFrom } from './random.ts'
import { WorldUnderFire } from './world-under-fire.ts'

describe('a whole world under kill -9, judged from outside (a few rounds; npm run test:long has them all)', () => {
  const random = randomFrom(process.env.BORGEN_SEED ?? randomBytes(4).toString('hex'))
  let fire: WorldUnderFire
  before(async () => {
    fire = await WorldUnderFire.begin()
  })
  after(() => fire.end())

  test('provision, wake and destroy keep L1 to L5', async (context) => {
    context.diagnostic(`seed ${random.seed} (again with BORGEN_SEED=${random.seed})`)
    const shots = {
      provision: [{ victim: 'warden', moment: { step: 'starting', afterMs: random.below(300) } } as const],
      wake: [{ victim: 'everything', moment: { step: 'starting', afterMs: random.below(200) } } as const],
      destroy: [
        {
          victim: random.pick(['worker', 'server', 'ledger'] as const),
          moment: { step: 'sent', afterMs: random.below(60) },
        },
      ],
    }
    const report = await runCampaign(fire, random, shots, (line) => context.diagnostic(line))
    assert.deepEqual(report.faults, [], `seed ${random.seed}`)
    assert.deepEqual(report.rounds, { provision: 1, wake: 1, destroy: 1 })
    assert.equal(report.missed, 0, 'somebody was met in each round')
  })

  test('one instance woken at once by requests, the API, the command line and a second worker has one server', async () => {
    const { client, window } = fire
    await client.untilAcknowledged({ kind: 'sign-up', key: random.key(), company: 'Raced' })
    const row = async () => (await window.instance('Raced'))!
    await until('it is awake', async () => (await row()).observed === 'awake')
    const { id, host } = await row()
    await client.untilAcknowledged({ kind: 'wish', key: random.key(), instance: id, verb: 'sleep' })
    await until('it is asleep', async () => (await row()).observed === 'asleep')
    const write = () =>
      client.once({ kind: 'write', key: random.key(), instance: id, answerAfterMs: 0 }, host)
    const wake = () => client.once({ kind: 'wish', key: random.key(), instance: id, verb: 'wake' })
    const all = [
      ...Array.from({ length: 8 }, write),
      ...Array.from({ length: 3 }, wake),
      client.once({ kind: 'cli-wish', key: random.key(), instance: id, verb: 'wake' }),
    ]
    // The worker that comes after asks for the start of which the one before has not heard.
    await until('it starts', async () => (await row()).observed !== 'asleep')
    await delay(random.below(80))
    process.kill(fire.running.pidOf('worker'), 'SIGKILL')
    await Promise.all(all)
    await fire.recover()
    assert.deepEqual(await fire.settle(), [])
    for (const place of [`instances/${id}/pg`, 'plane/pg']) {
      const servers = serversIn(join(fire.dataDir, place))
      assert.equal(servers.length, 1, place)
      assert.ok(worksBelow(servers[0]!.pid, fire.dataDir), 'the watch takes it for one of this world')
    }
  })
})
