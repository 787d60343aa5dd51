import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type CertificateIssuer,
  type IssuedCertificate,
  renewalDueMs,
} from '../drivers/certificates/contract/issuer.ts'
import type { ZoneCertificate } from './tls.ts'

const storedSchema = z.object({
  names: z.array(z.string()),
  authority: z.string(),
  certPem: z.string(),
  keyPem: z.string(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
})

/**
 * A certificate for exactly these names: the one kept in `folder` while it is less than two thirds through its life and of
 * the same authority, otherwise a new one, kept there for the owner's eyes only. `authority` names who issues.
 */
export async function certificateFor(asked: {
  names: readonly string[]
  folder: string
  authority: string
  issuer: () => Promise<CertificateIssuer>
  nowMs: number
}): Promise<IssuedCertificate> {
  const path = join(asked.folder, `${fingerprint(asked.names.join(' '))}.json`)
  const kept = await readKept(path)
  if (
    kept &&
    kept.authority === asked.authority &&
    kept.names.join() === asked.names.join() &&
    kept.notBeforeMs <= asked.nowMs &&
    asked.nowMs < renewalDueMs(kept)
  )
    return kept
  const issuer = await asked.issuer()
  const issued = await issuer.issue(asked.names, asked.nowMs)
  await mkdir(asked.folder, { recursive: true, mode: 0o700 })
  const text = JSON.stringify({ names: asked.names, authority: asked.authority, ...issued })
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return issued
}

/** Certificates for every zone, as `certificateFor` gives them. */
export async function zoneCertificates(
  zones: readonly string[],
  asked: Omit<Parameters<typeof certificateFor>[0], 'names'>,
): Promise<ZoneCertificate[]> {
  const certificates: ZoneCertificate[] = []
  for (const zone of zones) {
    const { certPem, keyPem } = await certificateFor({ ...asked, names: [`*.${zone}`] })
    certificates.push({ zone, certPem, keyPem })
  }
  return certificates
}

/** A short name for a text, to tell texts apart by. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** What is kept there; null also when it cannot be read, since a new one can always be made. */
async function readKept(path: string): Promise<z.infer<typeof storedSchema> | null> {
  try {
    const parsed = storedSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
