import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAppError } from '../../kernel/errors.ts'
import { freshFolder } from '../testing/fresh-folder.ts'
import { entryOf, keysOf, openTestLog, SUBJECT_A } from '../testing/open-log.ts'
import type { Finding } from './finding.ts'
import { fsck } from './fsck.ts'
import type { Log } from './log.ts'

const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => entryOf(`k${from + i}`))
const place = { region: 'eu-frankfurt', subject: SUBJECT_A }
const segment = `regions/eu-frankfurt/${SUBJECT_A}/0000000000000000.seg`

async function findingsOf(log: Log): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const step of fsck(log)) if (step.step === 'finding') found.push(step.finding)
  return found
}
async function placesOf(log: Log): Promise<string[]> {
  const found = await findingsOf(log)
  assert.ok(
    found.every(({ remedy }) => remedy !== undefined),
    'each says what to do',
  )
  return [...new Set(found.map((finding) => finding.place))]
}
function flip(path: string, at = -30): void {
  const bytes = readFileSync(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 4
  writeFileSync(path, bytes)
}

test('a flipped byte of any file of a running log is named, at each check, and nothing is mended by checking', async () => {
  const folder = freshFolder()
  const log = await openTestLog(folder)
  await log.append(many(600))
  log.publish()
  assert.deepEqual(await placesOf(log), [])
  const journal = readdirSync(join(folder, 'tree', 'journal')).find((name) => name.endsWith('.journal'))!
  for (const [path, at] of [
    ['tree/tile/entries/000', -30],
    ['tree/tile/entries/001', 20],
    ['tree/tile/entries/002.p/88', -30],
    ['tree/tile/0/001', -30],
    ['tree/tile/0/002.p/88', -30],
    ['tree/tile/1/000.p/2', -30],
    ['tree/checkpoint', -3],
    ['tree/vkey', 70],
    [`tree/journal/${journal}`, 3000],
    [segment, -30],
    [segment, 60],
    [segment, 0],
    [`keys/eu-frankfurt/${SUBJECT_A}.1.json`, -30],
  ] as const) {
    const file = join(folder, path)
    const good = readFileSync(file)
    flip(file, at)
    const bad = readFileSync(file)
    for (const look of ['first', 'second'])
      assert.deepEqual(await placesOf(log), [path], `${path} byte ${at}, ${look} check`)
    assert.deepEqual(readFileSync(file), bad, `${path} is left as it is`)
    writeFileSync(file, good)
    assert.deepEqual(await placesOf(log), [], `${path} put back`)
  }
  await log.close()
})

test('the entry, the hash, and the frame are named', async () => {
  const folder = freshFolder()
  const log = await openTestLog(folder)
  for (let i = 0; i < 3; i++) await log.append(many(100, i * 100))
  log.publish()
  flip(join(folder, 'tree', 'tile', 'entries', '000'), 20)
  flip(join(folder, 'tree', 'tile', '0', '001.p', '44'), 32 * 7)
  flip(join(folder, segment))
  assert.deepEqual(
    (await findingsOf(log)).map((finding) => [finding.place, finding.index]),
    [
      ['tree/tile/entries/000', 0],
      ['tree/tile/0/001.p/44', 263],
      [segment, 200],
    ],
  )
  await log.close()
})

test('what was altered stays named when the log grows, and when it starts again', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append(many(300))
  log.publish()
  const tree = join(folder, 'tree')
  flip(join(tree, 'tile', '0', '001.p', '44'))
  flip(join(tree, 'checkpoint'), 3)
  rmSync(join(tree, 'tile', 'entries', '001.p', '44'))
  await log.append(many(10, 300))
  const named = [
    'altered/checkpoint.1',
    'altered/tile_0_001.p_44.1',
    'altered/tile_entries_001.p_44.1.missing',
  ]
  assert.deepEqual(await placesOf(log), named)
  await log.append(many(10, 310))
  assert.deepEqual(await placesOf(log), named)
  await log.close()

  // While it stands still: a full tile that the journal would bring back, and a partial one.
  flip(join(tree, 'tile', '0', '000'))
  flip(join(tree, 'tile', 'entries', '001.p', '64'))
  log = await openTestLog(folder)
  const more = [...named, 'altered/tile_0_000.1', 'altered/tile_entries_001.p_64.1'].sort()
  assert.deepEqual(await placesOf(log), more)
  assert.equal((await log.append(many(1, 320)))[0]?.index, 320)
  for (const path of more) rmSync(join(folder, path))
  assert.deepEqual(await placesOf(log), [])
  await log.close()
})

test('a partial tile left from before the newest commits is compared too', async () => {
  const folder = freshFolder()
  const first = await openTestLog(folder)
  await first.append(many(300))
  first.publish()
  const older = join(folder, 'tree', 'tile', '0', '001.p', '44')
  const bytes = readFileSync(older)
  await first.append(many(300, 300))
  await first.close()
  for (const path of ['0', 'entries'])
    assert.equal(existsSync(join(folder, 'tree', 'tile', path, '001.p')), false)
  // As if the process had died before it removed them: one as it was, one torn, one altered.
  const put = (name: string, content: Buffer) => {
    const at = join(folder, 'tree', 'tile', '0', '002.p', name)
    writeFileSync(at, content)
  }
  const full = readFileSync(join(folder, 'tree', 'tile', '0', '002.p', '88'))
  put('40', full.subarray(0, 40 * 32))
  put('41', full.subarray(0, 100))
  put('42', bytes.subarray(0, 42 * 32))
  const log = await openTestLog(folder)
  assert.deepEqual(await placesOf(log), ['altered/tile_0_002.p_42.1'])
  await log.close()
})

test('files torn by a cut of power are written anew, and are no finding', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append(many(300))
  await log.close()
  const tree = join(folder, 'tree')
  for (const [path, length] of [
    ['tile/0/000', 0],
    ['tile/entries/000', 4096],
    ['tile/0/001.p/44', 33],
    ['checkpoint', 0],
    ['vkey', 0],
  ] as const) {
    const bytes = readFileSync(join(tree, path))
    writeFileSync(
      join(tree, path),
      Buffer.concat([bytes.subarray(0, length), Buffer.alloc(length === 4096 ? 512 : 0)]),
    )
  }
  log = await openTestLog(folder)
  assert.deepEqual(await placesOf(log), [])
  await log.close()
})

test('a key that went without being destroyed is a finding; a destroyed one is not', async () => {
  const folder = freshFolder()
  const log = await openTestLog(folder)
  await log.append(many(3))
  const key = join(folder, 'keys', 'eu-frankfurt', `${SUBJECT_A}.1.json`)
  const bytes = readFileSync(key)
  rmSync(key)
  assert.deepEqual(await placesOf(log), [`keys/eu-frankfurt/${SUBJECT_A}.1.json`])
  writeFileSync(key, bytes, { mode: 0o600 })
  assert.equal(await keysOf(folder).destroy(place), 1)
  assert.deepEqual(await placesOf(log), [])
  await log.close()
})

test('a journal damaged in its middle: nothing that comes after it is cut off, and put back it goes on', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  for (let i = 0; i < 8; i++) await log.append(many(20, i * 20))
  await log.close()
  const journals = join(folder, 'tree', 'journal')
  const journal = join(journals, readdirSync(journals).find((name) => name.endsWith('.journal'))!)
  const good = readFileSync(journal)
  const segmentBytes = statSync(join(folder, segment)).size
  // Also without the checkpoint, which alone would tell that there was more.
  for (const checkpoint of ['kept', 'lost'])
    for (const at of [4000, 4000 + 20]) {
      flip(journal, at)
      const note = readFileSync(join(folder, 'tree', 'checkpoint'))
      if (checkpoint === 'lost') rmSync(join(folder, 'tree', 'checkpoint'))
      log = await openTestLog(folder)
      await assert.rejects(
        log.append([entryOf('new')]),
        (error) => isAppError(error, 'log_unavailable') && /damaged/.test(error.message),
      )
      assert.ok((await placesOf(log)).includes('tree/journal'))
      await log.close()
      assert.equal(statSync(journal).size, good.length, 'the journal is not cut')
      assert.equal(statSync(join(folder, segment)).size, segmentBytes, 'the segment is not cut')
      writeFileSync(journal, good)
      writeFileSync(join(folder, 'tree', 'checkpoint'), note)
    }
  log = await openTestLog(folder)
  assert.deepEqual(await placesOf(log), [])
  assert.equal((await log.append([entryOf('new')]))[0]?.index, 160)
  await log.close()
})
