/**
 * Prints how long the built server takes from spawn to its first 200 of /healthz against a migrated database, and its
 * memory then. Run: node apps/crm/build.ts && node apps/crm/src/testing/measure-start.ts
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from './postgres.ts'

const RUNS = 20
const SERVER = join(import.meta.dirname, '../../dist/server.js')

const get = (socketPath: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end()
  })

async function firstOk(socketPath: string): Promise<void> {
  for (;;) {
    const status = await get(socketPath, '/healthz').catch(() => 0)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const memory = (pid: number): { rss: number; pss: number } => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024
  return { rss: read('Rss'), pss: read('Pss') }
}

const cluster = await startCluster()
const dir = mkdtempSync(join(tmpdir(), 'crm-start-'))
const variants: Record<string, { env: Record<string, string>; flags: string[] }> = {
  'no cache': { env: {}, flags: [] },
  'compile cache': { env: { NODE_COMPILE_CACHE: join(dir, 'cache') }, flags: [] },
  'compile cache, small heap': {
    env: { NODE_COMPILE_CACHE: join(dir, 'cache') },
    flags: ['--max-semi-space-size=1', '--max-old-space-size=160', '--single-threaded-gc'],
  },
}
const databaseUrl = await cluster.createDatabase()

for (const [name, { env, flags }] of Object.entries(variants)) {
  const times: number[] = []
  const stops: number[] = []
  const sizes: { rss: number; pss: number }[] = []
  for (let i = 0; i < RUNS + 3; i++) {
    const socket = join(dir, `${i}.sock`)
    const began = performance.now()
    const child = spawn(process.execPath, [...flags, SERVER], {
      env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, FILES_DIR: dir, SOCKET_PATH: socket, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await firstOk(socket)
    if (i >= 3) times.push(performance.now() - began)
    if (i >= 3) sizes.push(memory(child.pid!))
    const stopping = performance.now()
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    if (i >= 3) stops.push(performance.now() - stopping)
  }
  const at = (list: number[], q: number) =>
    list.sort((a, b) => a - b)[Math.floor(list.length * q)]!.toFixed(0)
  const ofSize = (key: 'rss' | 'pss') =>
    at(
      sizes.map((size) => size[key]),
      0.5,
    )
  process.stdout.write(
    `${name.padEnd(26)} start p50 ${at(times, 0.5)} p95 ${at(times, 0.95)} ms, stop p50 ${at(stops, 0.5)} max ${at(stops, 0.99)} ms, ` +
      `RSS ${ofSize('rss')} PSS ${ofSize('pss')} MiB\n`,
  )
}
rmSync(dir, { recursive: true, force: true })
await cluster.stop()
