import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { layout } from '../../kernel/layout.ts'
import type { Ground } from '../ground.ts'
import type { ProbeKind } from './kind.ts'

const run = promisify(execFile)
const PLANE_USERS = ['server', 'worker', 'prover', 'edge', 'database', 'witness'] as const

type Tries = { uid: number; tries: { attempt: string; outcome: string }[] }

/**
 * Tries to alter, truncate and delete what the ledger planted among its segments: with the users and groups of the plane's
 * processes, in the view of the file system that they have, without any power of root. The ledger's own user has done the
 * same to a copy before, where it must succeed. Where all share one user there is nothing to try.
 */
export const logStoreKind: ProbeKind<'log-store'> = {
  limitMs: 30_000,
  async run({ ground }, _, signal) {
    const { uids } = ground.boot
    if (!uids.distinct) return { distinct: false, users: [], control: null }
    // First, since a try that succeeds may leave nothing to copy.
    const control = await tryAs(ground, uids.ledger, [], ['--copy'], signal)
    const users: (Tries & { name: string })[] = []
    for (const name of PLANE_USERS)
      users.push({ name, ...(await tryAs(ground, uids[name], [uids.plane], [], signal)) })
    return { distinct: true, users, control }
  },
}

async function tryAs(
  { boot }: Ground,
  uid: number,
  groups: number[],
  more: string[],
  signal: AbortSignal,
): Promise<Tries> {
  const program = join(boot.codeDir, 'src', 'warden', 'probes', 'alter-attempts.ts')
  const args = [
    ...['--reuid', `${uid}`, '--regid', `${uid}`],
    ...(groups.length > 0 ? ['--groups', groups.join()] : ['--clear-groups']),
    ...[
      '--no-new-privs',
      '--bounding-set=-all',
      '--inh-caps=-all',
      '--ambient-caps=-all',
      '--pdeathsig',
      'KILL',
    ],
    ...['--', boot.nodePath, program, layout.plantedSegment(boot.dataDir), ...more],
  ]
  const { stdout } = await run('setpriv', args, { signal, cwd: '/', env: {}, maxBuffer: 64 * 1024 })
  return JSON.parse(stdout) as Tries
}
