import type { DisksReader, Resting } from '../../../drivers/disks/contract/disks.ts'
import type { Proof } from '../../../pledges/runner.ts'
import type { Finding } from '../../../pledges/verdict.ts'
import { disks } from './pledges.ts'

/** Whether every folder that holds data rests on something that the host encrypts. */
export function proveDisks(reader: DisksReader, folders: readonly string[]): Proof {
  return {
    pledge: disks.id,
    prove: async () => [judgeDisks(await reader.under(folders))],
  }
}

export function judgeDisks(found: readonly Resting[]): Finding {
  const devices = [...new Map(found.map((one) => [one.device, one])).values()]
  const bare = devices.filter((one) => one.on === 'disk' && one.encrypted === false)
  const unseen = devices.filter(
    (one) => one.on === 'unknown' || (one.on === 'disk' && one.encrypted === null),
  )
  const population = {
    all: devices.length,
    examined: devices.length - unseen.length,
    kept: devices.length - unseen.length - bare.length,
    of: 'devices under folders with data',
  }
  const evidence = devices.map((one) => ({
    what: one.device,
    seen:
      one.on === 'memory'
        ? 'in memory, nothing comes to rest'
        : one.encrypted === true
          ? 'dm-crypt'
          : one.encrypted === false
            ? 'no encryption in the host'
            : 'the host does not say',
    isAsPromised: one.on === 'memory' ? true : one.encrypted,
  }))
  const common = { part: 'disks', population, evidence }
  const names = (some: readonly Resting[]) => some.map((one) => one.device).join(', ')
  if (devices.length === 0) return { ...common, state: 'unknown', reason: 'No folder with data was found.' }
  // A provider may encrypt below what the host sees: its word is looked at where a provider driver is set up.
  if (bare.length > 0)
    return {
      ...common,
      state: 'broken',
      reason: `The host does not encrypt ${names(bare)}.`,
      remedy: 'Move the data folder onto an encrypted device (LUKS).',
    }
  if (unseen.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: `The host does not say whether ${names(unseen)} is encrypted.`,
      remedy: 'Put the data folder on a file system directly on a block device.',
    }
  return { ...common, state: 'kept', reason: `Encrypted: ${names(devices)}.` }
}
