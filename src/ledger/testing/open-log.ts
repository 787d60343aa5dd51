import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { openKeyStore } from '../../drivers/kms/contract/key-store.ts'
import { createLocalKms } from '../../drivers/kms/local/local-kms.ts'
import type { NewEntry } from '../server/entry.ts'
import { openLog } from '../server/log.ts'
import { createCheckpointSigner } from '../tree/checkpoint.ts'

const rootKey = createHash('sha256').update('root key of tests').digest()
const seed = createHash('sha256').update('signing key of tests').digest('base64')

export const SUBJECT_A = 'ins_0123456789abcdefghjkmnpqra'
export const SUBJECT_B = 'ins_0123456789abcdefghjkmnpqrb'

/** The key store of a test log, the same for every opening of its folder. */
export function keysOf(folder: string) {
  const kms = createLocalKms({ key: 'ledger', rootKeys: [{ version: 1, key: rootKey }] })
  return openKeyStore({ folder: join(folder, 'keys'), kms, purpose: 'log' })
}

/** Opens a log with fixed keys and a clock that ticks a millisecond a look. */
export function openTestLog(folder: string, more: Partial<Parameters<typeof openLog>[0]> = {}) {
  let now = 1_795_425_264_000
  return openLog({
    folder,
    keys: keysOf(folder),
    secret: rootKey,
    signer: createCheckpointSigner('borgen.localhost/log/test', seed),
    clock: { now: () => now++ },
    freeLimitBytes: 0,
    ...more,
  })
}

/** An entry whose event holds the given text. */
export function entryOf(key: string, text: string = key, more: Partial<NewEntry> = {}): NewEntry {
  return {
    key,
    stream: 'audit',
    subject: SUBJECT_A,
    region: 'eu-frankfurt',
    type: 'contact.created',
    event: { text },
    ...more,
  }
}
