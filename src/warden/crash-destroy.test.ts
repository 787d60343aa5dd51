import { after, before, describe, test } from 'node:test'
import { type CrashWorld, crashInDestroy, makeCrashWorld } from '../../test/support/warden-crashes.ts'

describe('kill -9 of the warden in destroy', () => {
  let world: CrashWorld
  before(async () => {
    world = await makeCrashWorld()
  })
  after(() => world.dispose())

  for (const step of ['destroy.marked', 'destroy.stopped', 'destroy.renamed'] as const) {
    test(`at ${step}`, () => crashInDestroy(world, { at: step }))
  }
})
