import { existsSync } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DisksReader, Resting } from '../contract/disks.ts'

const MEMORY = new Set(['tmpfs', 'ramfs'])
const DEPTH_LIMIT = 16

/** Linux: `/proc/self/mountinfo` (proc(5)) and `/sys/dev/block`; other roots are for tests. */
export function createLocalDisks(
  roots = { mountinfo: '/proc/self/mountinfo', sysBlock: '/sys/dev/block' },
): DisksReader {
  return {
    async under(folders) {
      const mounts = parseMountinfo(await readFile(roots.mountinfo, 'utf8'))
      const found: Resting[] = []
      for (const folder of folders) {
        if (!existsSync(folder)) continue
        const { dev } = await stat(folder)
        const id = `${major(dev)}:${minor(dev)}`
        const mount = mounts.findLast((one) => one.id === id)
        const device = mount ? `${mount.source} (${mount.type})` : `device ${id}`
        if (mount && MEMORY.has(mount.type)) found.push({ folder, on: 'memory', device, encrypted: null })
        else if (major(dev) === 0) found.push({ folder, on: 'unknown', device, encrypted: null })
        else found.push({ folder, on: 'disk', device, encrypted: await isEncrypted(roots.sysBlock, id) })
      }
      return found
    },
  }
}

/** Encrypted below the file system: the device is a dm-crypt target, or everything it is made of is. */
async function isEncrypted(sysBlock: string, id: string, depth = 0): Promise<boolean | null> {
  const folder = join(sysBlock, id)
  if (!existsSync(folder) || depth > DEPTH_LIMIT) return null
  const uuid = await readFile(join(folder, 'dm', 'uuid'), 'utf8').catch(() => '')
  if (uuid.startsWith('CRYPT-')) return true
  const slaves = await readdir(join(folder, 'slaves')).catch(() => [])
  if (slaves.length === 0) return false
  const below = await Promise.all(
    slaves.map(async (name) => {
      const real = await realpath(join(folder, 'slaves', name))
      const number = (await readFile(join(real, 'dev'), 'utf8').catch(() => '')).trim()
      return number === '' ? null : isEncrypted(sysBlock, number, depth + 1)
    }),
  )
  return below.includes(false) ? false : below.includes(null) ? null : true
}

type Mount = { id: string; type: string; source: string }

/** Fields 3, and behind the separating `-` the type and the source. */
function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const id = before?.split(' ')[2]
    const [type, source] = after?.split(' ') ?? []
    return id && type ? [{ id, type, source: source ?? type }] : []
  })
}

// glibc's gnu_dev_major and gnu_dev_minor
const major = (dev: number) =>
  Number((BigInt(dev) >> 8n) & 0xfffn) | Number((BigInt(dev) >> 32n) & 0xfffff000n)
const minor = (dev: number) => Number(BigInt(dev) & 0xffn) | Number((BigInt(dev) >> 12n) & 0xffffff00n)
