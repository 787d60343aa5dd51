import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { hashOfTree } from '../fleet/apps/release-tree.ts'
import { unpackRelease } from '../fleet/apps/unpack.ts'
import { packRelease } from './pack-release.ts'

const root = mkdtempSync(join(tmpdir(), 'bcli-pack-'))
after(() => rmSync(root, { recursive: true, force: true }))

type Content = Record<string, { bytes: Uint8Array; isExecutable: boolean }>
const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter(
    (text) => !/[/\0]/.test(text) && !['.', '..', '.git'].includes(text) && Buffer.byteLength(text) < 200,
  )
const content: fc.Arbitrary<Content> = fc.dictionary(
  fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map((part, at) => `${at}${part}`).join('/')),
  fc.record({ bytes: fc.uint8Array({ maxLength: 3000 }), isExecutable: fc.boolean() }),
  { minKeys: 1, maxKeys: 8 },
)

function lay(files: [path: string, file: Content[string]][], atSeconds: number): string {
  const folder = mkdtempSync(join(root, 'files-'))
  for (const [path, { bytes, isExecutable }] of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    chmodSync(file, isExecutable ? 0o700 : 0o600)
    utimesSync(file, atSeconds, atSeconds)
  }
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, '.git', 'HEAD'), `${atSeconds}`)
  return folder
}

const archiveOf = async (folder: string) =>
  Buffer.concat(await (await packRelease(folder)).stream().toArray())

test('an archive depends on the content alone, and unpacks to the same content without .git', async () => {
  await fc.assert(
    fc.asyncProperty(content, async (files) => {
      // A name that is a file here and a folder there cannot be laid out.
      const paths = Object.keys(files)
      fc.pre(!paths.some((one) => paths.some((other) => other.startsWith(`${one}/`))))
      const first = lay(Object.entries(files), 1_000_000)
      const second = lay(Object.entries(files).reverse(), 2_000_000)
      const archive = await archiveOf(first)
      assert.deepEqual(await archiveOf(second), archive)

      const releases = mkdtempSync(join(root, 'releases-'))
      const { Readable } = await import('node:stream')
      const { sha256 } = await unpackRelease(Readable.from([archive]), releases)
      rmSync(join(first, '.git'), { recursive: true })
      assert.equal(sha256, await hashOfTree(first))
    }),
    { numRuns: 40 },
  )
})

test('the bytes of an archive are fixed: a release packed today has the hash it will have in ten years', async () => {
  const folder = lay([['bin/start', { bytes: Buffer.from('#!/bin/sh\n'), isExecutable: true }]], 3)
  symlinkSync('bin/start', join(folder, 'run'))
  mkdirSync(join(folder, 'empty'))
  const sha256 = createHash('sha256')
    .update(await archiveOf(folder))
    .digest('hex')
  assert.equal(sha256, '9994a9bff25e7989507381f3143ce2f9cd746a305db8fbfbe3d39b4773afb1e4')
})
