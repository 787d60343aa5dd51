import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Uids, WorldConfig } from '../kernel/boot.ts'
import { worldConfigSchema } from '../kernel/boot.ts'
import { systemClock } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { migrationsIn } from '../kernel/migrations.ts'
import { ensureConsoleFiles } from './console-files.ts'
import { openDataFolder } from './data-folder.ts'
import { makeCluster, planeBinaries, postgresCommand } from './database.ts'
import { writeDurably } from './durable-file.ts'
import { makeFolders } from './folders.ts'
import { type Launch, launchOf, tryLaunchPowers } from './launch.ts'
import { endLeftovers } from './leftovers.ts'
import { makeLocalWitness } from './local-witness.ts'
import { canRead, machineShortcomings, openCodeToOthers } from './machine.ts'
import type { UpOptions } from './options.ts'
import { overviewFileOf, publishOverview, requireGoodOverview } from './overview-file.ts'
import { freePort, requireFreePorts } from './ports.ts'
import { mountPlaces, type Places } from './private-mounts.ts'
import { type ProcessSpec, processes } from './processes.ts'
import { ensureBubblewrap } from './sandbox-program.ts'
import { createScreen, type Screen } from './screen.ts'
import { openRootKms, openSecrets } from './sealed-secrets.ts'
import { shortDataDir } from './short-path.ts'
import { becomeOnlySupervisor } from './single-supervisor.ts'
import { chooseUids, sharedUids } from './uid-block.ts'
import { readWorld, refuseNewer, settleWorld, type WorldFile, writeWorld } from './world.ts'
import { secretMakers, type WorldSecrets, worldSecretsOf } from './world-secrets.ts'

/** A world whose folder, users, keys and database are in place; nothing of it runs yet. */
export type PreparedWorld = {
  screen: Screen
  isFirstStart: boolean
  /** The data folder as the person who started it names it. */
  home: string
  /** The data folder as the processes see it. */
  dataDir: string
  uids: Uids
  specs: readonly ProcessSpec[]
  launch: (spec: ProcessSpec) => Launch
  shortcomings: string[]
  ready: { config: WorldConfig; dataDir: string; setupToken: string }
  /** Notes in `config.json` that this version has been fully up, so that an older one refuses before it changes anything. */
  noteUp(): void
}

type Rights = { isRoot: boolean; isPrivate: boolean }

/**
 * Makes the world that these options ask for, or completes the one that is there (an upgrade's new folders, secrets,
 * ports). Every step can be repeated after a crash. Throws AppError with the remedy.
 */
export async function prepareWorld(options: UpOptions, rights: Rights): Promise<PreparedWorld> {
  const home = openDataFolder(options.dataDir)
  becomeOnlySupervisor(home)
  const found = readWorld(home)
  const codeDir = resolve(import.meta.dirname, '..', '..')
  const migrations = migrationsIn(join(codeDir, 'sql'))
  refuseNewer(found, migrations)
  const isFirstStart = found?.uids === undefined
  const screen = createScreen(process.stdout, !isFirstStart)
  await endLeftovers(home)
  const settled = await settleWithPorts(found, options)
  screen.line(`Borgen · ${settled.demo ? 'demo world' : 'world'} in ${home}`)
  const named = options.overview === undefined ? undefined : resolve(options.overview)
  const overviewFile = overviewFileOf(codeDir, { named, demo: settled.demo })
  await requireGoodOverview(codeDir, overviewFile, named !== undefined)

  const uids = settled.uids ?? usersFor(settled.worldId, home, rights)
  let world: WorldFile = { ...settled, uids }
  writeWorld(home, world)
  makeFolders(home, uids)
  const binaries = await screen.step('PostgreSQL programs', () => planeBinaries(codeDir, home))
  await screen.step('console pages', () =>
    ensureConsoleFiles({ codeDir, dataDir: home, nodePath: process.execPath }),
  )
  const places = placesFor(codeDir, home, uids, rights, screen)
  const { dataDir } = places
  publishOverview(dataDir, overviewFile)

  const config = configOf(world)
  const secrets = await screen.step('keys and certificates', async () => {
    const opened = await openSecrets({
      dataDir,
      worldId: world.worldId,
      kms: openRootKms(dataDir, world.worldId),
      makers: secretMakers(config, options.databaseUrl ?? '', systemClock.now()),
      made: world.secrets,
      remember: (names) => {
        world = { ...world, secrets: names }
        writeWorld(dataDir, world)
      },
    })
    return worldSecretsOf(opened, layout.databaseSockets(dataDir))
  })
  publishCa(dataDir, secrets)
  const nodePath = within(codeDir, process.execPath, places.codeDir)
  const localWitness = makeLocalWitness({ ...places, nodePath, uids, config })
  if (world.localWitness === undefined) {
    world = { ...world, localWitness }
    writeWorld(dataDir, world)
  }
  const sandbox = ensureBubblewrap({
    mayInstall: options.systemPackages,
    logFile: layout.log(home, 'system-packages'),
    say: screen.line,
  })

  const hasOwnDatabase = secrets.of('outsideDatabaseUrl') === ''
  // The tree seen under the data folder's short path, where the database's own user can reach it.
  const visible = { ...binaries, root: join(layout.postgresBinaries(dataDir), binaries.version) }
  const programs = { ...visible, bin: join(visible.root, 'bin') }
  if (hasOwnDatabase)
    await screen.step(`database (PostgreSQL ${binaries.version.split('-')[0]})`, () =>
      makeCluster({ binaries: programs, dataDir, uids, superuserPassword: secrets.rolePasswords.postgres }),
    )
  const powers = tryLaunchPowers(uids)
  const databaseCommand = postgresCommand(programs, dataDir)
  const specs = processes.filter(
    (spec) =>
      (config.demo || !spec.demoOnly) &&
      (hasOwnDatabase || spec.name !== 'database') &&
      (!spec.entry || existsSync(join(codeDir, spec.entry))),
  )
  return {
    screen,
    isFirstStart,
    home,
    dataDir,
    uids,
    specs,
    launch: (spec) =>
      launchOf(spec, {
        config: configOf(world),
        uids,
        codeDir: places.codeDir,
        dataDir,
        nodePath,
        powers,
        secrets,
        databaseCommand,
      }),
    shortcomings: [...machineShortcomings(uids, powers, rights), ...sandbox.lines],
    ready: { config: configOf(world), dataDir, setupToken: secrets.of('setupToken') },
    noteUp() {
      const newestMigration = migrations.at(-1)
      if (newestMigration === undefined || newestMigration === world.newestMigration) return
      world = { ...world, newestMigration }
      writeWorld(dataDir, world)
    },
  }
}

async function settleWithPorts(found: WorldFile | undefined, options: UpOptions): Promise<WorldFile> {
  const address = options.bindAddress ?? found?.bindAddress ?? '127.0.0.1'
  const any = async (port: number | undefined) => (port === 0 ? await freePort(address) : port)
  const [httpsPort, httpPort] = [await any(options.httpsPort), await any(options.httpPort)]
  const settled = settleWorld(found, { ...options, httpsPort, httpPort })
  await requireFreePorts(settled)
  return settled
}

/** Root looks for a block of users; anybody else is the one user of everything. */
function usersFor(worldId: string, home: string, { isRoot }: Rights): Uids {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (!isRoot) return sharedUids(uid, gid)
  const chosen = chooseUids(worldId, home)
  if (chosen === undefined)
    throw new AppError(
      'unavailable',
      'On this machine root can take no other user, and PostgreSQL does not run as root.',
      {
        remedy: 'Start as an ordinary user.',
      },
    )
  return chosen
}

function placesFor(codeDir: string, home: string, uids: Uids, rights: Rights, screen: Screen): Places {
  if (uids.distinct && openCodeToOthers(codeDir))
    screen.line('  Made the installed code readable to other users.')
  if (rights.isPrivate) return mountPlaces(codeDir, home)
  const places = { codeDir, dataDir: shortDataDir(home), isPrivate: false }
  if (uids.distinct && !(canRead(uids.server, codeDir) && canRead(uids.server, home, 'config.json')))
    throw new AppError(
      'unavailable',
      `Other users cannot reach ${codeDir} or ${home}, and root may not mount here.`,
      {
        remedy:
          'Put both below folders that everybody may pass through (chmod o+x), or start as an ordinary user.',
      },
    )
  return places
}

function configOf(world: WorldFile): WorldConfig {
  return worldConfigSchema.parse(world)
}

/** Leaves the authority's certificate where everybody can read it, to trust it. */
function publishCa(dataDir: string, { localCa }: WorldSecrets): void {
  const file = layout.caCertificate(dataDir)
  if (existsSync(file) && readFileSync(file, 'utf8') === localCa.certPem) return
  writeDurably(file, localCa.certPem, 0o644)
}

/** The same file seen from another place of its folder; a file outside stays where it is. */
function within(folder: string, file: string, place: string): string {
  const rest = relative(folder, file)
  return rest.startsWith('..') || isAbsolute(rest) ? file : join(place, rest)
}
