import { after, before, describe, test } from 'node:test'
import { type CrashWorld, crashInProvision, makeCrashWorld } from '../../test/support/warden-crashes.ts'

describe('kill -9 of the warden in provision', () => {
  let world: CrashWorld
  before(async () => {
    world = await makeCrashWorld()
  })
  after(() => world.dispose())

  for (const step of ['slot.copied', 'slot.password', 'slot.marked', 'instance.renamed'] as const) {
    test(`at ${step}`, () => crashInProvision(world, { at: step }))
  }
})
