import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { appCommand } from './app-command.ts'
import { databaseAddress, resolveEnvironment } from './environment.ts'
import { ensureFolder, writeWhole } from './files.ts'
import { insideApp } from './inside-app.ts'
import type { InstanceFolder, Places } from './places.ts'
import type { Spec } from './requests.ts'
import { insideUid, type Mount, type SandboxPlan } from './sandbox-plan.ts'
import { systemMounts } from './system-mounts.ts'

const tmpMiB = 64

/** What every application's sandbox shares. */
export type AppGround = { etc: string; nodePath: string; inside: string }

/** Makes the only /etc that applications see; of the host's it shows certificates, time zone and library paths. */
export async function writeEtc(folder: string): Promise<void> {
  await ensureFolder(folder, 0o755)
  const files = {
    passwd: `root:x:0:0:root:/:/usr/sbin/nologin\napp:x:${insideUid}:${insideUid}:app:/tmp:/bin/sh\n`,
    group: `root:x:0:\napp:x:${insideUid}:\n`,
    hosts: '127.0.0.1 localhost app\n::1 localhost\n',
    hostname: 'app\n',
    'resolv.conf': '# There is no network in here.\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  }
  for (const [name, content] of Object.entries(files))
    await writeWhole(join(folder, name), content, { mode: 0o644 })
  // Mount points, since the folder is read-only inside.
  for (const name of ['ssl', 'alternatives']) await mkdir(join(folder, name), { recursive: true })
  for (const name of ['ld.so.cache', 'localtime']) await writeWhole(join(folder, name), '', { mode: 0o644 })
}

/** The application of one instance: its release, its files, its database's socket, the system's programs to read. */
export function appPlan(
  ground: AppGround,
  folder: InstanceFolder,
  places: Pick<Places, 'release' | 'compileCacheOf'>,
  spec: Spec,
  databasePassword: string,
): SandboxPlan {
  const compileCache = places.compileCacheOf(spec.release)
  const cached = existsSync(compileCache)
  const own = appEnvironment(spec, databasePassword)
  const { command, environment } = appCommand(spec, places.release(spec.release), own.NODE_OPTIONS)
  return {
    role: 'app',
    hostname: 'app',
    mounts: [
      ...systemMounts(),
      { kind: 'read-only', from: ground.etc, to: '/etc' },
      ...hostEtc(),
      { kind: 'proc', to: '/proc' },
      { kind: 'dev', to: '/dev' },
      { kind: 'memory', to: '/tmp', sizeMiB: tmpMiB },
      { kind: 'read-only', from: dirname(ground.nodePath), to: insideApp.node },
      { kind: 'read-only', from: places.release(spec.release), to: insideApp.release },
      ...(cached ? [{ kind: 'read-only' as const, from: compileCache, to: insideApp.compileCache }] : []),
      { kind: 'writable', from: folder.files, to: insideApp.files },
      { kind: 'read-only', from: ground.inside, to: insideApp.borgen },
      { kind: 'writable', from: folder.run, to: insideApp.sockets },
      ...(spec.egress.length > 0
        ? [{ kind: 'read-only' as const, from: folder.egress, to: insideApp.egress }]
        : []),
      ...(spec.database === 'postgres'
        ? [{ kind: 'read-only' as const, from: folder.db, to: insideApp.database }]
        : []),
    ],
    workingDir: insideApp.release,
    command,
    environment: {
      ...(cached ? { NODE_COMPILE_CACHE: insideApp.compileCache } : {}),
      ...own,
      ...environment,
    },
    gated: true,
    lockHolder: 'init',
  }
}

function hostEtc(): Mount[] {
  return ['/etc/ssl', '/etc/alternatives', '/etc/ld.so.cache', '/etc/localtime']
    .filter((path) => existsSync(path))
    .map((path) => ({ kind: 'read-only', from: path, to: path }))
}

/** What a manifest says of the database and of HOME wins; of the rest, what the sandbox says. */
function appEnvironment(spec: Spec, password: string): Record<string, string> {
  const address = databaseAddress(spec, password)
  const database: Record<string, string> =
    spec.database === 'postgres'
      ? {
          DATABASE_URL: address.url,
          PGHOST: address.host,
          PGUSER: address.user,
          PGPASSWORD: address.password,
          PGDATABASE: address.name,
          // Between two sandboxes of one instance nothing is encrypted, and some clients ask for it wherever there is a port.
          ...(spec.databasePort === undefined ? {} : { PGPORT: address.port, PGSSLMODE: 'disable' }),
        }
      : {}
  return {
    NODE_ENV: 'production',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: '/tmp',
    ...database,
    ...resolveEnvironment(spec.environment, address),
    PATH: `${insideApp.node}:/usr/local/bin:/usr/bin:/bin`,
    TMPDIR: '/tmp',
    FILES_DIR: insideApp.files,
  }
}
