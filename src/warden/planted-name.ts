import { closeSync, constants, fchownSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { InstanceFolder } from './places.ts'

/**
 * An empty file in an instance's database folder that bears its name, so that whoever finds a copy of that folder, or of the
 * whole instance, sees by names alone whose it is. Made where it lacks; PostgreSQL heeds no file that it does not know.
 */
export function plantName(
  folder: InstanceFolder,
  instance: string,
  owner?: { uid: number; gid: number },
): void {
  let fd: number
  try {
    // Whatever its user put there instead is not followed.
    const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
    fd = openSync(join(folder.pg, `of.${instance}`), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o400)
  } catch (error) {
    // It is there, or there is no database.
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return
    throw error
  }
  try {
    if (owner) fchownSync(fd, owner.uid, owner.gid)
  } finally {
    closeSync(fd)
  }
}
