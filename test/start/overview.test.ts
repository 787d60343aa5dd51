import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { layout } from '../../src/kernel/layout.ts'
import { clearWorld, processesTouching, startWorld, worldFolder } from '../support/running-world.ts'

const top = worldFolder()
after(() => clearWorld(top))

test('a damaged overview starts nothing, and is told with file, line, found, expected and remedy', async () => {
  const [dataDir, file] = [join(top, 'world'), join(top, 'overview.yaml')]
  writeFileSync(file, 'overview: 1\npromises:\n  retention.cancelled:\n    after: sixty days\n')
  const world = startWorld(dataDir, { args: ['--overview', file] })
  assert.equal(await exitOf(world), 2, world.output())
  assert.match(
    world.output(),
    /overview\.yaml:4: promises\.retention\.cancelled\.after\n +found +"sixty days"\n +expected +an ISO 8601 duration.*\n +remedy +For example/,
  )
  assert.deepEqual(processesTouching(dataDir), [])
  for (const place of [layout.config(dataDir), layout.planePostgres(dataDir), layout.rootKey(dataDir)])
    assert.ok(!existsSync(place), place)
})

test('one that was named must be there', async () => {
  const world = startWorld(join(top, 'other'), { args: ['--overview', join(top, 'none.yaml')] })
  assert.equal(await exitOf(world), 2, world.output())
  assert.match(world.output(), /There is no overview at .*none\.yaml/)
})

/** The exit code of a start that ends by itself. */
async function exitOf({ child }: ReturnType<typeof startWorld>): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close')
  return child.exitCode
}
