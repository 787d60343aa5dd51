import { chown, copyFile, lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { layout } from '../../kernel/layout.ts'
import type { Sabotage, SabotagedWorld } from './sabotage.ts'

/** Where nobody's instance of a demo lives, and where a careless copy then lies. */
const ELSEWHERE = 'us'
const REGION_ELSE = 'japan'

/** Copies of customers' keys in the store of another region, as after a careless `cp -r` of the keyring. */
export const locationSabotage: Sabotage = {
  what: 'location',
  async broken(world) {
    return (await copies(world)).length > 0
  },
  async break(world) {
    const first = (await keys(world)).find(({ region, isCopy }) => region !== 'plane' && !isCopy)
    if (!first) return
    const folder = join(layout.keyring(world.dataDir), first.region === ELSEWHERE ? REGION_ELSE : ELSEWHERE)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const copy = join(folder, first.name)
    await copyFile(first.path, copy)
    if (!world.uids.distinct) return
    const { uid, gid } = await lstat(first.path)
    for (const path of [folder, copy]) await chown(path, uid, gid)
  },
  async mend(world) {
    for (const { path } of await copies(world)) {
      await rm(path, { force: true })
      // Gone too where nothing else lies in it.
      await rmdir(join(path, '..')).catch(() => {})
    }
  },
}

type Key = { region: string; name: string; path: string; isCopy: boolean }

/** Every key; a second one of the same name in another region is the copy, the one that is younger. */
async function keys({ dataDir }: SabotagedWorld): Promise<Key[]> {
  const folder = layout.keyring(dataDir)
  const found: (Omit<Key, 'isCopy'> & { madeMs: number })[] = []
  for (const region of await readdir(folder).catch(() => []))
    for (const name of await readdir(join(folder, region)).catch(() => [])) {
      const path = join(folder, region, name)
      found.push({ region, name, path, madeMs: (await lstat(path)).birthtimeMs })
    }
  const oldest = new Map<string, number>()
  for (const { name, madeMs } of found) oldest.set(name, Math.min(oldest.get(name) ?? madeMs, madeMs))
  return found
    .map(({ madeMs, ...one }) => ({ ...one, isCopy: madeMs > (oldest.get(one.name) ?? madeMs) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const copies = async (world: SabotagedWorld) => (await keys(world)).filter(({ isCopy }) => isCopy)
