import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { LOG_KEY, makeWitnessKey, parseVerifierKey, parseWitnessKey, WITNESS_KEY } from '../src/keys.ts'
import { openMemory, originHash } from '../src/memory.ts'
import { addCheckpoint, newestCheckpoint } from '../src/witness.ts'
import { type SmallLog, smallLog } from './small-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'borgen-witness-'))
after(() => rmSync(folder, { recursive: true }))
const key = makeWitnessKey('witness.example/w1')
const NOW = 1_795_425_264_321
let worlds = 0

function witnessOf(logs: SmallLog[], step?: (name: string) => void) {
  const own = mkdtempSync(join(folder, `${worlds++}-`))
  const witness = {
    key,
    logs: logs.map((log) => parseVerifierKey(log.vkey, LOG_KEY)),
    memory: openMemory(own, step),
    nowMs: () => NOW,
  }
  return { ...witness, folder: own, add: (body: string) => addCheckpoint(witness, body) }
}
const leaf = (n: number) => Buffer.from(`leaf ${n}`)
const grown = (size: number) =>
  smallLog(
    'log.example/a',
    Array.from({ length: size }, (_, i) => leaf(i)),
  )

/** Checks a cosignature with nothing of the witness's own code. */
function cosignatureHolds(line: string, text: string): boolean {
  const [, name, encoded] = /^\u2014 (\S+) (\S+)\n$/.exec(line) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  const raw = Buffer.from(key.verifier.split('+').slice(2).join('+'), 'base64').subarray(1)
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  })
  const time = bytes.readBigUInt64BE(4)
  const signed = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
  return (
    name === key.name &&
    time === BigInt(Math.floor(NOW / 1000)) &&
    verify(null, signed, publicKey, bytes.subarray(12))
  )
}

test('a log that only grows is cosigned at every size, and the newest is remembered', () => {
  const log = grown(0)
  const witness = witnessOf([log])
  let old = 0
  for (const size of [0, 1, 1, 2, 3, 7, 8, 8, 9, 300]) {
    while (log.leaves.length < size) log.leaves.push(leaf(log.leaves.length))
    const answer = witness.add(log.request(old))
    assert.equal(answer.status, 200, `${old} → ${size}: ${answer.body}`)
    const text = log.checkpoint().split('\n\n')[0]!
    assert.ok(cosignatureHolds(answer.body, `${text}\n`))
    assert.equal(
      newestCheckpoint(witness, originHash, originHash(log.origin)).body,
      log.checkpoint() + answer.body,
    )
    old = size
  }
})

test('truncation, fork, rollback, and what the stolen key signs anew are refused, each with its status', () => {
  const log = grown(20)
  const witness = witnessOf([log])
  assert.equal(witness.add(log.request(0)).status, 200)
  // Truncated to an old checkpoint, which the log did sign once.
  assert.deepEqual(witness.add(log.request(0, 10)), { status: 409, type: 'text/x.tlog.size', body: '20\n' })
  assert.equal(witness.add(log.request(20, 10)).status, 400)
  assert.equal(witness.add(log.request(10, 10)).status, 409)
  // Forked: another history of the same key, larger, the same size, with every kind of proof.
  const other = log.fork(10)
  for (let i = 10; i < 30; i++) other.leaves.push(Buffer.from(`forged ${i}`))
  assert.equal(witness.add(other.request(20)).status, 422)
  assert.equal(witness.add(other.request(20, 20)).status, 422)
  assert.equal(witness.add(other.request(0)).status, 409)
  const proofOfTruth = grown(30)
    .consistency(20)
    .map((hash) => `${hash.toString('base64')}\n`)
  assert.equal(witness.add(`old 20\n${proofOfTruth.join('')}\n${other.checkpoint()}`).status, 422)
  // The truth goes on.
  log.leaves.push(leaf(20))
  assert.equal(witness.add(log.request(20)).status, 200)
})

test('requests of another form are answered as the protocol says', () => {
  const log = grown(5)
  const stranger = smallLog('log.example/b', [leaf(1)])
  const witness = witnessOf([log])
  const good = log.request(0)
  const thief = smallLog(log.origin, log.leaves)
  const cases: [string, number][] = [
    ['', 400],
    ['old 0\n', 400],
    [good.replace('old 0', 'old 00'), 400],
    [good.replace('old 0', 'new 0'), 400],
    [good.replace('old 0\n', `old 0\n${'A'.repeat(43)}=\n`.repeat(1)), 422],
    [good.replace('old 0\n', `old 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}`), 400],
    [good.replace('old 0\n', 'old 0\nAAAA\n'), 400],
    [good.slice(0, -1), 400],
    [good.replace('old 0', `old ${2n ** 64n}`), 400],
    [good.replace('old 0', 'old 6'), 400],
    [good.replace('old 0', 'old 5'), 409],
    [stranger.request(0), 404],
    [thief.request(0), 403],
    [good.replace('\n5\n', '\n6\n'), 403],
    [`old 0\n\n${log.checkpoint(0, Buffer.alloc(32))}`, 422],
  ]
  for (const [body, status] of cases) assert.equal(witness.add(body).status, status, body.slice(0, 300))
  assert.equal(newestCheckpoint(witness, originHash, originHash(log.origin)).status, 404)
  // Lines of others are passed over, and are not repeated in what is remembered.
  const others = `${good}\u2014 other.example AAAAAAAA\n`
  assert.equal(witness.add(others).status, 200)
  assert.ok(!newestCheckpoint(witness, originHash, originHash(log.origin)).body.includes('other.example'))
})

test('law: whatever is asked, in whatever order, all cosigned checkpoints are of one history that only grew', () => {
  const truth = grown(40)
  const lie = truth.fork(11)
  for (let i = 11; i < 40; i++) lie.leaves.push(Buffer.from(`lie ${i}`))
  const request = fc.record({ lies: fc.boolean(), old: fc.nat(40), size: fc.nat(40), honest: fc.boolean() })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 25 }), (requests) => {
      const witness = witnessOf([truth])
      const seen: { size: number; root: Buffer }[] = []
      for (const { lies, old, size, honest } of requests) {
        const log = lies ? lie : truth
        const from = honest ? (seen.at(-1)?.size ?? 0) : old
        const { status } = witness.add(log.request(from, size))
        if (status === 200) seen.push({ size, root: log.root(size) })
      }
      for (const [i, { size }] of seen.entries()) {
        assert.ok(i === 0 || size >= seen[i - 1]!.size)
        const all = seen.every((one) => one.root.equals(truth.root(one.size)))
        assert.ok(all || seen.every((one) => one.root.equals(lie.root(one.size))))
      }
    }),
    { numRuns: 60 },
  )
})

test('killed at any moment between writing and answering, it never knows less than it answered', () => {
  for (const dies of ['written', 'synced', 'renamed', 'remembered']) {
    const log = grown(4)
    let isArmed = false
    const witness = witnessOf([log], (name) => {
      if (isArmed && name === dies) throw new Error(`killed after ${name}`)
    })
    assert.equal(witness.add(log.request(0)).status, 200)
    log.leaves.push(leaf(4), leaf(5))
    isArmed = true
    assert.throws(() => witness.add(log.request(4)), /killed/)
    isArmed = false
    // Another life on the same folder.
    const memory = openMemory(witness.folder)
    const again = { ...witness, memory }
    const knows = memory.recall(log.origin)?.checkpoint.size
    assert.ok(knows === 4n || knows === 6n)
    const repeated = addCheckpoint(again, log.request(Number(knows)))
    assert.equal(repeated.status, 200, `after ${dies}: ${repeated.body}`)
    assert.equal(addCheckpoint(again, log.fork(3).request(0)).status, 409)
  }
})

test('a memory that was damaged is never taken for an empty one', () => {
  const log = grown(4)
  const witness = witnessOf([log])
  witness.add(log.request(0))
  const [file] = readdirSync(witness.folder)
  const path = join(witness.folder, file!)
  const text = readFileSync(path, 'utf8')
  for (const damaged of ['', text.slice(0, 40), text.replace(log.origin, 'log.example/z')]) {
    writeFileSync(path, damaged)
    assert.throws(() => witness.add(log.request(0)), /put it back from a copy/)
  }
})

test('a key is read back from its file, and a key of another kind is refused', () => {
  assert.equal(parseWitnessKey(`${key.text}\n`).verifier, key.verifier)
  assert.equal(parseVerifierKey(key.verifier, WITNESS_KEY).name, key.name)
  assert.throws(() => parseVerifierKey(key.verifier, LOG_KEY))
  assert.throws(() => parseVerifierKey(grown(1).vkey, WITNESS_KEY))
  assert.throws(
    () => parseVerifierKey(key.verifier.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), WITNESS_KEY),
    /id/,
  )
  assert.throws(() => makeWitnessKey('two words'))
})
