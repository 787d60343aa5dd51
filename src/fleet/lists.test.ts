import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { startPlane } from '../../test/support/plane.ts'

type Page = { items: Record<string, unknown>[]; next: string | null; total: number }

const plane = await startPlane()
after(() => plane.stop())
let headers: Record<string, string>
const get = async (url: string): Promise<Page> => {
  const answer = await plane.app.inject({ url, headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json() as Page
}
async function walk(url: string, limit: number): Promise<Page['items']> {
  const items: Page['items'] = []
  for (let next: string | null = ''; next !== null; ) {
    const page: Page = await get(`${url}&limit=${limit}${next ? `&after=${next}` : ''}`)
    assert.ok(page.items.length <= limit)
    items.push(...page.items)
    next = page.next
  }
  return items
}

const MANY = 250
before(async () => {
  headers = await plane.tokenOf('owner')
  const release = await plane.addRelease('crm')
  const other = await plane.addRelease('wiki')
  // many of them share what they are sorted by
  await plane.admin.pool.query(
    `insert into fleet.accounts (id, slug, company, email, country, region, time_zone, plan, state, trial_ends_on, created_at)
     select 'acc_' || lpad(n::text, 26, '0'), 'c-' || n, 'Company ' || (n % 7) || '%', 'a' || n || '@x.test',
            case when n % 3 = 0 then 'SE' else 'US' end, case when n % 3 = 0 then 'eu-frankfurt' else 'us' end,
            'Europe/Berlin', case when n % 2 = 0 then 'free' else 'paid' end, 'active', null, n / 10
     from generate_series(1, $1) n`,
    [MANY],
  )
  await plane.admin.pool.query(
    `insert into fleet.instances (id, account, region, host, release, desired, observed, step, last_request_at, last_used_at,
                                  created_at, changed_at)
     select 'ins_' || lpad(n::text, 26, '0'), 'acc_' || lpad(n::text, 26, '0'),
            case when n % 3 = 0 then 'eu-frankfurt' else 'us' end, 'c-' || n || '.apps.localhost',
            case when n % 5 = 0 then $2 else $3 end, case when n % 4 = 0 then 'suspended' else 'asleep' end, 'asleep',
            'provisioned', 0, case when n % 2 = 0 then n / 20 end, n / 10, 0
     from generate_series(1, $1) n`,
    [MANY, other, release],
  )
})

describe('lists', () => {
  const orders = {
    accounts: ['created', 'company', 'country', 'region', 'plan', 'state'],
    instances: ['created', 'company', 'region', 'state', 'app', 'used'],
  }
  for (const [list, columns] of Object.entries(orders))
    test(`of ${list}: every order shows each row once, turned round in the other direction`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...columns),
          fc.integer({ min: 7, max: 300 }),
          async (column, limit) => {
            const up = await walk(`/v1/${list}?sort=${column}`, limit)
            const down = await walk(`/v1/${list}?sort=-${column}`, limit)
            assert.equal(new Set(up.map((one) => one.id)).size, MANY)
            assert.deepEqual(
              up.map((one) => one.id),
              down.map((one) => one.id).reverse(),
            )
          },
        ),
        { numRuns: 12 },
      )
    })

  test('are filtered, and say how many there are with these filters', async () => {
    assert.equal((await get('/v1/instances?limit=1')).total, MANY)
    assert.equal((await get('/v1/instances?state=suspended&limit=1')).total, Math.floor(MANY / 4))
    assert.equal((await get('/v1/instances?region=us&app=wiki&limit=1')).total, 34)
    assert.equal((await get('/v1/instances?state=destroyed')).total, 0)
    assert.equal((await get('/v1/accounts?plan=free&region=eu-frankfurt')).total, 41)
    assert.equal((await get('/v1/accounts?app=wiki&q=COMPANY 3')).total, 7)
    assert.equal((await get(`/v1/instances?q=${encodeURIComponent('c-250.')}`)).items[0]!.slug, 'c-250')
  })

  test('take what is searched for literally', async () => {
    assert.equal((await get(`/v1/accounts?q=${encodeURIComponent('y 3%')}`)).total, 36)
    assert.equal((await get(`/v1/accounts?q=${encodeURIComponent('y_3')}`)).total, 0)
    assert.equal((await get(`/v1/accounts?q=${encodeURIComponent("'; drop table x --")}`)).total, 0)
  })

  test('refuse a cursor of another order, or of nobody', async () => {
    const { next } = await get('/v1/accounts?sort=company&limit=2')
    for (const [sort, cursor] of [
      ['region', next],
      ['company', 'x'],
      ['company', Buffer.from('["company",{},"acc_1"]').toString('base64url')],
    ]) {
      const answer = await plane.app.inject({ url: `/v1/accounts?sort=${sort}&after=${cursor}`, headers })
      assert.equal(answer.statusCode, 400)
    }
  })
})
