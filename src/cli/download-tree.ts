import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ApiClient } from '../api-client/client.ts'
import { isApiProblem } from '../api-client/problem.ts'
import { readTile, tilePath } from './log-entries.ts'

const WIDTH = 256
const AT_ONCE = 8

export type Downloaded = {
  folder: string
  origin: string
  vkey: string
  checkpoint: string
  remove(): Promise<void>
}

/**
 * The log's public tree in a folder of its own, as docs/evidence-format.md lays it out: enough to check all of it. A tile that the
 * log does not have is left out, for the check to name. The folder is removed when this fails.
 */
export async function downloadTree(
  api: ApiClient,
  onProgress: (done: number, all: number) => void,
): Promise<Downloaded> {
  const folder = await mkdtemp(join(tmpdir(), 'borgen-log-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const { origin, vkey, checkpoint } = await api.get('/v1/log')
    await writeFile(join(folder, 'checkpoint'), checkpoint)
    await writeFile(join(folder, 'vkey'), `${vkey.trimEnd()}\n`)
    const paths = tilePathsOf(sizeStated(checkpoint))
    let done = 0
    const take = async () => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        await save(api, folder, path)
        done += 1
        onProgress(done, all)
      }
    }
    const all = paths.length
    await Promise.all(Array.from({ length: AT_ONCE }, take))
    return { folder, origin, vkey, checkpoint, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Every tile and bundle of a tree of this size. */
export function tilePathsOf(size: number): string[] {
  const paths: string[] = []
  const add = (level: number | 'entries', hashes: number) => {
    for (let tile = 0; tile * WIDTH < hashes; tile += 1)
      paths.push(tilePath(level, tile, Math.min(WIDTH, hashes - tile * WIDTH)))
  }
  add('entries', size)
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / WIDTH))
    add(level, hashes)
  return paths
}

function sizeStated(checkpoint: string): number {
  const line = checkpoint.split('\n')[1] ?? ''
  // One that is no checkpoint is for the check to refuse.
  return /^\d{1,15}$/.test(line) ? Number(line) : 0
}

async function save(api: ApiClient, folder: string, path: string): Promise<void> {
  const file = join(folder, path)
  try {
    const bytes = await readTile(api, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
  } catch (error) {
    if (!isApiProblem(error, 'not_found')) throw error
  }
}
