import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { edgeTiles, hashesOnLevel, parseTilePath, tilePath } from './layout.ts'

test('paths are those of C2SP tlog-tiles', () => {
  assert.equal(tilePath({ level: 0, number: 5, width: 256 }), 'tile/0/005')
  assert.equal(tilePath({ level: 0, number: 1234067, width: 256 }), 'tile/0/x001/x234/067')
  assert.equal(tilePath({ level: 'entries', number: 1000, width: 9 }), 'tile/entries/x001/000.p/9')
  assert.equal(tilePath({ level: 2, number: 999, width: 255 }), 'tile/2/999.p/255')
})

test('a path has one spelling, and is read back from it', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(63), fc.constant('entries' as const)),
      fc.maxSafeNat(),
      fc.integer({ min: 1, max: 256 }),
      (level, number, width) => {
        const path = tilePath({ level, number, width })
        assert.deepEqual(parseTilePath(path), { level, number, width })
        for (const other of [
          `${path}/`,
          path.replace(/\/(x?\d)/, '/x000/$1'),
          path.toUpperCase(),
          `/${path}`,
        ])
          assert.equal(parseTilePath(other), undefined, other)
      },
    ),
  )
})

test('the edge tiles hold a tree as its size in base 256 says', () => {
  assert.deepEqual(edgeTiles(0), [])
  assert.deepEqual(edgeTiles(256), [{ level: 1, number: 0, width: 1 }])
  fc.assert(
    fc.property(fc.maxSafeNat(), (size) => {
      const edge = edgeTiles(size)
      assert.equal(
        edge.reduce((sum, { level, width }) => sum + BigInt(width) * 256n ** BigInt(level), 0n),
        BigInt(size),
      )
      for (const { level, number, width } of edge)
        assert.equal(number * 256 + width, hashesOnLevel(level, size))
    }),
  )
})
