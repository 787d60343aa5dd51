import { readFileSync } from 'node:fs'
import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { layout } from '../../kernel/layout.ts'
import { diskUsage } from '../disk-watch.ts'
import { regionOfLastStart } from '../last-start.ts'
import { instanceId } from '../requests.ts'
import type { Item } from './item.ts'
import type { ProbeKind } from './kind.ts'
import { listSurroundings } from './surroundings.ts'

const pageSize = 1000

/**
 * Names, sizes and owners of what lies in a store of the data folder, by pages. Reads no file but what the warden wrote down
 * itself, and follows no link.
 */
export const inventoryKind: ProbeKind<'inventory'> = {
  limitMs: 60_000,
  async run({ ground }, { store, after, sizesOf }, signal) {
    const { dataDir } = ground.boot
    const at = (path: string) => itemAt(dataDir, path)
    switch (store) {
      case 'data-folder':
        return {
          machine: machineId(),
          device: await deviceOf(dataDir),
          ...(await page(dataDir, '', after, at)),
        }
      case 'instances':
        return page(dataDir, 'instances', after, (path) => instanceAt(dataDir, path, sizesOf ?? []), signal)
      case 'trash':
        return page(dataDir, join('warden', 'trash'), after, async (path) => {
          const region = (await regionOfLastStart(join(dataDir, path, 'last-start.json'))) ?? null
          return (await at(path)).map((item) => ({ ...item, region }))
        })
      case 'keyring':
        return inRegions(dataDir, relative(dataDir, layout.keyring(dataDir)), after, at)
      case 'log-keys':
        return inRegions(dataDir, join('ledger', 'keys'), after, at)
      case 'segments':
        return inRegions(dataDir, join('ledger', 'regions'), after, (path) => folderOfFiles(dataDir, path))
      case 'surroundings':
        return listSurroundings(dataDir, after, signal)
    }
  },
}

const relative = (dataDir: string, path: string) => path.slice(dataDir.length + 1)

type Page = { items: Item[]; next: string | null }

/** What lies directly in a folder, a thousand at a time by name. */
async function page(
  dataDir: string,
  folder: string,
  after: string | undefined,
  look: (path: string) => Promise<Item[]>,
  signal?: AbortSignal,
): Promise<Page> {
  const names = (await namesIn(join(dataDir, folder))).filter((name) => after === undefined || name > after)
  const items: Item[] = []
  for (const name of names.slice(0, pageSize)) {
    signal?.throwIfAborted()
    items.push(...(await look(join(folder, name))))
  }
  return { items, next: names.length > pageSize ? (names[pageSize - 1] ?? null) : null }
}

/** The same of a folder that has one folder a region; what else lies there is named too. */
async function inRegions(
  dataDir: string,
  folder: string,
  after: string | undefined,
  look: (path: string) => Promise<Item[]>,
): Promise<Page> {
  const paths: string[] = []
  for (const region of await namesIn(join(dataDir, folder))) {
    const inside = await namesIn(join(dataDir, folder, region))
    paths.push(...(inside.length > 0 ? inside.map((name) => `${region}/${name}`) : [region]))
  }
  const rest = paths.sort().filter((path) => after === undefined || path > after)
  const items: Item[] = []
  for (const path of rest.slice(0, pageSize)) items.push(...(await look(join(folder, path))))
  return { items, next: rest.length > pageSize ? (rest[pageSize - 1] ?? null) : null }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

async function itemAt(dataDir: string, path: string): Promise<Item[]> {
  const found = await lstat(join(dataDir, path)).catch(() => undefined)
  if (!found) return []
  const kind = found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other'
  return [{ path, kind, uid: found.uid, sizeBytes: kind === 'file' ? found.size : null }]
}

async function folderOfFiles(dataDir: string, path: string): Promise<Item[]> {
  const [item] = await itemAt(dataDir, path)
  if (item?.kind !== 'folder') return item ? [item] : []
  const files = (
    await Promise.all((await namesIn(join(dataDir, path))).map((name) => itemAt(dataDir, join(path, name))))
  ).flat()
  const strange = files.filter((one) => one.kind !== 'file' || !one.path.endsWith('.seg'))
  const sizeBytes = files.reduce((sum, one) => sum + (one.sizeBytes ?? 0), 0)
  return [{ ...item, sizeBytes }, ...strange]
}

/** An instance's folder: what lies directly in it, and for those asked for how much that is. */
async function instanceAt(dataDir: string, path: string, sizesOf: readonly string[]): Promise<Item[]> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const [folder] = await itemAt(dataDir, path)
  if (folder?.kind !== 'folder' || !instanceId.safeParse(name).success) return folder ? [folder] : []
  const region = (await regionOfLastStart(join(dataDir, path, 'last-start.json'))) ?? null
  const inside = await Promise.all(
    (await namesIn(join(dataDir, path))).map((one) => itemAt(dataDir, join(path, one))),
  )
  const items = await Promise.all(
    inside.flat().map(async (item) => ({
      ...item,
      region,
      sizeBytes:
        sizesOf.includes(name) && item.kind === 'folder'
          ? await diskUsage(join(dataDir, item.path))
          : item.sizeBytes,
    })),
  )
  return [{ ...folder, region }, ...items]
}

/** This machine as it names itself; unlike its addresses that stays the same. */
function machineId(): string | null {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim().slice(0, 64) || null
  } catch {
    return null
  }
}

async function deviceOf(path: string): Promise<{ number: string; type: number }> {
  const [{ dev }, { type }] = await Promise.all([lstat(path), statfs(path)])
  return { number: `${(dev >> 8) & 0xfff}:${dev & 0xff}`, type }
}
