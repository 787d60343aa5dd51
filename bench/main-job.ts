/**
 * The main job through every layer of a real world: from the API's sign-up, and from the first request to a sleeping
 * instance, to the CRM's 200 over HTTPS; what sleeping instances cost; many woken at once.
 *   node bench/main-job.ts [rounds] [sleeping instances] [woken at once]
 */
import { readFileSync, statfsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createApiClient } from '../src/api-client/client.ts'
import { layout } from '../src/kernel/layout.ts'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  startWorld,
  until,
  worldFolder,
} from '../test/support/running-world.ts'
import { fetchThroughEdge, runCli } from '../test/support/world-clients.ts'

const rounds = Number(process.argv[2] ?? 20)
const sleepers = Number(process.argv[3] ?? 200)
const atOnce = Number(process.argv[4] ?? 20)
const quietMs = 2_000

const dataDir = worldFolder()
const world = startWorld(dataDir)
try {
  await world.said(fullyUp)
  const added = await runCli(dataDir, ['app', 'add', 'apps/crm/dist', '--json'])
  if (added.code !== 0) throw new Error(added.stderr)
  const token = readFileSync(layout.cliToken(dataDir), 'utf8').trim()
  const api = await createApiClient({ place: { socketPath: layout.serverSocket(dataDir) }, token })

  const signUp = (number: number, start: 'now' | 'on-first-request') =>
    api.post('/v1/accounts', {
      body: {
        company: `Bench ${start} ${number}`,
        email: `bench${number}@acme.test`,
        country: 'SE',
        plan: 'trial',
        region: 'eu-frankfurt',
        start,
      },
    })
  const first200 = async (url: string) => {
    while ((await fetchThroughEdge(dataDir, `${url}/healthz`)).status !== 200) await delay(5)
  }
  const observed = async (id: string) =>
    (await api.get('/v1/instances/{instance}', { params: { path: { instance: id } } })).observed
  const sendToSleep = async (id: string) => {
    await api.post('/v1/instances/{instance}/sleep', { params: { path: { instance: id } } })
    await until(`${id} sleeps`, async () => (await observed(id)) === 'asleep')
  }

  // Of this release for the first time: whatever is made once for each release is made now.
  const warm = await signUp(0, 'now')
  await first200(warm.url)
  await sendToSleep(warm.instance.id)
  await delay(quietMs)

  const fresh: number[] = []
  const wake: number[] = []
  for (let round = 1; round <= rounds; round++) {
    let made = warm
    fresh.push(
      await timed(async () => {
        made = await signUp(round, 'now')
        await first200(made.url)
      }),
    )
    await sendToSleep(made.instance.id)
    await delay(quietMs)
    wake.push(await timed(() => first200(made.url)))
    await sendToSleep(made.instance.id)
    await delay(quietMs)
  }
  report('sign-up to the first 200', fresh, { p50: 500, p95: 1500 })
  report('wake to 200', wake, { p50: 250, p95: 400 })

  const before = usage()
  const urls: string[] = []
  const registering = await timed(async () => {
    for (let number = 1; number <= sleepers; number++)
      urls.push((await signUp(1000 + number, 'on-first-request')).url)
  })
  await delay(quietMs * 3)
  const after = usage()
  console.log(
    `${sleepers} registered asleep: ${(registering / sleepers).toFixed(0)} ms each, processes ${before.processes} → ${after.processes}, ` +
      `memory ${((after.pssMiB - before.pssMiB) / sleepers).toFixed(3)} MiB each (${before.pssMiB.toFixed(0)} → ${after.pssMiB.toFixed(0)}), ` +
      `disk ${((after.diskMiB - before.diskMiB) / sleepers).toFixed(2)} MiB each`,
  )

  const all: number[] = []
  await timed(async () => {
    await Promise.all(
      urls.slice(0, atOnce).map(async (url) => {
        all.push(await timed(() => first200(url)))
      }),
    )
  })
  report(`${atOnce} started at once, for the first time, to 200`, all)
  for (const url of urls.slice(0, atOnce)) {
    const slug = new URL(url).hostname.split('.')[0] ?? ''
    const slept = await runCli(dataDir, ['instance', 'sleep', slug])
    if (slept.code !== 0) throw new Error(slept.stderr)
  }
  await delay(quietMs)
  const again: number[] = []
  await Promise.all(
    urls.slice(0, atOnce).map(async (url) => {
      again.push(await timed(() => first200(url)))
    }),
  )
  report(`${atOnce} woken at once to 200`, again)
} catch (error) {
  console.error(world.output())
  throw error
} finally {
  await world.end('SIGINT')
  clearWorld(dataDir)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** p95 is the smallest value that 95 % do not exceed (nearest rank). */
function report(what: string, samples: number[], limits?: { p50: number; p95: number }): void {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
  const asked = limits ? `  (asked: p50 ≤ ${limits.p50}, p95 ≤ ${limits.p95})` : ''
  console.log(
    `${what}: n ${sorted.length}, p50 ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, max ${at(1).toFixed(0)} ms${asked}`,
  )
}

function usage(): { processes: number; pssMiB: number; diskMiB: number } {
  const pids = processesTouching(dataDir)
  const { blocks, bfree, bsize } = statfsSync(dataDir)
  return {
    processes: pids.length,
    pssMiB: pids.reduce((total, pid) => total + pssMiBOf(pid), 0),
    diskMiB: ((blocks - bfree) * bsize) / 2 ** 20,
  }
}

function pssMiBOf(pid: number): number {
  try {
    return (
      Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024
    )
  } catch {
    return 0 // it ended meanwhile
  }
}
