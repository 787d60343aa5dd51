import assert from 'node:assert/strict'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, test } from 'node:test'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import { startTestLog, type TestLog } from '../../../../test/support/log.ts'
import { LOG_KEY, makeWitnessKey, parseVerifierKey } from '../../../../witness/src/keys.ts'
import { openMemory, originHash } from '../../../../witness/src/memory.ts'
import { addCheckpoint, newestCheckpoint } from '../../../../witness/src/witness.ts'
import type { WitnessReader, WitnessWriter } from '../../../drivers/witnesses/contract/witness.ts'
import { AppError } from '../../../kernel/errors.ts'
import { combine, type Finding } from '../../../pledges/verdict.ts'
import { cosignNewest } from './act.ts'
import { isolated } from './pledges.ts'
import { type LogEyes, proveIsolated } from './prove.ts'
import { judgeAlter } from './prove-alter.ts'
import { createSealedLook } from './prove-sealed.ts'
import { tilePath } from './published-tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'blog-proof-'))
after(() => rmSync(folder, { recursive: true }))
const key = makeWitnessKey('witness.example/w1')
const refused = { attempt: 'delete', outcome: 'EACCES' }
const done = { attempt: 'delete', outcome: 'done' }
const store = {
  distinct: true,
  users: [{ name: 'server', uid: 7, tries: [refused] }],
  control: { uid: 8, tries: [done] },
}
const asPlanted = { isThere: true, isAsPlanted: true }
const words = [
  { word: 'GET /health', status: 200 },
  { word: 'DELETE /entries/0', status: 404 },
]

let log: TestLog
let witness: WitnessReader & WitnessWriter & { isSilent: boolean }
let now: number
let logKey: string
const seen = { size: 0 }

beforeEach(async () => {
  log = await startTestLog([key.verifier])
  logKey = (await log.client.health()).vkey
  now = Date.now()
  seen.size = 0
  const memory = openMemory(mkdtempSync(join(folder, 'w-')))
  const parts = { key, logs: [parseVerifierKey(logKey, LOG_KEY)], memory, nowMs: () => now }
  witness = {
    isSilent: false,
    async newest(origin) {
      if (this.isSilent) throw new AppError('unavailable', 'The witness cannot be asked.')
      const { status, body } = newestCheckpoint(parts, originHash, originHash(origin))
      return status === 200 ? body : undefined
    },
    async add({ old, proof, checkpoint }) {
      const hashes = proof.map((hash) => `${Buffer.from(hash, 'hex').toString('base64')}\n`).join('')
      const { status, body } = addCheckpoint(parts, `old ${old}\n${hashes}\n${checkpoint}`)
      if (status === 200) return { kind: 'cosigned', lines: body }
      return status === 409
        ? { kind: 'knows', size: Number(body) }
        : { kind: 'refused', status, why: body.trim() }
    },
  }
  await append(300)
  assert.equal((await cosign()).state, 'cosigned')
})
afterEach(() => log.stop())

let keys = 0
async function append(count: number): Promise<void> {
  const entry = { stream: 'event', subject: 'plane', region: 'plane', type: 'x.happened', event: {} } as const
  await log.client.append(Array.from({ length: count }, () => ({ ...entry, key: `k${keys++}` })))
  log.publish()
}
const cosign = () => cosignNewest(log.client, witness, seen)

async function prove(more: Partial<LogEyes> = {}): Promise<readonly Finding[]> {
  const eyes: LogEyes = {
    ledger: log.client,
    logKey,
    witnesses: [
      {
        name: key.name,
        key: key.verifier,
        url: 'unix:/w',
        isLocal: true,
        reader: { newest: (o) => witness.newest(o) },
      },
    ],
    // Each look at the clock is a moment later, so that waiting for a witness comes to its end.
    clock: { now: () => (now += 250) },
    pauseMs: 1,
    probeLogStore: async () => store,
    segments: async () => segmentsOf(log.folder),
    tryWord: async (method) => (method === 'GET' ? 200 : 404),
    ...more,
  }
  return proveIsolated(eyes).prove({
    values: { checkpoint: 'PT10S' },
    nowMs: now,
    signal: new AbortController().signal,
  })
}
/** What the warden sees of the log's store. */
function segmentsOf(logFolder: string) {
  const regions = join(logFolder, 'regions')
  return readdirSync(regions).flatMap((region) =>
    readdirSync(join(regions, region)).map((subject) => {
      const inside = join(regions, region, subject)
      const sizes = readdirSync(inside).map((name) => statSync(join(inside, name)).size)
      return {
        path: `ledger/regions/${region}/${subject}`,
        sizeBytes: sizes.reduce((sum, one) => sum + one, 0),
      }
    }),
  )
}
const stateOf = (findings: readonly Finding[]) => combine(isolated.parts, saidInEachLanguage(findings)).state
const reasonOf = (findings: readonly Finding[]) =>
  combine(isolated.parts, saidInEachLanguage(findings)).reason.en

test('it is kept while the log grows and the witness confirms it, and says where the witness runs', async () => {
  const first = await prove()
  assert.equal(stateOf(first), 'kept', reasonOf(first))
  assert.match(reasonOf(first), /same failure domain/)
  await append(40)
  assert.equal((await cosign()).state, 'cosigned')
  await append(5)
  assert.equal(stateOf(await prove()), 'kept')
})

test('an entry, a hash, or a file altered or removed on the disk breaks it, and is named', async () => {
  const tree = join(log.folder, 'tree')
  for (const path of [
    tilePath('entries', 0, 256),
    tilePath('entries', 1, 44),
    tilePath(1, 0, 1),
    tilePath(0, 1, 44),
  ]) {
    const file = join(tree, path)
    const bytes = readFileSync(file)
    const damaged = Buffer.from(bytes)
    damaged[20]! ^= 1
    writeFileSync(file, damaged)
    const altered = await prove()
    assert.equal(stateOf(altered), 'broken', path)
    assert.match(
      reasonOf(altered),
      path.startsWith('tile/entries') ? /entry \d+ is not|entries, not/ : /tile\//,
    )
    renameSync(file, `${file}.away`)
    const gone = await prove()
    assert.equal(stateOf(gone), 'broken')
    assert.match(reasonOf(gone), /is missing/)
    renameSync(`${file}.away`, file)
    writeFileSync(file, bytes)
    assert.equal(stateOf(await prove()), 'kept')
  }
})

test('the published tree rolled back to what was validly signed before breaks it: the witness has seen more', async () => {
  const tree = join(log.folder, 'tree')
  const copy = join(log.folder, '..', 'copy')
  cpSync(tree, copy, { recursive: true })
  await append(20)
  await cosign()
  rmSync(tree, { recursive: true })
  cpSync(copy, tree, { recursive: true })
  const findings = await prove()
  assert.equal(stateOf(findings), 'broken')
  assert.match(reasonOf(findings), /cosigned 320 entries .* the log has 300: it was cut short or rolled back/)
})

test('another history, signed with the log’s own key, breaks it: the witness does not find its own in it', async () => {
  const other = await startTestLog([key.verifier])
  try {
    const entry = {
      stream: 'event',
      subject: 'plane',
      region: 'plane',
      type: 'y.happened',
      event: {},
    } as const
    await other.client.append(Array.from({ length: 310 }, (_, i) => ({ ...entry, key: `o${i}` })))
    other.publish()
    assert.equal((await other.client.health()).vkey, logKey, 'the test log always has one key')
    const findings = await prove({ ledger: other.client })
    assert.equal(stateOf(findings), 'broken')
    assert.match(reasonOf(findings), /history was rewritten/)
    const carried = await cosignNewest(other.client, witness, { size: 0 })
    assert.deepEqual(
      [carried.state, /not the log whose first 300/.test(carried.reason ?? '')],
      ['refused', true],
    )
  } finally {
    await other.stop()
  }
})

test('a log that was cut short is refused by the witness, and whoever carries checkpoints says why', async () => {
  const short = await startTestLog([key.verifier])
  try {
    await short.client.append([
      { key: 'a', stream: 'event', subject: 'plane', region: 'plane', type: 'a.b', event: {} },
    ])
    const { state, reason } = await cosignNewest(short.client, witness, { size: 0 })
    assert.equal(state, 'refused')
    assert.match(
      reason ?? '',
      /has seen 300 entries and this log has 1: the log was cut short or rolled back/,
    )
  } finally {
    await short.stop()
  }
})

test('a witness whose word is old breaks it; a silent one, or none, shows nothing', async () => {
  now += 40_000
  const stale = await prove()
  assert.equal(stateOf(stale), 'broken')
  assert.match(reasonOf(stale), /last cosigned 300 entries .* s ago/)
  await cosign()
  assert.equal(stateOf(await prove()), 'kept')
  witness.isSilent = true
  assert.equal(stateOf(await prove()), 'unknown')
  assert.equal(stateOf(await prove({ witnesses: [] })), 'unknown')
})

test('a witness under another key, and a log under another key, are forgeries', async () => {
  const other = makeWitnessKey(key.name).verifier
  const reader = { newest: (origin: string) => witness.newest(origin) }
  const forged = await prove({ witnesses: [{ name: key.name, key: other, url: '', isLocal: false, reader }] })
  assert.equal(stateOf(forged), 'broken')
  const [name] = logKey.split('+')
  const stranger = makeWitnessKey(name!).verifier.split('+')[1]!
  const findings = await prove({ logKey: logKey.replace(/\+[0-9a-f]{8}\+/, `+${stranger}+`) })
  assert.notEqual(stateOf(findings), 'kept')
})

test('what somebody changed on the disk, and the log wrote anew, stays a breach until it is looked into', async () => {
  const file = join(log.folder, 'tree', tilePath('entries', 1, 44))
  writeFileSync(file, Buffer.alloc(10, 1))
  await append(1)
  await cosign()
  const findings = await prove()
  assert.equal(stateOf(findings), 'broken')
  assert.match(reasonOf(findings), /Altered on the log’s disk: 1 published file/)
  const aside = join(log.folder, 'altered')
  for (const name of readdirSync(aside)) rmSync(join(aside, name))
  assert.equal(stateOf(await prove()), 'kept')
})

test('nobody puts words into a witness’s mouth: the log takes its signature alone, and of its own tree alone', async () => {
  const checkpoint = await log.client.checkpoint()
  await assert.rejects(log.client.addCosignature(checkpoint), { code: 'bad_request' })
  const thief = makeWitnessKey(key.name)
  const { cosign: sign } = await import('../../../../witness/src/keys.ts')
  const text = checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1)
  await assert.rejects(log.client.addCosignature(checkpoint + sign(thief, text, 5)), { code: 'bad_request' })
  const [said] = await log.client.cosigned()
  assert.deepEqual([said?.name, said?.size], [key.name, 300])
})

test('a try that was not refused breaks it, as every other sign of it does; without a control nothing is shown', () => {
  const state = (
    more: Partial<Parameters<typeof judgeAlter>[0]> = {},
    planted = asPlanted,
    answers = words,
  ) => judgeAlter({ ...store, ...more }, planted, answers).state
  assert.equal(state(), 'kept')
  assert.equal(state({ users: [{ name: 'server', uid: 7, tries: [refused, done] }] }), 'broken')
  // What came after permission was given counts as given.
  assert.equal(
    state({ users: [{ name: 'edge', uid: 7, tries: [{ attempt: 'append', outcome: 'ENOSPC' }] }] }),
    'broken',
  )
  assert.equal(state({}, { isThere: false, isAsPlanted: false }), 'broken')
  assert.equal(state({}, asPlanted, [words[0]!, { word: 'DELETE /entries/0', status: 204 }]), 'broken')
  assert.equal(state({ control: { uid: 8, tries: [refused] } }), 'unknown')
  assert.equal(state({ control: null }), 'unknown')
  assert.equal(state({}, asPlanted, [{ word: 'GET /health', status: 401 }]), 'unknown')
  const same = judgeAlter({ distinct: false, users: [], control: null }, asPlanted, words)
  assert.deepEqual([same.state, /same user/i.test(same.reason.en)], ['broken', true])
})

test('when the warden cannot try, nothing is shown', async () => {
  const findings = await prove({ probeLogStore: async () => Promise.reject(new Error('busy')) })
  assert.equal(stateOf(findings), 'unknown')
})

const [A, B] = ['ins_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ins_bbbbbbbbbbbbbbbbbbbbbbbbbb'] as const
const segmentIn = (subject: string) => {
  const inside = join(log.folder, 'regions', 'uk', subject)
  return join(inside, readdirSync(inside)[0]!)
}
async function appendOf(subject: string, count: number): Promise<void> {
  const entry = { stream: 'event', subject, region: 'uk', type: 'x.happened', event: { n: 1 } } as const
  await log.client.append(Array.from({ length: count }, () => ({ ...entry, key: `k${keys++}` })))
  log.publish()
}

test('a customer’s sealed segment deleted, cut short, or replaced by another’s breaks it, and names whose', async () => {
  await appendOf(A, 15)
  await appendOf(B, 15)
  // Far more than the newest that are opened each time come after them.
  await append(400)
  await cosign()
  assert.equal(stateOf(await prove()), 'kept', reasonOf(await prove()))
  const file = segmentIn(A)
  const good = readFileSync(file)
  for (const [name, damage] of [
    ['deleted', () => rmSync(file)],
    ['cut short by a byte', () => truncateSync(file, good.length - 1)],
    ['emptied', () => truncateSync(file, 0)],
    ['replaced', () => cpSync(segmentIn(B), file)],
    [
      'altered',
      () =>
        writeFileSync(
          file,
          good.map((byte, at) => (at === good.length - 40 ? byte ^ 1 : byte)),
        ),
    ],
    ['its folder deleted', () => rmSync(join(file, '..'), { recursive: true })],
  ] as const) {
    damage()
    const findings = await prove()
    assert.equal(stateOf(findings), 'broken', name)
    assert.match(
      reasonOf(findings),
      new RegExp(`Sealed entries of ${A} \\(uk\\) are missing or altered`),
      name,
    )
    assert.doesNotMatch(reasonOf(findings), new RegExp(B), name)
    cpSync(join(file, '..', '..', B), join(file, '..'), {
      recursive: true,
      filter: (path) => !path.endsWith('.seg'),
    })
    writeFileSync(file, good)
    await cosign()
    assert.equal(stateOf(await prove()), 'kept', `${name}, and put back`)
  }
})

test('a log that says all is well is not believed where the segments are gone, or have shrunk', async () => {
  await appendOf(A, 15)
  await appendOf(B, 15)
  await cosign()
  const says = await log.client.sealed()
  assert.deepEqual([says.findings, says.whole?.sealedEvents], [[], 330])
  const look = createSealedLook({
    ledger: { health: log.client.health, tile: log.client.tile, sealed: async () => says },
    segments: async () => segmentsOf(log.folder),
    clock: { now: () => now },
  })
  for (let i = 0; i < 2; i++) assert.equal((await look()).state, 'kept')
  const file = segmentIn(A)
  const good = readFileSync(file)
  truncateSync(file, good.length - 1)
  const shrunk = await look()
  assert.deepEqual([shrunk.state, shrunk.reason.en.includes(A), shrunk.population?.kept], ['broken', true, 2])
  rmSync(file)
  assert.equal((await look()).state, 'broken')
  writeFileSync(file, good)
  assert.equal((await look()).state, 'kept')
})

test('sealed entries that were not all opened within a day, or cannot be looked at, show nothing', async () => {
  const says = await log.client.sealed()
  const eyes = {
    ledger: { health: log.client.health, tile: log.client.tile, sealed: async () => says },
    segments: async () => segmentsOf(log.folder),
    clock: { now: () => now },
  }
  const look = createSealedLook(eyes)
  assert.equal((await look()).state, 'kept')
  now += 25 * 3_600_000
  assert.equal((await look()).state, 'unknown')
  assert.equal(
    (await createSealedLook({ ...eyes, segments: () => Promise.reject(new Error('busy')) })()).state,
    'unknown',
  )
})
