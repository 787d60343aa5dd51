import { join } from 'node:path'

/** Longest path of a Unix socket that Linux takes, in bytes (sun_path is 108 with its final zero). */
export const socketPathLimitBytes = 107

/** Every place under the data folder, as a function of the folder; ARCHITECTURE.md says who owns what. */
export const layout = {
  config: (dataDir: string) => join(dataDir, 'config.json'),
  lock: (dataDir: string) => join(dataDir, 'supervisor.lock'),
  caCertificate: (dataDir: string) => join(dataDir, 'ca.crt'),
  /** The token of `borgen` on this machine; only who started the world can read it. */
  cliToken: (dataDir: string) => join(dataDir, 'cli.token'),
  keys: (dataDir: string) => join(dataDir, 'keys'),
  rootKey: (dataDir: string) => join(dataDir, 'keys', 'root.key'),
  secrets: (dataDir: string) => join(dataDir, 'secrets'),
  secret: (dataDir: string, name: string) => join(dataDir, 'secrets', `${name}.sealed`),
  plane: (dataDir: string) => join(dataDir, 'plane'),
  planePostgres: (dataDir: string) => join(dataDir, 'plane', 'pg'),
  /** PostgreSQL's programs with their libraries, one folder a version; everybody may run them. */
  postgresBinaries: (dataDir: string) => join(dataDir, 'postgres'),
  ledger: (dataDir: string) => join(dataDir, 'ledger'),
  /** What the ledger plants for the proof that tries to alter it: under the same policy as every segment. */
  plantedSegment: (dataDir: string) =>
    join(dataDir, 'ledger', 'regions', '.planted', 'planted', '0000000000000000.seg'),
  /** The witness of this machine: its key, and what it saw last. */
  witness: (dataDir: string) => join(dataDir, 'witness'),
  witnessSocket: (dataDir: string) => join(dataDir, 'run', 'witness', 'witness.sock'),
  keyring: (dataDir: string) => join(dataDir, 'keyring'),
  releases: (dataDir: string) => join(dataDir, 'releases'),
  release: (dataDir: string, sha256: string) => join(dataDir, 'releases', sha256),
  warden: (dataDir: string) => join(dataDir, 'warden'),
  instances: (dataDir: string) => join(dataDir, 'instances'),
  instance: (dataDir: string, instanceId: string) => join(dataDir, 'instances', instanceId),
  instanceRun: (dataDir: string, instanceId: string) => join(dataDir, 'instances', instanceId, 'run'),
  instanceSocket: (dataDir: string, instanceId: string) =>
    join(dataDir, 'instances', instanceId, 'run', 'app.sock'),
  edge: (dataDir: string) => join(dataDir, 'edge'),
  cache: (dataDir: string, process: string) => join(dataDir, 'cache', process),
  run: (dataDir: string, process: string) => join(dataDir, 'run', process),
  /** Folder of the plane's PostgreSQL socket; the socket in it is `.s.PGSQL.5432`. */
  databaseSockets: (dataDir: string) => join(dataDir, 'run', 'db'),
  databaseSocket: (dataDir: string) => join(dataDir, 'run', 'db', '.s.PGSQL.5432'),
  ledgerSocket: (dataDir: string) => join(dataDir, 'run', 'ledger', 'ledger.sock'),
  wardenSocket: (dataDir: string) => join(dataDir, 'run', 'warden', 'warden.sock'),
  /** Where the prover, and nobody else, asks the warden to probe. */
  wardenProbeSocket: (dataDir: string) => join(dataDir, 'run', 'warden', 'probe.sock'),
  serverSocket: (dataDir: string) => join(dataDir, 'run', 'server', 'server.sock'),
  /** Of a demo world alone. */
  saboteurSocket: (dataDir: string) => join(dataDir, 'run', 'saboteur', 'saboteur.sock'),
  /** What runs, written by the supervisor at every change; readable by the plane's group. */
  processes: (dataDir: string) => join(dataDir, 'run', 'supervisor', 'processes.json'),
  /** The overview.yaml as the supervisor reads it, for those who cannot see the file itself. */
  publishedOverview: (dataDir: string) => join(dataDir, 'run', 'supervisor', 'overview.json'),
  /** Files that people attached to what they signed, each under its SHA-256. */
  evidence: (dataDir: string) => join(dataDir, 'evidence'),
  /** The console's built pages. */
  consoleFiles: (dataDir: string) => join(dataDir, 'console'),
  logs: (dataDir: string) => join(dataDir, 'logs'),
  log: (dataDir: string, process: string) => join(dataDir, 'logs', `${process}.log`),
} as const
