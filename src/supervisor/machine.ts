import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Uids } from '../kernel/boot.ts'
import { AppError } from '../kernel/errors.ts'
import type { LaunchPowers } from './launch.ts'
import { shellWord } from './shell-word.ts'

/** Keeps what this process and its children make private, and their memory out of core files. */
export function limitThisProcess(): void {
  process.umask(0o077)
  spawnSync('prlimit', [`--pid=${process.pid}`, '--core=0:0'], { stdio: 'ignore' })
  preferToKeep(process.pid, -900)
}

/** Tells the kernel how gladly it may kill a process when memory runs out (-1000 never … 1000 first), where it listens. */
export function preferToKeep(pid: number, score: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, `${score}`)
  } catch {
    // Lowering it needs a power that containers often lack.
  }
}

/** What this machine and this user cannot give, one sentence each with its remedy. */
export function machineShortcomings(
  uids: Uids,
  powers: LaunchPowers,
  { isRoot, isPrivate }: { isRoot: boolean; isPrivate: boolean },
): string[] {
  return [
    ...(uids.distinct
      ? []
      : [
          'All processes share one user, the log too: what runs as this user can alter it. Started as root, each has its own.',
        ]),
    ...(isRoot && !isPrivate
      ? ['Root may not mount here: the checkout and the data folder are seen where they lie.']
      : []),
    ...(powers.setpriv
      ? []
      : ['setpriv (util-linux) is missing: processes may outlive a supervisor that is killed.']),
    ...(uids.distinct && !powers.boundingSet
      ? ['Capabilities cannot be dropped for good on this machine.']
      : []),
  ]
}

/**
 * Sees to it that users other than root can read the installed code (a clone made under a strict umask cannot be); the
 * folder above and the repository's history stay as they are. Returns whether anything had to be changed.
 */
export function openCodeToOthers(codeDir: string): boolean {
  const entries = readdirSync(codeDir).filter((name) => !name.startsWith('.'))
  const samples = [...entries, 'src/kernel/boot.ts', 'node_modules/zod/package.json', 'node_modules/pg/lib']
  const closed = samples.some((name) => {
    const found = lstatSync(join(codeDir, name), { throwIfNoEntry: false })
    const needed = found?.isDirectory() ? 0o005 : 0o004
    return found !== undefined && !found.isSymbolicLink() && (found.mode & needed) !== needed
  })
  if (!closed) return false
  const ran = spawnSync('chmod', ['-R', 'go+rX', '--', ...entries.map((name) => join(codeDir, name))])
  if (ran.status !== 0)
    throw new AppError('internal', `Other users cannot read the code in ${codeDir}.`, {
      remedy: `Run: chmod -R go+rX ${shellWord(codeDir)}`,
    })
  return true
}

/** Whether a process under this id can reach this folder and read a file in it. */
export function canRead(uid: number, folder: string, file = 'package.json'): boolean {
  const args = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', 'test', '-r', join(folder, file)]
  return spawnSync('setpriv', args, { stdio: 'ignore' }).status === 0
}
