import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import tar, { type Header } from 'tar-stream'
import { AppError } from '../../kernel/errors.ts'
import { hashOfTree } from './release-tree.ts'
import { RELEASE_LIMITS, removeHalfUnpacked, unpackRelease } from './unpack.ts'

type Entry = Partial<Header> & { name: string; body?: string }

async function pack(entries: Entry[]): Promise<Buffer> {
  const archive = tar.pack()
  for (const { body, ...header } of entries) archive.entry({ mtime: new Date(0), ...header }, body ?? '')
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Every path below a folder; links are named and not followed (Node's own recursion does), since one may lead to where it lies. */
const below = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => [
    entry.name,
    ...(entry.isDirectory() ? below(join(folder, entry.name)).map((name) => join(entry.name, name)) : []),
  ])

/** A folder of its own whose parent is watched: whatever is written beside it got out. */
function place() {
  const around = mkdtempSync(join(tmpdir(), 'bunpack-'))
  const releases = join(around, 'a', 'b', 'releases')
  after(() => rmSync(around, { recursive: true, force: true }))
  rmSync(releases, { recursive: true, force: true })
  return {
    releases,
    around,
    everything: () => below(around).sort(),
  }
}

async function unpack(entries: Entry[] | Buffer, chunkBytes = 65_536) {
  const bytes = Buffer.isBuffer(entries) ? entries : await pack(entries)
  const where = place()
  mkdirSync(where.releases, { recursive: true })
  const before = where.everything()
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return {
    ...where,
    before,
    done: unpackRelease(Readable.from(chunks, { objectMode: false }), where.releases),
  }
}

async function refuses(entries: Entry[] | Buffer, words: RegExp): Promise<void> {
  const { done, before, everything } = await unpack(entries)
  await assert.rejects(
    done,
    (error) =>
      error instanceof AppError &&
      error.code === 'bad_request' &&
      words.test(error.message) &&
      error.remedy !== undefined,
  )
  assert.deepEqual(everything(), before, 'nothing remains')
}

const app: Entry[] = [
  { name: 'bin/run', body: '#!/bin/sh\n', mode: 0o755 },
  { name: 'lib/a.js', body: 'a' },
  { name: 'lib/ä.js', body: 'b' },
  { name: 'node_modules/.bin/run', type: 'symlink', linkname: '../../bin/run' },
  { name: 'empty', type: 'directory' },
]

test('a release is unpacked read-only, with its links and executable bits and no other ones', async () => {
  const { done } = await unpack([...app, { name: 'set', body: 'x', mode: 0o6777 }])
  const { folder, sizeBytes } = await done
  assert.equal(readFileSync(join(folder, 'lib/ä.js'), 'utf8'), 'b')
  assert.equal(readlinkSync(join(folder, 'node_modules/.bin/run')), '../../bin/run')
  assert.equal(statSync(join(folder, 'bin/run')).mode & 0o7777, 0o555)
  assert.equal(statSync(join(folder, 'set')).mode & 0o7777, 0o555)
  assert.equal(statSync(join(folder, 'lib/a.js')).mode & 0o7777, 0o444)
  assert.equal(statSync(folder).mode & 0o7777, 0o755)
  assert.equal(sizeBytes, 13)
})

test('the same content has the same hash, however it is packed and cut; other content another one', async () => {
  const hashOf = async (entries: Entry[] | Buffer, chunkBytes?: number) =>
    (await (await unpack(entries, chunkBytes)).done).sha256
  const first = await hashOf(app)
  const changed = app.map((entry) => ({
    ...entry,
    mtime: new Date(9e11),
    uid: 7,
    gid: 7,
    uname: 'x',
    mode: entry.mode === 0o755 ? 0o700 : 0o600,
  }))
  assert.equal(await hashOf([...changed].reverse()), first)
  assert.equal(
    await hashOf([{ name: 'lib', type: 'directory' }, { name: './', type: 'directory' }, ...app]),
    first,
  )
  assert.equal(await hashOf(gzipSync(await pack(app))), first)
  assert.equal(await hashOf(gzipSync(await pack(app)), 1), first)
  for (const other of [
    app.slice(0, -1),
    app.map((entry) => (entry.name === 'lib/a.js' ? { ...entry, body: 'b' } : entry)),
    app.map((entry) => (entry.name === 'lib/a.js' ? { ...entry, name: 'lib/A.js' } : entry)),
    app.map((entry) => (entry.name === 'lib/a.js' ? { ...entry, mode: 0o755 } : entry)),
    app.map((entry) => (entry.type === 'symlink' ? { ...entry, linkname: '../../lib/a.js' } : entry)),
  ])
    assert.notEqual(await hashOf(other), first)
})

test('the same release twice is one folder', async () => {
  const { releases, done } = await unpack(app)
  const first = await done
  const again = await unpackRelease(Readable.from([await pack(app)], { objectMode: false }), releases)
  assert.deepEqual(again, first)
  assert.deepEqual(readdirSync(releases), [first.sha256])
})

for (const name of [
  '../out',
  '/etc/out',
  'a/../../out',
  '..',
  'a/b/../../../out',
  './../out',
  'x'.repeat(RELEASE_LIMITS.pathBytes + 1),
])
  test(`a path that leads out or is too long is refused: ${name.slice(0, 20)}`, () =>
    refuses(
      [
        { name: 'ok', body: 'x' },
        { name, body: 'x' },
      ],
      /path that leads out/,
    ))

for (const [linkname, name] of [
  ['/etc/passwd', 'l'],
  ['..', 'l'],
  ['../x', 'l'],
  ['../../x', 'a/l'],
  ['a/../../x', 'l'],
  ['', 'l'],
] as const)
  test(`a link that leads out is refused: ${name} → ${linkname}`, () =>
    refuses([{ name, type: 'symlink', linkname }], /link that leads out/))

test('links that lead out only together are refused, and nothing is written through a link', async () => {
  const deep: Entry[] = [
    { name: 'd/e', type: 'directory' },
    { name: 'd/e/up', type: 'symlink', linkname: '../..' },
  ]
  await refuses([...deep, { name: 'x', type: 'symlink', linkname: 'd/e/up/../..' }], /link that leads out/)
  await refuses([...deep, { name: 'd/e/up/out', body: 'x' }], /through a link/)
  await refuses(
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'd', type: 'directory' },
      { name: 'l/out', body: 'x' },
    ],
    /through a link/,
  )
  await refuses(
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l', type: 'directory' },
    ],
    /through a link/,
  )
  await refuses(
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l', body: 'x' },
    ],
    /two entries at one path/,
  )
})

test('whatever links and paths an archive holds, nothing gets out and no link leads out', async () => {
  const part = fc.constantFrom('a', 'b', '..')
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const entry = fc.oneof(
    fc.record({ name: path, body: fc.constant('x') }),
    fc.record({ name: path, type: fc.constant('directory' as const) }),
    fc.record({ name: path, type: fc.constant('symlink' as const), linkname: path }),
    fc.record({ name: path, type: fc.constant('symlink' as const), linkname: path }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), async (entries) => {
      const { done, around, releases, before, everything } = await unpack(entries as Entry[])
      try {
        const { folder, sha256 } = await done
        assert.equal(await hashOfTree(folder), sha256)
        const inside = `${releases.slice(around.length + 1)}/`
        assert.deepEqual(
          everything().filter((one) => !one.startsWith(inside)),
          before,
        )
        for (const name of below(folder)) {
          const real = await realpath(join(folder, name)).catch(() => folder)
          assert.ok(real === folder || real.startsWith(`${folder}/`), `${name} is ${real}`)
        }
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        assert.deepEqual(everything(), before)
      } finally {
        rmSync(around, { recursive: true, force: true })
      }
    }),
    { numRuns: 200 },
  )
})

for (const type of ['character-device', 'block-device', 'fifo', 'link', 'contiguous-file'] as const)
  test(`an entry of kind ${type} is refused`, () =>
    refuses([{ name: 'x', type, linkname: 'ok' }], new RegExp(`of kind ${type}`)))

test('two entries at one path are refused', async () => {
  await refuses(
    [
      { name: 'x', body: '1' },
      { name: 'x', body: '2' },
    ],
    /two entries at one path/,
  )
  await refuses(
    [
      { name: 'x', body: '1' },
      { name: 'x/y', body: '2' },
    ],
    /two entries at one path/,
  )
})

test('a bomb is refused by what it says of itself, before it is unpacked', async () => {
  const header = (await pack([{ name: 'x', body: '' }])).subarray(0, 512)
  const size = Buffer.from(header)
  // GNU's base-256 size: 1 TiB
  size.fill(0, 124, 136)
  size[124] = 0x80
  size.writeUIntBE(2 ** 40, 130, 6)
  size.fill(' ', 148, 156)
  const sum = size.reduce((total, byte) => total + byte, 0)
  size.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  await refuses(Buffer.concat([size, Buffer.alloc(4096)]), /more than \d+ bytes/)
})

test('what is cut off, empty, or no archive at all is refused', async () => {
  const whole = await pack(app)
  for (const cut of [1, 511, 513, 700]) await refuses(whole.subarray(0, cut), /not a tar archive/)
  const zipped = gzipSync(whole)
  for (const cut of [2, 11, zipped.length >> 1, zipped.length - 1])
    await refuses(zipped.subarray(0, cut), /not a tar archive/)
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(1024)]) await refuses(bytes, /without entries|not a tar/)
  await refuses(Buffer.from('<html>'.repeat(500)), /not a tar archive/)
  await refuses(Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(1000, 7)]), /not a tar archive/)
})

test('a stream that breaks leaves nothing', async () => {
  const { releases, done } = await unpack(app)
  await done
  const whole = await pack(app)
  async function* breaks() {
    yield whole.subarray(0, 1500)
    throw new Error('the connection was lost')
  }
  const folder = join(releases, '..', 'other')
  mkdirSync(folder)
  await assert.rejects(unpackRelease(Readable.from(breaks(), { objectMode: false }), folder))
  assert.deepEqual(readdirSync(folder), [])
})

test('thousands of files, small and large, lie there byte for byte, and their hash is that of what lies there', async () => {
  const bodyOf = (at: number) => `${at} `.repeat(at % 500 === 0 ? 200_000 : at % 7)
  const entries = Array.from({ length: 2000 }, (_, at) => ({
    name: `${at % 13}-${at % 5 === 0 ? 'a' : 'a/b'}/${at}`,
    body: bodyOf(at),
    mode: at % 3 === 0 ? 0o755 : 0o644,
  }))
  const { folder, sha256, sizeBytes } = await (await unpack(entries)).done
  for (const { name, body, mode } of entries) {
    assert.equal(readFileSync(join(folder, name), 'utf8'), body, name)
    assert.equal(statSync(join(folder, name)).mode & 0o777, mode === 0o755 ? 0o555 : 0o444, name)
  }
  assert.equal(sha256, await hashOfTree(folder))
  assert.equal(
    sizeBytes,
    entries.reduce((sum, { body }) => sum + body.length, 0),
  )
})

test('what a process that ended half-way left is removed, and no release is', async () => {
  const { releases, done } = await unpack(app)
  const { sha256 } = await done
  mkdirSync(join(releases, '.incoming-abcdef', 'deep'), { recursive: true })
  await removeHalfUnpacked(releases)
  assert.deepEqual(readdirSync(releases), [sha256])
  await removeHalfUnpacked(join(releases, 'not-there'))
})
