/**
 * Borgen's edge against Caddy and nginx on this machine in one run: one certificate, one TLS 1.3 suite, one upstream, one load
 * generator (h2load), the contenders taking turns, medians of several rounds. Prints ratios to both peers.
 *   sudo apt-get install -y caddy nginx-light nghttp2-client
 *   node bench/edge.ts [seconds a run, 4] [rounds, 3] [part of a task's name, all]
 * All of it takes about eight minutes; figures from a machine that does something else at the time are worth nothing.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenAt } from '../test/support/edge.ts'
import {
  type Contender,
  clear,
  type Ground,
  hosts,
  prepareGround,
  startBorgen,
  startCaddy,
  startNginx,
} from './edge-contenders.ts'
import { memoryOf, type Sample, type Task, tasksOf } from './edge-load.ts'

const seconds = Number(process.argv[2] ?? 4)
const rounds = Number(process.argv[3] ?? 3)
const wanted = process.argv[4] ?? ''
const requestsPerSecond = 1_600
const idleConnections = 1_000

const missing = ['caddy', 'nginx', 'h2load'].filter((program) => spawnSync('which', [program]).status !== 0)
if (missing.length > 0) {
  console.error(
    `Missing: ${missing.join(', ')}. Install with: sudo apt-get install -y caddy nginx-light nghttp2-client`,
  )
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'borgen-bench-edge-'))
const ground = await prepareGround(folder)
const dataDir = join(folder, 'borgen')
/** Who is behind a name: what the server of the plane would say. */
const twin = createServer((request, response) => {
  if (request.url === '/internal/edge/activity') {
    request.resume().on('end', () => response.writeHead(204).end())
    return
  }
  let text = ''
  request.on('data', (chunk) => {
    text += chunk
  })
  request.on('end', () => {
    const socket = JSON.parse(text).host === hosts.sink ? ground.sockets.sink : ground.sockets.app
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ state: 'awake', instance: 'ins_bench', socket, activity: null }))
  })
})
let sunkBytes = 0
const takeBody: RequestListener = (request, response) => {
  request.on('data', (chunk: Buffer) => {
    sunkBytes += chunk.length
  })
  request.on('end', () => response.end('taken'))
}
const sink = createServer({ requestTimeout: 0 }, takeBody)

try {
  mkdirSync(join(dataDir, 'run', 'server'), { recursive: true })
  await listenAt(twin, join(dataDir, 'run', 'server', 'server.sock'))
  await listenAt(sink, ground.sockets.sink)
  const contenders = [await startBorgen(ground, dataDir), await startCaddy(ground), await startNginx(ground)]
  await compare(ground, contenders)
} finally {
  await clear(ground)
  for (const server of [twin, sink]) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true, force: true })
}

async function compare(ground: Ground, contenders: Contender[]): Promise<void> {
  const tasks = tasksOf(seconds, requestsPerSecond, join(folder, 'large'))
  const chosen = tasks.filter(({ name }) => name.includes(wanted))
  if ('memory'.includes(wanted)) {
    console.log(`memory: started, and added by ${idleConnections} connections that idle after one answer`)
    const rows = []
    for (const contender of contenders) {
      const { pssMb, addedKbPerConnection } = await memoryOf(ground, contender, idleConnections)
      rows.push({
        edge: contender.name,
        'PSS MB': pssMb.toFixed(1),
        'kB a connection': addedKbPerConnection.toFixed(1),
      })
    }
    console.table(rows)
  }
  for (const task of chosen) {
    const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
    // Taking turns, so that what else the machine does falls on all of them.
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(turn + round) % contenders.length]!
        samples.get(contender.name)!.push(await task.run(ground, contender))
      }
    print(task, samples)
  }
  console.log(`Bytes that arrived at the sink: ${(sunkBytes / 1e6).toFixed(0)} MB`)
}

function print(task: Task, samples: Map<string, Sample[]>): void {
  const rows = [...samples].map(([name, runs]) => ({
    name,
    value: median(runs.map((run) => run.value)),
    p50: median(runs.flatMap((run) => run.p50Ms ?? [])),
    p99: median(runs.flatMap((run) => run.p99Ms ?? [])),
    cpu: median(runs.map((run) => run.cpuMicrosPerUnit)),
    pss: median(runs.map((run) => run.pssMb)),
    errors: runs.reduce((sum, run) => sum + run.errors, 0),
  }))
  const of = (name: string) => rows.find((row) => row.name === name)!.value
  const ms = (value: number) => (Number.isNaN(value) ? '' : value.toFixed(2))
  console.log(`${task.name} (median of ${rounds})`)
  console.table(
    rows.map((row) => ({
      edge: row.name,
      [task.unit]: row.value.toFixed(0),
      '÷ caddy': (row.value / of('caddy')).toFixed(2),
      '÷ nginx': (row.value / of('nginx')).toFixed(2),
      'p50 ms': ms(row.p50),
      'p99 ms': ms(row.p99),
      'CPU µs each': row.cpu.toFixed(0),
      'PSS MB': row.pss.toFixed(0),
      errors: row.errors,
    })),
  )
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
