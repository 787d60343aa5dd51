import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { processesTouching, until } from '../support/running-world.ts'
import { allIsThere, type OlderWorld, olderWorld } from './older-world.ts'

let older: OlderWorld
after(() => older?.clear())

test('so does one of which every process was killed', async (t) => {
  older = await olderWorld(t)
  const { dataDir, world, left } = older
  for (const pid of processesTouching(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it went with another one
  }
  assert.notEqual(world.record().supervisor.pid, 0)
  await until('every process is gone', () => processesTouching(dataDir).length === 0)
  const upgraded = await older.start('this')
  await allIsThere(dataDir, left, t)
  assert.equal(await upgraded.end('SIGINT'), 0)
})
