import { chown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { layout } from '../../kernel/layout.ts'
import type { Sabotage, SabotagedWorld } from './sabotage.ts'

const LEFT_MS = 3 * 86_400_000
/** Less than this and it is one of ours: the edge's own are renewed with thirty days left. */
const SHORT_MS = 10 * 86_400_000

const storedSchema = z.looseObject({
  names: z.array(z.string()),
  authority: z.string(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
})
type Stored = z.infer<typeof storedSchema>

/**
 * Certificates that end in three days, and were made for three days, so that the edge sees nothing to renew yet. They lie in
 * the edge's own folder, which it looks into every few seconds.
 */
export const tlsSabotage: Sabotage = {
  what: 'tls',
  async broken(world) {
    return (await kept(world)).some(({ stored }) => isShort(stored))
  },
  async break(world) {
    const whole = (await kept(world)).filter(({ stored }) => !isShort(stored))
    if (whole.length === 0) return
    const { openLocalIssuer } = await import('../../drivers/certificates/local/local-ca.ts')
    const issuer = await openLocalIssuer({ certPem: world.secret('caCert'), keyPem: world.secret('caKey') })
    for (const { path, stored } of whole) {
      const issued = await issuer.issueFor(stored.names, { nowMs: world.nowMs(), lifeMs: LEFT_MS })
      const text = JSON.stringify({ names: stored.names, authority: stored.authority, ...issued })
      await writeFile(`${path}.new`, text, { mode: 0o600 })
      await giveToEdge(world, `${path}.new`)
      await rename(`${path}.new`, path)
    }
  },
  async mend(world) {
    // The edge makes itself new ones.
    for (const { path, stored } of await kept(world)) if (isShort(stored)) await rm(path, { force: true })
  },
}

const isShort = ({ notBeforeMs, notAfterMs }: Stored) => notAfterMs - notBeforeMs < SHORT_MS

async function giveToEdge({ uids }: SabotagedWorld, path: string): Promise<void> {
  if (!uids.distinct) return
  await chown(path, uids.edge, uids.edge)
}

/** The certificates that the edge keeps, with their files. */
async function kept(world: SabotagedWorld): Promise<{ path: string; stored: Stored }[]> {
  const folder = layout.edge(world.dataDir)
  const found: { path: string; stored: Stored }[] = []
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => one.endsWith('.json'))) {
    const path = join(folder, name)
    try {
      found.push({ path, stored: storedSchema.parse(JSON.parse(await readFile(path, 'utf8'))) })
    } catch {
      // Replaced while it was looked at, or not a certificate: neither is ours.
    }
  }
  return found
}
