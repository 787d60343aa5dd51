import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'

const dataDir = worldFolder()
after(() => clearWorld(dataDir))

test('a supervisor that is killed takes the processes with it, and the next start goes on', async () => {
  const first = startWorld(dataDir)
  await first.said(fullyUp)
  const { worldId } = first.config()
  const pids = first.record().processes.flatMap(({ pid }) => pid ?? [])
  assert.ok(pids.length >= 6)
  process.kill(first.record().supervisor.pid, 'SIGKILL')
  await until('no process of the world is left', () => processesTouching(dataDir).length === 0)

  const second = startWorld(dataDir)
  await second.said(fullyUp)
  assert.equal(second.config().worldId, worldId)
  assert.equal(await second.end('SIGTERM'), 0)
  assert.deepEqual(processesTouching(dataDir), [])
})
