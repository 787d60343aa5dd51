import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Uids } from '../kernel/boot.ts'

// Between systemd's container range and 2^31 nothing is handed out by any distribution.
const wide = { first: 1_900_000_000, size: 100_000, slots: 2_000 }
// For containers that map 65,536 ids: below systemd's own ranges (60,001 and up), above ordinary users.
const narrow = { first: 20_000, size: 4_000, slots: 10 }

/** How many ids from `instancesFrom` upwards belong to the instances of a world with this block. */
export function instanceUidCount(uids: Uids): number {
  if (!uids.distinct) return 0
  return (uids.plane >= wide.first ? wide.size : narrow.size) - instancesOffset
}

const instancesOffset = 100

/** The users of a world whose block of ids begins at `base`; group ids equal user ids, `base` is the plane's group. */
export function uidsFrom(base: number): Uids {
  return {
    distinct: true,
    plane: base,
    database: base + 1,
    ledger: base + 2,
    server: base + 3,
    worker: base + 4,
    prover: base + 5,
    edge: base + 6,
    warden: 0,
    witness: base + 7,
    instancesFrom: base + instancesOffset,
  }
}

/** Everything under the one user who started it. */
export function sharedUids(uid: number, gid: number): Uids {
  const one = { database: uid, ledger: uid, server: uid, worker: uid, prover: uid, edge: uid }
  return { distinct: false, plane: gid, ...one, warden: uid, witness: uid, instancesFrom: uid }
}

/** Where to look for a free block, best first; the world's id spreads the worlds of one machine over the slots. */
export function candidateBases(worldId: string): number[] {
  const hash = createHash('sha256').update(worldId).digest()
  const slot = (range: typeof wide, skip: number) =>
    range.first + ((hash.readUInt32BE(0) + skip) % range.slots) * range.size
  return [0, 1, 2]
    .map((skip) => slot(wide, skip))
    .concat([...Array(10).keys()].map((skip) => slot(narrow, skip)))
}

/**
 * Ids that this machine lets root give to processes and to files in `dataDir`, found by trying; undefined when it lets
 * root take none. Ids of existing users and of delegated ranges (/etc/passwd, /etc/subuid) are left alone.
 */
export function chooseUids(worldId: string, dataDir: string): Uids | undefined {
  const taken = takenIds()
  const free = (base: number, size: number) => taken.every(([from, to]) => to < base || from >= base + size)
  const base = candidateBases(worldId).find((candidate) => {
    const size = candidate >= wide.first ? wide.size : narrow.size
    return free(candidate, size) && usable(candidate, dataDir) && usable(candidate + size - 1, dataDir)
  })
  return base === undefined ? undefined : uidsFrom(base)
}

function usable(id: number, dataDir: string): boolean {
  const args = ['--reuid', `${id}`, '--regid', `${id}`, '--groups', `${id}`, '--no-new-privs', 'true']
  if (spawnSync('setpriv', args, { stdio: 'ignore' }).status !== 0) return false
  const folder = mkdtempSync(join(dataDir, '.uid-'))
  try {
    chownSync(folder, id, id)
    return statSync(folder).uid === id
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function takenIds(): [number, number][] {
  const lines = (file: string) =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const users = lines('/etc/passwd').map((line) => Number(line.split(':')[2]))
  const ranges = [...lines('/etc/subuid'), ...lines('/etc/subgid')].map((line) =>
    line.split(':').slice(1).map(Number),
  )
  return [
    ...users.map((id): [number, number] => [id, id]),
    ...ranges.map(([from = 0, count = 0]): [number, number] => [from, from + count - 1]),
  ]
}
