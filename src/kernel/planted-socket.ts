import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** O_PATH: names a file without opening it, so that a device or a pipe planted there does nothing. */
const O_PATH = 0o10000000

/**
 * A socket held by its inode: `path` leads to it whatever happens to its name, until `close`. `identity` tells one socket
 * from every other that ever stood at the name.
 */
export type PlantedSocket = { kind: 'socket'; path: string; identity: string; close(): void }

/** `absent` when nothing stands there; `foreign` when it is no socket of the one whose folder it stands in. */
export type NoPlantedSocket = { kind: 'absent' | 'foreign'; because: string }

/**
 * Holds a socket that an instance made in a folder of its own, to connect to. Neither the folder nor the socket is reached
 * through a link, and the socket belongs to the folder's owner: a link or another's socket that the instance put in its place,
 * to make a process of ours talk to somebody else, is not connected to. What leads to the folder must be ours.
 */
export function openPlantedSocket(path: string): PlantedSocket | NoPlantedSocket {
  let folder: number | undefined
  let fd: number | undefined
  try {
    folder = openSync(dirname(path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    fd = openSync(`/proc/self/fd/${folder}/${basename(path)}`, O_PATH | constants.O_NOFOLLOW)
    const socket = fstatSync(fd, { bigint: true })
    const foreign = !socket.isSocket()
      ? 'No socket stands there.'
      : socket.uid !== fstatSync(folder, { bigint: true }).uid
        ? 'The socket is not of the user whose folder it stands in.'
        : undefined
    if (foreign !== undefined) return { kind: 'foreign', because: foreign }
    const held = fd
    fd = undefined
    let open = true
    return {
      kind: 'socket',
      path: `/proc/self/fd/${held}`,
      identity: identityIn(socket),
      close() {
        if (open) closeSync(held)
        open = false
      },
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return { kind: code === 'ENOENT' ? 'absent' : 'foreign', because: code }
  } finally {
    if (fd !== undefined) closeSync(fd)
    if (folder !== undefined) closeSync(folder)
  }
}

/** The identity of what stands at the name now, a link taken as itself; undefined when nothing does. */
export function identityAt(path: string): string | undefined {
  try {
    return identityIn(lstatSync(path, { bigint: true }))
  } catch {
    return undefined
  }
}

// With the time of its last change, since the number of a removed inode is soon given out again.
function identityIn({ dev, ino, ctimeNs }: { dev: bigint; ino: bigint; ctimeNs: bigint }): string {
  return `${dev}:${ino}:${ctimeNs}`
}
