// Wycheproof's Ed25519 signatures, and the example note of Go's golang.org/x/mod/sumdb/note.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parseNote } from './note.ts'
import { parseVerifierKey, signatureHolds } from './vkey.ts'

const file = path.join(
  import.meta.dirname,
  '../../../../shared/data/vectors/wycheproof/testvectors_v1/ed25519_test.json',
)

type Group = {
  publicKey: { pk: string }
  tests: { tcId: number; msg: string; sig: string; result: string }[]
}

test('every Wycheproof signature is judged as published', () => {
  const vectors: { numberOfTests: number; testGroups: Group[] } = JSON.parse(fs.readFileSync(file, 'utf8'))
  let count = 0
  for (const { publicKey, tests } of vectors.testGroups)
    for (const { tcId, msg, sig, result } of tests) {
      const [key, message, signature] = [publicKey.pk, msg, sig].map((hex) => Buffer.from(hex, 'hex'))
      assert.equal(signatureHolds(key!, message!, signature!), result === 'valid', `tcId ${tcId}`)
      count++
    }
  assert.equal(count, vectors.numberOfTests)
})

test('the example of Go’s note package verifies, and not with a word changed', () => {
  const key = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  assert.ok(key.verdict === 'verified')
  const text = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`
  const line =
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
  const note = parseNote(Buffer.from(`${text}\n${line}`))
  assert.ok(note.verdict === 'verified' && note.text === text)
  const [only] = note.signatures
  assert.deepEqual(only!.keyId, key.keyId)
  assert.ok(signatureHolds(key.publicKey, Buffer.from(note.text), only!.signature))
  assert.ok(!signatureHolds(key.publicKey, Buffer.from(note.text.replace('know', 'have')), only!.signature))
})
