import { rm } from 'node:fs/promises'
import { z } from 'zod'
import { readJson, writeWhole } from './files.ts'
import type { Places } from './places.ts'

const processSchema = z.object({ pid: z.number().int(), startTime: z.number() })
const sandboxSchema = z.object({
  role: z.enum(['app', 'database']),
  monitor: processSchema,
  init: processSchema,
})
const limitSchema = z.object({ state: z.enum(['enforced', 'watched', 'absent']), reason: z.string() })

const recordSchema = z.object({
  instance: z.string(),
  bootId: z.string(),
  /** Keyed hash of the spec it was started with; reveals nothing of it. */
  fingerprint: z.string(),
  socket: z.string(),
  sandboxes: z.array(sandboxSchema),
  diskMiB: z.number(),
  limits: z.record(z.string(), limitSchema),
})
/** What a warden writes down about an awake instance, for the warden after it. */
export type RunRecord = z.infer<typeof recordSchema>

export async function readRunRecord(places: Places, instance: string): Promise<RunRecord | undefined> {
  const parsed = recordSchema.safeParse(await readJson(places.runningOf(instance)))
  return parsed.success && parsed.data.instance === instance ? parsed.data : undefined
}

export async function writeRunRecord(places: Places, record: RunRecord): Promise<void> {
  await writeWhole(places.runningOf(record.instance), JSON.stringify(record), { mode: 0o600 })
}

export async function removeRunRecord(places: Places, instance: string): Promise<void> {
  await rm(places.runningOf(instance), { force: true })
}
