import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../support/running-world.ts'
import type { Facts, Law } from './facts.ts'
import { openJournal } from './journal.ts'
import { judge } from './judge.ts'
import { watchPostgres } from './postgres-watch.ts'
import { awake, gone, soundFacts } from './sound-facts.ts'

test('facts of a world in which nothing went wrong have no fault', () => {
  assert.deepEqual(judge(soundFacts()), [])
})

/** What is planted in sound facts, and the law that must go red. */
const planted: [string, Law, (facts: Facts) => void][] = [
  [
    'a second server on one folder',
    'one server',
    ({ machine }) => machine.servers.push({ pid: 30, place: `instances/${awake}/pg` }),
  ],
  [
    'two servers on one folder for a moment',
    'one server',
    ({ overlaps }) => overlaps.push({ folder: '1:2', servers: [] }),
  ],
  [
    'a server of what is destroyed',
    'L5 no orphans',
    ({ machine }) => machine.servers.push({ pid: 30, place: `instances/${gone}/pg` }),
  ],
  [
    'a server of a prepared place',
    'L5 no orphans',
    ({ machine }) => machine.servers.push({ pid: 30, place: 'warden/pool/slot/pg.half' }),
  ],
  ['no server where one should be', 'L1 durable', ({ machine }) => void machine.servers.pop()],
  ['a lost account', 'L1 durable', ({ plane }) => void plane.accounts.shift()],
  [
    'an account under another id than was told',
    'L1 durable',
    ({ plane }) => {
      plane.accounts[0]!.id = 'acc_x'
    },
  ],
  ['an account twice', 'L2 atomic', ({ plane }) => plane.accounts.push({ id: 'acc_x', company: 'A' })],
  [
    'an account that nobody asked for',
    'L2 atomic',
    ({ plane }) => plane.accounts.push({ id: 'acc_x', company: 'X' }),
  ],
  ['half an account', 'L2 atomic', ({ plane }) => void plane.accounts.push({ id: 'acc_x', company: 'C' })],
  [
    'a lost acknowledgement',
    'L1 durable',
    ({ plane }) => {
      plane.changes[2]!.idempotency_key = null
    },
  ],
  [
    'a change twice under one key',
    'L2 atomic',
    ({ plane }) => plane.changes.push({ ...plane.changes[2]!, id: 'chg_d' }),
  ],
  [
    'a wish twice in the history',
    'L2 atomic',
    ({ plane }) => plane.events.push({ ...plane.events[2]!, id: 'evt_d' }),
  ],
  [
    'something destroyed that came back',
    'L2 atomic',
    ({ plane }) => {
      plane.instances[1]!.desired = 'awake'
    },
  ],
  ['a lost write', 'L1 durable', ({ notes }) => void notes[awake]?.pop()],
  ['a write twice', 'L2 atomic', ({ notes }) => notes[awake]?.push('told')],
  ['an unacknowledged write twice', 'L2 atomic', ({ notes }) => notes[awake]?.push('untold', 'untold')],
  ['a write of somebody else', 'L2 atomic', ({ notes }) => notes[awake]?.push('foreign')],
  [
    'an entry twice in the log',
    'L3 audited',
    ({ log }) => {
      log.events.push({ ...log.events[1]!, index: log.size++ })
    },
  ],
  ['a change without its intent', 'L3 audited', ({ log }) => drop(log, 'chg_c:intent')],
  ['a change without its outcome', 'L3 audited', ({ log }) => drop(log, 'chg_c:outcome')],
  ['an entry without a change', 'L3 audited', ({ plane }) => void plane.changes.pop()],
  [
    'an outcome that says otherwise',
    'L3 audited',
    ({ log }) => {
      log.events.find(({ key }) => key === 'chg_c:outcome')!.event.result = 'refused'
    },
  ],
  [
    'a change that stays open',
    'L3 audited',
    ({ plane }) => {
      plane.changes[2]!.state = 'intended'
    },
  ],
  [
    'a destruction that is not in the log',
    'L3 audited',
    ({ log }) => drop(log, `${gone}:instance.destroyed:4`),
  ],
  [
    'an instance provisioned twice',
    'L3 audited',
    ({ log }) => {
      log.events.push({
        ...log.events.find(({ key }) => key.startsWith(`${awake}:`))!,
        key: `${awake}:instance.provisioned:9`,
        index: log.size++,
      })
    },
  ],
  ['an entry without its sealed event', 'L3 audited', ({ log }) => void log.size++],
  ['an entry that waits for ever', 'L3 audited', ({ plane }) => plane.outbox.push('chg_c:outcome')],
  [
    'a damaged log',
    'L4 append-only',
    ({ log }) => {
      log.verdict = 'damaged'
    },
  ],
  ['a leftover folder', 'L5 no orphans', ({ machine }) => machine.folders.push({ instance: gone, uid: 101 })],
  ['a lost folder', 'L1 durable', ({ machine }) => void machine.folders.pop()],
  [
    'a half made place',
    'L5 no orphans',
    ({ machine }) => machine.pool.push({ slot: 'half', uid: undefined, whole: false }),
  ],
  ['trash', 'L5 no orphans', ({ machine }) => machine.trash.push(gone)],
  ['a leftover control group', 'L5 no orphans', ({ machine }) => machine.groups.push(gone)],
  ['a leftover record', 'L5 no orphans', ({ machine }) => machine.running.push(`${gone}.json`)],
  ['a leftover notice', 'L5 no orphans', ({ machine }) => machine.observed.push(gone)],
  [
    'a process of nobody',
    'L5 no orphans',
    ({ machine }) => machine.processes.push({ pid: 40, uid: 101, name: 'node' }),
  ],
  [
    'a process of what sleeps',
    'L5 no orphans',
    ({ plane }) => {
      plane.instances[0]!.observed = 'asleep'
    },
  ],
  [
    'two instances under one user',
    'L5 no orphans',
    ({ machine }) => {
      machine.pool[0]!.uid = 100
    },
  ],
  ['a leftover mount', 'L5 no orphans', ({ machine }) => machine.mounts.push('/tmp/x')],
  ['a leftover release', 'L5 no orphans', ({ machine }) => machine.releases.push('bb22')],
  [
    'a key that outlived its instance',
    'L5 no orphans',
    ({ machine }) => machine.keys.push(`eu-frankfurt/${gone}.1.json`),
  ],
  ['a lost key', 'L1 durable', ({ machine }) => void machine.keys.shift()],
]

function drop(log: Facts['log'], key: string): void {
  log.events = log.events.filter((one) => one.key !== key).map((one, index) => ({ ...one, index }))
  log.size = log.events.length
}

for (const [what, law, plant] of planted)
  test(`is seen: ${what}`, () => {
    const facts = soundFacts()
    plant(facts)
    const laws = judge(facts).map((one) => one.law)
    assert.ok(laws.includes(law), `${law} is not among ${JSON.stringify(judge(facts))}`)
  })

test('the journal gives back each request once, with what it was told first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-journal-'))
  const journal = openJournal(join(folder, 'journal'))
  const asked = { kind: 'write', key: 'a', instance: 'ins_a', answerAfterMs: 0 } as const
  journal.asked(asked)
  journal.asked(asked)
  assert.deepEqual(journal.requests(), [{ ...asked, sent: 2, acknowledged: undefined }])
  journal.acknowledged('a', { account: 'acc_1' })
  journal.acknowledged('a', { account: 'acc_2' })
  assert.deepEqual(journal.requests(), [{ ...asked, sent: 2, acknowledged: { account: 'acc_1' } }])
  journal.close()
  rmSync(folder, { recursive: true })
})

test('the watch sees two servers on one folder, however short their common time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-two-servers-'))
  const watch = await watchPostgres(folder)
  const elsewhere = await watchPostgres(`${folder}-of-others`)
  // A shell by the name of postgres that only waits: what the watch goes by is name, folder and arguments.
  const program = join(folder, 'postgres')
  copyFileSync('/bin/sleep', program)
  chmodSync(program, 0o755)
  const start = () => spawn(program, ['1000'], { cwd: folder, argv0: 'postgres -D here', stdio: 'ignore' })
  const servers = [start()]
  try {
    const before = watch.looks()
    await until('the watch has looked', () => watch.looks() > before + 5)
    assert.equal(watch.overlaps.length, 0)
    servers.push(start())
    await until('both are seen', () => watch.overlaps.length > 0)
    assert.equal(watch.overlaps[0]?.servers.length, 2)
    const seen = elsewhere.looks()
    await until('the other one has looked', () => elsewhere.looks() > seen + 5)
    assert.equal(elsewhere.overlaps.length, 0, 'what others do is not this world’s fault')
  } finally {
    for (const server of servers) {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
    await watch.close()
    await elsewhere.close()
    rmSync(folder, { recursive: true })
  }
})
