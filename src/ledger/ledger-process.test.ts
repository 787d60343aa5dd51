import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Boot } from '../kernel/boot.ts'
import { isAppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { unixRequest } from '../kernel/unix-request.ts'
import { createLedgerClient, type LedgerEntry } from './client/client.ts'
import { freshFolder } from './testing/fresh-folder.ts'
import { entryOf, SUBJECT_A, SUBJECT_B } from './testing/open-log.ts'

const root = join(import.meta.dirname, '..', '..')
const dataDir = freshFolder()
const socketPath = layout.ledgerSocket(dataDir)
const tokens = { server: randomBytes(24).toString('hex'), prover: randomBytes(24).toString('hex') }
const secrets = {
  rootKey: randomBytes(32).toString('base64'),
  signingKey: randomBytes(32).toString('base64'),
  tokens: JSON.stringify({
    [createHash('sha256').update(tokens.server).digest('hex')]: {
      process: 'server',
      may: ['append', 'read'],
    },
    [createHash('sha256').update(tokens.prover).digest('hex')]: { process: 'prover', may: ['read'] },
  }),
}
const boot: Boot = {
  process: 'ledger',
  dataDir,
  codeDir: root,
  nodePath: process.execPath,
  config: {
    worldId: 'w-test',
    demo: true,
    planeDomain: 'borgen.localhost',
    appsDomain: 'apps.localhost',
    httpsPort: 8443,
    httpPort: 8080,
    bindAddress: '127.0.0.1',
  },
  uids: {
    distinct: false,
    plane: 0,
    database: 0,
    ledger: 0,
    server: 0,
    worker: 0,
    prover: 0,
    edge: 0,
    warden: 0,
    witness: 0,
    instancesFrom: 0,
  },
  secrets,
}
const client = createLedgerClient({ socketPath, token: tokens.server })
const reader = createLedgerClient({ socketPath, token: tokens.prover })
let child: ChildProcess

async function start(document = boot): Promise<void> {
  mkdirSync(layout.run(dataDir, 'ledger'), { recursive: true })
  child = spawn(process.execPath, [join(root, 'src', 'ledger.ts')], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  ;(child.stdio[3] as NodeJS.WritableStream).end(JSON.stringify(document))
  let complaint = ''
  child.stderr!.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (bytes: Buffer) => bytes.includes('READY') && resolve())
    child.on('exit', (code) => reject(new Error(`the ledger ended with ${code}: ${complaint}`)))
  })
}
async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill(signal)
  return exited
}
const raw = (method: string, path: string, token?: string, body?: unknown) =>
  unixRequest({
    socketPath,
    method,
    path,
    ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
    body,
  })
const many = (count: number, prefix: string): LedgerEntry[] =>
  Array.from({ length: count }, (_, i) =>
    entryOf(`${prefix}-${i}`, `text ${prefix} ${i}`, { subject: i % 2 ? SUBJECT_A : SUBJECT_B }),
  )

before(() => start())
after(() => child.kill('SIGKILL'))

test('one socket, for the group only', () => {
  assert.equal(statSync(socketPath).mode & 0o777, 0o660)
})

test('the first entry says which world it is, and that can never change', async () => {
  const { entries } = await reader.read()
  assert.deepEqual(
    entries.map(({ index, type, event }) => [index, type, event]),
    [[0, 'world.founded', { worldId: 'w-test', demo: true }]],
  )
  await stop('SIGTERM')
  await assert.rejects(
    start({ ...boot, config: { ...boot.config, demo: false } }),
    /The first entry of the log says that this is a demo, and config\.json that it is a real world/,
  )
  await assert.rejects(
    start({ ...boot, config: { ...boot.config, worldId: 'w-2' } }),
    /log is of another world/,
  )
  await start()
  assert.equal((await reader.health()).size, 1)
})

test('the client appends, reads, proves and exports', async () => {
  const answers = await client.append(many(300, 'a'))
  assert.equal(answers.length, 300)
  assert.deepEqual(await client.append([]), [])
  const page = await reader.read({ subject: SUBJECT_A, limit: 3, reverse: true })
  assert.deepEqual(
    page.entries.map(({ index }) => index),
    [300, 298, 296],
  )
  assert.equal(
    (await reader.read({ from: page.next!, subject: SUBJECT_A, reverse: true })).entries[0]?.index,
    294,
  )
  assert.equal((await reader.inclusionProof(7)).size, 301)
  assert.equal((await reader.consistencyProof(100, 200)).hashes.length > 0, true)
  assert.equal((await reader.tile('tile/0/001.p/45')).length, 45 * 32)
  assert.equal((await reader.exportEntry(6)).event, '{"text":"text a 5"}')
  const health = await reader.health()
  assert.deepEqual(
    [health.size, health.appends, health.origin],
    [301, 'taken', 'borgen.localhost/log/w-test'],
  )
})

test('the independent verifier, which shares no code, accepts the folder and an exported entry', async () => {
  await client.append(many(500, 'v'))
  const { vkey } = await client.health()
  await client.fsck() // publishes
  const folder = freshFolder()
  writeFileSync(join(folder, 'vkey'), vkey)
  writeFileSync(join(folder, 'entry.json'), JSON.stringify(await client.exportEntry(400)))
  const verify = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'verify', 'bin', 'borgen-verify.mjs'), ...args], {
      encoding: 'utf8',
    })
  const tree = join(dataDir, 'ledger', 'tree')
  const whole = verify('log', tree, '--key', join(folder, 'vkey'))
  assert.equal(whole.status, 0, whole.stdout + whole.stderr)
  const entry = verify('entry', join(folder, 'entry.json'), '--key', join(folder, 'vkey'))
  assert.equal(entry.status, 0, entry.stdout + entry.stderr)
  const tile = join(tree, 'tile', 'entries', '001')
  const bytes = readFileSync(tile)
  bytes[1234]! ^= 1
  writeFileSync(tile, bytes)
  const damaged = verify('log', tree, '--key', join(folder, 'vkey'))
  assert.equal(damaged.status, 1)
  assert.match(damaged.stdout, /tile\/entries\/001/)
  assert.match(await client.fsck(), /tree\/tile\/entries\/001/)
  bytes[1234]! ^= 1
  writeFileSync(tile, bytes)
})

test('what was acknowledged is there after kill -9, and the same append again changes nothing', async () => {
  const [answer] = await client.append([entryOf('kept')])
  await stop('SIGKILL')
  await start()
  assert.deepEqual(await client.append([entryOf('kept')]), [{ ...answer, duplicate: true }])
  await assert.rejects(client.append([entryOf('kept', 'other')]), (error) => isAppError(error, 'conflict'))
})

test('no token, a foreign token and a token without the right are refused', async () => {
  const { size } = await client.health()
  for (const token of [undefined, 'x', randomBytes(24).toString('hex'), tokens.server.toUpperCase()])
    for (const [method, path] of [
      ['GET', '/health'],
      ['GET', '/checkpoint'],
      ['GET', '/entries'],
      ['POST', '/append'],
      ['GET', '/x'],
    ] as const) {
      const { status } = await raw(
        method,
        path,
        token,
        method === 'POST' ? { entries: many(1, 'foreign') } : undefined,
      )
      assert.equal(status, 401, `${method} ${path}`)
    }
  await assert.rejects(reader.append(many(1, 'foreign')), (error) => isAppError(error, 'forbidden'))
  assert.equal((await client.health()).size, size)
})

test('nothing alters or deletes: no such route, for any token', async () => {
  const { size, root: before } = await client.health()
  const paths = [
    '/entries',
    '/entries/0',
    '/append',
    '/checkpoint',
    '/tile/0/000',
    '/tile/entries/000',
    '/keys',
    '/fsck',
    '/',
  ]
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
    for (const path of paths.filter((path) => method !== 'POST' || path !== '/append'))
      assert.ok([404, 403].includes((await raw(method, path, tokens.server, {})).status), `${method} ${path}`)
  assert.deepEqual([(await client.health()).size, (await client.health()).root], [size, before])
})

test('garbage is refused with its place, and nothing is appended', async () => {
  const { size } = await client.health()
  const good = entryOf('good')
  const bad: [unknown, RegExp][] = [
    [undefined, /JSON/],
    [[], /body/],
    [{ entries: [] }, /entries/],
    [{ entries: [good], more: 1 }, /body/],
    [{ entries: [good, 7] }, /entries\/1/],
    [{ entries: [{ ...good, key: '' }] }, /entries\/0\/key/],
    [{ entries: [{ ...good, key: 'nyckel å' }] }, /entries\/0\/key/],
    [{ entries: [{ ...good, stream: 'secret' }] }, /stream/],
    [{ entries: [{ ...good, subject: '../../etc' }] }, /subject/],
    [{ entries: [{ ...good, subject: 'ins_x' }] }, /subject/],
    [{ entries: [{ ...good, region: 'EU' }] }, /region/],
    [{ entries: [{ ...good, region: '..' }] }, /region/],
    [{ entries: [{ ...good, type: 'Ann Person' }] }, /type/],
    [{ entries: [{ ...good, type: 'a'.repeat(65) }] }, /type/],
    [{ entries: [{ ...good, event: [] }] }, /event/],
    [{ entries: [{ ...good, event: { text: 'x'.repeat(65_530) } }] }, /event/],
    [{ entries: [{ ...good, event: { text: '\ud800' } }] }, /event/],
    [{ entries: [{ ...good, time: 1 }] }, /entries\/0/],
  ]
  for (const [body, place] of bad) {
    const answer = await raw('POST', '/append', tokens.server, body)
    assert.ok(
      [400, 413, 415].includes(answer.status),
      `${JSON.stringify(body)?.slice(0, 80)}: ${answer.status}`,
    )
    assert.match(answer.body.toString(), place)
  }
  const large = await raw('POST', '/append', tokens.server, { entries: 'x'.repeat(9 * 1024 * 1024) }).catch(
    () => undefined,
  )
  assert.ok(large === undefined || large.status === 413)
  const queries = [
    '/proof/inclusion',
    '/proof/inclusion?index=-1',
    '/proof/inclusion?index=1e3',
    `/proof/inclusion?index=${size}`,
  ]
  queries.push(
    '/proof/consistency?from=0',
    '/proof/consistency?from=5&to=4',
    `/proof/consistency?from=1&to=${size + 1}`,
  )
  queries.push(
    '/entries?limit=0',
    '/entries?limit=1001',
    '/entries?stream=x',
    '/entries?x=1',
    '/entries/abc/export',
  )
  for (const path of queries) assert.equal((await raw('GET', path, tokens.server)).status, 400, path)
  const missing = [
    `/entries/${size}/export`,
    '/tile/0/999',
    '/tile/0/..%2f..%2fkeys',
    '/tile/entries/000.p/0',
    '/tile/70/000',
  ]
  for (const path of missing) assert.equal((await raw('GET', path, tokens.server)).status, 404, path)
  assert.equal((await client.health()).size, size)
})

test('a log that is stopped is told apart, with the remedy, and stops cleanly', async () => {
  assert.equal(await stop('SIGTERM'), 0)
  for (const call of [() => client.append(many(1, 'z')), () => client.health()])
    await assert.rejects(
      call(),
      (error) => isAppError(error, 'log_unavailable') && error.remedy !== undefined,
    )
  await start()
  assert.equal((await client.append(many(1, 'z')))[0]?.duplicate, false)
})
