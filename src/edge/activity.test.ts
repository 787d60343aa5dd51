import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ActivityBook, type ActivityItem, compileActivity } from './activity.ts'
import { ActivityReport } from './activity-report.ts'

const request = { method: 'GET', path: '/', cookie: '', probe: false }
const any = compileActivity(null)

function bookAt(clock: { now: number }): ActivityBook {
  return new ActivityBook(() => clock.now)
}

test('a rule counts by method, path without query, status and cookie', () => {
  const rule = compileActivity({ method: ['GET'], path: '^/app/', status: [200, 299], cookie: 'sid' })
  const counted = { method: 'GET', path: '/app/x', cookie: 'a=1; sid=2' }
  assert.equal(rule.mayCount(counted), true)
  assert.equal(rule.mayCount({ ...counted, method: 'POST' }), false)
  assert.equal(rule.mayCount({ ...counted, path: '/?/app/' }), false)
  assert.equal(rule.mayCount({ ...counted, path: '/app/?q' }), true)
  assert.equal(rule.mayCount({ ...counted, cookie: 'xsid=2; a=sid=1' }), false)
  assert.deepEqual([199, 200, 299, 300].map(rule.counts), [false, true, true, false])
})

test('a pattern that would take for ever elsewhere takes its length', () => {
  const rule = compileActivity({ path: '^(a+)+$' })
  assert.equal(rule.mayCount({ ...request, path: `${'a'.repeat(4_000)}!` }), false)
  assert.throws(() => compileActivity({ path: '(?=look)' }))
})

test('any request keeps an instance awake, only use by the rule is its life, and probes are neither', () => {
  const clock = { now: 100 }
  const book = bookAt(clock)
  const rule = compileActivity({ status: [200, 299] })
  const use = book.begin('ins_1', rule, request)
  assert.deepEqual(book.takeNews(), [
    { instance: 'ins_1', lastRequestAt: 100, lastUsedAt: null, openRequests: 1 },
  ])
  clock.now = 200
  use.answered(404)
  use.close()
  assert.deepEqual(book.takeNews(), [
    { instance: 'ins_1', lastRequestAt: 200, lastUsedAt: null, openRequests: 0 },
  ])
  const second = book.begin('ins_1', rule, request)
  second.answered(200)
  clock.now = 300
  second.close()
  assert.deepEqual(book.takeNews(), [
    { instance: 'ins_1', lastRequestAt: 300, lastUsedAt: 300, openRequests: 0 },
  ])
  book.begin('ins_1', any, { ...request, probe: true }).answered(200)
  assert.deepEqual(book.takeNews(), [])
})

test('whatever order requests open and close in, none stays open and none is counted twice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.constantFrom('open', 'answer', 'close')), { maxLength: 60 }),
      (steps) => {
        const clock = { now: 1 }
        const book = bookAt(clock)
        const open: { instance: string; use: ReturnType<ActivityBook['begin']> }[] = []
        for (const [number, step] of steps) {
          clock.now++
          const instance = `ins_${number}`
          const found = open.find((each) => each.instance === instance)
          if (step === 'open') open.push({ instance, use: book.begin(instance, any, request) })
          else if (step === 'answer') found?.use.answered(200)
          else if (found) {
            found.use.close()
            found.use.close()
            open.splice(open.indexOf(found), 1)
          }
          for (const item of book.takeNews())
            assert.equal(item.openRequests, open.filter((each) => each.instance === item.instance).length)
        }
      },
    ),
  )
})

function report(sent: ActivityItem[][], clock: { now: number }, mayFail: () => boolean): ActivityReport {
  const logger = { info() {}, warn() {}, error() {} }
  return new ActivityReport(
    async (items) => {
      if (mayFail()) throw new Error('away')
      sent.push(items)
    },
    { now: () => clock.now },
    logger,
  )
}

test('what several workers saw is put together, told again until it arrives, and forgotten with a worker that died', async () => {
  const sent: ActivityItem[][] = []
  const clock = { now: 1_000 }
  let away = true
  const all = report(sent, clock, () => away)
  const item = { instance: 'ins_1', lastRequestAt: 500, lastUsedAt: 400, openRequests: 1 }
  all.hear(1, [item])
  all.hear(2, [{ ...item, lastRequestAt: 5_000, lastUsedAt: null, openRequests: 2 }])
  await all.deliver()
  assert.deepEqual(sent, [])
  away = false
  await all.deliver()
  const whole = { instance: 'ins_1', lastRequestAt: 1_000, lastUsedAt: 400, openRequests: 3 }
  assert.deepEqual(sent.pop(), [whole])
  all.hear(2, 'gone')
  await all.deliver()
  assert.deepEqual(sent.pop(), [{ ...whole, openRequests: 1 }])
  all.hear(1, [{ ...item, openRequests: 0 }])
  await all.deliver()
  assert.deepEqual(sent.pop(), [{ ...whole, openRequests: 0 }])
  await all.deliver()
  assert.deepEqual(sent, [])
})
