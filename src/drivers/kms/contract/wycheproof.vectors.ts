import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAppError } from '../../../kernel/errors.ts'
import { openGcm, sealGcm } from './envelope.ts'

/** C2SP/wycheproof; $BORGEN_VECTORS names another folder. */
const folder = join(
  process.env.BORGEN_VECTORS ?? join(import.meta.dirname, '../../../../../shared/data/vectors'),
  'wycheproof/testvectors_v1',
)
type File<Group, Case> = {
  testGroups: (Group & { tests: (Case & { tcId: number; result: string; comment: string })[] })[]
}
function read<Group, Case>(name: string): File<Group, Case> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as File<Group, Case>
}
const hex = (text: string) => Buffer.from(text, 'hex')

test('AES-256-GCM as we use it: 96-bit nonce, 128-bit tag', (t) => {
  type Group = { ivSize: number; keySize: number; tagSize: number }
  type Case = { key: string; iv: string; aad: string; msg: string; ct: string; tag: string }
  let tried = 0
  for (const group of read<Group, Case>('aes_gcm_test.json').testGroups) {
    if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue
    for (const one of group.tests) {
      const [key, iv, aad, message] = [hex(one.key), hex(one.iv), hex(one.aad), hex(one.msg)]
      const sealed = Buffer.concat([hex(one.ct), hex(one.tag)])
      if (one.result === 'valid') {
        assert.deepEqual(sealGcm(key, iv, aad, message), sealed, `${one.tcId} ${one.comment}`)
        assert.deepEqual(openGcm(key, iv, aad, sealed), message, `${one.tcId} ${one.comment}`)
      } else {
        const refused = (error: unknown) => isAppError(error, 'forbidden')
        assert.throws(() => openGcm(key, iv, aad, sealed), refused, `${one.tcId} ${one.comment}`)
      }
      tried++
    }
  }
  assert.ok(tried > 50)
  t.diagnostic(`${tried} vectors`)
})

test('HKDF-SHA-256', (t) => {
  type Case = { ikm: string; salt: string; info: string; size: number; okm: string }
  let tried = 0
  for (const group of read<object, Case>('hkdf_sha256_test.json').testGroups)
    for (const one of group.tests) {
      const derive = () =>
        Buffer.from(hkdfSync('sha256', hex(one.ikm), hex(one.salt), hex(one.info), one.size))
      if (one.result === 'valid') assert.deepEqual(derive(), hex(one.okm), `${one.tcId} ${one.comment}`)
      else assert.throws(derive, `${one.tcId} ${one.comment}`)
      tried++
    }
  assert.ok(tried > 50)
  t.diagnostic(`${tried} vectors`)
})
