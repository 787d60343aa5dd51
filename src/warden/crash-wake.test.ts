import { after, before, describe, test } from 'node:test'
import { type CrashWorld, crashInWake, makeCrashWorld } from '../../test/support/warden-crashes.ts'

describe('kill -9 of the warden in wake', () => {
  let world: CrashWorld
  before(async () => {
    world = await makeCrashWorld()
  })
  after(() => world.dispose())

  for (const step of ['start.launched', 'start.gone', 'start.recorded', 'stop.app'] as const) {
    test(`at ${step}`, () => crashInWake(world, { at: step }))
  }
})
