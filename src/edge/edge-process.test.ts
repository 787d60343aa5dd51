import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import {
  appHost,
  bodyOf,
  domains,
  edgeToken,
  listenAt,
  probeToken,
  type ServerTwin,
  startTwin,
} from '../../test/support/edge.ts'
import { createLocalCa, openLocalIssuer } from '../drivers/certificates/local/local-ca.ts'
import { systemClock } from '../kernel/clock.ts'
import { layout } from '../kernel/layout.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'borgen-edge-process-'))
const appSocket = join(dataDir, 'app.sock')
const ca = await createLocalCa({ domains: Object.values(domains), nowMs: systemClock.now() })
const held: (() => void)[] = []
const app = createServer((incoming, response) => {
  if (incoming.url === '/held') held.push(() => response.end('held'))
  else response.end('app')
})
let twin: ServerTwin
let ports: { httpsPort: number; httpPort: number }
let edge: ChildProcess

before(async () => {
  mkdirSync(layout.run(dataDir, 'server'), { recursive: true })
  await listenAt(app, appSocket)
  twin = await startTwin(layout.serverSocket(dataDir), async () => ({
    state: 'awake',
    instance: 'ins_1',
    socket: appSocket,
    activity: null,
  }))
  ports = { httpsPort: await freePort(), httpPort: await freePort() }
  edge = await start()
})
after(() => {
  edge.kill('SIGKILL')
  for (const server of [app, twin.server]) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(dataDir, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address ? address.port : 0
}

/** Starts the process as the supervisor does, its secrets on descriptor 3. */
async function start(): Promise<ChildProcess> {
  const uid = process.getuid?.() ?? 0
  const users = [
    'plane',
    'database',
    'ledger',
    'server',
    'worker',
    'prover',
    'edge',
    'warden',
    'witness',
    'instancesFrom',
  ]
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'edge.ts')], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const boot = child.stdio[3] as Writable
  boot.end(
    JSON.stringify({
      process: 'edge',
      dataDir,
      codeDir: join(import.meta.dirname, '..', '..'),
      nodePath: process.execPath,
      config: { worldId: 'test', demo: true, ...domains, ...ports, bindAddress: '127.0.0.1' },
      uids: { distinct: false, ...Object.fromEntries(users.map((user) => [user, uid])) },
      secrets: { edgeToken, probeToken, caCert: ca.certPem, caKey: ca.keyPem },
    }),
  )
  let said = ''
  for await (const chunk of child.stdout!) {
    said += chunk
    if (said.includes('READY')) return child
  }
  throw new Error('The edge ended before it was ready.')
}

function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: ports.httpsPort,
        path,
        servername: appHost,
        ca: ca.certPem,
        agent: false,
        headers: { host: appHost },
      },
      (response) => bodyOf(response).then(resolve, reject),
    )
    sent.on('error', reject)
    sent.end()
  })
}

async function certificate(): Promise<X509Certificate> {
  const socket = connect({ host: '127.0.0.1', port: ports.httpsPort, servername: appHost, ca: ca.certPem })
  await once(socket, 'secureConnect')
  const { raw } = socket.getPeerCertificate()
  socket.destroy()
  return new X509Certificate(raw)
}

function workersOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}

/** What a process and its children hold for themselves, in bytes; what they share counts once. */
function memoryOf(pid: number): number {
  const [, kilobytes] = /^Pss: +([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  return workersOf(pid).reduce((sum, child) => sum + memoryOf(child), Number(kilobytes) * 1024)
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const gone = (pid: number) => {
  try {
    process.kill(pid, 0)
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return true
  }
}

test('it answers as soon as it is ready, with certificates that only it can read', async () => {
  assert.equal(await get('/'), 'app')
  const folder = layout.edge(dataDir)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  const files = readdirSync(folder)
  assert.equal(files.length, 9)
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
})

test('neither the key of the authority nor any other secret stands where other processes can look', async () => {
  for (const pid of [edge.pid!, ...workersOf(edge.pid!)])
    for (const place of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${pid}/${place}`, 'latin1')
      for (const secret of [ca.keyPem.slice(40, 80), edgeToken, probeToken]) assert.ok(!text.includes(secret))
    }
})

test('what was used is reported to the server', async () => {
  await get('/')
  await until(() => twin.reports.some((item) => item.instance === 'ins_1' && item.openRequests === 0))
  const item = twin.reports.at(-1)!
  assert.ok(item.lastRequestAt > 0 && item.lastUsedAt === item.lastRequestAt)
})

test('1,000 connections that idle are served, and cost less than 100 kB each', async () => {
  const before = memoryOf(edge.pid!)
  const sockets: TLSSocket[] = []
  const open = async () => {
    const socket = connect({ host: '127.0.0.1', port: ports.httpsPort, servername: appHost, ca: ca.certPem })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(`GET / HTTP/1.1\r\nHost: ${appHost}\r\n\r\n`)
    assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200 /)
  }
  while (sockets.length < 1_000) await Promise.all(Array.from({ length: 50 }, open))
  assert.equal(await get('/'), 'app')
  const each = (memoryOf(edge.pid!) - before) / sockets.length
  for (const socket of sockets) socket.destroy()
  assert.ok(each < 100_000, `${Math.round(each)} bytes each`)
})

test('a worker that is killed is replaced', async () => {
  const [victim] = workersOf(edge.pid!)
  process.kill(victim!, 'SIGKILL')
  await until(() => {
    const now = workersOf(edge.pid!)
    return now.length > 0 && !now.includes(victim!)
  })
  await until(() =>
    get('/').then(
      (body) => body === 'app',
      () => false,
    ),
  )
})

test('told to stop it ends what runs first; started again it shows the same certificate', async () => {
  const before = await certificate()
  const answer = get('/held')
  await until(() => held.length === 1)
  const exited = once(edge, 'exit')
  edge.kill('SIGTERM')
  await until(() =>
    get('/').then(
      () => false,
      () => true,
    ),
  )
  // The held request still runs: every connection is ended now, none waits for the process to be gone.
  const late = await Promise.allSettled(Array.from({ length: 100 }, () => get('/')))
  assert.deepEqual(new Set(late.map(({ status }) => status)), new Set(['rejected']))
  held.pop()!()
  assert.equal(await answer, 'held')
  assert.deepEqual(await exited, [0, null])
  edge = await start()
  assert.equal((await certificate()).serialNumber, before.serialNumber)
})

test('a certificate that is put into its folder is used within seconds, and one that is taken away is replaced', async () => {
  const before = await certificate()
  const isOurs = (text: string) =>
    (JSON.parse(text) as { certPem: string }).certPem.startsWith(before.toString())
  const file = readdirSync(layout.edge(dataDir))
    .map((name) => join(layout.edge(dataDir), name))
    .find((path) => isOurs(readFileSync(path, 'utf8')))!
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { names: string[] }
  const other = await (await openLocalIssuer(ca)).issue(kept.names, systemClock.now())
  writeFileSync(file, JSON.stringify({ ...kept, ...other }))
  await until(async () => (await certificate()).toString() === new X509Certificate(other.certPem).toString())
  rmSync(file)
  await until(async () => (await certificate()).toString() !== new X509Certificate(other.certPem).toString())
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('killed, it takes its workers with it', async () => {
  const workers = workersOf(edge.pid!)
  assert.ok(workers.length > 0)
  edge.kill('SIGKILL')
  await until(() => workers.every(gone))
})
