import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { HTTPMethods, RouteOptions } from 'fastify'
import { ACTIONS } from '../src/access/actions.ts'
import { createLocalDisks } from '../src/drivers/disks/local/local-disks.ts'
import { createLocalWeb } from '../src/drivers/web/local/local-web.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { type Eyes, proofsOf } from '../src/proofs.ts'
import { REGISTER } from '../src/register.ts'
import { accessMatrix } from './house/access-matrix.ts'
import { CHANGE_SAMPLES, OTHER_POSTS } from './house/change-samples.ts'
import { dumpSchema, listTables } from './house/dump-schema.ts'
import { checkout, isTest, readTree, visit } from './house/source-tree.ts'
import { TABLES } from './house/tables.ts'
import { edgeToken, startPlane } from './support/plane.ts'

const plane = await startPlane()
after(() => plane.stop())

const read = (path: string) => readFileSync(join(checkout, path), 'utf8')
const nameOf = (route: RouteOptions) => `${String(route.method)} ${route.url}`
const kindOf = (route: RouteOptions) => (route.config as { kind?: string } | undefined)?.kind
const actionOf = (route: RouteOptions) => (route.config as { action?: string } | undefined)?.action
const changes = plane.routes.filter((route) => kindOf(route) === 'change')

describe('routes', () => {
  test('every route says whether it reads, changes or is public, and which action guards it', () => {
    for (const route of plane.routes) {
      assert.ok(['read', 'change', 'public'].includes(kindOf(route) ?? ''), `${nameOf(route)} has no kind`)
      if (kindOf(route) === 'public') continue
      assert.ok(
        (ACTIONS as readonly string[]).includes(actionOf(route) ?? ''),
        `${nameOf(route)} has no action`,
      )
    }
  })

  test('every action guards a route', () => {
    const used = new Set(plane.routes.map(actionOf))
    assert.deepEqual(
      ACTIONS.filter((action) => !used.has(action)),
      [],
    )
  })

  test('nobody unknown gets past a route that is not public', async () => {
    for (const route of plane.routes.filter((one) => kindOf(one) !== 'public'))
      for (const headers of [
        {},
        { authorization: 'Bearer bgn_0123456789012345678901234567890123456789012' },
      ]) {
        const answer = await plane.app.inject({
          method: route.method as HTTPMethods,
          url: fill(route.url),
          headers,
        })
        // 400: a body that is no body is refused before anyone asks who sent it
        assert.ok([400, 401].includes(answer.statusCode), `${nameOf(route)} answered ${answer.statusCode}`)
      }
  })

  test('a token without the scope gets past no route', async () => {
    const headers = await plane.tokenOf('owner', [])
    for (const route of plane.routes.filter((one) => kindOf(one) !== 'public')) {
      const answer = await plane.app.inject({
        method: route.method as HTTPMethods,
        url: fill(route.url),
        headers,
      })
      assert.ok([400, 403].includes(answer.statusCode), `${nameOf(route)} answered ${answer.statusCode}`)
    }
  })

  test('whatever is not a GET is a change, or says why not', () => {
    const others = plane.routes
      .filter((route) => route.method !== 'GET' && kindOf(route) !== 'change')
      .map(nameOf)
    assert.deepEqual(others.sort(), Object.keys(OTHER_POSTS).sort())
  })

  test('changes are made by changeRoute alone', () => {
    const found: string[] = []
    for (const file of readTree().values())
      if (file.path.startsWith('src/') && !isTest(file.path) && file.path !== 'src/changes/route.ts')
        visit(file.program, (node, parent) => {
          const property = node.type === 'Literal' && node.value === 'change' && parent?.type === 'Property'
          if (property && (parent.key as { name?: string }).name === 'kind') found.push(file.path)
        })
    assert.deepEqual(found, [])
  })
})

describe('every change', () => {
  test('has a sample', () => {
    assert.deepEqual(changes.map(nameOf).sort(), Object.keys(CHANGE_SAMPLES).sort())
  })

  for (const [name, prepare] of Object.entries(CHANGE_SAMPLES)) {
    const method = name.split(' ')[0] as 'POST' | 'DELETE'

    test(`${name} stands in the log as intent and outcome`, async () => {
      const [sample, headers] = [await prepare(plane), await plane.tokenOf('owner')]
      const before = (await plane.log.entries()).length
      const answer = await send(method, sample, headers)
      assert.ok(answer.statusCode < 300, answer.body)
      const events = (await plane.log.entries()).slice(before).map((entry) => entry.event!)
      assert.deepEqual(
        events.map((event) => event.phase),
        ['intent', 'outcome'],
      )
      assert.equal(events[0]!.change, events[1]!.change)
      assert.equal(events[1]!.result, 'done')
      assert.equal(events[0]!.action, actionOf(changes.find((route) => nameOf(route) === name)!))
    })

    test(`${name} is refused while the log is down, and nothing has changed`, async () => {
      const [sample, headers] = [await prepare(plane), await plane.tokenOf('owner')]
      const before = await contentOfRegister()
      await plane.log.down()
      try {
        const answer = await send(method, sample, headers)
        assert.equal(answer.statusCode, 503, answer.body)
        assert.equal(answer.json().code, 'log_unavailable')
        assert.ok(answer.json().remedy)
      } finally {
        await plane.log.up()
      }
      assert.equal(await contentOfRegister(), before)
    })

    test(`${name} is forbidden to auditors, and nothing has changed`, async () => {
      const [sample, headers] = [await prepare(plane), await plane.tokenOf('auditor')]
      const before = await contentOfRegister()
      const answer = await send(method, sample, headers)
      assert.equal(answer.statusCode, 403, answer.body)
      assert.equal(await contentOfRegister(), before)
    })
  }
})

describe('the register of what there is', () => {
  test('the access matrix is the one that was reviewed', () => {
    assert.equal(
      accessMatrix(),
      read('test/house/access-matrix.txt'),
      'look at the change, then `npm run generate:schema`',
    )
  })

  test('every action stands in the policy file, or is for owners alone', () => {
    const policy = read('src/access/policy.cedar')
    for (const row of accessMatrix().split('\n').slice(3, -1)) {
      const [action, owner, ...others] = row.split(/\s+/)
      const mentioned = policy.includes(`Action::"${action}"`)
      assert.ok(mentioned || (owner === 'yes' && others[0] === '·' && others[1] === '·'), action)
    }
  })

  test('sql/schema.sql is what the migrations make', async () => {
    assert.equal(
      await dumpSchema(plane.postgres.url),
      read('sql/schema.sql'),
      'run `npm run generate:schema`',
    )
  })

  test('the dump sees a column, a constraint, an index, a trigger and a grant', async () => {
    const url = await plane.postgres.emptyDatabase()
    assert.doesNotMatch(await dumpSchema(url), /create table/)
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const seen = new Set<string>()
    for (const statement of [
      'create schema a create table b (c int)',
      'alter table a.b alter c set not null',
      'alter table a.b add check (c > 0)',
      'create index on a.b (c)',
      `create function a.d() returns trigger language plpgsql as 'begin return new; end'`,
      'create trigger e before insert on a.b for each row execute function a.d()',
      'grant update (c) on a.b to borgen_server',
    ]) {
      await client.query(statement)
      const text = await dumpSchema(url)
      assert.ok(!seen.has(text), `not seen: ${statement}`)
      seen.add(text)
    }
    await client.end()
  })

  test('every table has an owner folder that names it and a retention', async () => {
    assert.deepEqual(await listTables(plane.postgres.url), Object.keys(TABLES))
    const files = [...readTree().values()]
    for (const [table, { owner, retention }] of Object.entries(TABLES)) {
      assert.ok(existsSync(join(checkout, owner)), `${table}: ${owner} is no folder`)
      assert.match(retention, /^[A-Z].{20,}\.$/, table)
      const named = files.some((file) => file.path.startsWith(`${owner}/`) && file.text.includes(table))
      assert.ok(named || table === 'fleet.regions', `${owner} does not name ${table}`)
    }
  })
})

const fill = (url: string) => url.replace(/:[a-z]+/g, 'none').replace('*', '0/000')

async function send(
  method: 'POST' | 'DELETE',
  sample: { url: string; payload?: unknown; headers?: Record<string, string> },
  headers: Record<string, string>,
) {
  const payload = sample.payload as object | undefined
  return plane.app.inject({
    method,
    url: sample.url,
    headers: { ...headers, ...sample.headers },
    ...(payload ? { payload } : {}),
  })
}

/** Everything that a change could have changed, the register of changes itself and last uses of tokens aside. */
async function contentOfRegister(): Promise<string> {
  const parts: string[] = []
  for (const table of Object.keys(TABLES)) {
    if (table.startsWith('changes.') || table === 'access.challenges') continue
    const columns = table === 'access.tokens' ? `to_jsonb(t) - 'last_used_at'` : 'to_jsonb(t)'
    const { rows } = await plane.admin.pool.query(`select ${columns} as row from ${table} t`)
    parts.push(
      `${table}\n${rows
        .map((one) => JSON.stringify(one.row))
        .sort()
        .join('\n')}`,
    )
  }
  return parts.join('\n')
}

test('only the edge may say what was used', async () => {
  const body = { items: [] }
  const post = (headers: Record<string, string>) =>
    plane.app.inject({ method: 'POST', url: '/internal/edge/activity', headers, payload: body })
  assert.equal((await post({ authorization: `Bearer ${edgeToken}` })).statusCode, 204)
  assert.equal((await post(await plane.tokenOf('owner'))).statusCode, 403)
})

describe('promises', () => {
  const proved = proofsOf({
    disks: createLocalDisks(),
    foldersWithData: [],
    transport: {
      web: createLocalWeb({ ca: '', probeToken: '' }),
      hosts: async () => [],
      mailAddress: '127.0.0.1',
      clock: systemClock,
    },
    attestations: { agreedTo: async () => [], isIntact: async () => 'intact' },
    isolation: {} as Eyes['isolation'],
    location: {} as Eyes['location'],
    log: {} as Eyes['log'],
    streams: {} as Eyes['streams'],
  }).map((proof) => proof.pledge)

  test('every promise has a proof or stands in test/unproved.txt, which may only shrink', () => {
    const unproved = REGISTER.map((pledge) => pledge.id).filter((id) => !proved.includes(id))
    assert.deepEqual(read('test/unproved.txt').trim().split('\n'), unproved)
  })

  test('every proof is of a promise, and of one each', () => {
    for (const id of proved)
      assert.ok(
        REGISTER.some((pledge) => pledge.id === id),
        id,
      )
    assert.equal(new Set(proved).size, proved.length)
  })

  test('every proof has a test in which the world is broken and the verdict says so', () => {
    for (const id of proved) {
      const { heading } = REGISTER.find((pledge) => pledge.id === id)!
      const tests = [...readTree().values()].filter(
        (file) =>
          isTest(file.path) &&
          file.path.startsWith(`src/domains/${heading}/`) &&
          file.path.endsWith('prove.test.ts'),
      )
      assert.ok(
        tests.some((file) => /'broken'/.test(file.text)),
        `${id} has no such test`,
      )
    }
  })
})
