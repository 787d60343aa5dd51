import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createGrowingTree, rootOf } from './growing-tree.ts'
import { EMPTY_ROOT, leafHash } from './hash.ts'
import { consistencyPath, inclusionPath, type ReadHashes, rootAt } from './prove.ts'
import { hashesOnLevel, parseTilePath, partialTiles, tilePath } from './tile-path.ts'
import { verifyConsistency, verifyInclusion } from './verify-proof.ts'

// RFC 6962 §2.1, word for word, as the yardstick.
const sha = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const mth = (d: Buffer[]): Buffer => {
  if (d.length === 0) return sha()
  if (d.length === 1) return sha(Buffer.of(0), d[0]!)
  const k = split(d.length)
  return sha(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)))
}
const split = (n: number) => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
const path = (m: number, d: Buffer[]): Buffer[] => {
  if (d.length === 1) return []
  const k = split(d.length)
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))]
}
const subproof = (m: number, d: Buffer[], b: boolean): Buffer[] => {
  if (m === d.length) return b ? [] : [mth(d)]
  const k = split(d.length)
  return m <= k
    ? [...subproof(m, d.slice(0, k), b), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))]
}

const leaves = Array.from({ length: 1500 }, (_, i) => Buffer.from(`leaf ${i}`))

/** The tree over the first leaves, appended in the given portions, and a reader of its tiles. */
function grow(portions: number[]) {
  const tree = createGrowingTree()
  const full = new Map<string, Buffer>()
  for (const count of portions) {
    const hashes = leaves.slice(tree.size, tree.size + count).map((leaf) => leafHash(leaf))
    tree.append(Buffer.concat(hashes), (level, index, bytes) =>
      full.set(`${level}/${index}`, Buffer.from(bytes)),
    )
  }
  const read: ReadHashes = (level, index, width) => {
    const tile = full.get(`${level}/${index}`) ?? tree.edges[level]!.bytes
    assert.ok(
      width <= (full.has(`${level}/${index}`) ? 256 : tree.edges[level]!.width),
      'a tile is wide enough',
    )
    return tile
  }
  return { tree, full, read }
}

const portionsOf = (size: number) =>
  fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }).map((parts) => {
    const taken: number[] = []
    for (const part of parts) taken.push(Math.min(part, size - taken.reduce((a, b) => a + b, 0)))
    return taken.filter((part) => part > 0)
  })

test('the root does not depend on how the leaves came', () => {
  assert.deepEqual(createGrowingTree().root(), EMPTY_ROOT)
  fc.assert(
    fc.property(portionsOf(1500), (portions) => {
      const { tree } = grow(portions)
      assert.deepEqual(tree.root(), mth(leaves.slice(0, tree.size)))
    }),
    { numRuns: 60 },
  )
})

test('the root of every size up to 600, from tiles', async () => {
  const { tree, read } = grow([600])
  for (let size = 0; size <= 600; size++) {
    const want = mth(leaves.slice(0, size))
    assert.deepEqual(await rootAt(size, read), want, `size ${size}`)
    if (size <= 256) {
      const hashes = leaves.slice(0, size).map((leaf) => leafHash(leaf))
      assert.deepEqual(rootOf(Buffer.concat(hashes)), want)
    }
  }
  assert.equal(tree.size, 600)
})

test('inclusion proofs are those of the RFC and verify; with anything changed they do not', async () => {
  const { read } = grow([1500])
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), fc.nat(), fc.nat(), async (size, at, flip) => {
      const index = at % size
      const hashes = await inclusionPath(index, size, read)
      const root = mth(leaves.slice(0, size))
      assert.deepEqual(hashes, path(index, leaves.slice(0, size)))
      const proof = { index: BigInt(index), size: BigInt(size), leaf: leafHash(leaves[index]!), hashes, root }
      assert.ok(verifyInclusion(proof))
      if (size > 1) assert.ok(!verifyInclusion({ ...proof, index: BigInt((index + 1) % size) }))
      assert.ok(!verifyInclusion({ ...proof, leaf: leafHash(Buffer.from('other')) }))
      assert.ok(!verifyInclusion({ ...proof, hashes: [...hashes, root] }))
      if (hashes.length > 0) {
        assert.ok(!verifyInclusion({ ...proof, hashes: hashes.slice(1) }))
        const changed = hashes.map((hash) => Buffer.from(hash))
        changed[flip % changed.length]![flip % 32]! ^= 1
        assert.ok(!verifyInclusion({ ...proof, hashes: changed }))
      }
    }),
    { numRuns: 60 },
  )
})

test('consistency proofs are those of the RFC and verify; with anything changed they do not', async () => {
  const { read } = grow([1500])
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), fc.nat(), fc.nat(), async (to, at, flip) => {
      const from = (at % to) + 1
      const hashes = await consistencyPath(from, to, read)
      assert.deepEqual(hashes, subproof(from, leaves.slice(0, to), true))
      const [fromRoot, toRoot] = [mth(leaves.slice(0, from)), mth(leaves.slice(0, to))]
      const proof = { from: BigInt(from), to: BigInt(to), fromRoot, toRoot, hashes }
      assert.ok(verifyConsistency(proof))
      assert.ok(!verifyConsistency({ ...proof, from: 0n }))
      assert.ok(!verifyConsistency({ ...proof, fromRoot: EMPTY_ROOT }))
      assert.ok(!verifyConsistency({ ...proof, hashes: [...hashes, fromRoot] }))
      if (from < to) assert.ok(!verifyConsistency({ ...proof, hashes: [] }))
      if (hashes.length > 0) {
        const changed = hashes.map((hash) => Buffer.from(hash))
        changed[flip % changed.length]![flip % 32]! ^= 1
        assert.ok(!verifyConsistency({ ...proof, hashes: changed }))
      }
    }),
    { numRuns: 60 },
  )
})

test('tiles are named as C2SP names them, and nothing else is a tile', () => {
  assert.equal(tilePath({ level: 0, index: 1234067, width: 256 }), 'tile/0/x001/x234/067')
  assert.equal(tilePath({ level: 'entries', index: 5, width: 17 }), 'tile/entries/005.p/17')
  assert.equal(tilePath({ level: 1, index: 1000, width: 256 }), 'tile/1/x001/000')
  fc.assert(
    fc.property(
      fc.record({
        level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
        index: fc.maxSafeInteger().map(Math.abs),
        width: fc.integer({ min: 1, max: 256 }),
      }),
      (tile) => assert.deepEqual(parseTilePath(tilePath(tile)), { ...tile }),
    ),
  )
  const bad = [
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/00/000',
    'tile/0/0',
  ]
  for (const path of [
    ...bad,
    'tile/0/../000',
    'tile/0/000/',
    'checkpoint',
    'tile/0/000.p/01',
    'tile/-1/000',
    '',
  ])
    assert.equal(parseTilePath(path), undefined, path)
})

test('the sizes of levels and partial tiles are those of the specification', () => {
  assert.deepEqual(
    [0, 1, 2].map((level) => hashesOnLevel(70_000, level)),
    [70_000, 273, 1],
  )
  assert.deepEqual(partialTiles(70_000).map(tilePath), [
    'tile/entries/273.p/112',
    'tile/0/273.p/112',
    'tile/1/001.p/17',
    'tile/2/000.p/1',
  ])
  assert.deepEqual(partialTiles(256).map(tilePath), ['tile/1/000.p/1'])
  assert.deepEqual(partialTiles(0), [])
})

test('a tile holds the roots that the specification says', () => {
  const { full } = grow([700, 100])
  assert.deepEqual([...full.keys()], ['0/0', '0/1', '0/2'])
  assert.deepEqual(full.get('0/1')!.subarray(32, 64), leafHash(leaves[257]!))
})
