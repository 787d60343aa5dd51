import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { auditPath, consistencyPath, leafHashOf, rootOf } from '../../test/log-writer.ts'
import { parseConsistencyFile, parseInclusionFile, verifyConsistency, verifyInclusion } from '../index.ts'

const hashes = Array.from({ length: 300 }, (_, i) => leafHashOf(`leaf ${i}`))
const anySize = fc.integer({ min: 1, max: 300 })
const anyPart = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

function flip(hash: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(hash)
  copy[at % 32]! ^= 1 << (at % 8)
  return copy
}

function inclusion(index: number, size: number) {
  const tree = hashes.slice(0, size)
  const [leafHash, root] = [hashes[index]!, rootOf(tree)]
  return { index: BigInt(index), size: BigInt(size), leafHash, root, hashes: auditPath(index, tree) }
}

function consistency(from: number, to: number) {
  const [fromRoot, toRoot] = [rootOf(hashes.slice(0, from)), rootOf(hashes.slice(0, to))]
  return {
    from: BigInt(from),
    to: BigInt(to),
    fromRoot,
    toRoot,
    hashes: consistencyPath(from, hashes.slice(0, to)),
  }
}

test('every inclusion proof of RFC 6962 verifies; with any part changed, none', () => {
  fc.assert(
    fc.property(anySize, anyPart, fc.nat(10_000), (size, part, at) => {
      const proof = inclusion(Math.floor(part * size), size)
      assert.equal(verifyInclusion(proof).verdict, 'verified')
      const i = at % Math.max(1, proof.hashes.length)
      const wrong = [
        { ...proof, root: flip(proof.root, at) },
        { ...proof, leafHash: flip(proof.leafHash, at) },
        { ...proof, hashes: [...proof.hashes, proof.root] },
        ...(size > 1
          ? [
              { ...proof, hashes: proof.hashes.with(i, flip(proof.hashes[i]!, at)) },
              { ...proof, hashes: proof.hashes.toSpliced(i, 1) },
              { ...proof, index: (proof.index + 1n) % proof.size },
            ]
          : []),
        { ...proof, index: proof.size },
        { ...proof, index: -1n },
      ]
      for (const bad of wrong) assert.equal(verifyInclusion(bad).verdict, 'rejected')
    }),
  )
})

test('every consistency proof of RFC 6962 verifies; with any part changed, none', () => {
  fc.assert(
    fc.property(anySize, anyPart, fc.nat(10_000), (to, part, at) => {
      const from = 1 + Math.floor(part * to)
      const proof = consistency(from, to)
      assert.equal(verifyConsistency(proof).verdict, 'verified')
      const i = at % Math.max(1, proof.hashes.length)
      const wrong = [
        { ...proof, fromRoot: flip(proof.fromRoot, at) },
        { ...proof, toRoot: flip(proof.toRoot, at) },
        { ...proof, hashes: [...proof.hashes, proof.toRoot] },
        ...(from < to
          ? [
              { ...proof, hashes: proof.hashes.with(i, flip(proof.hashes[i]!, at)) },
              { ...proof, hashes: proof.hashes.toSpliced(i, 1) },
            ]
          : []),
        { ...proof, from: 0n },
        { ...proof, from: proof.to + 1n },
      ]
      for (const bad of wrong) assert.equal(verifyConsistency(bad).verdict, 'rejected')
    }),
  )
})

test('sizes beyond 2^53 are told apart', () => {
  // The last leaf of a tree of 2^62 + 1 leaves hangs directly below the root.
  const [leaf, rest] = [hashes[0]!, hashes[1]!]
  const root = rootOf([rest, leaf])
  const proof = { index: 2n ** 62n, size: 2n ** 62n + 1n, leafHash: leaf, root, hashes: [rest] }
  assert.equal(verifyInclusion(proof).verdict, 'verified')
  assert.equal(verifyInclusion({ ...proof, index: proof.index - 1n }).verdict, 'rejected')
  assert.equal(verifyInclusion({ ...proof, size: proof.size + 1n }).verdict, 'rejected')
})

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('proof files are read strictly', () => {
  const good = { format: 'borgen-inclusion-1', index: 7, size: 12, hashes: [hex(hashes[0]!)] }
  const parsed = parseInclusionFile(JSON.stringify(good))
  assert.deepEqual(parsed, { verdict: 'verified', index: 7n, size: 12n, hashes: [hashes[0]] })
  const wrong: [string, string][] = [
    ['', 'json_malformed'],
    ['[]', 'shape_wrong'],
    ['null', 'shape_wrong'],
    [JSON.stringify({ ...good, format: 'borgen-inclusion-2' }), 'format_unknown'],
    [JSON.stringify({ ...good, format: 'borgen-consistency-1' }), 'format_unknown'],
    [JSON.stringify({ ...good, note: 1 }), 'shape_wrong'],
    [JSON.stringify({ ...good, index: '07' }), 'shape_wrong'],
    [JSON.stringify({ ...good, index: ' 7' }), 'shape_wrong'],
    [JSON.stringify({ ...good, size: '18446744073709551616' }), 'shape_wrong'],
    [JSON.stringify({ ...good, index: -1 }), 'shape_wrong'],
    [JSON.stringify({ ...good, size: 1.5 }), 'shape_wrong'],
    [JSON.stringify(good).replace('12', '9007199254740993'), 'shape_wrong'],
    [JSON.stringify({ ...good, hashes: 'x' }), 'shape_wrong'],
    [JSON.stringify({ ...good, hashes: [hex(hashes[0]!).toUpperCase()] }), 'hash_length'],
    [JSON.stringify({ ...good, hashes: [''] }), 'hash_length'],
    [JSON.stringify({ ...good, hashes: [null] }), 'hash_length'],
    [JSON.stringify(good).replace('{', '{"index":8,'), 'json_malformed'],
    [JSON.stringify(good).replace('{', '{"ind\\u0065x":8,'), 'json_malformed'],
    [JSON.stringify({ ...good, x: JSON.parse('['.repeat(40) + ']'.repeat(40)) }), 'json_malformed'],
    ['['.repeat(500_000) + ']'.repeat(500_000), 'shape_wrong'],
    [`\ufeff${JSON.stringify(good)}`, 'json_malformed'],
  ]
  for (const [text, code] of wrong) {
    const answer = parseInclusionFile(text)
    assert.equal('code' in answer && answer.code, code, text.slice(0, 200))
  }
  const big = parseInclusionFile(JSON.stringify({ ...good, index: '7', size: '18446744073709551615' }))
  assert.ok(big.verdict === 'verified' && big.index === 7n && big.size === 2n ** 64n - 1n)
  const other = { format: 'borgen-consistency-1', from: 4, to: 12, hashes: [] }
  assert.deepEqual(parseConsistencyFile(JSON.stringify(other)), {
    verdict: 'verified',
    from: 4n,
    to: 12n,
    hashes: [],
  })
})

test('whatever a proof file holds, reading it answers', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((j) => `{"format":"borgen-inclusion-1","hashes":${j}}`),
      ),
      (text) => {
        for (const parse of [parseInclusionFile, parseConsistencyFile])
          assert.ok(['verified', 'rejected'].includes(parse(text).verdict))
      },
    ),
  )
})
