import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { z } from 'zod'
import { startPlane, type TestPlane } from '../../../test/support/plane.ts'
import { silentLogger } from '../../../test/support/silent-logger.ts'
import {
  createSimulatedInstances,
  type SimulatedInstances,
} from '../../drivers/instances/simulated/simulated-instances.ts'
import { openKeyStore } from '../../drivers/kms/contract/key-store.ts'
import { createLocalKms, parseRootKeys } from '../../drivers/kms/local/local-kms.ts'
import { type Database, openDatabase } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import type { InstanceActs } from './act.ts'
import { recordEgress, reopenEgress } from './egress.ts'
import { driftJob, scheduleJob, settleJob, sleepJob } from './jobs.ts'
import { handoverKey } from './secrets.ts'
import { type Desired, instanceBy, setDesired, unsettledInstances } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'bjobs-'))
let plane: TestPlane
let worker: Database
let acts: InstanceActs
let twin: SimulatedInstances
let owner: Record<string, string>

before(async () => {
  plane = await startPlane()
  worker = openDatabase(plane.postgres.urlAs('borgen_worker'))
  twin = createSimulatedInstances(plane.clock)
  const root = Buffer.alloc(32, 7).toString('base64')
  acts = {
    db: worker.db,
    clock: plane.clock,
    logger: silentLogger,
    driver: twin,
    keys: openKeyStore({
      folder,
      kms: createLocalKms({ key: 'instances', rootKeys: parseRootKeys(root) }),
      purpose: 'instance',
      clock: plane.clock,
    }),
    handover: handoverKey(plane.handover),
    urlOf: (host) => `https://${host}`,
  }
  await plane.addRelease()
  await plane.addRelease(
    'scheduled',
    '1.0.0',
    'schedule: ["0 6 * * *"]\negress: [{ host: api.example.test, port: 443 }]\n',
  )
  owner = await plane.tokenOf('owner')
})
after(async () => {
  await worker.close()
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

let signUps = 0
async function signUp(app = 'crm', start = 'now'): Promise<string> {
  signUps += 1
  const answer = await plane.app.inject({
    method: 'POST',
    url: '/v1/accounts',
    headers: { ...owner, 'idempotency-key': `jobs-test-${signUps}` },
    payload: {
      company: `Jobs ${signUps}`,
      email: 'ann@acme.test',
      country: 'SE',
      region: 'eu-frankfurt',
      plan: 'trial',
      app,
      start,
    },
  })
  assert.equal(answer.statusCode, 201, answer.body)
  return z.object({ instance: z.object({ id: z.string() }) }).parse(answer.json()).instance.id
}

/** What a worker does that nobody disturbs, until nothing is left to do. */
async function settleAll(): Promise<void> {
  const settle = settleJob(acts)
  for (let round = 0; round < 50; round++) {
    await driftJob(acts, settle.isBusy).run()
    await settle.job.run()
    await settle.idle()
    plane.clock.advance(61_000)
    if ((await unsettledInstances(worker.db, plane.clock.now(), 1)).length === 0) return
  }
  assert.fail('it never settles')
}

const keyFiles = (id: string) =>
  existsSync(join(folder, 'eu-frankfurt'))
    ? readdirSync(join(folder, 'eu-frankfurt')).filter((name) => name.startsWith(`${id}.`))
    : []

async function typesLogged(id: string): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select type from changes.outbox where subject = ${id} order by position`.execute(plane.admin.db)
  return rows.map((row) => row.type)
}

test('whatever is wished, whatever fails, whenever the worker dies: what runs comes to agree with what is wished', async () => {
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        faults: fc.array(fc.boolean(), { maxLength: 6 }),
        late: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('wish' as const),
        which: fc.nat(1),
        desired: fc.constantFrom<Desired>('awake', 'asleep', 'suspended', 'awake', 'asleep', 'destroyed'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), which: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(120_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('idle' as const) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 14 }), async (commands) => {
      const ids = [await signUp(), await signUp('crm', 'on-first-request')]
      for (const one of commands) {
        if (one.kind === 'wish')
          await setDesired(plane.server.db, ids[one.which]!, one.desired, plane.clock.now())
        else if (one.kind === 'crash') twin.crash(ids[one.which]!)
        else if (one.kind === 'pass') plane.clock.advance(one.ms)
        else if (one.kind === 'idle') await sleepJob(acts).run()
        else {
          const faults = [...one.faults]
          const fail = () => (faults.shift() ? new Error('planted') : undefined)
          twin.faults = one.late ? { after: fail } : { before: fail }
          const settle = settleJob(acts) // a new one each time, as after the old one's death
          await driftJob(acts, settle.isBusy)
            .run()
            .catch(() => {})
          await settle.job.run()
          await settle.idle()
          twin.faults = {}
        }
      }
      await settleAll()
      for (const id of ids) {
        const row = await instanceBy(worker.db, id)
        assert.ok(row)
        const runs = twin.instances.get(id)
        if (row.desired === 'destroyed') {
          assert.deepEqual([row.observed, row.step, row.secrets], ['destroyed', 'key-destroyed', null])
          assert.equal(runs, undefined)
          assert.deepEqual(
            keyFiles(id).filter((name) => name.endsWith('.json')),
            [],
          )
          const types = await typesLogged(id)
          assert.equal(types.filter((type) => type === 'instance.destroyed').length, 1)
          assert.ok(types.indexOf('instance.removed') < types.indexOf('instance.destroyed'))
        } else {
          assert.equal(row.observed, row.desired === 'awake' ? 'awake' : 'asleep')
          assert.equal(runs?.state === 'awake', row.desired === 'awake')
          assert.equal(row.socket !== null, row.desired === 'awake')
          assert.deepEqual(keyFiles(id), [`${id}.1.json`])
        }
      }
      assert.equal(
        (await twin.reader.list()).filter((one) => one.state === 'awake' && !ids.includes(one.instance))
          .length,
        0,
      )
      for (const id of ids) await setDesired(plane.server.db, id, 'asleep', plane.clock.now())
      await settleAll()
    }),
    { numRuns: 40 },
  )
})

test('what is over its disk limit is not started over and over, and says why until there is room', async () => {
  const id = await signUp()
  await settleAll()
  const reason = 'over its disk limit: 214 of 200 MiB'
  const settle = settleJob(acts)
  const turn = async () => {
    await driftJob(acts, settle.isBusy).run()
    await settle.job.run()
    await settle.idle()
  }
  const starts = () =>
    twin.calls.filter(({ operation, instance }) => operation === 'start' && instance === id).length
  twin.faults.before = ({ operation, instance }) =>
    operation === 'start' && instance === id ? new AppError('unavailable', `It is ${reason}.`) : undefined
  twin.crash(id, reason)
  const before = starts()
  await driftJob(acts, settle.isBusy).run()
  assert.equal((await instanceBy(worker.db, id))?.failure, `It stopped: ${reason}.`)
  for (let round = 0; round < 20; round++) {
    await turn()
    plane.clock.advance(1000)
  }
  // 0, 1, 3, 7 and 15 s after it was stopped
  assert.equal(starts() - before, 5)
  const row = await instanceBy(worker.db, id)
  assert.deepEqual([row?.observed, row?.failure, row?.attempts], ['failed', `It is ${reason}.`, 5])
  const logged = await typesLogged(id)
  assert.equal(logged.filter((type) => type === 'instance.fell').length, 1)
  assert.equal(logged.filter((type) => type === 'instance.failed').length, 5)
  twin.faults = {}
  await settleAll()
  const mended = await instanceBy(worker.db, id)
  assert.deepEqual([mended?.observed, mended?.failure], ['awake', null])
})

test('what sleeps is woken when its schedule comes due, also afterwards; what is suspended or new is not', async () => {
  const [due, suspended, fresh, plain] = [
    await signUp('scheduled'),
    await signUp('scheduled'),
    await signUp('scheduled', 'on-first-request'),
    await signUp(),
  ]
  await settleAll()
  const wish = (id: string, desired: Desired) => setDesired(plane.server.db, id, desired, plane.clock.now())
  await wish(due, 'asleep')
  await wish(plain, 'asleep')
  await wish(suspended, 'suspended')
  await settleAll()
  const desired = async (id: string) => (await instanceBy(worker.db, id))?.desired
  plane.clock.advance(msToSixIn('Europe/Berlin') - 1000)
  await scheduleJob(acts).run()
  assert.equal(await desired(due), 'asleep')
  plane.clock.advance(3 * 3_600_000)
  await scheduleJob(acts).run()
  assert.deepEqual(
    [await desired(due), await desired(suspended), await desired(fresh), await desired(plain)],
    ['awake', 'suspended', 'asleep', 'asleep'],
  )
  await settleAll()
  await wish(due, 'asleep')
  await settleAll()
  await scheduleJob(acts).run()
  assert.equal(await desired(due), 'asleep', 'once for each time')
})

/** Until the next six o'clock there. */
function msToSixIn(timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(plane.clock.now())
  const [hour, minute, second] = ['hour', 'minute', 'second'].map((type) =>
    Number(parts.find((part) => part.type === type)?.value),
  )
  const now = ((hour! * 60 + minute!) * 60 + second!) * 1000
  return (6 * 3_600_000 - now + 86_400_000) % 86_400_000
}

test('a worker that starts opens the ways out of what ran on, and of nothing else', async () => {
  const [withList, without] = [await signUp('scheduled'), await signUp()]
  await settleAll()
  const calls = () => twin.calls.filter((call) => call.operation === 'start').map((call) => call.instance)
  const known = calls().length
  await reopenEgress(acts)
  assert.ok(calls().slice(known).includes(withList))
  assert.ok(!calls().slice(known).includes(without))
})

test('each connection of an instance is on its way into its own log', async () => {
  const instance = await signUp('scheduled')
  const seen = {
    instance,
    host: 'api.example.test',
    port: 443,
    sentBytes: 10,
    receivedBytes: 20,
    durationMs: 3,
  }
  await recordEgress(acts, { ...seen, outcome: 'allowed' })
  await recordEgress(acts, { ...seen, host: 'evil.example.test', outcome: 'refused', reason: 'not listed' })
  assert.deepEqual(
    (await typesLogged(instance)).filter((type) => type.startsWith('egress')),
    ['egress.allowed', 'egress.refused'],
  )
})

test('limits are those of the machine as it is at each start, also of one that fails', async () => {
  const id = await signUp()
  const settle = settleJob(acts)
  const turn = async () => {
    await settle.job.run()
    await settle.idle()
    plane.clock.advance(61_000)
    return instanceBy(worker.db, id)
  }
  const full = twin.limits
  const weak = { ...full, seccomp: { state: 'absent', reason: 'nothing here can load a filter' } } as const
  twin.faults.after = ({ operation, instance }) =>
    operation === 'start' && instance === id ? new Error('planted') : undefined
  const first = await turn()
  assert.deepEqual([first?.observed, first?.limits], ['failed', full])
  twin.limits = weak
  assert.deepEqual((await turn())?.limits, weak)
  // Where nobody can say what holds it in, nothing is claimed.
  twin.faults.before = ({ operation }) => (operation === 'observe' ? new Error('planted') : undefined)
  assert.equal((await turn())?.limits, null)
  twin.faults = {}
  const last = await turn()
  assert.deepEqual([last?.observed, last?.limits], ['awake', weak])
  twin.limits = full
})
