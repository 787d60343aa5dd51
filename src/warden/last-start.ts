import { existsSync } from 'node:fs'
import { z } from 'zod'
import { readJson, writeWhole } from './files.ts'
import type { InstanceFolder } from './places.ts'
import type { Spec } from './requests.ts'

const lastStartSchema = z.object({
  /** Where it was told to be; absent where an earlier version wrote this. */
  region: z.string().optional(),
  release: z.string().regex(/^[0-9a-f]{64}$/),
  database: z.enum(['postgres', 'none']),
  hasEgress: z.boolean(),
  limits: z.object({ memoryMiB: z.number(), cpus: z.number(), processes: z.number(), diskMiB: z.number() }),
})
/** Of an instance's last start what shapes its sandboxes; nothing secret. */
export type LastStart = z.infer<typeof lastStartSchema>

/** Writes down what shapes an instance's sandboxes, so that the same can be made of a sleeping one. */
export async function rememberStart(folder: InstanceFolder, spec: Spec): Promise<void> {
  const { region, release, database, limits } = spec
  const last: LastStart = { region, release, database, limits, hasEgress: spec.egress.length > 0 }
  await writeWhole(folder.lastStart, JSON.stringify(last), { mode: 0o600 })
}

/** The region in whose stores an instance was last started on this machine; undefined where nobody wrote it down. */
export async function regionOfLastStart(path: string): Promise<string | undefined> {
  const parsed = lastStartSchema.safeParse(await readJson(path))
  return parsed.success ? parsed.data.region : undefined
}

/** What an instance's sandboxes were last made of. */
export async function lastStart(folder: InstanceFolder): Promise<LastStart> {
  const parsed = lastStartSchema.safeParse(await readJson(folder.lastStart))
  if (parsed.success) return parsed.data
  // Started last by an earlier warden. A release shows nothing of a customer, and a database stands in its folder.
  return {
    release: '0'.repeat(64),
    database: existsSync(folder.pg) ? 'postgres' : 'none',
    hasEgress: true,
    limits: { memoryMiB: 256, cpus: 1, processes: 64, diskMiB: 1024 },
  }
}
