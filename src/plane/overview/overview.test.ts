import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startPlane } from '../../../test/support/plane.ts'
import { type SignedIn, signIn } from '../../../test/support/signed-in.ts'
import { silentLogger } from '../../../test/support/silent-logger.ts'
import { relayOutbox } from '../../changes/outbox.ts'
import { pledgeAt } from '../../pledges/in-force.ts'
import { overviewAt, overviewsInForce } from '../../pledges/store.ts'
import { REGISTER } from '../../register.ts'
import { followLog } from './restore.ts'

const HOUR_MS = 3_600_000
const plane = await startPlane()
after(() => plane.stop())
let ada: SignedIn
let bob: SignedIn
before(async () => {
  ada = await signIn(plane, 'owner', 'ada@x.test')
  bob = await signIn(plane, 'owner', 'bob@x.test')
})

const of = (lines: string) => `overview: 1\npromises:\n${lines}`
const sixty = '  retention.cancelled: { after: P60D }\n'
const propose = (overview: string) => ada.post('/v1/overview/proposals', { overview })
const adopt = async (overview: string) => {
  const proposed = await propose(overview)
  assert.equal(proposed.statusCode, 202, proposed.body)
  const done = await bob.approve(proposed.json().approval.id)
  assert.equal(done.json().state, 'carried-out', done.body)
  plane.clock.advance(1000)
}
const sentenceOf = async (id: string) => {
  const { says, dropped, changes } = (await ada.get(`/v1/promises/${id}`)).json()
  const text = (language: 'en' | 'sv') => says[language].map((one: { text: string }) => one.text).join('')
  return { en: text('en'), sv: text('sv'), dropped, changes }
}
const cancelled = REGISTER.find((one) => one.id === 'retention.cancelled')!
const follow = () =>
  followLog({
    db: plane.server.db,
    ledger: plane.log.client,
    clock: plane.clock,
    logger: silentLogger,
    register: REGISTER,
  })
const relay = () =>
  relayOutbox({ db: plane.server.db, append: (entries) => plane.log.client.append(entries) })

describe('a number is changed in one place', () => {
  test('proposing P60D for P90D changes nothing until a second person approves', async () => {
    const proposed = await propose(of(sixty))
    assert.equal(proposed.statusCode, 202, proposed.body)
    const { approval, proposal } = proposed.json()
    assert.match(approval.preview[0].en, /from 90 days to 60 days/)
    assert.match(approval.preview[0].sv, /från 90 dagar till 60 dagar/)
    assert.match(approval.preview[1].en, /It will then say: .* 60 days after the cancellation/)
    assert.equal(proposal.changes[0].to, 'P60D')
    const still = await sentenceOf('retention.cancelled')
    assert.match(still.en, /90 days/)
    assert.match(still.sv, /90 dagar/)
    assert.deepEqual(still.changes, [])
    assert.equal((await ada.get('/v1/overview')).json().inForce, null)
    assert.deepEqual((await ada.get('/v1/overview/history')).json().items, [])

    const beforeIt = plane.clock.now()
    plane.clock.advance(HOUR_MS)
    assert.equal((await bob.approve(approval.id)).json().state, 'carried-out')
    const afterIt = plane.clock.now() + 1
    plane.clock.advance(HOUR_MS)

    const now = await sentenceOf('retention.cancelled')
    assert.match(now.en, /60 days after the cancellation/)
    assert.match(now.sv, /60 dagar efter uppsägningen/)
    const board = (await ada.get('/v1/promises')).json().items
    const stone = board.find((one: { id: string }) => one.id === 'retention.cancelled')
    assert.ok(stone.says.sv.some((one: { text: string }) => one.text === '60 dagar'))
    const [line] = (await ada.get('/v1/overview/history')).json().items
    assert.equal(line.promise, 'retention.cancelled')
    assert.match(
      line.line.en,
      /^23 November 2026: Cancelled accounts are deleted – after the cancellation: from 90 days to 60 days\. Approved by a second person\.$/,
    )
    assert.match(
      line.line.sv,
      /^23 november 2026: Uppsagda konton raderas – efter uppsägningen: från 90 dagar till 60 dagar\. Godkänt av en andra person\.$/,
    )
    assert.equal(now.changes[0].by.id, bob.id)

    // For cancellations from then on.
    const all = await overviewsInForce(plane.server.db)
    assert.equal(pledgeAt(cancelled, all, beforeIt).values.after, 'P90D')
    assert.equal(pledgeAt(cancelled, all, afterIt).values.after, 'P60D')
    assert.equal(await overviewAt(plane.server.db, beforeIt), undefined)
    assert.equal(
      (await overviewAt(plane.server.db, afterIt))?.hash,
      (await ada.get('/v1/overview')).json().inForce.hash,
    )
  })

  test('dropping a promise leaves its public dated line, and nobody can take it away', async () => {
    await adopt(of(`${sixty}  premises.cctv: { dropped: We own no premises any more. }\n`))
    const { dropped } = await sentenceOf('premises.cctv')
    assert.equal(dropped, 'We own no premises any more.')
    const [line] = (await ada.get('/v1/overview/history')).json().items
    assert.equal(line.what, 'dropped')
    assert.match(line.line.en, /no longer promised: We own no premises any more\./)
    assert.match(line.line.sv, /utlovas inte längre/)
    const trust = async (path: string) =>
      (
        await plane.app.inject({
          url: path,
          headers: { host: 'trust.borgen.localhost:8443', accept: 'text/html' },
        })
      ).body
    assert.match(await trust('/'), /no longer promised: We own no premises any more\./)
    assert.match(await trust('/?lang=sv'), /<html lang="sv">.*utlovas inte längre/s)
    assert.equal(JSON.parse(await trust('/changes.json')).items[0].promise, 'premises.cctv')
    for (const sql of [
      'delete from pledges.public_lines',
      `update pledges.public_lines set line_en = ''`,
      'truncate pledges.public_lines',
    ])
      await assert.rejects(plane.admin.pool.query(sql), /append|change/i)
    await relay()
    const inLog = (await plane.log.entries()).filter((entry) => entry.type === 'promise.changed')
    assert.match(JSON.stringify(inLog.at(-1)?.event), /utlovas inte längre/)
    await adopt(of(sixty))
    assert.equal((await sentenceOf('premises.cctv')).dropped, null)
    const lines = (await ada.get('/v1/overview/history')).json().items
    assert.deepEqual(
      lines.map((one: { what: string }) => one.what),
      ['taken up', 'dropped', 'value'],
    )
  })

  test('what says the same, what is damaged and what is too long is not proposed', async () => {
    assert.equal((await propose(`# another comment\n${of(sixty)}`)).statusCode, 409)
    const damaged = await propose(of('  retention.cancelled: { after: sixty }\n'))
    assert.equal(damaged.statusCode, 400)
    assert.equal(damaged.json().more.problems[0].line, 3)
    assert.equal(
      (await propose(`${of('  retention.trial: { after: P9D }\n')}# ${'x'.repeat(60_000)}`)).statusCode,
      400,
    )
  })

  test('how often a promise is proved is a number too, and reaches the board', async () => {
    await adopt(of(`${sixty}  transport.tls: { every: PT30S }\n`))
    const items = (await ada.get('/v1/promises')).json().items
    const tls = items.find((one: { id: string }) => one.id === 'transport.tls')
    assert.equal(tls.every, 'PT30S')
    assert.equal(tls.freshnessMs, 60_000)
    const [line] = (await ada.get('/v1/overview/history')).json().items
    assert.match(line.line.en, /proved every 30 seconds, before every 15 minutes/)
    await adopt(of(sixty))
  })
})

describe('the file on disk is a proposal', () => {
  const publish = (text: string | null, problems: object[] = []) =>
    writeFileSync(
      join(plane.folder, 'overview.json'),
      JSON.stringify({ path: '/srv/overview.yaml', text, problems }),
    )
  const state = async () => (await ada.get('/v1/overview')).json().file

  test('one that differs changes nothing and is reported; a bad one with its lines', async () => {
    assert.equal((await state()).state, 'absent')
    publish(of(sixty))
    assert.equal((await state()).state, 'same')
    publish(of('  retention.cancelled: { after: P30D }\n'))
    const differs = await state()
    assert.equal(differs.state, 'differs')
    assert.deepEqual([differs.changes[0].from, differs.changes[0].to], ['P60D', 'P30D'])
    assert.match((await sentenceOf('retention.cancelled')).en, /60 days/)
    publish(of('  retention.cancelled: { after: soon }\n'))
    const bad = await state()
    assert.equal(bad.state, 'bad')
    assert.deepEqual([bad.problems[0].file, bad.problems[0].line], ['/srv/overview.yaml', 3])
    const file = { file: '/srv/overview.yaml', line: 1, at: '(file)' }
    const unread = { ...file, found: 'EACCES', expected: 'a text file', remedy: 'Name another.' }
    publish(null, [unread])
    const { state: is, problems } = await state()
    assert.deepEqual([is, problems], ['bad', [unread]])
    publish(null)
    assert.equal((await state()).state, 'absent')
  })
})

describe('the log leads', () => {
  test('a database that was set back gets what the log knows, with its instants and its public lines', async () => {
    await relay()
    assert.deepEqual(await follow(), { restored: [], annulled: [] })
    const [was, lines] = [
      (await ada.get('/v1/overview')).json().inForce,
      (await ada.get('/v1/overview/history')).json().items,
    ]
    await plane.admin.pool.query(`
      alter table pledges.public_lines disable trigger all;
      delete from pledges.public_lines; delete from pledges.overviews;
      alter table pledges.public_lines enable trigger all;`)
    assert.equal((await ada.get('/v1/overview')).json().inForce, null)
    const { restored } = await follow()
    assert.ok(restored.length >= 4)
    assert.deepEqual((await ada.get('/v1/overview')).json().inForce, was)
    assert.deepEqual((await ada.get('/v1/overview/history')).json().items, lines)
    assert.deepEqual(await follow(), { restored: [], annulled: [] })
  })

  test('an approval that the log never heard of, and one that was altered, are annulled', async () => {
    const { id, hash } = (await overviewsInForce(plane.server.db))[0]!
    await plane.admin.pool.query(
      `insert into pledges.overviews (id, hash, text, content, proposed_by, proposed_at, approved_by, approved_at, manner)
       select 'ovw_forged', 'f', text, content, proposed_by, proposed_at, approved_by, approved_at + 5, manner from pledges.overviews where id = $1`,
      [id],
    )
    await plane.admin.pool.query(
      `update pledges.overviews set content = jsonb_set(content, '{retention.cancelled,values,after}', '"P1D"') where id = $1`,
      [id],
    )
    const done = await follow()
    assert.deepEqual(done.annulled.sort(), [id, 'ovw_forged'].sort())
    assert.deepEqual(done.restored, [id])
    const inForce = (await ada.get('/v1/overview')).json().inForce
    assert.equal(inForce.hash, hash)
    assert.match((await sentenceOf('retention.cancelled')).en, /60 days/)
    await relay()
    const types = (await plane.log.entries()).map((entry) => entry.type)
    assert.equal(types.filter((type) => type === 'overview.annulled').length, 2)
    assert.deepEqual(await follow(), { restored: [], annulled: [] })
  })

  test('an approval that waits for the log is left alone', async () => {
    const append = plane.log.client.append
    let calls = 0
    plane.log.client.append = async (entries) => {
      if (entries.some((entry) => entry.key.endsWith(':outcome')) && ++calls > 1) throw new Error('away')
      return append(entries)
    }
    await adopt(of(`${sixty}  retention.trial: { after: P9D }\n`))
    plane.log.client.append = append
    assert.deepEqual(await follow(), { restored: [], annulled: [] })
    await relay()
    assert.deepEqual(await follow(), { restored: [], annulled: [] })
    assert.match((await sentenceOf('retention.trial')).en, /9 days/)
  })
})
