import { after, before, describe, test } from 'node:test'
import {
  type CrashWorld,
  crashInDestroy,
  crashInProvision,
  crashInWake,
  makeCrashWorld,
} from '../../test/support/warden-crashes.ts'
import { crashSteps } from './crash-point.ts'

const rounds = [
  { name: 'provision', crash: crashInProvision, steps: [...crashSteps.provision, ...crashSteps.start] },
  { name: 'wake', crash: crashInWake, steps: [...crashSteps.start, ...crashSteps.stop] },
  { name: 'destroy', crash: crashInDestroy, steps: [...crashSteps.destroy, ...crashSteps.stop] },
]

/** Moments between the steps, spread over the time that the work takes. */
const moments = Array.from({ length: 20 }, (_, round) => 10 + round * 25)

for (const { name, crash, steps } of rounds) {
  describe(`kill -9 of the warden in ${name}, every step and 20 moments`, () => {
    let world: CrashWorld
    before(async () => {
      world = await makeCrashWorld()
    })
    after(() => world.dispose())
    for (const step of steps) test(`at ${step}`, () => crash(world, { at: step }))
    for (const afterMs of moments) test(`after ${afterMs} ms`, () => crash(world, { afterMs }))
  })
}
