import { randomBytes } from 'node:crypto'
import { REGIONS } from '../../src/fleet/regions/model.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { TestPlane } from './plane.ts'

const COMPANIES = [
  'Nordwind Logistik',
  'Harbour & Hill',
  'Åkes Bygg',
  'Vereinigte Donaudampfschifffahrtsgesellschaft und Speditionskontor Süddeutschland',
  'Kobayashi Optics',
  'Reef Surveys',
  'Banyan Analytics',
  'Tamarind Foods',
  'Ériu Instruments',
  'Lakeside Dental',
]
const COUNTRIES = ['SE', 'GB', 'IE', 'DE', 'JP', 'AU', 'SG', 'IN', 'US', 'FR']
const REGION_OF: Record<string, string> = {
  SE: 'eu-frankfurt',
  DE: 'eu-frankfurt',
  FR: 'eu-frankfurt',
  GB: 'uk',
  IE: 'eu-ireland',
  JP: 'japan',
  AU: 'australia',
  SG: 'singapore',
  IN: 'india',
  US: 'us',
}
const STATES = [
  ['awake', 'awake'],
  ['asleep', 'asleep'],
  ['asleep', 'asleep'],
  ['asleep', 'asleep'],
  ['suspended', 'asleep'],
  ['awake', 'failed'],
  ['awake', 'starting'],
]
const HOUR_MS = 3_600_000

/** Rows of so many customers with one instance each, two of them with what a page shows of one: events and resources. */
export async function fillFleet(plane: TestPlane, count: number): Promise<void> {
  const release = await plane.addRelease('crm')
  const now = plane.clock.now()
  const limits = Object.fromEntries(
    ['memory', 'cpu', 'processes', 'disk', 'seccomp', 'uid', 'network'].map((name) => [
      name,
      { state: 'enforced', reason: `cgroup v2: a sentence about ${name}, application and database together` },
    ]),
  )
  const rows = Array.from({ length: count }, (_, at) => {
    const country = COUNTRIES[at % COUNTRIES.length]!
    const region = REGION_OF[country]!
    const company = at < COMPANIES.length ? COMPANIES[at]! : `${COMPANIES[at % COMPANIES.length]} ${at}`
    const slug = `customer-${at}`
    const createdAt = now - (count - at) * HOUR_MS * (count > 1000 ? 1 : 12)
    const [desired, observed] = STATES[at % STATES.length]!
    return {
      account: newId('acc'),
      instance: newId('ins'),
      country,
      region,
      company,
      slug,
      zone: REGIONS.find((one) => one.id === region)!.timeZone,
      plan: at % 3 === 0 ? 'trial' : at % 3 === 1 ? 'paid' : 'free',
      created: createdAt,
      desired,
      observed,
      failure: observed === 'failed' ? 'It did not get healthy: it answered 500 on /health.' : null,
      used: at % 5 === 4 ? null : now - (at % 90) * HOUR_MS,
    }
  })
  const { pool } = plane.admin
  const all = JSON.stringify(rows)
  await pool.query(
    `insert into fleet.accounts (id, slug, company, email, country, region, time_zone, plan, state, trial_ends_on, created_at)
     select r.account, r.slug, r.company, 'post@' || r.slug || '.example', r.country, r.region, r.zone, r.plan, 'active',
            case when r.plan = 'trial' then to_timestamp(r.created / 1000)::date + 14 end, r.created
     from jsonb_to_recordset($1::jsonb) r(account text, slug text, company text, country text, region text, zone text,
                                          plan text, created bigint)`,
    [all],
  )
  await pool.query(
    `insert into fleet.instances (id, account, region, host, release, desired, observed, step, limits, failure,
                                  last_request_at, last_used_at, created_at, changed_at)
     select r.instance, r.account, r.region, r.slug || '.' || r.region || '.apps.localhost', $2, r.desired, r.observed,
            'provisioned', $3::jsonb, r.failure, r.created, r.used, r.created, $4
     from jsonb_to_recordset($1::jsonb) r(account text, instance text, region text, slug text, desired text, observed text,
                                          failure text, created bigint, used bigint)`,
    [all, release, JSON.stringify(limits), now - HOUR_MS],
  )
  for (const one of rows.slice(0, 2)) await fillOne(plane, one.account, one.instance, one.created, now)
}

async function fillOne(plane: TestPlane, account: string, instance: string, created: number, now: number) {
  const { pool } = plane.admin
  const events = [
    ['account.signed-up', 0, { plan: 'trial', region: 'eu-frankfurt', country: 'SE' }],
    ['instance.sleep-wished', 0.31, { instance }],
    ['instance.wake-wished', 0.32, { instance }],
    ['instance.suspension-wished', 0.6, { instance }],
    ['instance.resumption-wished', 0.72, { instance }],
  ] as const
  for (const [type, part, data] of events)
    await pool.query(
      'insert into fleet.account_events (id, account, at, type, actor, data) values ($1, $2, $3, $4, $5, $6)',
      [newId('evt'), account, Math.round(created + (now - created) * part), type, 'process:supervisor', data],
    )
  const samples = Array.from({ length: 26 * 60 }, (_, at) => at)
    .filter((at) => at % 400 > 90)
    .map((at) => ({
      at: now - at * 60_000,
      cpu: (26 * 60 - at) * 900 + Math.round(8000 * Math.sin(at / 40)),
      memory: Math.round(2 ** 20 * (90 + 25 * Math.sin(at / 55) + (at % 7))),
      disk: Math.round(2 ** 20 * (212 - at / 60)),
      processes: 9 + (at % 4),
    }))
  await pool.query(
    `insert into fleet.resources (instance, at, cpu_total_ms, memory_bytes, disk_bytes, processes, state)
     select $2, r.at, r.cpu, r.memory, r.disk, r.processes, 'awake'
     from jsonb_to_recordset($1::jsonb) r(at bigint, cpu bigint, memory bigint, disk bigint, processes int)`,
    [JSON.stringify(samples), instance],
  )
  const key = () => randomBytes(8).toString('hex')
  await plane.log.client.append(
    Array.from({ length: 60 }, (_, at) => ({
      key: key(),
      stream: at % 9 === 4 ? ('error' as const) : ('event' as const),
      subject: instance,
      region: 'eu-frankfurt',
      type: at % 6 === 5 ? 'database.output' : 'app.output',
      event: {
        instance,
        file: at % 6 === 5 ? 'database.log' : at % 9 === 4 ? 'app.err' : 'app.out',
        text:
          at % 6 === 5
            ? '2026-11-23 15:20:01 UTC LOG:  checkpoint complete: wrote 41 buffers (1.0%)'
            : at % 9 === 4
              ? 'could not send mail to nobody@example.test: no route'
              : `GET /contacts/${at} 200 12 ms`,
      },
    })),
  )
}
