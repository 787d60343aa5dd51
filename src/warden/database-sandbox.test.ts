import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findCgroups } from './cgroups.ts'
import { loadedLibraries } from './database-sandbox.ts'

test('what ldd says is read whatever the paths are made of', () => {
  const path = fc
    .array(fc.constantFrom('a', ' ', '=> ', 'ö', '日', '(0x1)', '\t', "'"), { minLength: 1, maxLength: 8 })
    .map((parts) => `/${parts.join('')}/lib.so.1`)
  fc.assert(
    fc.property(fc.array(path, { maxLength: 5 }), (paths) => {
      const lines = paths.map((one) => `\tlib.so.1 => ${one} (0x00007f52d3a00000)\n`)
      const said = `\tlinux-vdso.so.1 (0x00007ffc4b5f3000)\n${lines.join('')}\tlibgone.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f52d4b00000)\n`
      assert.deepEqual(loadedLibraries(said), [...paths, '/lib64/ld-linux-x86-64.so.2'])
    }),
  )
})

test('controllers are found where the path of their mount has blanks', () => {
  const line = '30 23 0:26 / /sys/fs/a\\040b\\134c rw,relatime shared:4 - cgroup cgroup rw,memory'
  assert.equal(findCgroups(line, () => true).memory?.root, '/sys/fs/a b\\c')
})
