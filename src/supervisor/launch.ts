import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Boot, Uids, WorldConfig } from '../kernel/boot.ts'
import { layout } from '../kernel/layout.ts'
import type { ProcessSpec } from './processes.ts'
import type { WorldSecrets } from './world-secrets.ts'

/** What this machine lets the supervisor use when it starts a process, found by trying. */
export type LaunchPowers = { setpriv: boolean; boundingSet: boolean; emptyNetwork: boolean }

/** One process ready to be started: its command, environment and boot document (none for a program that is not ours). */
export type Launch = { command: string; args: string[]; env: Record<string, string>; boot?: Boot }

/** Tries what `launchOf` would like to use. */
export function tryLaunchPowers(uids: Uids): LaunchPowers {
  const works = (command: string, ...args: string[]) =>
    spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0
  const root = uids.distinct
  return {
    setpriv: works('setpriv', '--pdeathsig', 'KILL', '--no-new-privs'),
    boundingSet: root && works('setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'),
    emptyNetwork: root && works('unshare', '--net'),
  }
}

/** How to start one process of the plane under its own user, with nothing that it does not need. */
export function launchOf(
  spec: ProcessSpec,
  world: {
    config: WorldConfig
    uids: Uids
    codeDir: string
    dataDir: string
    nodePath: string
    powers: LaunchPowers
    secrets: WorldSecrets
    /** PostgreSQL's program and arguments. */
    databaseCommand: readonly string[]
  },
): Launch {
  const { config, uids, codeDir, dataDir, nodePath, powers, secrets, databaseCommand } = world
  const program =
    spec.entry === undefined
      ? [...databaseCommand]
      : [
          nodePath,
          '--disable-proto=throw',
          join(codeDir, spec.entry),
          ...(spec.args?.({ config, dataDir, secrets }) ?? []),
        ]
  const wrappers = [
    ...(spec.makesFilesForOthers ? ['sh', '-c', 'umask 022; exec "$@"', 'sh'] : []),
    ...(spec.offline && powers.emptyNetwork ? ['unshare', '--net', '--'] : []),
    ...(powers.setpriv ? ['setpriv', ...privileges(spec, config, uids, powers), '--'] : []),
  ]
  const [command = nodePath, ...args] = [...wrappers, ...program]
  return {
    command,
    args,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      NODE_COMPILE_CACHE: layout.cache(dataDir, spec.entry === undefined ? 'database' : spec.user),
    },
    ...(spec.entry === undefined || spec.args
      ? {}
      : {
          boot: {
            process: spec.name,
            dataDir,
            codeDir,
            nodePath,
            config,
            uids,
            secrets: spec.secrets(secrets, config),
          },
        }),
  }
}

function privileges(spec: ProcessSpec, config: WorldConfig, uids: Uids, powers: LaunchPowers): string[] {
  const orphaned = ['--pdeathsig', spec.whenOrphaned.replace(/^SIG/, '')]
  // The warden of an ordinary user may need newuidmap, whose powers come from its file.
  if (!uids.distinct) return spec.privileged ? orphaned : [...orphaned, '--no-new-privs']
  if (spec.privileged) return [...orphaned, '--no-new-privs', '--regid', '0', '--groups', `${uids.plane}`]
  const uid = `${uids[spec.user]}`
  const lowPort = spec.name === 'edge' && (config.httpsPort < 1024 || config.httpPort < 1024)
  const kept = lowPort ? ',+net_bind_service' : ''
  return [
    ...orphaned,
    '--no-new-privs',
    ...['--reuid', uid, '--regid', uid],
    ...(spec.inPlane ? ['--groups', `${uids.plane}`] : ['--clear-groups']),
    ...(powers.boundingSet
      ? [`--bounding-set=-all${kept}`, `--inh-caps=-all${kept}`, `--ambient-caps=-all${kept}`]
      : []),
  ]
}
