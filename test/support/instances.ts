import { createHash, randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { build } from 'esbuild'
import type { InstanceSpec } from '../../src/drivers/instances/contract/instance.ts'
import type { Boot } from '../../src/kernel/boot.ts'
import { newId } from '../../src/kernel/ids.ts'
import { allPids, processesMarked, processOf } from '../../src/warden/processes.ts'
import { startWarden, type Warden } from '../../src/warden/warden.ts'

const here = import.meta.dirname
export const codeDir = join(here, '..', '..')

/** A data folder of its own for one test file; `asRoot` tells whether instances get users of their own in it. */
export async function makeWorld(): Promise<{ boot: Boot; dispose(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'borgen-warden-'))
  await chmod(dataDir, 0o755)
  await mkdir(join(dataDir, 'run', 'warden'), { recursive: true })
  await mkdir(join(dataDir, 'releases'), { recursive: true })
  const own = process.getuid?.() ?? 0
  const distinct = own === 0
  // Blocks of their own, since several worlds run on one machine while tests do.
  const from = 300_000 + randomInt(20_000) * 1000
  const uid = (offset: number) => (distinct ? from + offset : own)
  const boot: Boot = {
    process: 'warden',
    dataDir,
    codeDir,
    nodePath: process.execPath,
    config: {
      worldId: randomBytes(8).toString('hex'),
      demo: false,
      planeDomain: 'borgen.localhost',
      appsDomain: 'apps.localhost',
      httpsPort: 1,
      httpPort: 1,
      bindAddress: '127.0.0.1',
    },
    uids: {
      distinct,
      plane: uid(1),
      database: uid(2),
      ledger: uid(3),
      server: uid(4),
      worker: uid(5),
      prover: uid(6),
      edge: uid(7),
      warden: 0,
      witness: uid(8),
      instancesFrom: uid(100),
    },
    secrets: {},
  }
  return { boot, dispose: () => rm(dataDir, { recursive: true, force: true }) }
}

/** Bundles one of test/support/apps into a release of this data folder and returns its hash. */
export async function addRelease(dataDir: string, app: string): Promise<string> {
  const half = join(dataDir, 'releases', `.${randomBytes(4).toString('hex')}`)
  const outfile = join(half, 'server.mjs')
  await build({
    entryPoints: [join(here, 'apps', app, `${app}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  const hash = createHash('sha256')
    .update(await readFile(outfile))
    .digest('hex')
  const release = join(dataDir, 'releases', hash)
  await chmod(half, 0o755)
  await rm(release, { recursive: true, force: true })
  await rename(half, release)
  return hash
}

/** A release of one file, written as it is. */
export async function addScript(dataDir: string, name: string, text: string, mode = 0o644): Promise<string> {
  const hash = createHash('sha256').update(text).digest('hex')
  const release = join(dataDir, 'releases', hash)
  await mkdir(release, { recursive: true })
  await writeFile(join(release, name), text)
  await chmod(join(release, name), mode)
  return hash
}

export function specOf(release: string, more: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    instance: newId('ins'),
    region: 'eu-frankfurt',
    release,
    start: ['node', 'server.mjs'],
    listen: { socket: 'SOCKET_PATH' },
    database: 'postgres',
    health: '/health',
    environment: {},
    limits: { memoryMiB: 256, cpus: 2, processes: 64, diskMiB: 512 },
    egress: [],
    ...more,
  }
}

/** GET over an instance's socket, parsed as JSON. */
export async function ask(socketPath: string, path: string): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>()
  const asked = request(
    { socketPath, path, headers: { host: 'localhost', connection: 'close' } },
    (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => {
        try {
          resolve({ status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) })
        } catch (error) {
          reject(error)
        }
      })
    },
  )
  asked.on('error', reject)
  asked.end()
  return promise
}

export type TestWarden = {
  world: string
  recovery: Warden['recovery']
  ground: Warden['ground']
  /** Every process of an instance, found through /proc alone; `isInit` for pid 1 of a sandbox. */
  processesOf(instance: string): { pid: number; isInit: boolean }[]
  /** What it wrote to its operational log. */
  log: string[]
  close(): Promise<void>
}

/** A warden inside the test's own process. */
export async function startTestWarden(
  boot: Boot,
  options: Parameters<typeof startWarden>[2] = {},
): Promise<TestWarden> {
  const log: string[] = []
  const note = (message: string, fields?: Record<string, unknown>) => {
    log.push(`${message} ${inspect(fields)}`)
  }
  const warden = await startWarden(boot, { info: note, warn: note, error: note }, options)
  return {
    world: warden.ground.world,
    recovery: warden.recovery,
    ground: warden.ground,
    log,
    processesOf: (instance) => processesNamed(`${warden.ground.world}:${instance}`),
    close: () => warden.close(),
  }
}

/** Processes whose environment, or that of the bubblewrap they descend from, bears the sandbox's name. */
export function processesNamed(name: string): { pid: number; isInit: boolean }[] {
  const marked = new Set(processesMarked(`BORGEN_SANDBOX=${name}`).map(({ pid }) => pid))
  const parents = new Map(allPids().map((pid) => [pid, processOf(pid)?.parent]))
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (marked.has(pid) || descends(parents.get(pid)))
  return [...parents.keys()].filter((pid) => descends(pid)).map((pid) => ({ pid, isInit: isInit(pid) }))
}

function isInit(pid: number): boolean {
  try {
    const line = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    const numbers = line?.split('\t') ?? []
    return numbers.length > 1 && numbers.at(-1) === '1'
  } catch {
    return false
  }
}
