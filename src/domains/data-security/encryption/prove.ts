import type { DisksReader, Resting } from '../../../drivers/disks/contract/disks.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Proof } from '../../../pledges/runner.ts'
import { listed, type Noun, named, same, sentence } from '../../../pledges/sentence.ts'
import type { Finding } from '../../../pledges/verdict.ts'
import { disks } from './pledges.ts'

/** Whether every folder that holds data rests on something that the host encrypts. */
export function proveDisks(reader: DisksReader, folders: readonly string[]): Proof {
  return {
    pledge: disks.id,
    prove: async () => [judgeDisks(await reader.under(folders))],
  }
}

const DEVICES: Noun = {
  en: ['device under folders with data', 'devices under folders with data'],
  sv: ['enhet under mappar med data', 'enheter under mappar med data'],
}
const IN_MEMORY: Words = {
  en: 'in memory, nothing comes to rest',
  sv: 'i minnet, inget kommer till vila',
}
const BARE: Words = { en: 'no encryption in the host', sv: 'ingen kryptering i värden' }
const UNTOLD: Words = { en: 'the host does not say', sv: 'värden säger det inte' }

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
    of: named(devices.length, DEVICES),
  }
  const evidence = devices.map((one) => ({
    what: one.device,
    seen:
      one.on === 'memory'
        ? IN_MEMORY
        : one.encrypted === true
          ? same('dm-crypt')
          : one.encrypted === false
            ? BARE
            : UNTOLD,
    isAsPromised: one.on === 'memory' ? true : one.encrypted,
  }))
  const common = { part: 'disks', population, evidence }
  const names = (some: readonly Resting[]) => listed(some.map((one) => one.device))
  if (devices.length === 0)
    return {
      ...common,
      state: 'unknown',
      reason: { en: 'No folder with data was found.', sv: 'Ingen mapp med data hittades.' },
    }
  // A provider may encrypt below what the host sees: its word is looked at where a provider driver is set up.
  if (bare.length > 0)
    return {
      ...common,
      state: 'broken',
      reason: sentence(
        { en: 'The host does not encrypt {bare}.', sv: 'Värden krypterar inte {bare}.' },
        { bare: names(bare) },
      ),
      remedy: {
        en: 'Move the data folder onto an encrypted device (LUKS).',
        sv: 'Flytta datamappen till en krypterad enhet (LUKS).',
      },
    }
  if (unseen.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: sentence(
        {
          en: 'The host does not say whether {unseen} is encrypted.',
          sv: 'Värden säger inte om {unseen} är krypterad.',
        },
        { unseen: names(unseen) },
      ),
      remedy: {
        en: 'Put the data folder on a file system directly on a block device.',
        sv: 'Lägg datamappen på ett filsystem direkt på en blockenhet.',
      },
    }
  const reason = sentence({ en: 'Encrypted: {all}.', sv: 'Krypterat: {all}.' }, { all: names(devices) })
  return { ...common, state: 'kept', reason }
}
