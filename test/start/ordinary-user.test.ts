import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { clearWorld, fullyUp, processesTouching, startWorld, worldFolder } from '../support/running-world.ts'

const nobody = 65534
const isRoot = process.getuid?.() === 0
const uid = isRoot ? nobody : undefined
const dataDir = worldFolder(uid)
after(() => clearWorld(dataDir))

const probe = ['--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', 'test', '-r']
const unreachable =
  isRoot && spawnSync('setpriv', [...probe, join(import.meta.dirname, 'up.test.ts')]).status !== 0

test('an ordinary user gets a world, and is told what sharing one user means', {
  skip: unreachable,
}, async () => {
  const options = uid === undefined ? {} : { uid }
  const world = startWorld(dataDir, options)
  await world.said(fullyUp)
  assert.match(world.output(), /All processes share one user/)
  const { processes, shortcomings } = world.record()
  assert.deepEqual([...new Set(processes.map((one) => one.uid))], [uid ?? process.getuid?.()])
  assert.ok(shortcomings.some((one) => one.includes('share one user')))
  assert.equal(await world.end('SIGINT'), 0)
  assert.deepEqual(processesTouching(dataDir), [])
})

test("another user's data folder is refused with the remedy", { skip: !isRoot }, async () => {
  const world = startWorld(dataDir)
  await world.said(/belongs to another user.*--data DIR/s)
})
