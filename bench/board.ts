/**
 * The whole board over simulated instances: every proof with simulated readers and a real database, verdicts combined and
 * written, the overview compiled, and the board read over the API. Nothing of a machine is measured, all of ours is.
 *   node bench/board.ts [instances …]     (1000 and 10000 unless given)
 */

import { lookAround } from '../src/domains/data-security/isolation/look.ts'
import type { StoredItem, StoreName } from '../src/drivers/instances/contract/stores.ts'
import type { Handshake, Offer } from '../src/drivers/web/contract/web.ts'
import { REGIONS } from '../src/fleet/regions/model.ts'
import { pledgesInForce } from '../src/pledges/in-force.ts'
import { compileOverview } from '../src/pledges/overview.ts'
import { type Proof, proofJob } from '../src/pledges/runner.ts'
import { overviewInForce } from '../src/pledges/store.ts'
import { type Eyes, proofsOf } from '../src/proofs.ts'
import { REGISTER } from '../src/register.ts'
import { fillFleet } from '../test/support/large-fleet.ts'
import { startPlane, type TestPlane } from '../test/support/plane.ts'
import { silentLogger } from '../test/support/silent-logger.ts'

const LIMIT_MS = 5_000
const sizes = process.argv.slice(2).map(Number)
if (sizes.length === 0) sizes.push(1_000, 10_000)
const OVERVIEW = 'promises:\n  retention.cancelled: { after: P60D }\n'

type Instance = { id: string; region: string; host: string }

/** A world as large as the fleet in which every promise that is proved is kept, as far as its readers go. */
function eyesOver(plane: TestPlane, instances: readonly Instance[]): Eyes {
  const { clock, admin } = plane
  const ids = instances.map(({ id }) => id)
  const promised = new Map(instances.map(({ id, region }) => [id, region]))
  const accepted = (protocol: string, suite: string): Handshake => ({
    outcome: 'accepted',
    protocol,
    suite,
    validToMs: clock.now() + 60 * 86_400_000,
  })
  const shakes: Record<Offer, Handshake> = {
    'tls-1.0': { outcome: 'refused', because: 'protocol version' },
    'tls-1.1': { outcome: 'refused', because: 'protocol version' },
    'tls-1.2-weak': { outcome: 'refused', because: 'handshake failure' },
    'tls-1.2': accepted('TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'),
    'tls-1.3': accepted('TLSv1.3', 'TLS_AES_256_GCM_SHA384'),
  }
  const item = (path: string, kind: StoredItem['kind'], region?: string): StoredItem => ({
    path,
    kind,
    uid: 1000,
    sizeBytes: kind === 'file' ? 400 : null,
    ...(region === undefined ? {} : { region }),
  })
  const stores: Record<StoreName, StoredItem[]> = {
    'data-folder': ['config.json', 'plane', 'ledger', 'keyring', 'instances', 'releases', 'run'].map((name) =>
      item(name, 'folder'),
    ),
    instances: instances.flatMap(({ id, region }) =>
      ['', '/pg', '/files', '/log'].map((part) => item(`instances/${id}${part}`, 'folder', region)),
    ),
    surroundings: [],
    trash: [],
    keyring: instances.map(({ id, region }) => item(`keyring/${region}/${id}.1.json`, 'file')),
    segments: instances.map(({ id, region }) => item(`ledger/regions/${region}/${id}`, 'folder')),
    'log-keys': instances.map(({ id, region }) => item(`ledger/keys/${region}/${id}.1.json`, 'file')),
  }
  const streams = ['event', 'audit', 'error', 'administrator', 'operator'] as const
  return {
    disks: {
      under: async (folders) =>
        folders.map((folder) => ({ folder, on: 'disk', device: '/dev/dm-0 (ext4)', encrypted: true })),
    },
    foldersWithData: ['/data'],
    transport: {
      clock,
      mailAddress: '127.0.0.1',
      hosts: async () => instances.map(({ host }) => ({ address: '127.0.0.1', port: 443, name: host })),
      web: {
        handshake: async (_, offer) => shakes[offer],
        suites: async () => [],
        answers: async () =>
          [200, 301, 404, 503].map((status) => ({
            status,
            path: '/',
            strictTransportSecurity: 'max-age=63072000; includeSubDomains',
          })),
        isListening: async () => false,
        visible: async () => ['tls-1.0', 'tls-1.1', 'tls-1.2-weak'],
      },
    },
    attestations: { agreedTo: async () => [], isIntact: async () => 'intact' },
    isolation: {
      db: admin.db,
      clock,
      population: async () => ids,
      prober: {
        present: async () => ids,
        probe: async (id) => ({
          was: 'asleep',
          uid: 300_000 + ids.indexOf(id),
          hasOwnUser: true,
          hasNetworkToPlant: true,
          tries: (['application', 'database', 'outside'] as const).flatMap((from) =>
            Array.from({ length: 12 }, (_, at) => ({
              from,
              name: `try ${at}`,
              reached: false,
              controlReached: true,
              detail: 'EACCES',
            })),
          ),
        }),
      },
    },
    location: {
      db: admin.db,
      clock,
      stores: { list: async (store) => stores[store] },
      promised: async () => promised,
      places: async () => REGIONS.map(({ id }) => ({ region: id, isSimulated: true })),
    },
    log: {
      ledger: plane.log.client,
      logKey: 'bench+00000000+AA==',
      witnesses: [],
      clock,
      segments: async () => stores.segments,
      probeLogStore: async () => ({ distinct: true, users: [], control: null }),
      tryWord: async () => 405,
      pauseMs: 0,
    },
    streams: {
      clock,
      instances: async () => ids,
      plant: async () => ({ planted: [], processes: [] }),
      plantOwn: async () => {},
      newest: async () => ({
        newest: new Map(
          ['plane', ...ids].map((id) => [
            id,
            Object.fromEntries(streams.map((stream) => [stream, clock.now() - 1000])),
          ]),
        ),
        isComplete: true,
      }),
      pauseMs: 0,
    },
  }
}

type Measured = { instances: number; totalMs: number; parts: Map<string, number>; kept: number }

async function measure(count: number): Promise<Measured> {
  const plane = await startPlane()
  const parts = new Map<string, number>()
  const timed = async <T>(part: string, work: () => Promise<T> | T): Promise<T> => {
    const begun = performance.now()
    const result = await work()
    parts.set(part, (parts.get(part) ?? 0) + performance.now() - begun)
    return result
  }
  try {
    await fillFleet(plane, count)
    const { rows } = await plane.admin.pool.query<Instance>('select id, region, host from fleet.instances')
    const eyes = eyesOver(plane, rows)
    // In a running world the rounds before have looked at every instance; each proof looks again at some.
    await lookAround(eyes.isolation, { olderThanMs: 1, most: count, budgetMs: 600_000 })
    await plane.admin.pool.query('vacuum analyze')
    const proofs = proofsOf(eyes).map(
      (proof): Proof => ({ ...proof, prove: (asked) => timed(proof.pledge, () => proof.prove(asked)) }),
    )
    const headers = await plane.tokenOf('owner')
    const board = async () => (await plane.app.inject({ url: '/v1/promises', headers })).json()
    await board() // the code is warm, as in a server that runs

    const begun = performance.now()
    await timed('compile the overview', () => compileOverview(OVERVIEW, REGISTER))
    const job = proofJob({
      db: plane.admin.db,
      clock: plane.clock,
      logger: silentLogger,
      proofs,
      inForce: async () => pledgesInForce(REGISTER, await overviewInForce(plane.admin.db)),
      log: async () => {},
    })
    while (Number((await job.run())?.proved ?? 0) > 0) plane.clock.advance(1)
    const { items } = (await timed('GET /v1/promises', board)) as { items: { verdict: string }[] }
    const totalMs = performance.now() - begun
    return { instances: count, totalMs, parts, kept: items.filter((one) => one.verdict === 'kept').length }
  } finally {
    await plane.stop()
  }
}

const runs: Measured[] = []
for (const size of sizes) runs.push(await measure(size))
const columns = runs.map((run) => `${run.instances} instances`)
const print = (name: string, values: readonly (number | undefined)[]) => {
  const growth = (values.at(-1) ?? 0) / (values[0] || 1)
  const cells = values.map((ms) => `${(ms ?? 0).toFixed(1)} ms`.padStart(18))
  process.stdout.write(`${name.padEnd(28)}${cells.join('')}${growth.toFixed(1).padStart(10)}×\n`)
}
process.stdout.write(`${''.padEnd(28)}${columns.map((name) => name.padStart(18)).join('')}    growth\n`)
for (const part of runs[0]!.parts.keys())
  print(
    part,
    runs.map((run) => run.parts.get(part)),
  )
print(
  'the whole board',
  runs.map((run) => run.totalMs),
)
const [small, large] = [runs[0]!, runs.at(-1)!]
const instances = large.instances / small.instances
const growth = large.totalMs / small.totalMs
process.stdout.write(
  `kept ${large.kept} of ${REGISTER.length}; ${instances}× the instances take ${growth.toFixed(1)}× the time; ${(large.totalMs / LIMIT_MS).toFixed(2)} of the limit of ${LIMIT_MS / 1000} s\n`,
)
if (large.totalMs > LIMIT_MS || growth > instances * 1.5) process.exitCode = 1
