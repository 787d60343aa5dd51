import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openLocalApi } from '../../src/demo/local-api.ts'
import { layout } from '../../src/kernel/layout.ts'
import { clearWorld, fullyUp, startWorld, until, worldFolder } from '../support/running-world.ts'
import { runCli } from '../support/world-clients.ts'

const instances = z.object({
  items: z.array(z.object({ id: z.string(), observed: z.string() })),
  total: z.number(),
})
const promises = z.object({ items: z.array(z.object({ id: z.string(), provedAt: z.number().nullable() })) })
const entries = z.object({ items: z.array(z.object({ index: z.number() })) })

/**
 * Puts `count` instances of a real world to sleep, has each proof made as often as `roundsOf` says, and returns what was seen
 * of wakings: entries of the log, starts of sandboxes, instances that do not sleep; and how many proofs were made.
 */
export async function sleepThroughProofs(
  count: number,
  roundsOf: (promise: string) => number,
): Promise<{ woken: number; started: string[]; awake: string[]; proved: number }> {
  const dataDir = worldFolder()
  const world = startWorld(dataDir, { args: ['--demo'] })
  try {
    await world.said(fullyUp)
    const api = openLocalApi(dataDir)
    const all = async () => {
      const page = await api.get('/v1/instances?limit=1000', instances)
      return page.items
    }
    const sleepThem = async () => {
      for (const { id, observed } of await all())
        if (observed !== 'asleep') await runCli(dataDir, ['instance', 'sleep', id])
      await until(
        'all asleep',
        async () => (await all()).every(({ observed }) => observed === 'asleep'),
        120_000,
      )
    }
    for (let at = 2; at < count; at++) {
      const who = ['--company', `Sleeper ${at}`, '--email', `ann@sleeper-${at}.test`, '--country', 'SE']
      const signed = await runCli(dataDir, [
        'account',
        'sign-up',
        ...who,
        '--region',
        'eu-frankfurt',
        '--wait',
      ])
      assert.equal(signed.code, 0, signed.stderr)
      if (at % 10 === 0) await sleepThem()
    }
    await sleepThem()
    const ids = (await all()).map(({ id }) => id)
    assert.equal(ids.length, count)
    const startedAt = (id: string) => statSync(join(layout.instance(dataDir, id), 'last-start.json')).mtimeMs
    const before = new Map(ids.map((id) => [id, startedAt(id)]))
    const from = Date.now()

    const proofs = (await api.get('/v1/promises', promises)).items.filter(({ provedAt }) => provedAt !== null)
    let proved = 0
    for (const { id } of proofs)
      for (let round = 0; round < roundsOf(id); round++) {
        const asked = await runCli(dataDir, ['promise', 'prove', id])
        // 1 and 3 are verdicts.
        assert.ok([0, 1, 3].includes(asked.code), asked.stderr)
        proved++
      }
    const woken = await api.get(`/v1/log/entries?type=instance.wo*&since=${from}`, entries)
    return {
      woken: woken.items.length,
      started: ids.filter((id) => startedAt(id) !== before.get(id)),
      awake: (await all()).filter(({ observed }) => observed !== 'asleep').map(({ id }) => id),
      proved,
    }
  } finally {
    if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  }
}
