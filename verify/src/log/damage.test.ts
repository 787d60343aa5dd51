import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import {
  bundleOf,
  filesOf,
  makeSigner,
  someLeaves,
  type WrittenLog,
  write,
  writeLog,
} from '../../test/log-writer.ts'
import type { Finding } from './findings.ts'
import { verifyLog } from './verify-log.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'verify-damage-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))
const signer = makeSigner('borgen.localhost/log/w1')
const sizes = [0, 1, 3, 200, 256, 257, 700, 1024]
const logs = sizes.map((size) => writeLog(path.join(root, String(size), 'tree'), someLeaves(size), signer))
const logOf = (size: number) => logs[sizes.indexOf(size)]!
const anySize = fc.constantFrom(...sizes)
const anyByte = fc.integer({ min: 0, max: 2 ** 20 })

const bytesOf = (log: WrittenLog, file: string) => fs.readFileSync(path.join(log.tree, file))

/** What a check finds that is more than a remark, after a change that is then undone. */
async function findingsAfter(
  log: WrittenLog,
  changes: Record<string, Uint8Array | null>,
  key?: string,
): Promise<Finding[]> {
  const before = Object.keys(changes).map((file) => {
    const at = path.join(log.tree, file)
    return { file, bytes: fs.existsSync(at) ? fs.readFileSync(at) : null }
  })
  const put = (file: string, bytes: Uint8Array | null) =>
    bytes === null ? fs.rmSync(path.join(log.tree, file), { force: true }) : write(log.tree, file, bytes)
  for (const [file, bytes] of Object.entries(changes)) put(file, bytes)
  try {
    const { verdict, findings } = await verifyLog({ folder: log.tree, key })
    const faults = findings.filter((finding) => finding.severity !== 'remark')
    assert.equal(verdict === 'verified', faults.length === 0)
    return faults
  } finally {
    for (const { file, bytes } of before) put(file, bytes)
  }
}

function assertNamed(findings: Finding[], files: string[], exactly = true): void {
  const named = [...new Set(findings.map((finding) => finding.file))]
  const fine = exactly
    ? named.length === 1 && files.includes(named[0]!)
    : named.some((file) => files.includes(file))
  assert.ok(fine, `damaged: ${files}; named: ${JSON.stringify(findings.slice(0, 4), null, 1)}`)
  assert.ok(
    named.every((file) => files.includes(file)),
    `also named: ${named}`,
  )
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= mask
  return copy
}

test('a bit in every other byte of a small log, flipped, is found and the file named', async () => {
  const log = logs[2]!
  for (const file of filesOf(log.tree)) {
    const bytes = bytesOf(log, file)
    for (let at = 0; at < bytes.length; at += 1 + (at % 3))
      assertNamed(await findingsAfter(log, { [file]: flipped(bytes, at, 1 << (at % 8)) }), [file])
  }
})

test('any byte of any file, changed, is found; that file is named, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(
      anySize,
      anyByte,
      anyByte,
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (size, pick, where, mask, keyGiven) => {
        const log = logOf(size)
        const files = filesOf(log.tree)
        const file = files[pick % files.length]!
        const bytes = bytesOf(log, file)
        const at = where % bytes.length
        const findings = await findingsAfter(
          log,
          { [file]: flipped(bytes, at, mask) },
          keyGiven ? signer.vkey : undefined,
        )
        assertNamed(findings, [file])
        if (/^tile\/[0-9]/.test(file)) assert.equal(findings[0]!.offset, at)
        if (/^tile\/entries/.test(file))
          assert.ok(findings[0]!.offset! <= at && at < findings[0]!.offset! + 300)
      },
    ),
    { numRuns: 150 },
  )
})

test('any file cut short, lengthened or deleted is found and named', async () => {
  await fc.assert(
    fc.asyncProperty(
      anySize,
      anyByte,
      anyByte,
      fc.constantFrom('cut', 'insert', 'append', 'delete'),
      async (size, pick, where, how) => {
        const log = logOf(size)
        const files = filesOf(log.tree)
        const file = files[pick % files.length]!
        const bytes = bytesOf(log, file)
        const at = where % bytes.length
        const extra = Buffer.from([where % 251])
        const changed = {
          cut: bytes.subarray(0, at),
          insert: Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)]),
          append: Buffer.concat([bytes, extra]),
          delete: null,
        }[how]
        assertNamed(await findingsAfter(log, { [file]: changed }), [file])
      },
    ),
    { numRuns: 150 },
  )
})

test('two files swapped are found; of the two at least one is named, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(257, 700, 1024), anyByte, anyByte, async (size, one, two) => {
      const log = logOf(size)
      const files = filesOf(log.tree).filter((file) => file.startsWith('tile/'))
      const a = files[one % files.length]!
      const b = files[two % files.length]!
      fc.pre(a !== b)
      assertNamed(await findingsAfter(log, { [a]: bytesOf(log, b), [b]: bytesOf(log, a) }), [a, b], false)
    }),
    { numRuns: 60 },
  )
})

test('several files damaged at once are found; most are named, and no sound one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(257, 700, 1024),
      fc.array(fc.tuple(anyByte, anyByte, fc.boolean()), { minLength: 2, maxLength: 4 }),
      async (size, wanted) => {
        const log = logOf(size)
        const files = filesOf(log.tree).filter((file) => file !== 'vkey')
        const changes: Record<string, Buffer> = {}
        for (const [pick, where, cut] of wanted) {
          const file = files[pick % files.length]!
          const bytes = bytesOf(log, file)
          changes[file] = cut
            ? bytes.subarray(0, where % bytes.length)
            : flipped(bytes, where % bytes.length, 1)
        }
        const findings = await findingsAfter(log, changes)
        assert.ok(findings.length > 0)
        // Where two that vouch for each other are both gone, a third may have to be named as in doubt.
        const sure = findings.filter(
          ({ code }) => !['disagreement', 'subtree_differs', 'root_differs'].includes(code),
        )
        for (const { file } of sure)
          assert.ok(file in changes, `${file} is sound; changed: ${Object.keys(changes)}`)
      },
    ),
    { numRuns: 100 },
  )
})

test('entries left out, repeated or reordered inside a bundle are found and the first is named', async () => {
  await fc.assert(
    fc.asyncProperty(
      anySize,
      anyByte,
      anyByte,
      fc.constantFrom('drop', 'repeat', 'swap'),
      async (size, one, two, how) => {
        const log = logOf(size)
        fc.pre(log.leaves.length > 1)
        const number = one % Math.ceil(log.leaves.length / 256)
        const leaves = log.leaves.slice(number * 256, number * 256 + 256)
        fc.pre(leaves.length > 1)
        const file = filesOf(log.tree).filter((name) => name.startsWith('tile/entries/'))[number]!
        const i = two % (leaves.length - 1)
        const changed = [...leaves]
        if (how === 'drop') changed.splice(i, 1)
        if (how === 'repeat') changed.splice(i, 0, leaves[i]!)
        if (how === 'swap') changed.splice(i, 2, leaves[i + 1]!, leaves[i]!)
        const findings = await findingsAfter(log, { [file]: bundleOf(changed) })
        assertNamed(findings, [file])
        assert.equal(findings[0]!.index, number * 256 + i + (how === 'repeat' ? 1 : 0))
      },
    ),
    { numRuns: 100 },
  )
})

test('files that belong to no log are found, whatever their name', async () => {
  const names = [
    'evil',
    'checkpoint.old',
    'tile/evil',
    'tile/0/5',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/64/000',
  ]
  names.push(
    'tile/00/000',
    'tile/entries/000.p/256',
    'tile/entries/000.p/0',
    'tile/1/000.p/01',
    'tile/-1/000',
    'tile/0/000.tmp',
  )
  for (const name of names) assertNamed(await findingsAfter(logs[6]!, { [name]: Buffer.from('x') }), [name])
})

test('a file that a running log is just writing is no finding, one that stays is', async () => {
  const log = logs[6]!
  const file = 'tile/0/002.tmp'
  write(log.tree, file, 'x')
  let looks = 0
  const onProgress = (leaves: number, size: number) => {
    if (leaves === size && ++looks === 2) fs.rmSync(path.join(log.tree, file))
  }
  assert.deepEqual((await verifyLog({ folder: log.tree, key: signer.vkey, onProgress })).findings, [])
  assertNamed(await findingsAfter(log, { [file]: Buffer.from('x') }), [file])
})

test('what the log keeps for itself in journal/ is not judged', async () => {
  assert.deepEqual(await findingsAfter(logs[3]!, { 'journal/1.wal': Buffer.from('x') }), [])
})

test('neither links nor pipes are followed', async () => {
  const log = logs[4]!
  const at = path.join(log.tree, 'tile/0/000')
  const bytes = fs.readFileSync(at)
  fs.rmSync(at)
  fs.writeFileSync(path.join(root, 'elsewhere'), bytes)
  fs.symlinkSync(path.join(root, 'elsewhere'), at)
  const { findings } = await verifyLog({ folder: log.tree, key: signer.vkey })
  fs.rmSync(at)
  fs.writeFileSync(at, bytes)
  assert.deepEqual([...new Set(findings.map((finding) => finding.file))], ['tile/0/000'])
})

test('rubbish in place of any file never throws', async () => {
  await fc.assert(
    fc.asyncProperty(anySize, anyByte, fc.uint8Array({ maxLength: 2000 }), async (size, pick, rubbish) => {
      const log = logOf(size)
      const files = filesOf(log.tree)
      const file = files[pick % files.length]!
      assertNamed(await findingsAfter(log, { [file]: rubbish }), [file])
    }),
    { numRuns: 100 },
  )
})
