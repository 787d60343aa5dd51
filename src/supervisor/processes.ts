import type { Uids, WorldConfig } from '../kernel/boot.ts'
import { layout } from '../kernel/layout.ts'
import { logKeyOf } from './local-witness.ts'
import { sha256Of, type WorldSecrets } from './world-secrets.ts'

/** How a process is told to stop, and how long it may take before it is killed. */
type Stop = { signal: NodeJS.Signals; graceMs: number }

/** One process of the plane, as the supervisor sees it. */
export type ProcessSpec = {
  name: string
  /** The program, below the code folder; absent for PostgreSQL, which is a program of its own. */
  entry?: string
  /** Runs to its end before those that need it start, instead of staying. */
  once?: true
  needs: readonly string[]
  user: keyof Omit<Uids, 'distinct' | 'plane' | 'instancesFrom'>
  /** Whether it may reach the plane's sockets, which belong to the group `plane`. */
  inPlane: boolean
  /** Root's own powers stay with it (only where users are distinct; nobody else has any). */
  privileged?: true
  /** Makes files for other users, each with a mode it chooses itself; the others' files are theirs alone. */
  makesFilesForOthers?: true
  /** Gets an empty network of its own where the machine allows: sockets in folders are all it has. */
  offline?: true
  stop: Stop
  /** The signal the kernel sends it when the supervisor dies. */
  whenOrphaned: NodeJS.Signals
  /** For a program that stands alone and knows nothing of a world: everything it is told. It then gets no boot document. */
  args?: (world: { config: WorldConfig; dataDir: string; secrets: WorldSecrets }) => string[]
  /** Exists in demo worlds alone. */
  demoOnly?: true
  /** What it gets of the world's secrets, under the names it knows them by. */
  secrets: (all: WorldSecrets, config: WorldConfig) => Record<string, string>
}

/** The plane's processes in the order of starting; they stop in the reverse order. */
export const processes: readonly ProcessSpec[] = [
  {
    name: 'database',
    needs: [],
    user: 'database',
    inPlane: false,
    offline: true,
    stop: { signal: 'SIGINT', graceMs: 15_000 },
    whenOrphaned: 'SIGINT',
    secrets: () => ({}),
  },
  {
    name: 'migrate',
    entry: 'src/supervisor/prepare-database.ts',
    once: true,
    needs: ['database'],
    user: 'database',
    inPlane: true,
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      superuserUrl: all.databaseUrl('postgres'),
      ownerUrl: all.databaseUrl('borgen_owner'),
      rolePasswords: JSON.stringify(all.rolePasswords),
    }),
  },
  {
    name: 'ledger',
    entry: 'src/ledger.ts',
    needs: [],
    user: 'ledger',
    inPlane: true,
    offline: true,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      rootKey: all.of('ledgerRootKey'),
      signingKey: all.of('ledgerSigningKey'),
      tokens: JSON.stringify({
        [sha256Of(all.of('ledgerTokenServer'))]: { process: 'server', may: ['append', 'read'] },
        [sha256Of(all.of('ledgerTokenWorker'))]: { process: 'worker', may: ['append', 'read', 'cosign'] },
        [sha256Of(all.of('ledgerTokenProver'))]: { process: 'prover', may: ['read'] },
      }),
    }),
  },
  {
    name: 'witness',
    entry: 'witness/bin/borgen-witness.mjs',
    needs: [],
    user: 'witness',
    inPlane: false,
    offline: true,
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    whenOrphaned: 'SIGKILL',
    args: ({ config, dataDir, secrets }) => [
      'run',
      ...['--state', layout.witness(dataDir)],
      ...['--log-key', logKeyOf(config, secrets)],
      ...['--listen', `unix:${layout.witnessSocket(dataDir)}`],
    ],
    secrets: () => ({}),
  },
  {
    name: 'warden',
    entry: 'src/warden.ts',
    needs: [],
    user: 'warden',
    inPlane: true,
    privileged: true,
    makesFilesForOthers: true,
    offline: true,
    // It stops every instance first.
    stop: { signal: 'SIGTERM', graceMs: 30_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      wardenToken: all.of('wardenToken'),
      probeWardenToken: all.of('probeWardenToken'),
      instancePasswordKey: all.of('instancePasswordKey'),
    }),
  },
  {
    name: 'server',
    entry: 'src/server.ts',
    needs: ['migrate', 'ledger'],
    user: 'server',
    inPlane: true,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all, { demo }) => ({
      dbUrl: all.databaseUrl('borgen_server'),
      ledgerToken: all.of('ledgerTokenServer'),
      edgeTokenSha256: sha256Of(all.of('edgeToken')),
      probeToken: all.of('probeToken'),
      handoverKey: all.of('handoverKey'),
      setupTokenSha256: sha256Of(all.of('setupToken')),
      ...(demo ? { saboteurToken: all.of('saboteurToken') } : {}),
    }),
  },
  {
    name: 'worker',
    entry: 'src/worker.ts',
    needs: ['migrate', 'ledger', 'warden'],
    user: 'worker',
    inPlane: true,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      dbUrl: all.databaseUrl('borgen_worker'),
      ledgerToken: all.of('ledgerTokenWorker'),
      wardenToken: all.of('wardenToken'),
      keyringRoot: all.of('keyringRoot'),
      handoverKey: all.of('handoverKey'),
    }),
  },
  {
    name: 'prover',
    entry: 'src/prover.ts',
    needs: ['migrate', 'ledger', 'warden'],
    user: 'prover',
    inPlane: true,
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all, config) => ({
      logKey: logKeyOf(config, all),
      dbUrl: all.databaseUrl('borgen_prover'),
      ledgerToken: all.of('ledgerTokenProver'),
      probeToken: all.of('probeToken'),
      probeWardenToken: all.of('probeWardenToken'),
      caCert: all.localCa.certPem,
    }),
  },
  {
    name: 'edge',
    entry: 'src/edge.ts',
    needs: [],
    user: 'edge',
    inPlane: true,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      edgeToken: all.of('edgeToken'),
      probeToken: all.of('probeToken'),
      caCert: all.localCa.certPem,
      caKey: all.localCa.keyPem,
    }),
  },
  {
    // Breaks what somebody wants to see broken. It is nobody's process but the demo's, and a real world has none.
    name: 'saboteur',
    entry: 'src/demo/saboteur.ts',
    demoOnly: true,
    // Which knows whether this is a demo, and does not start where config.json says otherwise.
    needs: ['ledger'],
    user: 'warden',
    inPlane: true,
    privileged: true,
    offline: true,
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    whenOrphaned: 'SIGKILL',
    secrets: (all) => ({
      saboteurTokenSha256: sha256Of(all.of('saboteurToken')),
      caCert: all.localCa.certPem,
      caKey: all.localCa.keyPem,
    }),
  },
]
