import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { RouteContext } from '../changes/context.ts'
import { readRoute } from '../changes/route.ts'

export const statusSchema = z
  .object({
    world: z.object({ id: z.string(), demo: z.boolean() }),
    processes: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['up', 'starting', 'down']),
        pid: z.number().nullable(),
        uid: z.number().nullable(),
        restarts: z.number(),
        since: z.number().nullable(),
      }),
    ),
    instances: z.object({
      total: z.number(),
      awake: z.number(),
      asleep: z.number(),
      failed: z.number(),
      other: z.number(),
    }),
    log: z.object({
      state: z.enum(['up', 'refusing', 'down']),
      size: z.number(),
      root: z.string().nullable(),
    }),
    outbox: z.object({ waiting: z.number() }),
    output: z.object({
      waiting: z
        .number()
        .describe('instances with output that has waited for the log for more than a minute'),
    }),
    warnings: z.array(z.string()).describe('what somebody should look at soon'),
    limitations: z.array(z.string()).describe('what this machine cannot give'),
  })
  .meta({ id: 'Status' })

export type Status = z.infer<typeof statusSchema>

export function statusRoutes(context: RouteContext, readStatus: () => Promise<Status>): void {
  readRoute(context, {
    url: '/v1/status',
    action: 'status.read',
    summary: 'Show what runs',
    shapes: { reply: statusSchema },
    handle: readStatus,
  })
}

const recordSchema = z.object({
  shortcomings: z.array(z.string()).default([]),
  processes: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      pid: z.number().nullable(),
      uid: z.number().nullable(),
      restarts: z.number(),
      since: z.string(),
    }),
  ),
})
const STATES: Record<string, 'up' | 'starting'> = { ready: 'up', waiting: 'starting', starting: 'starting' }

/** The supervisor's own list of processes; empty when it cannot be read. */
export async function readProcesses(file: string): Promise<Pick<Status, 'processes' | 'limitations'>> {
  try {
    const { processes, shortcomings } = recordSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    return {
      processes: processes
        .filter((one) => one.state !== 'done')
        .map((one) => ({ ...one, state: STATES[one.state] ?? 'down', since: Date.parse(one.since) })),
      limitations: shortcomings,
    }
  } catch {
    return { processes: [], limitations: [] }
  }
}
