import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../kernel/errors.ts'

export const EVIDENCE_LIMIT_BYTES = 10 * 1024 * 1024

export type EvidenceFile = { name: string; bytes: Buffer; sha256: string }

/** Reads an attached file from its base64; `bad_request` when it is none or empty, `too_large` above 10 MiB. */
export function parseEvidence(given: { name: string; base64: string }): EvidenceFile {
  const bytes = Buffer.from(given.base64, 'base64')
  if (bytes.length === 0 || bytes.toString('base64').replace(/=+$/, '') !== given.base64.replace(/=+$/, ''))
    throw new AppError('bad_request', 'The evidence is not a file in base64.', {
      remedy: 'Attach a file that is not empty; `borgen attestation sign --evidence FILE` does.',
    })
  if (bytes.length > EVIDENCE_LIMIT_BYTES)
    throw new AppError('too_large', 'The evidence is larger than 10 MiB.', {
      remedy: 'Attach the pages that matter, or a statement that names where the whole lies.',
    })
  return { name: given.name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Keeps a file under its SHA-256, durably; the same bytes again change nothing. What a crash leaves is swept by nobody: it is small. */
export async function keepEvidence(folder: string, { bytes, sha256 }: EvidenceFile): Promise<void> {
  const place = join(folder, sha256)
  const half = `${place}.${randomBytes(6).toString('hex')}.half`
  const file = await open(half, 'wx', 0o640)
  try {
    await file.writeFile(bytes)
    // whatever the umask is: the folder's group, the prover, reads it
    await file.chmod(0o640)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(half, place)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(half)
  }
  const parent = await open(folder, 'r')
  await parent.sync().finally(() => parent.close())
}

/** Whether the file lies there with exactly the bytes that were signed. */
export async function isIntact(folder: string, sha256: string): Promise<'intact' | 'altered' | 'missing'> {
  const bytes = await readFile(join(folder, sha256)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return 'missing'
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? 'intact' : 'altered'
}

export const readEvidence = (folder: string, sha256: string): ReadStream =>
  createReadStream(join(folder, sha256))
