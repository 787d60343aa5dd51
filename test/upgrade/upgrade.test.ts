import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { processesTouching, until } from '../support/running-world.ts'
import { allIsThere, type OlderWorld, olderWorld } from './older-world.ts'

let older: OlderWorld
after(() => older?.clear())

test('a data folder of the state before the last commit starts, migrates and verifies', async (t) => {
  older = await olderWorld(t)
  const { dataDir, world, left } = older
  assert.equal(await world.end('SIGINT'), 0)
  await until('every process is gone', () => processesTouching(dataDir).length === 0)
  const upgraded = await older.start('this')
  await allIsThere(dataDir, left, t)
  assert.equal(await upgraded.end('SIGINT'), 0)
})
