import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { isAppError } from '../../kernel/errors.ts'
import { freshFolder } from '../testing/fresh-folder.ts'
import { entryOf, keysOf, openTestLog, SUBJECT_A, SUBJECT_B } from '../testing/open-log.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { leafHash } from '../tree/hash.ts'
import { consistencyPath } from '../tree/prove.ts'
import { parseTilePath, partialTiles, tilePath } from '../tree/tile-path.ts'
import { splitBundle } from '../tree/tile-store.ts'
import { verifyConsistency, verifyInclusion } from '../tree/verify-proof.ts'
import { type NewEntry, parseLeaf } from './entry.ts'
import type { FsckStep } from './finding.ts'
import { fsck } from './fsck.ts'
import type { Log } from './log.ts'
import { exportEntry, readEntries } from './query.ts'

const many = (count: number, from = 0, more: Partial<NewEntry> = {}) =>
  Array.from({ length: count }, (_, i) => entryOf(`k${from + i}`, `text ${from + i}`, more))

async function findingsOf(log: Log): Promise<FsckStep[]> {
  const steps: FsckStep[] = []
  for await (const step of fsck(log)) if (step.step !== 'progress') steps.push(step)
  return steps
}
async function isSound(log: Log): Promise<void> {
  const steps = await findingsOf(log)
  assert.equal(steps.length, 1, JSON.stringify(steps))
  assert.equal(steps[0]!.step, 'done')
}
const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
const all = { limit: 1000, reverse: false }

test('an empty log has the empty root, no tiles, and goes on being one', async () => {
  const folder = freshFolder()
  for (let round = 0; round < 2; round++) {
    const log = await openTestLog(folder)
    const head = openCheckpoint(log.checkpoint(), log.signer.vkey)
    assert.equal(head?.size, 0)
    assert.equal(
      head?.root.toString('hex'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    assert.equal(existsSync(join(folder, 'tree', 'tile')), false)
    assert.deepEqual(await readEntries(log, all), { entries: [], next: null })
    await isSound(log)
    await log.close()
  }
})

test('what was appended is read again, exported with a proof, and stands there after a restart', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  const answers = await log.append(many(700))
  assert.deepEqual(
    answers.map(({ index }) => index),
    [...Array(700).keys()],
  )
  assert.ok(answers.every(({ duplicate }) => !duplicate))
  for (let round = 0; round < 2; round++) {
    const page = await readEntries(log, { limit: 1000, reverse: false })
    assert.deepEqual(
      page.entries.map(({ event }) => event),
      many(700).map(({ event }) => event),
    )
    for (const index of [0, 255, 256, 511, 699]) {
      const exported = JSON.parse(JSON.stringify(await exportEntry(log, index)))
      const head = openCheckpoint(exported.checkpoint, log.signer.vkey)!
      assert.equal(exported.event, `{"text":"text ${index}"}`)
      const commitment = createHash('sha256')
        .update(Buffer.from(exported.salt, 'hex'))
        .update(exported.event)
        .digest('hex')
      assert.equal(JSON.parse(exported.leaf).c, commitment)
      const hashes = exported.proof.hashes.map((hash: string) => Buffer.from(hash, 'hex'))
      const proof = {
        index: BigInt(index),
        size: BigInt(exported.proof.size),
        leaf: leafHash(Buffer.from(exported.leaf)),
        hashes,
      }
      assert.ok(verifyInclusion({ ...proof, root: head.root }))
    }
    await isSound(log)
    await log.close()
    log = await openTestLog(folder)
  }
  await log.close()
})

test('the files on disk are exactly the tiles of the specification, and their entries hash to them', async () => {
  const folder = freshFolder()
  const log = await openTestLog(folder)
  for (let from = 0; from < 66_000; from += 6_600) await log.append(many(6_600, from))
  await log.close()
  const tree = join(folder, 'tree')
  const paths = filesUnder(join(tree, 'tile')).map((path) => path.slice(tree.length + 1))
  const want = new Set(partialTiles(66_000).map(tilePath))
  for (let i = 0; i < 257; i++)
    for (const level of ['entries', 0] as const) want.add(tilePath({ level, index: i, width: 256 }))
  want.add(tilePath({ level: 1, index: 0, width: 256 }))
  assert.deepEqual(paths.sort(), [...want].sort())
  for (const path of paths) {
    const tile = parseTilePath(path)!
    const bytes = readFileSync(join(tree, path))
    if (tile.level !== 'entries') {
      assert.equal(bytes.length, tile.width * 32)
      continue
    }
    const leaves = splitBundle(bytes)
    assert.equal(leaves.length, tile.width)
    const hashes = readFileSync(join(tree, tilePath({ ...tile, level: 0 })))
    assert.deepEqual(Buffer.concat(leaves.map((leaf) => leafHash(leaf))), hashes)
    assert.ok(leaves.every((leaf) => parseLeaf(leaf) !== undefined))
  }
})

test('a repeated key has one effect, also after a restart; with anything else it is a conflict', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  const [first] = await log.append([entryOf('once')])
  await log.append(many(300))
  for (let round = 0; round < 2; round++) {
    const [again] = await log.append([entryOf('once')])
    assert.deepEqual(again, { ...first, duplicate: true })
    const others: Partial<NewEntry>[] = [
      { event: { text: 'other' } },
      { type: 'a.b' },
      { stream: 'error' },
      { subject: SUBJECT_B },
    ]
    for (const other of others)
      await assert.rejects(log.append([entryOf('new'), entryOf('once', 'once', other)]), (error) =>
        isAppError(error, 'conflict'),
      )
    assert.equal(log.tiles.size, 301)
    await log.close()
    log = await openTestLog(folder)
  }
  // Old and new mixed, and one key twice in a batch.
  const mixed = await log.append([
    entryOf('once'),
    entryOf('x'),
    entryOf('k5', 'text 5'),
    entryOf('x'),
    entryOf('y'),
  ])
  assert.deepEqual(
    mixed.map(({ index, duplicate }) => [index, duplicate]),
    [
      [0, true],
      [301, false],
      [6, true],
      [301, true],
      [302, false],
    ],
  )
  await assert.rejects(log.append([entryOf('z', '1'), entryOf('z', '2')]), (error) =>
    isAppError(error, 'conflict'),
  )
  assert.equal(log.tiles.size, 303)
  await isSound(log)
  await log.close()
})

test('many callers at once: every entry once, each batch together, one key one entry', async () => {
  const log = await openTestLog(freshFolder())
  const batches = Array.from({ length: 200 }, (_, i) =>
    many(1 + (i % 7), i * 10, { subject: i % 3 ? SUBJECT_A : SUBJECT_B }),
  )
  const twice = [...batches, ...batches]
  const answers = await Promise.all(twice.map((batch) => log.append(batch)))
  const total = batches.reduce((sum, batch) => sum + batch.length, 0)
  assert.equal(log.tiles.size, total)
  const indices = new Set<number>()
  for (let i = 0; i < batches.length; i++) {
    const [a, b] = [answers[i]!, answers[i + batches.length]!]
    assert.deepEqual(
      a.map(({ index }) => index),
      b.map(({ index }) => index),
    )
    assert.equal(a.at(-1)!.index - a[0]!.index, a.length - 1)
    for (const { index } of a) indices.add(index)
  }
  assert.equal(indices.size, total)
  await isSound(log)
  await log.close()
})

test('salts and commitments are unique, even for equal events', async () => {
  const log = await openTestLog(freshFolder())
  await log.append(many(500).map((entry) => ({ ...entry, event: { same: true } })))
  const { entries } = await readEntries(log, all)
  assert.equal(new Set(entries.map(({ salt }) => salt)).size, 500)
  const leaves = (await Promise.all([0, 1].map((index) => log.tiles.entries(index)))).flat()
  assert.equal(new Set(leaves.map((leaf) => parseLeaf(leaf)!.c)).size, 500)
  await log.close()
})

test('nothing on disk shows what was in an event or an idempotency key', async () => {
  const folder = freshFolder()
  const log = await openTestLog(folder)
  const planted = ['Ann-Planted-Person', 'ann.planted@example.test', 'känslig-överraskning']
  for (const [i, text] of planted.entries()) await log.append([entryOf(`planted-key-${i}`, text)])
  await log.close()
  const needles = planted.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('base64').slice(0, 16)),
  ])
  needles.push(Buffer.from('planted-key'))
  for (const path of filesUnder(folder))
    for (const needle of needles) assert.ok(!readFileSync(path).includes(needle), `${path} holds ${needle}`)
})

test('consistency proofs verify between all checkpoints, across restarts and tile borders', async () => {
  const folder = freshFolder()
  const heads: { size: number; root: Buffer }[] = []
  for (const count of [1, 1, 5, 249, 1, 300, 2, 800]) {
    const log = await openTestLog(folder)
    await log.append(many(count, heads.at(-1)?.size ?? 0))
    heads.push(openCheckpoint(log.checkpoint(), log.signer.vkey)!)
    await log.close()
  }
  const log = await openTestLog(folder)
  for (const from of heads)
    for (const to of heads.filter(({ size }) => size >= from.size)) {
      const hashes = await consistencyPath(from.size, to.size, log.tiles.hashes)
      const proof = {
        from: BigInt(from.size),
        to: BigInt(to.size),
        fromRoot: from.root,
        toRoot: to.root,
        hashes,
      }
      assert.ok(verifyConsistency(proof), `${from.size} to ${to.size}`)
    }
  await log.close()
})

test('pages by subject, stream and type, in both directions, hold exactly what a plain filter finds', async () => {
  const log = await openTestLog(freshFolder())
  const subjects = [SUBJECT_A, SUBJECT_B, 'plane']
  const appended: NewEntry[] = []
  for (let i = 0; i < 40; i++) {
    const batch = Array.from({ length: 1 + (i % 9) }, (_, j) =>
      entryOf(`q${i}-${j}`, `${i} ${j}`, {
        subject: subjects[(i * 7 + j) % 3]!,
        stream: (i + j) % 2 ? 'audit' : 'error',
        type: (i * j) % 3 ? 'a.b' : 'c.d',
      }),
    )
    appended.push(...batch)
    await log.append(batch)
  }
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        subject: fc.constantFrom(undefined, ...subjects, 'ins_0000000000000000000000000z'),
        stream: fc.constantFrom(undefined, 'audit' as const, 'error' as const, 'event' as const),
        type: fc.constantFrom(undefined, 'a.b', 'c.d'),
        from: fc.option(fc.nat(appended.length + 5), { nil: undefined }),
        limit: fc.integer({ min: 1, max: 50 }),
        reverse: fc.boolean(),
      }),
      async (question) => {
        const { subject, stream, type, reverse } = question
        const want = appended
          .map((entry, index) => ({ entry, index }))
          .filter(
            ({ entry }) =>
              entry.subject === (subject ?? entry.subject) &&
              entry.stream === (stream ?? entry.stream) &&
              entry.type === (type ?? entry.type),
          )
          .filter(
            ({ index }) =>
              question.from === undefined || (reverse ? index <= question.from : index >= question.from),
          )
        if (reverse) want.reverse()
        const got: { index: number; event: unknown }[] = []
        let from: number | null | undefined = question.from
        for (let pages = 0; from !== null && pages < 500; pages++) {
          const page = await readEntries(log, { ...question, from })
          assert.ok(page.entries.length <= question.limit)
          got.push(...page.entries)
          from = page.next
        }
        assert.deepEqual(
          got.map(({ index, event }) => [index, event]),
          want.map(({ index, entry }) => [index, entry.event]),
        )
      },
    ),
    { numRuns: 60 },
  )
  await log.close()
})

test('after its key is destroyed a subject cannot be read, while every proof still holds', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append([...many(5), ...many(5, 5, { subject: SUBJECT_B })])
  await log.close()
  await keysOf(folder).destroy({ region: 'eu-frankfurt', subject: SUBJECT_A })
  log = await openTestLog(folder)
  const { entries } = await readEntries(log, all)
  assert.deepEqual(
    entries.map(({ event }) => event !== null),
    [...Array(5).fill(false), ...Array(5).fill(true)],
  )
  const bySubject = await readEntries(log, { ...all, subject: SUBJECT_A })
  assert.deepEqual(
    bySubject.entries.map(({ index, salt }) => [index, salt]),
    [0, 1, 2, 3, 4].map((i) => [i, null]),
  )
  assert.equal((await exportEntry(log, 2)).event, null)
  await assert.rejects(log.append([entryOf('more')]), (error) => isAppError(error, 'gone'))
  assert.deepEqual((await log.append([entryOf('k2', 'text 2')]))[0]?.duplicate, true)
  await log.append(many(3, 20, { subject: SUBJECT_B }))
  await isSound(log)
  await log.close()
})

test('a subject stays in the region where it began', async () => {
  const log = await openTestLog(freshFolder())
  await log.append(many(2))
  await assert.rejects(log.append([entryOf('else', 'x', { region: 'us' })]), (error) =>
    isAppError(error, 'conflict'),
  )
  await log.append([
    entryOf('p1', 'x', { subject: 'plane', region: 'us' }),
    entryOf('p2', 'x', { subject: 'plane', region: 'uk' }),
  ])
  assert.equal((await readEntries(log, { ...all, subject: 'plane' })).entries.length, 2)
  await log.close()
})

test('a new key version begins a new segment, and both are read', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append(many(2))
  await log.close()
  await keysOf(folder).rotate({ region: 'eu-frankfurt', subject: SUBJECT_A })
  log = await openTestLog(folder)
  await log.append(many(2, 2))
  assert.equal(readdirSync(join(folder, 'regions', 'eu-frankfurt', SUBJECT_A)).length, 2)
  assert.equal((await readEntries(log, all)).entries.filter(({ event }) => event !== null).length, 4)
  await isSound(log)
  await log.close()
})

test('journals are replaced as they grow, and the log opens from whatever is left of them', async () => {
  const folder = freshFolder()
  for (let round = 0; round < 3; round++) {
    const log = await openTestLog(folder, { journalLimitBytes: 20_000 })
    for (let i = 0; i < 20; i++) await log.append(many(30, round * 600 + i * 30))
    await isSound(log)
    await log.close()
  }
  const journals = readdirSync(join(folder, 'tree', 'journal'))
  assert.ok(journals.length <= 2, `${journals}`)
  const log = await openTestLog(folder)
  assert.equal(log.tiles.size, 1800)
  assert.equal((await log.append([entryOf('k3', 'text 3')]))[0]?.index, 3)
  await log.close()
})

test('torn tails are cut: of the journal, of segments, and segments that were never committed', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append(many(10))
  await log.close()
  const journal = join(folder, 'tree', 'journal', readdirSync(join(folder, 'tree', 'journal'))[0]!)
  appendFileSync(journal, Buffer.from('0000012c00ff', 'hex'))
  const regions = join(folder, 'regions', 'eu-frankfurt')
  const segment = join(regions, SUBJECT_A, '0000000000000000.seg')
  const { size } = statSync(segment)
  appendFileSync(segment, Buffer.alloc(1000, 1))
  writeFileSync(join(regions, SUBJECT_A, '0000000000000010.seg'), 'torn')
  log = await openTestLog(folder)
  assert.equal(statSync(segment).size, size)
  assert.equal(log.tiles.size, 10)
  await log.append(many(5, 10))
  await isSound(log)
  await log.close()
})

test('a log that lost committed entries refuses to sign or append, and still reads', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder)
  await log.append(many(10))
  await log.append(many(10, 10))
  await log.close()
  const journal = join(folder, 'tree', 'journal', readdirSync(join(folder, 'tree', 'journal'))[0]!)
  truncateSync(journal, statSync(journal).size - 1)
  const checkpoint = readFileSync(join(folder, 'tree', 'checkpoint'), 'utf8')
  log = await openTestLog(folder)
  await assert.rejects(
    log.append([entryOf('new')]),
    (error) => isAppError(error, 'log_unavailable') && /damaged/.test(error.message),
  )
  assert.equal((await readEntries(log, all)).entries.length, 10)
  await log.close()
  assert.equal(readFileSync(join(folder, 'tree', 'checkpoint'), 'utf8'), checkpoint)
})

test('entries are found by time, by how their type begins, and by a text of the header, in both directions', async () => {
  const log = await openTestLog(freshFolder())
  for (let at = 0; at < 60; at++)
    await log.append([
      entryOf(`k${at}`, 'x', {
        type: at % 3 === 0 ? 'contact.created' : at % 3 === 1 ? 'contact.deleted' : 'invoice.sent',
        subject: at % 2 === 0 ? SUBJECT_A : SUBJECT_B,
      }),
    ])
  const every = (await readEntries(log, all)).entries
  const [since, until] = [every[10]!.time, every[39]!.time]
  const cases = [
    { since },
    { until },
    { since, until },
    { since, until, type: 'contact.*' },
    { since, until, subject: SUBJECT_A },
    { text: 'CONTACT.d', since },
    { text: SUBJECT_B.slice(-4), type: 'invoice*' },
    { since: until + 1, until: since - 1 },
    { since: 0, until: 5 },
  ]
  for (const question of cases)
    for (const reverse of [false, true]) {
      const found: number[] = []
      for (let from: number | null | undefined; from !== null; ) {
        const page = await readEntries(log, { ...question, reverse, limit: 7, from })
        found.push(...page.entries.map(({ index }) => index))
        from = page.next
      }
      const expected = every
        .filter(
          (one) =>
            one.time >= (question.since ?? 0) &&
            one.time <= (question.until ?? Number.MAX_SAFE_INTEGER) &&
            (question.subject ?? one.subject) === one.subject &&
            one.type.startsWith((question.type ?? '').replace('*', '')) &&
            `${one.type} ${one.subject}`.includes((question.text ?? '').toLowerCase()),
        )
        .map(({ index }) => index)
      assert.deepEqual(found, reverse ? expected.reverse() : expected, JSON.stringify(question))
    }
  await log.close()
})
