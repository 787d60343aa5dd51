import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { saidInEachLanguage } from '../../../../../test/support/each-language.ts'
import { startTestLog, type TestLog } from '../../../../../test/support/log.ts'
import { combine, type Finding } from '../../../../pledges/verdict.ts'
import { fiveStreams } from '../pledges.ts'
import { createNewestEntries, STREAMS, type Stream } from './newest-entries.ts'
import { proveFiveStreams, type StreamEyes } from './prove.ts'

const [A, B] = ['ins_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ins_bbbbbbbbbbbbbbbbbbbbbbbbbb']
const HOUR_MS = 3_600_000
let log: TestLog
let now = 1_795_425_264_000
// Each look is a while later, so that waiting comes to its end.
const clock = { now: () => (now += 100) }
let keys = 0
before(async () => {
  log = await startTestLog([], { clock })
})
after(() => log.stop())

async function append(subject: string, streams: readonly Stream[]): Promise<void> {
  const place = { subject, region: subject === 'plane' ? 'plane' : 'uk', type: 'app.output', event: {} }
  await log.client.append(streams.map((stream) => ({ ...place, stream, key: `k${keys++}` })))
}

/** A world in which planted lines arrive in these streams; everything else is the real log. */
function world(arrives: (subject: string) => readonly Stream[], more: Partial<StreamEyes> = {}) {
  const asked: string[][] = []
  const eyes: StreamEyes = {
    clock,
    instances: async () => [A, B],
    async plant(instances) {
      asked.push([...instances])
      for (const one of instances) await append(one, arrives(one))
      return {
        planted: instances.map((subject) => ({ subject, state: 'planted' as const, at: now })),
        processes: [{ name: 'server', isLogged: true }],
      }
    },
    plantOwn: () => append('plane', arrives('plane')),
    newest: createNewestEntries(log.client),
    pauseMs: 1,
    ...more,
  }
  const proof = proveFiveStreams(eyes)
  const prove = () => proof.prove({ values: {}, nowMs: 0, signal: new AbortController().signal })
  return { prove, asked, later }
}
const later = (ms: number): void => {
  now += ms
}
const verdictOf = (findings: readonly Finding[]) => combine(fiveStreams.parts, saidInEachLanguage(findings))

test('a stream that does not reach the log breaks it, and the instance is named', async () => {
  for (const lost of STREAMS) {
    const { prove } = world((subject) => (subject === B ? STREAMS.filter((one) => one !== lost) : STREAMS), {
      // Nothing of before counts: each world has its own beginning.
      newest: createNewestEntries(await freshLog()),
    })
    const verdict = verdictOf(await prove())
    assert.equal(verdict.state, 'broken', lost)
    assert.match(verdict.reason.en, new RegExp(`of ${B} in the stream “${fiveStreams.parts[lost]?.en}”`))
    assert.deepEqual([verdict.population?.all, verdict.population?.kept], [3, 2])
  }
})

test('the plane’s own streams count as those of any instance', async () => {
  const { prove } = world((subject) => (subject === 'plane' ? ['event', 'audit', 'error'] : STREAMS), {
    newest: createNewestEntries(await freshLog()),
  })
  const verdict = verdictOf(await prove())
  assert.equal(verdict.state, 'broken')
  assert.match(verdict.reason.en, /of the plane itself in the stream “administrators”/)
})

test('it is kept when every stream of everyone arrives; who has just written is not planted in again', async () => {
  await freshLog()
  const { prove, asked, later } = world(() => STREAMS)
  const verdict = verdictOf(await prove())
  assert.equal(verdict.state, 'kept', verdict.reason.en)
  assert.deepEqual(asked, [[A, B]])
  await prove()
  assert.deepEqual(asked.at(-1), [])
  later(2 * HOUR_MS)
  assert.equal(verdictOf(await prove()).state, 'kept')
  assert.equal(asked.at(-1)?.length, 2)
})

test('it says how many instances there are as people say it: none, one, several', async () => {
  for (const [ids, said] of [
    [[], 'Each of the plane’s own five streams reaches the log; there is no instance yet.'],
    [[A], 'Each of the five streams of 1 instance and of the plane reaches the log.'],
    [[A, B], 'Each of the five streams of 2 instances and of the plane reaches the log.'],
  ] as const) {
    const newest = createNewestEntries(await freshLog())
    const verdict = verdictOf(await world(() => STREAMS, { instances: async () => ids, newest }).prove())
    assert.deepEqual([verdict.state, verdict.reason.en], ['kept', said])
  }
})

test('an instance in which no line could be planted leaves it open, one that is gone does not count', async () => {
  const planting = (state: 'busy' | 'absent') => ({
    async plant(instances: readonly string[]) {
      for (const one of instances) if (one === A) await append(one, STREAMS)
      return {
        planted: instances.map((subject) => ({
          subject,
          state: subject === A ? ('planted' as const) : state,
          at: now,
        })),
        processes: [{ name: 'server', isLogged: true }],
      }
    },
  })
  for (const [state, expected] of [
    ['busy', 'unknown'],
    ['absent', 'kept'],
  ] as const) {
    const fresh = createNewestEntries(await freshLog())
    const { prove } = world(() => STREAMS, { ...planting(state), newest: fresh })
    assert.equal(verdictOf(await prove()).state, expected, state)
  }
})

test('a process whose errors go nowhere breaks it; where that cannot be seen nothing is shown', async () => {
  const processes = (list: { name: string; isLogged: boolean }[]) => ({
    async plant(instances: readonly string[]) {
      for (const one of instances) await append(one, STREAMS)
      const planted = instances.map((subject) => ({ subject, state: 'planted' as const, at: now }))
      return { planted, processes: list }
    },
  })
  const broken = verdictOf(await world(() => STREAMS, processes([{ name: 'edge', isLogged: false }])).prove())
  assert.deepEqual([broken.state, /edge/.test(broken.reason.en)], ['broken', true])
  assert.equal(verdictOf(await world(() => STREAMS, processes([])).prove()).state, 'unknown')
})

test('the headers of a long log are read once, newest first, and then only what is new', async () => {
  const client = await freshLog()
  for (let i = 0; i < 3; i++)
    await append(
      A,
      Array.from({ length: 300 }, () => 'event' as const),
    )
  await append(B, STREAMS)
  const read: string[] = []
  const newest = createNewestEntries({
    health: client.health,
    tile: (path) => {
      read.push(path)
      return client.tile(path)
    },
  })
  const first = await newest(0)
  assert.equal(first.isComplete, true)
  assert.equal(Object.keys(first.newest.get(B) ?? {}).length, 5)
  assert.deepEqual(Object.keys(first.newest.get(A) ?? {}), ['event'])
  assert.equal(read.length, 4)
  await append(A, ['audit'])
  const second = await newest(0)
  assert.equal(read.length, 5)
  assert.deepEqual(Object.keys(second.newest.get(A) ?? {}).sort(), ['audit', 'event'])
})

/** A log with nothing in it, in the place of the one before. */
async function freshLog() {
  await log.stop()
  log = await startTestLog([], { clock })
  return log.client
}
