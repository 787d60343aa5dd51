import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderIdentity, seePostgres, seeProcesses, serversByFolder } from './read-processes.ts'

/** Everything of instances that lies or runs on the machine, by the names of `ARCHITECTURE.md`. */
export type MachineFacts = {
  /** Folders under `instances/`, with the user that each one's files belong to. */
  folders: { instance: string; uid: number | undefined }[]
  /** Prepared places, with what they are and whether they are whole. */
  pool: { slot: string; uid: number | undefined; whole: boolean }[]
  trash: string[]
  /** Files under `warden/running/`: records, locks and notes of sandboxes. */
  running: string[]
  /** Instances that are published as being there. */
  observed: string[]
  /** Control groups of this world below its own one. */
  groups: string[]
  /** Key files: `<region>/<subject>.<version>.json` and `.destroyed` marks. */
  keys: string[]
  releases: string[]
  /** Mounts of this world outside the sandboxes, by mount point. */
  mounts: string[]
  /** PostgreSQL servers, each with the place of its data folder below the data folder. */
  servers: { pid: number; place: string }[]
  /** Processes with the rights of an instance's user. */
  processes: { pid: number; uid: number; name: string }[]
  /** Sockets under instances' folders, and whether somebody may answer there. */
  sockets: { instance: string; path: string }[]
}

const controllers = ['memory', 'pids', 'cpu', 'unified', '.']

/** Looks at files, processes, groups and mounts of a world; `instanceUids` is the block of its instances' users. */
export function readMachine(
  dataDir: string,
  world: { worldId: string; instanceUids: [from: number, to: number] | undefined },
): MachineFacts {
  const warden = join(dataDir, 'warden')
  const folders = namesIn(join(dataDir, 'instances')).map((instance) => ({
    instance,
    uid: uidIn(join(dataDir, 'instances', instance)),
  }))
  const pool = namesIn(join(warden, 'pool')).map((slot) => ({
    slot,
    uid: uidIn(join(warden, 'pool', slot)),
    whole: existsSync(join(warden, 'pool', slot, 'identity.json')),
  }))
  const group = `borgen-${createHash('sha256').update(world.worldId).digest('hex').slice(0, 12)}`
  return {
    folders,
    pool,
    trash: namesIn(join(warden, 'trash')),
    running: namesIn(join(warden, 'running')),
    observed: namesIn(join(dataDir, 'run', 'warden', 'observed')).map((name) => name.replace(/\.json$/, '')),
    groups: [
      ...new Set(controllers.flatMap((mount) => foldersIn(join('/sys/fs/cgroup', mount, group)))),
    ].sort(),
    keys: namesIn(join(dataDir, 'keyring')).flatMap((region) =>
      namesIn(join(dataDir, 'keyring', region)).map((name) => `${region}/${name}`),
    ),
    releases: namesIn(join(dataDir, 'releases')),
    mounts: mountsOf(dataDir),
    servers: serversOf(dataDir, [
      ...folders.map(({ instance }) => join('instances', instance, 'pg')),
      ...pool.flatMap(({ slot }) => ['pg', 'pg.half'].map((name) => join('warden', 'pool', slot, name))),
      join('plane', 'pg'),
    ]),
    processes: processesIn(world.instanceUids),
    sockets: folders.flatMap(({ instance }) =>
      ['run/app.sock', 'db/.s.PGSQL.5432']
        .filter((path) => existsSync(join(dataDir, 'instances', instance, path)))
        .map((path) => ({ instance, path })),
    ),
  }
}

function serversOf(dataDir: string, places: string[]): MachineFacts['servers'] {
  const placeOf = new Map(places.map((place) => [folderIdentity(join(dataDir, place)), place]))
  return [...serversByFolder(seePostgres())].flatMap(([folder, servers]) => {
    const place = placeOf.get(folder)
    return place === undefined ? [] : servers.map(({ pid }) => ({ pid, place }))
  })
}

function processesIn(block: [number, number] | undefined): MachineFacts['processes'] {
  if (block === undefined) return []
  return seeProcesses()
    .filter(({ uid }) => uid >= block[0] && uid < block[1])
    .map(({ pid, uid, name }) => ({ pid, uid, name }))
}

/** Mounts that the machine itself has of the data folder; those of sandboxes and supervisor end with their processes. */
function mountsOf(dataDir: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[3]?.startsWith(`${dataDir}/`) || fields[4]?.startsWith(`${dataDir}/`))
    .map((fields) => fields[4] ?? '')
}

function uidIn(folder: string): number | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')).uid
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}
