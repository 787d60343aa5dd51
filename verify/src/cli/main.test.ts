// The command as an auditor runs it: the one-file program, in a child process.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import * as writer from '../../test/log-writer.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'verify-cli-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))
const program = path.join(import.meta.dirname, '../../bin/borgen-verify.mjs')

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const ran = spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: 'utf8' })
  assert.doesNotMatch(ran.stderr + ran.stdout, /^\s+at .*:\d+/m, 'a stack trace')
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

function save(name: string, content: unknown): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  fs.writeFileSync(path.join(root, name), text)
  return name
}

const signer = writer.makeSigner('borgen.localhost/log/w1')
const salt = Buffer.alloc(32, 9)
const event = '{"contact":"c-17"}'
const commitment = createHash('sha256').update(salt).update(event).digest('hex')
const leaves = writer.someLeaves(300)
leaves[7] = writer.leafOf(7, commitment)
const log = writer.writeLog(path.join(root, 'ledger/tree'), leaves, signer)
const hex = (hashes: Buffer[]) => hashes.map((hash) => hash.toString('hex'))
const key = save('key', `${signer.vkey}\n`)
const now = save('now.checkpoint', writer.checkpointOf(signer, 300, log.root))
const early = save(
  'early.checkpoint',
  writer.checkpointOf(signer, 100, writer.rootOf(log.hashes.slice(0, 100))),
)
const proof = {
  format: 'borgen-inclusion-1',
  index: 7,
  size: 300,
  hashes: hex(writer.auditPath(7, log.hashes)),
}
const inclusion = save('inclusion.json', proof)
const consistency = save('consistency.json', {
  format: 'borgen-consistency-1',
  from: 100,
  to: 300,
  hashes: hex(writer.consistencyPath(100, log.hashes)),
})
const leaf = save('leaf', leaves[7]!)
const exported = {
  format: 'borgen-event-1',
  origin: signer.name,
  index: 7,
  leaf: leaves[7],
  salt: salt.toString('hex'),
  event,
  proof,
  checkpoint: writer.checkpointOf(signer, 300, log.root),
}
const entry = save('entry.json', exported)

test('what holds exits 0 and says what it means', () => {
  const cases: [string[], RegExp][] = [
    [['log', '.', '--key', key, '--checkpoint', early, '--checkpoint', now], /^VERIFIED.*leaves {2}300/s],
    [['log', 'ledger', '--key', signer.vkey, '--origin', signer.name], /^VERIFIED/],
    [['checkpoint', now, '--key', key], /^VERIFIED.*signed 300 leaves/],
    [['inclusion', inclusion, '--leaf', leaf, '--checkpoint', now, '--key', key], /^VERIFIED.*leaf 7/],
    [
      [
        'inclusion',
        inclusion,
        '--leaf-hash',
        log.hashes[7]!.toString('hex'),
        '--root',
        log.root.toString('hex'),
      ],
      /^VERIFIED/,
    ],
    [
      ['consistency', consistency, '--checkpoint', early, '--checkpoint', now, '--key', key],
      /^VERIFIED.*first 100/,
    ],
    [['entry', entry, '--key', key], /^VERIFIED.*leaf 7.*contact\.created.*c-17/],
    [
      ['entry', save('erased.json', { ...exported, salt: null, event: null }), '--key', key],
      /content erased/,
    ],
    [['--help'], /Exit codes/],
    [['log', '--help'], /Exit codes/],
  ]
  for (const [args, says] of cases) {
    const { status, out, err } = run(...args)
    assert.equal(status, 0, `${args}: ${out}${err}`)
    assert.match(out, says)
  }
})

test('what does not hold exits 1, with the place', () => {
  const cases: [string[], RegExp][] = [
    [['checkpoint', now, '--key', writer.makeSigner(signer.name).vkey], /REJECTED.*signature_missing/],
    [['checkpoint', inclusion, '--key', key], /REJECTED.*note_malformed/],
    [['inclusion', inclusion, '--leaf', key, '--checkpoint', now, '--key', key], /REJECTED.*root_differs/],
    [['inclusion', inclusion, '--leaf', leaf, '--checkpoint', early, '--key', key], /REJECTED.*size_differs/],
    [['inclusion', key, '--leaf', leaf, '--checkpoint', now, '--key', key], /REJECTED.*json_malformed/],
    [['consistency', consistency, '--checkpoint', now, '--checkpoint', early, '--key', key], /size_differs/],
    [
      ['entry', save('lie.json', { ...exported, event: '{}' }), '--key', key],
      /REJECTED at step 5.*commitment_differs/,
    ],
    [['log', '.', '--key', key, '--origin', 'elsewhere'], /DAMAGE {2}checkpoint.*origin_differs/],
  ]
  for (const [args, says] of cases) {
    const { status, out, err } = run(...args)
    assert.equal(status, 1, `${args}: ${out}${err}`)
    assert.match(out, says)
  }
})

test('one flipped byte of a bundle exits 1 and names file, byte and leaf, also in JSON', () => {
  const file = path.join(log.tree, 'tile/entries/001.p/44')
  const before = fs.readFileSync(file)
  const bytes = Buffer.from(before)
  bytes[100]! ^= 1
  fs.writeFileSync(file, bytes)
  const { status, out } = run('log', '.', '--key', key)
  assert.equal(status, 1)
  assert.match(out, /^DAMAGE {2}tile\/entries\/001\.p\/44, byte 0, leaf 256 {2}\[entry_differs\]/)
  const json = run('log', '.', '--key', key, '--json')
  fs.writeFileSync(file, before)
  assert.equal(json.status, 1)
  const report = JSON.parse(json.out)
  assert.equal(report.verdict, 'damaged')
  assert.deepEqual([report.checkpoint.size, report.checkpoint.root], [300, log.root.toString('hex')])
  assert.deepEqual([report.findings[0].file, report.findings[0].index], ['tile/entries/001.p/44', 256])
})

test('names and content from outside reach the terminal escaped', () => {
  const evil = path.join(log.tree, 'tile/\x1b]0;owned\x07')
  fs.writeFileSync(evil, '')
  const { status, out } = run('log', '.', '--key', key)
  fs.rmSync(evil)
  assert.equal(status, 1)
  assert.ok(out.includes('tile/\\u{1b}]0;owned\\u{7}'))
})

test('usage, and files that cannot be read, exit 2 with the reason', () => {
  const cases: [string[], RegExp][] = [
    [[], /borgen-verify log/],
    [['prove'], /no command "prove"/],
    [['log'], /exactly one folder/],
    [['log', 'a', 'b'], /exactly one folder/],
    [['log', '.', '--frobnicate'], /frobnicate/],
    [['log', '.', '--limit', '0'], /--limit/],
    [['log', '.', '--key', 'nonsense'], /--key is neither/],
    [['log', '.', '--key', entry], /malformed|not of the form/],
    [['log', '.', '--checkpoint', 'missing'], /missing cannot be read \(ENOENT\)/],
    [['checkpoint', 'missing', '--key', key], /ENOENT/],
    [['checkpoint', '.', '--key', key], /EISDIR/],
    [['inclusion', inclusion, '--checkpoint', now, '--key', key], /--leaf FILE/],
    [['inclusion', inclusion, '--leaf', leaf], /--checkpoint FILE or --root/],
    [['inclusion', inclusion, '--leaf', leaf, '--root', 'abc'], /64 lower-case hex/],
    [['consistency', consistency, '--checkpoint', now, '--key', key], /needs two/],
  ]
  for (const [args, says] of cases) {
    const { status, out, err } = run(...args)
    assert.equal(status, 2, `${args}: ${out}${err}`)
    assert.match(err, says)
  }
})

test('what cannot be told exits 3', () => {
  for (const args of [
    ['log', 'nowhere'],
    ['log', path.join(log.tree, 'tile/0/000')],
    ['checkpoint', now],
    ['entry', entry],
    ['inclusion', inclusion, '--leaf', leaf, '--checkpoint', now],
    ['consistency', consistency, '--checkpoint', early, '--checkpoint', now],
  ]) {
    const { status, out, err } = run(...args)
    assert.equal(status, 3, `${args}: ${out}${err}`)
    assert.match(out, /CANNOT TELL/)
  }
})

test('every answer has a JSON form', () => {
  for (const args of [
    ['log', '.'],
    ['log', 'nowhere'],
    ['checkpoint', now, '--key', key],
    ['entry', entry, '--key', key],
    ['entry', entry],
    ['inclusion', inclusion, '--leaf', leaf, '--checkpoint', now, '--key', key],
    ['consistency', consistency, '--checkpoint', early, '--checkpoint', now, '--key', key],
  ]) {
    const { out } = run(...args, '--json')
    assert.match(JSON.parse(out).verdict, /^(verified|undecided)$/)
  }
})
