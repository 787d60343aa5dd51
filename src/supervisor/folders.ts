import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Uids } from '../kernel/boot.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'

type Folder = { path: string; uid: number; gid: number; mode: number }

/** Set-group-id: sockets made in such a folder belong to the plane's group, whoever makes them. */
const socketFolder = 0o2750

/** Every folder of a data folder with its owner and mode; what is listed first contains what follows. */
export function foldersOf(dataDir: string, uids: Uids): Folder[] {
  // Without distinct users there is nobody to open a folder for.
  const open = (mode: number) => (uids.distinct ? mode : 0o700)
  const root = uids.distinct ? 0 : uids.warden
  const rootGroup = uids.distinct ? 0 : uids.plane
  const own = (path: string, uid: number, mode: number): Folder => ({
    path,
    uid,
    gid: uids.distinct ? uid : uids.plane,
    mode: open(mode),
  })
  const ofRoot = (path: string, mode: number): Folder => ({
    path,
    uid: root,
    gid: rootGroup,
    mode: open(mode),
  })
  const run = (process: string, uid: number): Folder => ({
    path: layout.run(dataDir, process),
    uid,
    gid: uids.plane,
    mode: open(socketFolder),
  })
  const users = {
    database: uids.database,
    ledger: uids.ledger,
    server: uids.server,
    worker: uids.worker,
    edge: uids.edge,
    witness: uids.witness,
  }
  return [
    ofRoot(dataDir, 0o711),
    ofRoot(layout.keys(dataDir), 0o700),
    ofRoot(layout.secrets(dataDir), 0o700),
    ofRoot(layout.logs(dataDir), 0o700),
    ofRoot(layout.plane(dataDir), 0o711),
    ofRoot(layout.postgresBinaries(dataDir), 0o755),
    own(layout.ledger(dataDir), uids.ledger, 0o700),
    own(layout.witness(dataDir), uids.witness, 0o700),
    own(layout.keyring(dataDir), uids.worker, 0o700),
    own(layout.releases(dataDir), uids.server, 0o755),
    // The prover reads what was signed; nobody else does.
    {
      path: layout.evidence(dataDir),
      uid: uids.server,
      gid: uids.distinct ? uids.prover : uids.plane,
      mode: open(0o2750),
    },
    // Passed through by those who make clusters from its template; what is secret in it is root's alone.
    ofRoot(layout.warden(dataDir), 0o711),
    ofRoot(layout.instances(dataDir), 0o711),
    own(layout.edge(dataDir), uids.edge, 0o700),
    ofRoot(join(dataDir, 'cache'), 0o711),
    ofRoot(layout.cache(dataDir, 'warden'), 0o700),
    ...Object.entries(users).map(([name, uid]) => own(layout.cache(dataDir, name), uid, 0o700)),
    ofRoot(join(dataDir, 'run'), 0o711),
    run('supervisor', root),
    run('db', uids.database),
    run('ledger', uids.ledger),
    run('witness', uids.witness),
    run('warden', uids.warden),
    run('server', uids.server),
    run('worker', uids.worker),
    run('edge', uids.edge),
  ]
}

/** Makes what is missing and gives every folder its owner and mode again; throws when something else stands there. */
export function makeFolders(dataDir: string, uids: Uids): void {
  for (const { path, uid, gid, mode } of foldersOf(dataDir, uids)) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const found = lstatSync(path)
    if (!found.isDirectory())
      throw new AppError('conflict', `${path} is not a folder.`, { remedy: 'Move it away and start again.' })
    if (found.uid !== uid || found.gid !== gid) chownSync(path, uid, gid)
    // After chown, which clears the set-group-id bit.
    if ((lstatSync(path).mode & 0o7777) !== mode) chmodSync(path, mode)
  }
}
