import { readFile } from 'node:fs/promises'
import { writeWhole } from './files.ts'

/** Uids under this are the system's own or overflow ids. */
const highest = 0xfffffff0

/**
 * Hands out user ids, upwards, each once for ever: the next one is on disk before one is used, so that what an
 * instance left behind anywhere can never belong to a later instance. Not for concurrent use.
 */
export async function takeUid(counterFile: string, first: number): Promise<number> {
  const text = await readFile(counterFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return String(first)
    throw error
  })
  const recorded = Number(text.trim())
  if (!/^\d+\n?$/.test(text) || recorded < 1)
    throw new Error(`${counterFile} does not hold a user id: restore it.`)
  const uid = Math.max(recorded, first)
  if (uid > highest) throw new Error('There is no user id left for another instance.')
  await writeWhole(counterFile, `${uid + 1}\n`, { mode: 0o600, durable: true })
  return uid
}
