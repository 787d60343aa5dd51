import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCheckpoint } from './checkpoint.ts'

/** C2SP/wycheproof; $BORGEN_VECTORS names another folder. */
const file = join(
  process.env.BORGEN_VECTORS ?? join(import.meta.dirname, '../../../../shared/data/vectors'),
  'wycheproof/testvectors_v1/ed25519_test.json',
)
type Groups = {
  publicKey: { pk: string }
  tests: { tcId: number; msg: string; sig: string; result: string }[]
}[]

test('no Ed25519 signature that is invalid, or of another message, opens a checkpoint', (t) => {
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Groups }
  let tried = 0
  for (const { publicKey, tests } of testGroups) {
    const raw = Buffer.concat([Buffer.of(1), Buffer.from(publicKey.pk, 'hex')])
    const keyId = createHash('sha256').update('log\n').update(raw).digest().subarray(0, 4)
    const vkey = `log+${keyId.toString('hex')}+${raw.toString('base64')}`
    for (const { tcId, sig } of tests) {
      const signature = Buffer.concat([keyId, Buffer.from(sig, 'hex')]).toString('base64')
      const note = `log\n1\n${Buffer.alloc(32).toString('base64')}\n\n— log ${signature}\n`
      assert.equal(openCheckpoint(note, vkey), undefined, `${tcId}`)
      tried++
    }
  }
  assert.ok(tried > 100)
  t.diagnostic(`${tried} signatures`)
})
