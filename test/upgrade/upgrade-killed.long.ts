import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { processesTouching, until } from '../support/running-world.ts'
import { allIsThere, type OlderWorld, olderWorld } from './older-world.ts'

let older: OlderWorld | undefined
after(() => older?.clear())

test('so does one of which every process was killed', async (t) => {
  const found = await olderWorld(t)
  if (typeof found === 'string') return t.skip(found)
  older = found
  const { dataDir, world, left } = found
  for (const pid of processesTouching(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it went with another one
  }
  assert.notEqual(world.record().supervisor.pid, 0)
  await until('every process is gone', () => processesTouching(dataDir).length === 0)
  const upgraded = await found.start('this')
  await allIsThere(dataDir, left, t)
  assert.equal(await upgraded.end('SIGINT'), 0)
})
