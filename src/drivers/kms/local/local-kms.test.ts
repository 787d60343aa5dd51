import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isAppError } from '../../../kernel/errors.ts'
import { kmsContract } from '../contract/kms-contract.ts'
import { createLocalKms, formatRootKeys, parseRootKeys, type RootKey } from './local-kms.ts'

const fresh = (): RootKey[] => [{ version: 1, key: randomBytes(32) }]

kmsContract('local', async () => createLocalKms({ key: 'root', rootKeys: fresh(), keep: async () => {} }))

test('what was wrapped opens after a restart with the root keys that were kept', async () => {
  let kept = ''
  const keep = async (rootKeys: RootKey[]) => {
    kept = formatRootKeys(rootKeys)
  }
  const first = createLocalKms({ key: 'root', rootKeys: fresh(), keep })
  const before = await first.encrypt(Buffer.from('old'), {})
  assert.deepEqual(await Promise.all([first.rotate(), first.rotate()]), ['2', '3'])
  const after = await first.encrypt(Buffer.from('new'), {})
  const second = createLocalKms({ key: 'root', rootKeys: parseRootKeys(kept) })
  assert.equal((await second.decrypt(before, {})).toString(), 'old')
  assert.equal((await second.decrypt(after, {})).toString(), 'new')
})

test('a version that could not be kept never wraps', async () => {
  const failing = createLocalKms({
    key: 'root',
    rootKeys: fresh(),
    keep: () => Promise.reject(new Error('full')),
  })
  await assert.rejects(failing.rotate(), /full/)
  assert.equal((await failing.encrypt(Buffer.from('x'), {})).version, '1')
  const fixed = createLocalKms({ key: 'root', rootKeys: fresh() })
  await assert.rejects(fixed.rotate(), (error) => isAppError(error, 'unavailable'))
})

test('root keys of another form are refused without being quoted', () => {
  const key = randomBytes(31).toString('base64')
  for (const text of ['', key, `1:${key}`, '0:', `x:${randomBytes(32).toString('base64')}`])
    assert.throws(
      () => parseRootKeys(text),
      (error: Error) => /32 bytes/.test(error.message) && (text === '' || !error.message.includes(key)),
    )
})
