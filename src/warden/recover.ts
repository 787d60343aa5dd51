import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { instancesWithGroups, removeGroups } from './cgroups.ts'
import type { Ground } from './ground.ts'
import { reap } from './leftovers.ts'
import { type Life, observedProcesses } from './life.ts'
import { bootId, isAlive } from './processes.ts'
import { type Limits, publishedIds, unpublish } from './published.ts'
import { instanceId } from './requests.ts'
import { type RunRecord, readRunRecord, removeRunRecord } from './run-record.ts'
import { readIdentity, type Slots } from './slots.ts'

export type Recovery = { adopted: string[]; mended: string[]; destroyed: string[]; killed: number }

/**
 * Makes the state that an earlier warden left, however it ended, whole again: adopts what runs and is recorded, kills
 * what is not, finishes what was being destroyed, throws away what was half made. Runs before any request.
 */
export async function recover(ground: Ground, slots: Slots, life: Life): Promise<Recovery> {
  const { places } = ground
  const result: Recovery = { adopted: [], mended: [], destroyed: [], killed: 0 }
  const present = (await readdir(places.instances)).filter((name) => instanceId.safeParse(name).success)
  for (const instance of present) {
    if (existsSync(places.instance(instance).destroying)) {
      await life.destroy(instance)
      result.destroyed.push(instance)
      continue
    }
    const record = await readRunRecord(places, instance)
    if (record && stillRuns(record)) {
      life.adopt(record)
      await life.show(instance, 'awake', record.limits as Limits, {
        socket: record.socket,
        processes: observedProcesses(record),
      })
      result.adopted.push(instance)
      continue
    }
    const killed = await reap(ground, instance, await readIdentity(places.instance(instance)), true)
    await removeRunRecord(places, instance)
    await removeGroups(ground.cgroups, ground.world, instance)
    await life.show(instance, 'asleep', ground.baseLimits)
    result.killed += killed
    if (killed > 0) result.mended.push(instance)
  }
  await clearUnnamed(ground, new Set(present), result)
  await slots.recover()
  for (const name of await readdir(places.trash))
    await rm(join(places.trash, name), { recursive: true, force: true })
  return result
}

function stillRuns(record: RunRecord): boolean {
  return (
    record.bootId === bootId() &&
    record.sandboxes.length > 0 &&
    record.sandboxes.every((one) => isAlive(one.init))
  )
}

/** What belongs to no instance: slots that were being prepared, groups and files of instances that are gone. */
async function clearUnnamed(ground: Ground, present: Set<string>, result: Recovery): Promise<void> {
  const { places } = ground
  const named = new Set([
    ...(await instancesWithGroups(ground.cgroups, ground.world)),
    ...(await readdir(places.running)).map((file) => file.split('.')[0] ?? ''),
    ...(await readdir(places.pool)),
    ...(await publishedIds(places)),
  ])
  for (const name of named) {
    if (present.has(name) || name === '') continue
    result.killed += await reap(ground, name, undefined, true)
    await removeGroups(ground.cgroups, ground.world, name)
    await unpublish(places, name)
  }
  for (const file of await readdir(places.running)) {
    if (!present.has(file.split('.')[0] ?? '')) await rm(join(places.running, file), { force: true })
  }
}
