import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { runCampaign, shotsFor } from './campaign.ts'
import { randomFrom } from './random.ts'
import { victims } from './victims.ts'
import { WorldUnderFire } from './world-under-fire.ts'

const bags = Number(process.env.BORGEN_BAGS ?? 4)

const fire = await WorldUnderFire.begin()
after(() => fire.end())

test(`kill -9 of every process in provision, wake and destroy, ${bags * victims.length} rounds each`, async (context) => {
  const random = randomFrom(process.env.BORGEN_SEED ?? randomBytes(4).toString('hex'))
  context.diagnostic(`seed ${random.seed} (again with BORGEN_SEED=${random.seed})`)
  const rounds = bags * victims.length
  const shots = {
    provision: shotsFor('provision', rounds, random),
    wake: shotsFor('wake', rounds, random),
    destroy: shotsFor('destroy', rounds, random),
  }
  const report = await runCampaign(fire, random, shots, (line) => context.diagnostic(line))
  context.diagnostic(JSON.stringify(report, null, 1))
  assert.deepEqual(report.faults, [], `seed ${random.seed}`)
  assert.deepEqual(report.rounds, { provision: rounds, wake: rounds, destroy: rounds })
  for (const victim of victims) assert.ok((report.kills[victim]?.rounds ?? 0) > 0, `${victim} was never met`)
})
