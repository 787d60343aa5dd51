import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readTextFile, textOfBytes } from './text-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'btext-'))
after(() => rmSync(folder, { recursive: true }))
const given = { file: 'shown.yaml', limitBytes: 100 }

test('text is read as it stands', () => {
  const path = join(folder, 'good')
  writeFileSync(path, 'å\n')
  assert.deepEqual(readTextFile(path, given), { ok: true, text: 'å\n' })
  writeFileSync(path, '')
  assert.deepEqual(readTextFile(path, given), { ok: true, text: '' })
})

test('what is no text, too long, or cannot be read is a problem with file, line, found, expected and remedy', () => {
  const path = join(folder, 'bad')
  const read = (bytes: Buffer | string) => {
    writeFileSync(path, bytes)
    return readTextFile(path, given)
  }
  const damages: [ReturnType<typeof read>, line: number, found: RegExp][] = [
    [read('x'.repeat(101)), 1, /^101 bytes$/],
    [read(Buffer.from('a\nb\nå', 'latin1')), 3, /no UTF-8/],
    [read(Buffer.from([0xff, 0xfe, 0, 0x0a])), 1, /no UTF-8/],
    [read(Buffer.from([0x61, 0x0a, 0xc3, 0x0a, 0xa5])), 2, /no UTF-8/],
    [readTextFile(folder, given), 1, /a folder/],
    [readTextFile('/dev/zero', given), 1, /no regular file/],
    [readTextFile(join(folder, 'none'), given), 1, /ENOENT/],
    [textOfBytes(Buffer.alloc(101), { ...given, sizeBytes: 7000 }), 1, /7000 bytes/],
  ]
  for (const [got, line, found] of damages) {
    assert.ok(!got.ok)
    const [problem, ...others] = got.problems
    assert.deepEqual([others, problem?.file, problem?.line], [[], 'shown.yaml', line])
    assert.match(problem!.found, found)
    assert.ok(problem!.expected.length > 5 && problem!.remedy.length > 5)
  }
})
