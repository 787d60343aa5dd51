import { join } from 'node:path'
import { layout } from '../kernel/layout.ts'

/** Every place of the warden under the data folder. */
export function placesUnder(dataDir: string) {
  const warden = layout.warden(dataDir)
  return {
    warden,
    postgres: join(warden, 'postgres'),
    postgresConf: join(warden, 'postgres-conf'),
    templates: join(warden, 'templates'),
    pool: join(warden, 'pool'),
    trash: join(warden, 'trash'),
    running: join(warden, 'running'),
    etc: join(warden, 'etc'),
    inside: join(warden, 'inside'),
    mountPoint: join(warden, 'mount-point'),
    compileCaches: join(warden, 'compile-caches'),
    compileCacheOf: (release: string) => join(warden, 'compile-caches', `${release}-${process.version}`),
    nextUid: join(warden, 'next-uid'),
    passwordKey: join(warden, 'password.key'),
    instances: layout.instances(dataDir),
    observed: join(layout.run(dataDir, 'warden'), 'observed'),
    usage: join(layout.run(dataDir, 'warden'), 'usage.json'),
    socket: layout.wardenSocket(dataDir),
    probeSocket: layout.wardenProbeSocket(dataDir),
    releases: layout.releases(dataDir),
    release: (hash: string) => layout.release(dataDir, hash),
    instance: (id: string) => folderOf(layout.instance(dataDir, id)),
    slot: (slot: string) => folderOf(join(warden, 'pool', slot)),
    runningOf: (id: string) => join(warden, 'running', `${id}.json`),
    statOf: (id: string, role: string) => join(warden, 'running', `${id}.${role}.stat`),
    lockOf: (id: string, role: string) => join(warden, 'running', `${id}.${role}.lock`),
    observedOf: (id: string) => join(layout.run(dataDir, 'warden'), 'observed', `${id}.json`),
  }
}
export type Places = ReturnType<typeof placesUnder>

/** What lies in an instance's folder; a prepared slot has the same shape, so that taking one is a rename. */
export function folderOf(root: string) {
  return {
    root,
    /** Which uid and which password it has; root only. */
    identity: join(root, 'identity.json'),
    /** What its sandboxes were last made of; root only. */
    lastStart: join(root, 'last-start.json'),
    /** Stands there from the moment its destruction began. */
    destroying: join(root, 'destroying'),
    pg: join(root, 'pg'),
    files: join(root, 'files'),
    /** PostgreSQL's socket, between the two sandboxes of the instance. */
    db: join(root, 'db'),
    run: join(root, 'run'),
    socket: join(root, 'run', 'app.sock'),
    /** Socket of the proxy to the hosts it may reach; the worker's. */
    egress: join(root, 'egress'),
    log: join(root, 'log'),
    logOf: (name: LogName) => join(root, 'log', name),
    /** What its sandboxes write to, instead of the log itself. */
    pipeOf: (name: LogName) => join(root, 'log', `${name}.pipe`),
  }
}
export type InstanceFolder = ReturnType<typeof folderOf>
export type LogName = 'app.out' | 'app.err' | 'database.log'
