/**
 * From "start this instance" to the first 200 of the reference application, new and waking, against its peer: initdb,
 * postgres and the application started cold, one after the other, without any sandbox.
 *   node bench/provision.ts [n] [release folder]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLocalInstanceDriver } from '../src/drivers/instances/local/local-driver.ts'
import { chownTree, ensurePostgresBinaries, initialiseCluster } from '../src/kernel/postgres-binaries.ts'
import { allPids, processOf } from '../src/warden/processes.ts'
import { worldOf } from '../test/support/groups.ts'
import { codeDir, makeWorld, processesNamed, specOf } from '../test/support/instances.ts'
import { spawnWarden } from '../test/support/wardens.ts'

const n = Number(process.argv[2] ?? 20)
const release = process.argv[3] ?? join(codeDir, 'apps', 'crm', 'dist')
const health = '/healthz'
const clockTicks = 100
const slots = 3

if (!existsSync(release)) {
  console.error(`No release in ${release}: run node apps/crm/build.ts first.`)
  process.exit(2)
}

type Sample = { ms: number; pssMiB: number; cpuSeconds: number }
const { boot, dispose } = await makeWorld()
const environment = {
  PUBLIC_URL: 'https://bench.eu-frankfurt.apps.localhost',
  CRM_BOOTSTRAP_EMAIL: 'ann@acme.test',
  CRM_BOOTSTRAP_PASSWORD: 'correct horse battery staple',
}

try {
  const peer = await measurePeer()
  const ours = await measureOurs()
  report([
    ['new: initdb + postgres + app, cold', peer.fresh, peer.fresh],
    ['new: ours, from a prepared slot', ours.fresh, peer.fresh],
    ['new: ours, 20 in a row (slots run out)', ours.burst, peer.fresh],
    ['wake: postgres + app, cold', peer.wake, peer.wake],
    ['wake: ours', ours.wake, peer.wake],
  ])
  console.log(
    `\n${n} each, one at a time; p50 and p95 of the time to the first 200 on ${health}; memory is PSS of one awake instance,`,
  )
  console.log(
    'CPU that of its processes until then and, for ours, of the warden with the refilling of its slots.',
  )
} finally {
  await dispose()
}

async function measureOurs() {
  const hash = createHash('sha256')
    .update(readFileSync(join(release, 'server.js')))
    .digest('hex')
  await cp(release, join(boot.dataDir, 'releases', hash), { recursive: true })
  const warden = await spawnWarden(boot, { slots })
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const newSpec = () => specOf(hash, { start: ['node', 'server.js'], health, environment })
  const measure = async (spec: ReturnType<typeof newSpec>): Promise<Sample> => {
    const cpuBefore = cpuOf(warden.pid)
    const ms = await timed(async () => {
      const { socket } = await driver.writer.start(spec)
      await first200(socket)
    })
    const pids = processesNamed(`${worldOf(boot)}:${spec.instance}`).map(({ pid }) => pid)
    return {
      ms,
      pssMiB: sum(pids.map(pssOf)),
      cpuSeconds: sum(pids.map(cpuOf)) + cpuOf(warden.pid) - cpuBefore,
    }
  }
  try {
    // Of this release for the first time: whatever is made once for each release is made now.
    const warm = newSpec()
    await driver.writer.start(warm)
    await driver.writer.destroy(warm.instance)
    await delay(3000)
    const fresh: Sample[] = []
    for (let at = 0; at < n; at++) {
      const spec = newSpec()
      fresh.push(await measure(spec))
      await driver.writer.destroy(spec.instance)
      await delay(1200)
    }
    const burst: Sample[] = []
    const specs = Array.from({ length: n }, newSpec)
    for (const spec of specs) {
      burst.push(await measure(spec))
      await driver.writer.stop(spec.instance)
    }
    await delay(2000)
    const wake: Sample[] = []
    const sleeper = specs[0]
    for (let at = 0; at < n && sleeper; at++) {
      wake.push(await measure(sleeper))
      await driver.writer.stop(sleeper.instance)
    }
    return { fresh, burst, wake }
  } finally {
    await warden.kill('SIGTERM')
  }
}

async function measurePeer() {
  const folder = await mkdtemp(join(tmpdir(), 'borgen-bench-provision-'))
  await chmod(folder, 0o755)
  const binaries = await ensurePostgresBinaries({ codeDir, intoDir: join(folder, 'postgres') })
  const root = process.getuid?.() === 0
  const owner = root ? { uid: 65534, gid: 65534 } : undefined
  const [fresh, wake]: [Sample[], Sample[]] = [[], []]
  for (let at = 0; at < n; at++) {
    const home = join(folder, `instance-${at}`)
    await mkdir(home)
    if (owner) await chownTree(home, owner.uid, owner.gid)
    const pgData = join(home, 'pg')
    const cold = async (isNew: boolean): Promise<Sample> => {
      const children: ChildProcess[] = []
      const socket = join(home, 'app.sock')
      const ms = await timed(async () => {
        if (isNew) await initialiseCluster({ binaries, pgData, ...(owner ? { owner } : {}) })
        if (isNew) execFileSync('sh', ['-c', `echo 'local all all trust' > "${pgData}/pg_hba.conf"`])
        children.push(startPostgres(binaries.bin, pgData, home, owner))
        while (!readyIn(pgData)) await delay(2)
        await rm(socket, { force: true })
        children.push(startApp(home, socket, owner))
        await first200(socket)
      })
      const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : treeOf(pid)))
      const sample = { ms, pssMiB: sum(pids.map(pssOf)), cpuSeconds: sum(pids.map(cpuOf)) }
      for (const child of children.reverse()) await end(child)
      return sample
    }
    fresh.push(await cold(true))
    wake.push(await cold(false))
    await rm(home, { recursive: true, force: true })
  }
  await rm(folder, { recursive: true, force: true })
  return { fresh, wake }
}

type Owner = { uid: number; gid: number } | undefined

function startPostgres(bin: string, pgData: string, home: string, owner: Owner): ChildProcess {
  return spawn(
    join(bin, 'postgres'),
    ['-D', pgData, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${home}`],
    { stdio: 'ignore', cwd: home, env: { PATH: '/usr/bin:/bin' }, ...owner },
  )
}

function startApp(home: string, socket: string, owner: Owner): ChildProcess {
  return spawn(boot.nodePath, [join(release, 'server.js')], {
    stdio: 'ignore',
    cwd: release,
    env: {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      SOCKET_PATH: socket,
      FILES_DIR: home,
      DATABASE_URL: `postgres://postgres@/postgres?host=${encodeURIComponent(home)}`,
      ...environment,
    },
    ...owner,
  })
}

function readyIn(pgData: string): boolean {
  try {
    return readFileSync(join(pgData, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

async function end(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.kill('SIGINT')
  await promise
}

async function first200(socket: string): Promise<void> {
  while ((await statusOf(socket)) !== 200) await delay(2)
}

function statusOf(socketPath: string): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const asked = request(
    { socketPath, path: health, headers: { host: 'localhost', connection: 'close' } },
    (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    },
  )
  asked.on('error', () => resolve(undefined))
  asked.end()
  return promise
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

function treeOf(root: number): number[] {
  const children = allPids().filter((pid) => processOf(pid)?.parent === root)
  return [root, ...children.flatMap(treeOf)]
}

function pssOf(pid: number): number {
  const rollup = readProc(pid, 'smaps_rollup')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) / 1024
}

/** User and system time of a process and of its children that have ended. */
function cpuOf(pid: number): number {
  const stat = readProc(pid, 'stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return sum(fields.slice(11, 15).map(Number)) / clockTicks
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function report(rows: [string, Sample[], Sample[]][]): void {
  const at = (samples: Sample[], share: number, pick: (one: Sample) => number) => {
    const sorted = samples.map(pick).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  }
  const ms = (one: Sample) => one.ms
  console.log(`${'work'.padEnd(40)} p50 ms  p95 ms  max ms   × peer   PSS MiB   CPU s`)
  for (const [name, samples, peer] of rows) {
    const columns = [
      at(samples, 0.5, ms).toFixed(0).padStart(6),
      at(samples, 0.95, ms).toFixed(0).padStart(7),
      at(samples, 1, ms).toFixed(0).padStart(7),
      (at(samples, 0.5, ms) / at(peer, 0.5, ms)).toFixed(2).padStart(8),
      at(samples, 0.5, (one) => one.pssMiB)
        .toFixed(1)
        .padStart(9),
      at(samples, 0.5, (one) => one.cpuSeconds)
        .toFixed(2)
        .padStart(7),
    ]
    console.log(`${name.padEnd(40)} ${columns.join(' ')}`)
  }
}
