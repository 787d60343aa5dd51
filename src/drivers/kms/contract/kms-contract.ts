import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAppError } from '../../../kernel/errors.ts'
import { openBytes, sealBytes, sealedUnder } from './envelope.ts'
import type { Kms } from './kms.ts'

const context = { purpose: 'test', subject: 'ins_0' }
const refused = (error: unknown) => isAppError(error, 'forbidden')

/** The suite that every KMS driver passes; `makeKms` gives a fresh root key that can rotate. */
export function kmsContract(name: string, makeKms: () => Promise<Kms>): void {
  test(`${name}: a data key opens from its wrapped form, in its context only`, async () => {
    const kms = await makeKms()
    const { plaintext, wrapped } = await kms.generateDataKey(context)
    assert.equal(plaintext.length, 32)
    assert.deepEqual(await kms.decrypt(wrapped, context), plaintext)
    await assert.rejects(kms.decrypt(wrapped, { ...context, subject: 'ins_1' }), refused)
    await assert.rejects(kms.decrypt(wrapped, {}), refused)
    await assert.rejects(kms.decrypt(wrapped, { ...context, more: '' }), refused)
  })

  test(`${name}: two data keys differ, and so do two ciphertexts of one plaintext`, async () => {
    const kms = await makeKms()
    const [a, b] = [await kms.generateDataKey(context), await kms.generateDataKey(context)]
    assert.notDeepEqual(a.plaintext, b.plaintext)
    const text = Buffer.from('same')
    assert.notEqual((await kms.encrypt(text, context)).blob, (await kms.encrypt(text, context)).blob)
  })

  test(`${name}: a ciphertext names key and version and does not show its plaintext`, async () => {
    const kms = await makeKms()
    const wrapped = await kms.encrypt(Buffer.from('plant-4711'), context)
    const { key, version } = await kms.describe()
    assert.equal(wrapped.key, key)
    assert.equal(wrapped.version, version)
    assert.ok(!Buffer.from(wrapped.blob, 'base64').includes('plant-4711'))
    assert.ok(!wrapped.blob.includes('plant-4711'))
  })

  test(`${name}: nothing altered opens`, async () => {
    const kms = await makeKms()
    const wrapped = await kms.encrypt(Buffer.from('text'), context)
    for (let at = 0; at < wrapped.blob.length - 3; at += 5) {
      const other = wrapped.blob[at] === 'A' ? 'B' : 'A'
      const blob = wrapped.blob.slice(0, at) + other + wrapped.blob.slice(at + 1)
      await assert.rejects(kms.decrypt({ ...wrapped, blob }, context), refused, `character ${at}`)
    }
    await assert.rejects(kms.decrypt({ ...wrapped, blob: 'AAAA' }, context), refused)
    await assert.rejects(kms.decrypt({ ...wrapped, key: 'another' }, context), refused)
    await assert.rejects(kms.decrypt({ ...wrapped, version: '99' }, context), refused)
  })

  test(`${name}: another root key opens nothing`, async () => {
    const wrapped = await (await makeKms()).encrypt(Buffer.from('text'), context)
    await assert.rejects((await makeKms()).decrypt(wrapped, context), refused)
  })

  test(`${name}: takes 0 to 4,096 bytes, not one more`, async () => {
    const kms = await makeKms()
    for (const size of [0, 1, 4096]) {
      const bytes = Buffer.alloc(size, 7)
      assert.deepEqual(await kms.decrypt(await kms.encrypt(bytes, context), context), bytes)
    }
    await assert.rejects(kms.encrypt(Buffer.alloc(4097), context), (error) => isAppError(error, 'too_large'))
  })

  test(`${name}: after rotation the new version wraps and the old still unwraps`, async () => {
    const kms = await makeKms()
    const before = await kms.encrypt(Buffer.from('old'), context)
    const version = await kms.rotate()
    const after = await kms.encrypt(Buffer.from('new'), context)
    assert.notEqual(before.version, after.version)
    assert.equal(after.version, version)
    assert.equal((await kms.decrypt(before, context)).toString(), 'old')
    assert.equal((await kms.decrypt(after, context)).toString(), 'new')
    assert.deepEqual((await kms.describe()).versions.slice(-2), [before.version, after.version])
    await assert.rejects(kms.decrypt({ ...before, version: after.version }, context), refused)
  })

  test(`${name}: seals bytes of any size, bound to the context and naming the key`, async () => {
    const kms = await makeKms()
    for (const size of [0, 5, 100_000]) {
      const bytes = Buffer.alloc(size, 'x')
      const sealed = await sealBytes(kms, context, bytes)
      assert.deepEqual(await openBytes(kms, context, sealed), bytes)
      assert.equal(sealedUnder(sealed).version, (await kms.describe()).version)
      await assert.rejects(openBytes(kms, { purpose: 'other' }, sealed), refused)
    }
  })
}
