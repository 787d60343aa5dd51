import { z } from 'zod'
import type { LedgerClient, LedgerQuestion } from './client.ts'

export const logEntrySchema = z
  .object({
    index: z.number(),
    time: z.number().describe('milliseconds since 1970, UTC, by the log’s own clock'),
    stream: z.enum(['event', 'audit', 'error', 'administrator', 'operator']),
    subject: z.string(),
    region: z.string(),
    type: z.string(),
    event: z.record(z.string(), z.unknown()).nullable().describe('null when its key was destroyed'),
  })
  .meta({ id: 'LogEntry' })
export const logPageSchema = z.object({ items: z.array(logEntrySchema), next: z.number().nullable() })

/** One page as the public API shows it. The salt stays with the exported entry, where it is needed. */
export async function readPage(
  ledger: LedgerClient,
  question: { [Key in keyof LedgerQuestion]: LedgerQuestion[Key] | undefined },
): Promise<z.infer<typeof logPageSchema>> {
  const asked = Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined))
  const { entries, next } = await ledger.read(asked)
  return {
    items: entries.map(({ salt: _, ...shown }) => shown),
    next,
  }
}
