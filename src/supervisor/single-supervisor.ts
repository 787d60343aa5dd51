import { spawnSync } from 'node:child_process'
import { ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'

const conflict = 75

/**
 * Makes this process the one supervisor of a data folder for as long as it lives, however it ends; throws naming the
 * process that is it already.
 */
export function becomeOnlySupervisor(dataDir: string): void {
  const file = layout.lock(dataDir)
  // Never closed: the lock belongs to this open file, which flock(1) shares for a moment, and no child inherits it.
  const descriptor = openSync(file, 'a+', 0o600)
  const args = ['--exclusive', '--nonblock', '--conflict-exit-code', `${conflict}`, '3']
  const locked = spawnSync('flock', args, { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  if (locked.status === conflict) {
    const pid = readFileSync(file, 'utf8').trim()
    throw new AppError('conflict', `Borgen already runs on ${dataDir} (process ${pid || 'unknown'}).`, {
      remedy: `Stop it with Ctrl-C where it runs or with \`kill ${pid || 'PID'}\`, or use another folder with --data DIR.`,
    })
  }
  if (locked.status !== 0)
    throw new AppError(
      'internal',
      'The program flock (package util-linux) is missing, or the file system has no locks.',
      {
        remedy: 'Install util-linux, and put the data folder on a local file system with --data DIR.',
      },
    )
  ftruncateSync(descriptor)
  writeSync(descriptor, `${process.pid}\n`)
}
