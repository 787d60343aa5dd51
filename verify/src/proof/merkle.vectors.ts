// transparency-dev/merkle's proofs of RFC 6962 trees, every file of them.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { verifyConsistency, verifyInclusion } from '../index.ts'

const folder = path.join(import.meta.dirname, '../../../../shared/data/vectors/merkle/testdata')

type Vector = { desc: string; wantErr: boolean; proof: string[] | null } & Record<string, string>

/** Integers pass 2^53, so they are turned into strings before JSON is parsed. */
function read(file: string): Vector {
  const text = fs.readFileSync(path.join(folder, file), 'utf8')
  return JSON.parse(text.replace(/": *([0-9]+)/g, '": "$1"'))
}

const bytes = (base64: string) => Buffer.from(base64, 'base64')
const filesOf = (kind: string) =>
  fs
    .readdirSync(path.join(folder, kind), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${kind}/${name}`)

test('every inclusion proof is judged as published', () => {
  const files = filesOf('inclusion')
  assert.equal(files.length, 98)
  for (const file of files) {
    const vector = read(file)
    const { verdict } = verifyInclusion({
      index: BigInt(vector.leafIdx!),
      size: BigInt(vector.treeSize!),
      leafHash: bytes(vector.leafHash!),
      root: bytes(vector.root!),
      hashes: (vector.proof ?? []).map(bytes),
    })
    assert.equal(verdict, vector.wantErr ? 'rejected' : 'verified', file)
  }
})

test('every consistency proof is judged as published', () => {
  const files = filesOf('consistency')
  assert.equal(files.length, 98)
  for (const file of files) {
    const vector = read(file)
    const { verdict } = verifyConsistency({
      from: BigInt(vector.size1!),
      to: BigInt(vector.size2!),
      fromRoot: bytes(vector.root1!),
      toRoot: bytes(vector.root2!),
      hashes: (vector.proof ?? []).map(bytes),
    })
    assert.equal(verdict, vector.wantErr ? 'rejected' : 'verified', file)
  }
})
