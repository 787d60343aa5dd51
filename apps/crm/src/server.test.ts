import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildCrm } from '../build.ts'
import { readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { createLog } from './log.ts'
import { migrate } from './migrate.ts'
import { ADMIN, createCaller, startCrm } from './testing/crm.ts'
import { type Cluster, startCluster } from './testing/postgres.ts'

let cluster: Cluster
let dir: string
before(async () => {
  cluster = await startCluster()
  dir = mkdtempSync(join(tmpdir(), 'crm-server-'))
})
after(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const silent = createLog(() => undefined)

test('migrations run once, also when two start together', async () => {
  const database = openDatabase(await cluster.createDatabase(), silent)
  const applied = await Promise.all([migrate(database), migrate(database)])
  assert.deepEqual(applied.map((list) => list.length).sort(), [0, 1])
  assert.deepEqual(await migrate(database), [])
  await database.close()
})

test('without bootstrap the first visitor needs the printed code, once', async () => {
  const crm = await startCrm({ CRM_BOOTSTRAP_EMAIL: '' }, cluster)
  assert.equal((await crm.anonymous.get('/api/me')).body.firstRun, true)
  const { code } = crm.lines.map((line) => JSON.parse(line)).find((line) => line.event === 'setup.code')
  const setup = (given: string) =>
    crm.anonymous.post('/api/setup', {
      code: given,
      name: 'First',
      email: 'first@example.com',
      password: 'long enough, really',
    })
  assert.equal((await setup('AAAA-AAAA-AAAA')).body.errors[0].field, 'code')
  const done = await setup(code.toLowerCase().replaceAll('-', ' '))
  assert.equal(done.status, 201)
  assert.equal(done.body.user.role, 'admin')
  assert.equal((await setup(code)).status, 409)
  assert.equal((await crm.anonymous.get('/api/me')).body.firstRun, false)
  await crm.stop()
})

test('setup with a guessed code is cut off', async () => {
  const crm = await startCrm({ CRM_BOOTSTRAP_EMAIL: '' }, cluster)
  const guess = () =>
    crm.anonymous.post('/api/setup', {
      code: 'GUES-SING',
      name: 'x',
      email: 'x@example.com',
      password: 'long enough, really',
    })
  const statuses = []
  for (let i = 0; i < 9; i++) statuses.push((await guess()).status)
  assert.deepEqual([statuses[0], statuses.at(-1)], [422, 429])
  await crm.stop()
})

test('bootstrap and demo data happen once in the life of a database', async () => {
  const first = await startCrm({ CRM_DEMO: '1', CRM_DEMO_VARIANT: 'harbour' }, cluster)
  const { total } = (await first.admin.get('/api/contacts')).body
  assert.ok(total > 5)
  await first.admin.patch('/api/me', { currentPassword: ADMIN.password, password: 'changed by a person' })
  await first.stop()
  const env = { DATABASE_URL: first.databaseUrl, CRM_DEMO: '1', CRM_BOOTSTRAP_EMAIL: '' }
  const second = await startCrm(env, cluster)
  const signedIn = await second.anonymous.post('/api/sign-in', {
    email: ADMIN.email,
    password: 'changed by a person',
  })
  const again = createCaller(second.server.address, signedIn.body.token)
  assert.equal((await again.get('/api/contacts')).body.total, total)
  assert.equal(second.lines.filter((line) => line.includes('demo.seeded')).length, 0)
  await second.stop()
})

test('health is 503 while the database is away and requests say so', async () => {
  const config = readConfig({
    DATABASE_URL: `postgres:///x?host=${dir}/nowhere&user=x`,
    FILES_DIR: dir,
    PORT: '0',
  })
  const { startServer } = await import('./server.ts')
  const server = await startServer(config, silent)
  const answer = await createCaller(server.address, null).get('/healthz')
  assert.equal(answer.status, 503)
  assert.equal(answer.headers.get('retry-after'), '2')
  await server.stop()
})

test('configuration that is wrong is listed in full', () => {
  assert.throws(() => readConfig({ PORT: '99999', PUBLIC_URL: 'nope', CRM_DEMO_VARIANT: 'x' }), {
    message:
      /DATABASE_URL is missing.*FILES_DIR is missing.*PORT is "99999".*PUBLIC_URL is "nope".*CRM_DEMO_VARIANT is "x"/,
  })
})

const fingerprint = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(
      (path) =>
        `${path.slice(folder.length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    )

test('the build is complete, the same twice, small, and runs on its own over a Unix socket', async () => {
  const release = await buildCrm(join(dir, 'one'))
  assert.deepEqual(fingerprint(await buildCrm(join(dir, 'two'))), fingerprint(release))
  const files = fingerprint(release).map((line) => line.split(' ')[0])
  for (const name of ['/server.js', '/borgen.app.yaml', '/migrations/001-start.sql', '/public/index.html']) {
    assert.ok(files.includes(name), name)
  }
  const script = readdirSync(join(release, 'public/assets')).find((name) => name.endsWith('.js.br'))!
  assert.ok(readFileSync(join(release, 'public/assets', script)).length < 80 * 1024)

  mkdirSync(join(dir, 'files'))
  const socketPath = join(dir, 'crm.sock')
  const child = spawn(process.execPath, ['server.js'], {
    cwd: release,
    env: {
      DATABASE_URL: await cluster.createDatabase(),
      FILES_DIR: join(dir, 'files'),
      SOCKET_PATH: socketPath,
      CRM_BOOTSTRAP_EMAIL: ADMIN.email,
      CRM_BOOTSTRAP_PASSWORD: ADMIN.password,
      CRM_DEMO: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('listening')) resolve()
    })
  })
  assert.equal((await overSocket(socketPath, 'GET', '/healthz')).status, 200)
  const page = await overSocket(socketPath, 'GET', '/app/contacts')
  assert.match(page.text, /\/assets\/app-[A-Z0-9]{8}\.js/)
  for (const [, asset] of page.text.matchAll(/"(\/assets\/[^"]+|\/manifest.webmanifest|\/icon[^"]+)"/g)) {
    assert.equal((await overSocket(socketPath, 'GET', asset!)).status, 200, asset)
  }
  for (const path of [
    '/../server.js',
    '/assets/../../server.js',
    '/assets/..%2f..%2fserver.js',
    '/migrations/001-start.sql',
  ]) {
    assert.equal((await overSocket(socketPath, 'GET', path)).status, 404, path)
  }
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'crm.example',
    origin: 'https://crm.example',
  }
  const signedIn = await overSocket(socketPath, 'POST', '/api/sign-in', ADMIN, forwarded)
  assert.equal(signedIn.status, 200, signedIn.text)
  assert.match(String(signedIn.headers['set-cookie']), /^__Host-crm=.*; Secure/)
  assert.ok(signedIn.headers['strict-transport-security'])
  child.kill('SIGTERM')
  assert.equal(await exited, 0)
})

type SocketAnswer = { status: number; text: string; headers: Record<string, string | string[] | undefined> }

function overSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<SocketAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, method, path, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        )
      },
    )
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

test('a first start leaves no error in the log of PostgreSQL, and the company is called as it was told', async (context) => {
  const before = cluster.log().length
  const crm = await startCrm({ CRM_COMPANY_NAME: 'Överbyggnads AB' }, cluster)
  assert.equal((await crm.anonymous.get('/api/me')).body.company.name, 'Överbyggnads AB')
  await crm.admin.patch('/api/settings', { companyName: 'Renamed AB' })
  await crm.stop()
  const again = await startCrm(
    { CRM_COMPANY_NAME: 'Överbyggnads AB', DATABASE_URL: crm.databaseUrl, FILES_DIR: crm.filesDir },
    cluster,
  )
  context.after(() => again.stop())
  assert.equal((await again.anonymous.get('/api/me')).body.company.name, 'Renamed AB')
  assert.doesNotMatch(cluster.log().slice(before), /ERROR|FATAL/)
})

test('each line names the stream that it belongs to', async (context) => {
  const crm = await startCrm({}, cluster)
  context.after(() => crm.stop())
  await crm.admin.patch('/api/settings', { city: 'Malmö' })
  await crm.admin.post('/api/contacts', { givenName: 'Ann' })
  await crm.anonymous.post('/api/sign-in', { email: ADMIN.email, password: 'wrong' })
  await crm.sql('alter table notes rename to gone')
  assert.equal((await crm.admin.get('/api/notes')).status, 500)
  const streams = new Map(crm.lines.map((line) => JSON.parse(line)).map((line) => [line.event, line.stream]))
  const expected = {
    listening: 'event',
    'user.bootstrapped': 'audit',
    'sign-in.refused': 'audit',
    'settings.updated': 'administrator',
    'contact.created': 'audit',
    'request.failed': 'error',
  }
  for (const [event, stream] of Object.entries(expected)) assert.equal(streams.get(event), stream, event)
})

test('sample data goes into an empty CRM only, by an administrator, once, and leaves its name', async (context) => {
  const crm = await startCrm({ CRM_COMPANY_NAME: 'Trying it out' }, cluster)
  context.after(() => crm.stop())
  const member = await crm.member()
  assert.equal((await member.post('/api/sample-data', {})).status, 403)
  assert.equal((await crm.admin.post('/api/sample-data', { variant: 'none' })).status, 422)
  const both = await Promise.all([1, 2].map(() => crm.admin.post('/api/sample-data', { variant: 'harbour' })))
  assert.deepEqual(both.map((one) => one.status).sort(), [204, 409])
  assert.ok((await crm.admin.get('/api/deals')).body.total > 5)
  assert.equal((await crm.anonymous.get('/api/me')).body.company.name, 'Trying it out')
  const used = await startCrm({}, cluster)
  context.after(() => used.stop())
  await used.admin.post('/api/contacts', { givenName: 'Ann' })
  assert.equal((await used.admin.post('/api/sample-data', {})).status, 409)
  assert.equal((await used.admin.get('/api/contacts')).body.total, 1)
})
