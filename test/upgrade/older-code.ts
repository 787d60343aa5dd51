import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const checkout = join(import.meta.dirname, '..', '..')
/** What a running world is made of: a commit that changed none of it leaves the same data folder. */
const effective = ['src', 'sql', 'apps', 'bin', 'package-lock.json']
const lookBack = 50
// Nothing is written, so whose checkout it is does not matter.
const gitOptions = ['-c', `safe.directory=${checkout}`]

/** Where an upgrade begins: a commit, and in words why that one. */
export type Origin = { commit: string; why: string }

/**
 * The states to come from, the best first: the last commits whose code differs from what stands in the checkout. In a clone so
 * shallow that there is none, the present commit, which then proves a restart and no upgrade: `why` says so. A reason instead,
 * where this is no clone at all.
 */
export function originsOf(): Origin[] | string {
  const asking = spawnSync('git', [...gitOptions, 'rev-parse', '--verify', 'HEAD'], {
    cwd: checkout,
    encoding: 'utf8',
  })
  if (asking.status !== 0)
    return `git tells no earlier state: ${(asking.stderr ?? String(asking.error)).trim()}`
  const asked = process.env.UPGRADE_FROM
  if (asked)
    return [{ commit: git('rev-parse', '--verify', `${asked}^{commit}`), why: `UPGRADE_FROM=${asked}` }]
  const commits = git('log', '--first-parent', `--max-count=${lookBack}`, '--format=%H').split('\n')
  const older = commits.slice(1).filter(differs)
  if (older.length > 0)
    return older.map((commit) => ({
      commit,
      why: `the state ${commits.indexOf(commit)} before the last commit`,
    }))
  const [head = 'HEAD'] = commits
  return [
    {
      commit: head,
      why: 'the present commit, since this clone has no older one (git fetch --deepen=5): a restart, no upgrade',
    },
  ]
}

function differs(commit: string): boolean {
  return (
    spawnSync('git', [...gitOptions, 'diff', '--quiet', commit, '--', ...effective], { cwd: checkout })
      .status === 1
  )
}

/** The code of a commit in a folder of its own, ready to start. */
export function codeOf(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-older-'))
  const archive = execFileSync('git', [...gitOptions, 'archive', '--format=tar', commit], {
    cwd: checkout,
    maxBuffer: 1024 * 1024 * 1024,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  shareModules(folder)
  return folder
}

/** The code as it stands in the checkout, in a folder of its own. */
export function presentCode(): string {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-present-'))
  // Without history, installed packages, and the worlds of whoever works here.
  for (const name of readdirSync(checkout))
    if (name !== 'node_modules' && !name.startsWith('.'))
      cpSync(join(checkout, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  shareModules(folder)
  return folder
}

/**
 * The installed packages, by hard links: a link to the folder would be missing from the view that the plane's users get. Where
 * the lockfile asks for others, the code installs them itself at its first start; files that a start writes are not shared.
 */
function shareModules(folder: string): void {
  const linked = spawnSync('cp', ['-al', join(checkout, 'node_modules'), folder], { stdio: 'ignore' })
  if (linked.status !== 0) {
    // Another file system, or another user's files.
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
    const copy = 'tar -C "$1" --exclude=node_modules/.cache -cf - node_modules | tar -C "$2" -xf -'
    execFileSync('sh', ['-c', copy, 'sh', checkout, folder])
  }
  for (const name of ['.borgen-stamp', '.cache', '.package-lock.json']) {
    const at = join(folder, 'node_modules', name)
    rmSync(at, { recursive: true, force: true })
    const original = join(checkout, 'node_modules', name)
    if (name === '.package-lock.json' && existsSync(original)) copyFileSync(original, at)
  }
}

function git(...args: string[]): string {
  return execFileSync('git', [...gitOptions, ...args], {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }).trim()
}
