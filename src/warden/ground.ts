import { createHash, randomBytes } from 'node:crypto'
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Boot } from '../kernel/boot.ts'
import type { Logger } from '../kernel/log.ts'
import { ensurePostgresBinaries } from '../kernel/postgres-binaries.ts'
import { type AppGround, writeEtc } from './app-sandbox.ts'
import { type Cgroups, findCgroups } from './cgroups.ts'
import { type DatabaseGround, systemLibrariesOf } from './database-sandbox.ts'
import { ensureFolder, writeWhole } from './files.ts'
import { declaredLimits } from './limits.ts'
import { inspectMachine, type Machine, type Without } from './machine.ts'
import { type Places, placesUnder } from './places.ts'
import { writePostgresConf } from './postgres-conf.ts'
import type { Limits } from './published.ts'
import { architectureHere, seccompProgram } from './seccomp.ts'

/** Everything that stays the same while a warden runs. */
export type Ground = {
  boot: Boot
  logger: Logger
  places: Places
  machine: Machine
  cgroups: Cgroups
  /** Name of this world's groups; not of its folder, which every world sees at the same place. */
  world: string
  database: DatabaseGround
  app: AppGround
  passwordKey: Buffer
  planeGid: number | undefined
  /** What is declared of an instance whose own limits are not known. */
  baseLimits: Limits
  markerOf(instance: string): string
}

/** Names a world's groups: short, and without what a world's id may be made of. */
export function worldName(worldId: string): string {
  return `borgen-${createHash('sha256').update(worldId).digest('hex').slice(0, 12)}`
}

/** Makes the warden's folders and files and looks at what the machine offers. */
export async function prepareGround(boot: Boot, logger: Logger, without: Without = {}): Promise<Ground> {
  const places = placesUnder(boot.dataDir)
  const root = process.getuid?.() === 0
  const world = worldName(boot.config.worldId)
  await makePlaces(places, root, boot)
  const binaries = await ensurePostgresBinaries({ codeDir: boot.codeDir, intoDir: places.postgres })
  await writePostgresConf(places.postgresConf)
  await writeEtc(places.etc)
  await copyInside(places)
  const machine = inspectMachine(await writeFilter(places), places, without)
  const cgroups = findCgroups(readFileSync('/proc/self/mountinfo', 'utf8'), isWritable)
  const unknown = { memoryMiB: 0, cpus: 0, processes: 0, diskMiB: 0 }
  return {
    boot,
    logger,
    places,
    machine,
    cgroups,
    world,
    database: {
      binaries,
      systemLibraries: await systemLibrariesOf(binaries),
      conf: places.postgresConf,
      etc: places.etc,
    },
    app: { etc: places.etc, nodePath: boot.nodePath, inside: places.inside },
    passwordKey: await passwordKeyOf(boot, places),
    planeGid: root ? boot.uids.plane : undefined,
    baseLimits: declaredLimits(machine, cgroups, unknown),
    markerOf: (instance) => `BORGEN_SANDBOX=${world}:${instance}`,
  }
}

async function makePlaces(places: Places, root: boolean, boot: Boot): Promise<void> {
  // Instances' users pass through some of these on the way to what is bound into their sandboxes.
  for (const path of [places.warden, places.instances, places.pool, places.templates, places.trash])
    await ensureFolder(path, 0o711)
  await ensureFolder(places.running, 0o700)
  for (const path of [places.postgres, places.compileCaches, places.inside, places.mountPoint])
    await ensureFolder(path, 0o755)
  const planeOwned = root ? { uid: 0, gid: boot.uids.plane } : undefined
  await ensureFolder(join(places.observed, '..'), 0o750, planeOwned)
  await ensureFolder(places.observed, 0o750, planeOwned)
  await mkdir(join(places.releases), { recursive: true })
}

// Beside the data, since the code may lie where an instance's user cannot reach it.
async function copyInside(places: Places): Promise<void> {
  const source = join(import.meta.dirname, 'inside')
  for (const name of await readdir(source)) {
    await writeWhole(join(places.inside, name), await readFile(join(source, name), 'utf8'), { mode: 0o644 })
  }
}

async function writeFilter(places: Places): Promise<string | undefined> {
  const architecture = architectureHere()
  if (!architecture) return undefined
  const path = join(places.warden, 'seccomp.bpf')
  await writeFile(path, seccompProgram(architecture), { mode: 0o600 })
  return path
}

async function passwordKeyOf(boot: Boot, places: Places): Promise<Buffer> {
  const handed = boot.secrets.instancePasswordKey
  if (handed !== undefined) return createHash('sha256').update(handed).digest()
  // Without a supervisor that keeps it: a file that only root reads.
  const made = await readFile(places.passwordKey, 'utf8').catch(() => undefined)
  if (made) return Buffer.from(made, 'hex')
  const key = randomBytes(32)
  await writeWhole(places.passwordKey, key.toString('hex'), { mode: 0o600, durable: true })
  return key
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
