import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportEntry } from '../../src/ledger/server/query.ts'
import { freshFolder } from '../../src/ledger/testing/fresh-folder.ts'
import { entryOf, openTestLog } from '../../src/ledger/testing/open-log.ts'
import { checkEntry } from './check-entry.ts'
import type { ExportedEntry } from './log.ts'

test('an exported entry holds in trees of every shape, and not when anything of it was changed', async () => {
  const log = await openTestLog(freshFolder())
  for (let size = 1; size <= 33; size++) {
    await log.append([entryOf(`k${size}`, `text ${size}`)])
    for (const index of new Set([0, size - 1, Math.floor(size / 2)])) {
      const entry = (await exportEntry(log, index)) as unknown as ExportedEntry
      const seen = await checkEntry(entry)
      assert.deepEqual([seen.isContentTrue, seen.isInTree, seen.size], [true, true, size])
    }
  }
  const entry = (await exportEntry(log, 20)) as unknown as ExportedEntry
  const wrong = async (more: Partial<ExportedEntry>) => checkEntry({ ...entry, ...more })
  assert.equal((await wrong({ event: entry.event!.replace('text', 'tixt') })).isContentTrue, false)
  assert.equal((await wrong({ salt: null })).isContentTrue, null)
  assert.equal((await wrong({ index: 19 })).isInTree, false)
  assert.equal((await wrong({ leaf: entry.leaf.replace('"v":1', '"v":2') })).isInTree, false)
  const hashes = entry.proof.hashes.slice(1)
  assert.equal((await wrong({ proof: { ...entry.proof, hashes } })).isInTree, false)
  assert.equal((await wrong({ checkpoint: entry.checkpoint.replace('\n33\n', '\n32\n') })).isInTree, false)
  await log.close()
})
