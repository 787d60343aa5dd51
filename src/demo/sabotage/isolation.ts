import { chmod, link, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { layout } from '../../kernel/layout.ts'
import type { Sabotage, SabotagedWorld } from './sabotage.ts'

/** Under this name another customer's data lie among an instance's own files, as after a restore gone wrong. */
const LEFT = 'restored-by-mistake'
const FILES_AT_MOST = 8
const CLOSED = 0o600
const OPEN = 0o644

/**
 * Files of each customer's database, hard links of the very files, among the next customer's own and open to be read: a
 * restore into the wrong folder by somebody with power over the machine.
 */
export const isolationSabotage: Sabotage = {
  what: 'isolation',
  async broken(world) {
    const left = await Promise.all((await instancesOf(world)).map((id) => isThere(leftIn(world, id))))
    return left.includes(true)
  },
  async break(world) {
    const ids = await instancesOf(world)
    if (ids.length < 2) return
    const [victim, intruder] = [ids[0]!, ids[1]!]
    const into = leftIn(world, intruder)
    await mkdir(into, { recursive: true, mode: 0o755 })
    await chmod(into, 0o755)
    for (const path of await databaseFilesOf(world, victim)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      await link(path, join(into, name)).catch(whenThere)
      await chmod(join(into, name), OPEN)
    }
  },
  async mend(world) {
    for (const id of await instancesOf(world)) {
      const left = leftIn(world, id)
      for (const name of await readdir(left).catch(() => [])) {
        // The same file as the customer's own, which is closed again by this.
        await chmod(join(left, name), CLOSED)
      }
      await rm(left, { recursive: true, force: true })
    }
  },
}

const leftIn = ({ dataDir }: SabotagedWorld, id: string) => join(layout.instance(dataDir, id), 'files', LEFT)

async function instancesOf({ dataDir }: SabotagedWorld): Promise<string[]> {
  const names = await readdir(layout.instances(dataDir)).catch(() => [])
  return names.filter((name) => name.startsWith('ins_')).sort()
}

/** Some of the files in which a customer's tables lie. */
async function databaseFilesOf({ dataDir }: SabotagedWorld, id: string): Promise<string[]> {
  const base = join(layout.instance(dataDir, id), 'pg', 'base')
  const databases = (await readdir(base).catch(() => [])).sort((a, b) => Number(b) - Number(a))
  const newest = databases[0]
  if (newest === undefined) return []
  const names = (await readdir(join(base, newest))).filter((name) => /^\d+$/.test(name))
  const found: string[] = []
  for (const name of names.sort((a, b) => Number(b) - Number(a))) {
    const path = join(base, newest, name)
    const { size } = await lstat(path)
    if (size > 0) found.push(path)
    if (found.length >= FILES_AT_MOST) break
  }
  return found
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function whenThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
