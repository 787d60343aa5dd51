import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import {
  checkpointOf,
  leafOf,
  makeSigner,
  rootOf,
  someLeaves,
  write,
  writeLog,
} from '../../test/log-writer.ts'
import { verifyLog } from './verify-log.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'verify-log-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))
const signer = makeSigner('borgen.localhost/log/w1')
let folders = 0
const newTree = () => path.join(root, String(++folders), 'tree')

for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000]) {
  test(`a sound log of ${size} leaves verifies`, async () => {
    const log = writeLog(newTree(), someLeaves(size), signer)
    const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
    assert.deepEqual(verdict.findings, [])
    assert.equal(verdict.verdict, 'verified')
  })
}

test('the folder may be named from above, and its own key is used with a remark', async () => {
  const log = writeLog(newTree(), someLeaves(3), signer)
  for (const folder of [path.dirname(log.tree), path.join(log.tree, 'tile')]) {
    const verdict = await verifyLog({ folder })
    assert.equal(verdict.verdict, 'verified')
    assert.deepEqual(
      verdict.findings.map((f) => [f.severity, f.code]),
      [['remark', 'key_from_folder']],
    )
  }
})

test('earlier checkpoints of every size are consistent, forged ones and longer ones are not', async () => {
  const log = writeLog(newTree(), someLeaves(700), signer)
  const sizes = [0, 1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 699, 700]
  const good = sizes.map((size) => ({
    name: `c${size}`,
    bytes: Buffer.from(checkpointOf(signer, size, rootOf(log.hashes.slice(0, size)))),
  }))
  assert.equal(
    (await verifyLog({ folder: log.tree, key: signer.vkey, checkpoints: good })).verdict,
    'verified',
  )
  const bad = [300, 512, 701].map((size) => ({
    name: `c${size}`,
    bytes: Buffer.from(checkpointOf(signer, size, rootOf(log.hashes.slice(1, size)))),
  }))
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey, checkpoints: [...good, ...bad] })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file]),
    [
      ['checkpoint_inconsistent', 'c300'],
      ['checkpoint_inconsistent', 'c512'],
      ['checkpoint_ahead', 'c701'],
    ],
  )
})

test('history rewritten throughout and signed again is found by an earlier checkpoint only', async () => {
  const before = writeLog(newTree(), someLeaves(300), signer)
  const earlier = { name: 'mine', bytes: fs.readFileSync(path.join(before.tree, 'checkpoint')) }
  const after = writeLog(newTree(), [...someLeaves(299), ...someLeaves(201, 'other')], signer)
  assert.equal((await verifyLog({ folder: after.tree, key: signer.vkey })).verdict, 'verified')
  const verdict = await verifyLog({ folder: after.tree, key: signer.vkey, checkpoints: [earlier] })
  assert.deepEqual(
    verdict.findings.map((f) => f.code),
    ['checkpoint_inconsistent'],
  )
})

test('an entry, its tile and the level above rewritten together are found by the signed root', async () => {
  const size = 600
  const log = writeLog(newTree(), someLeaves(size), signer)
  const signed = fs.readFileSync(path.join(log.tree, 'checkpoint'))
  const leaves = someLeaves(size)
  leaves[260] = leafOf(260, 'ab'.repeat(32))
  writeLog(log.tree, leaves, signer)
  write(log.tree, 'checkpoint', signed)
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file]),
    [['root_differs', 'checkpoint']],
  )
})

test('an entry and its tile rewritten together are found by the tile above', async () => {
  const log = writeLog(newTree(), someLeaves(600), signer)
  const leaves = someLeaves(600)
  leaves[260] = leafOf(260, 'ab'.repeat(32))
  const other = writeLog(newTree(), leaves, signer)
  for (const file of ['tile/entries/001', 'tile/0/001'])
    fs.copyFileSync(path.join(other.tree, file), path.join(log.tree, file))
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file, f.index]),
    [
      ['subtree_differs', 'tile/0/001', 256],
      ['subtree_differs', 'tile/entries/001', 256],
    ],
  )
})

test('two damages side by side are told apart', async () => {
  const log = writeLog(newTree(), someLeaves(600), signer)
  const flip = (file: string, at: number) => {
    const bytes = fs.readFileSync(path.join(log.tree, file))
    bytes[at]! ^= 1
    write(log.tree, file, bytes)
  }
  flip('tile/0/001', 7 * 32 + 5)
  flip('tile/entries/001', 20)
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file, f.offset, f.index]),
    [
      ['entry_differs', 'tile/entries/001', 0, 256],
      ['hash_differs', 'tile/0/001', 7 * 32 + 5, undefined],
    ],
  )
})

test('an entry that the log itself wrote wrongly is named', async () => {
  const leaves = someLeaves(300)
  leaves[4] = leafOf(4, 'ab'.repeat(32), { stream: 'gossip' })
  leaves[299] = ` ${leaves[299]}`
  const log = writeLog(newTree(), leaves, signer)
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file, f.index]),
    [
      ['entry_malformed', 'tile/entries/000', 4],
      ['entry_malformed', 'tile/entries/001.p/44', 299],
    ],
  )
})

test('a running log that has moved on still verifies: wider partial tile, full tile, more tiles', async () => {
  const log = writeLog(newTree(), someLeaves(300), signer)
  const signed = fs.readFileSync(path.join(log.tree, 'checkpoint'))
  for (const size of [400, 700]) {
    fs.rmSync(path.join(log.tree, 'tile'), { recursive: true })
    writeLog(log.tree, someLeaves(size), signer)
    write(log.tree, 'checkpoint', signed)
    const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
    assert.equal(verdict.verdict, 'verified')
    assert.deepEqual([...new Set(verdict.findings.map((f) => f.code))], ['beyond_size'])
  }
})

test('older partial tiles are compared with what became of them', async () => {
  const log = writeLog(newTree(), someLeaves(700), signer)
  const older = writeLog(newTree(), someLeaves(300), signer)
  for (const file of ['tile/0/001.p/44', 'tile/entries/001.p/44', 'tile/1/000.p/1'])
    write(log.tree, file, fs.readFileSync(path.join(older.tree, file)))
  assert.equal((await verifyLog({ folder: log.tree, key: signer.vkey })).verdict, 'verified')
  const bytes = fs.readFileSync(path.join(log.tree, 'tile/entries/001.p/44'))
  bytes[100]! ^= 4
  write(log.tree, 'tile/entries/001.p/44', bytes)
  const verdict = await verifyLog({ folder: log.tree, key: signer.vkey })
  assert.deepEqual(
    verdict.findings.map((f) => [f.code, f.file, f.offset]),
    [['partial_differs', 'tile/entries/001.p/44', 100]],
  )
})

test('without any key nothing is proved, but damage is still found', async () => {
  const log = writeLog(newTree(), someLeaves(300), signer)
  fs.rmSync(path.join(log.tree, 'vkey'))
  const verdict = await verifyLog({ folder: log.tree, findingLimit: 5 })
  assert.deepEqual(
    verdict.findings.map((f) => f.code),
    ['file_missing', 'no_key'],
  )
})

test('no folder, a malformed key: undecided, with a reason', async () => {
  const none = await verifyLog({ folder: path.join(root, 'nowhere') })
  assert.ok('code' in none && none.code === 'no_log')
  const key = await verifyLog({ folder: writeLog(newTree(), [], signer).tree, key: 'x+00000000+AAAA' })
  assert.ok('code' in key && key.code === 'key_malformed')
})

test('a checkpoint that claims a size beyond any log ends at the limit of findings', async () => {
  const log = writeLog(newTree(), someLeaves(3), signer)
  for (const size of [2 ** 53 - 1, 2n ** 60n]) {
    write(log.tree, 'checkpoint', checkpointOf(signer, size, log.root))
    const verdict = await verifyLog({ folder: log.tree, key: signer.vkey, findingLimit: 20 })
    assert.equal(verdict.verdict, 'damaged')
    assert.ok(verdict.findings.length <= 21)
  }
})
