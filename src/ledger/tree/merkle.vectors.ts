import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verifyConsistency, verifyInclusion } from './verify-proof.ts'

/** transparency-dev/merkle's vectors for RFC 6962 proofs; $BORGEN_VECTORS names another folder. */
const folder = join(
  process.env.BORGEN_VECTORS ?? join(import.meta.dirname, '../../../../shared/data/vectors'),
  'merkle',
  'testdata',
)

/** JSON in which sizes beyond 2^53 stay exact: integers become bigints before they are parsed. */
function parseExactly(text: string): Record<string, unknown> {
  const quoted = text.replace(/"(leafIdx|treeSize|size1|size2)":\s*(\d+)/g, '"$1": "$2"')
  return JSON.parse(quoted) as Record<string, unknown>
}
const bytesOf = (value: unknown) => Buffer.from(String(value ?? ''), 'base64')
const hashesOf = (value: unknown) => ((value ?? []) as string[]).map((hash) => Buffer.from(hash, 'base64'))

function vectorsIn(kind: string): { name: string; vector: Record<string, unknown> }[] {
  const names = readdirSync(join(folder, kind), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, vector: parseExactly(readFileSync(join(folder, kind, name), 'utf8')) }))
}

test('all published inclusion proofs', (t) => {
  const vectors = vectorsIn('inclusion')
  for (const { name, vector } of vectors) {
    const holds = verifyInclusion({
      index: BigInt(String(vector.leafIdx)),
      size: BigInt(String(vector.treeSize)),
      leaf: bytesOf(vector.leafHash),
      hashes: hashesOf(vector.proof),
      root: bytesOf(vector.root),
    })
    assert.equal(holds, vector.wantErr === false, name)
  }
  assert.ok(vectors.length > 50)
  assert.ok(vectors.some(({ vector }) => BigInt(String(vector.leafIdx)) > 2n ** 53n))
  t.diagnostic(`${vectors.length} vectors`)
})

test('all published consistency proofs', (t) => {
  const vectors = vectorsIn('consistency')
  for (const { name, vector } of vectors) {
    const holds = verifyConsistency({
      from: BigInt(String(vector.size1)),
      to: BigInt(String(vector.size2)),
      fromRoot: bytesOf(vector.root1),
      toRoot: bytesOf(vector.root2),
      hashes: hashesOf(vector.proof),
    })
    assert.equal(holds, vector.wantErr === false, name)
  }
  assert.ok(vectors.length > 50)
  t.diagnostic(`${vectors.length} vectors`)
})
