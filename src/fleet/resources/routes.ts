import { z } from 'zod'
import type { RouteContext } from '../../changes/context.ts'
import { readRoute } from '../../changes/route.ts'
import { AppError } from '../../kernel/errors.ts'
import { instanceBy } from '../instances/store.ts'
import { type ResourceRow, samplesSince } from './store.ts'

const HOUR_MS = 3_600_000
const HOURS_AT_MOST = 168
/** Points of one answer; more samples than this are drawn together. */
const POINTS = 720

const measured = z.number().nullable().describe('null where this machine does not count it')
const sampleSchema = z
  .object({
    at: z.number(),
    cpuMs: measured.describe('processor time since the sample before'),
    overMs: z.number().nullable().describe('how long before that was; null for the first one'),
    memoryBytes: measured,
    diskBytes: measured,
    processes: measured,
    state: z.enum(['starting', 'awake']),
  })
  .meta({ id: 'ResourceSample' })
type Sample = z.infer<typeof sampleSchema>

export function resourceRoutes(context: RouteContext): void {
  const { db, clock } = context.changes

  readRoute(context, {
    url: '/v1/instances/:instance/resources',
    action: 'instance.read',
    summary: 'Show what an instance used',
    resource: ({ params }) => ({ type: 'Instance', id: params.instance }),
    shapes: {
      params: z.object({ instance: z.string().min(1).max(253) }),
      query: z.object({ hours: z.coerce.number().int().min(1).max(HOURS_AT_MOST).default(24) }),
      reply: z.object({
        since: z.number(),
        until: z.number(),
        items: z.array(sampleSchema).describe('oldest first; where there are none it slept'),
        limits: z.object({
          memoryBytes: z.number(),
          cpus: z.number(),
          processes: z.number().describe('of the application'),
          diskBytes: z.number(),
        }),
      }),
    },
    handle: async ({ params, query }) => {
      const instance = await instanceBy(db, params.instance)
      if (!instance)
        throw new AppError('not_found', 'There is no such instance.', {
          remedy: 'See `borgen instance list`.',
        })
      const until = clock.now()
      const since = until - query.hours * HOUR_MS
      // one more for what lies before the first
      const rows = await samplesSince(db, instance.id, since, HOURS_AT_MOST * 60 + 1)
      const { memoryMiB, cpus, processes, diskMiB } = instance.manifest.limits
      return {
        since,
        until,
        items: drawnTogether(
          differences(rows).filter((one) => one.at >= since),
          (query.hours * HOUR_MS) / POINTS,
        ),
        limits: { memoryBytes: memoryMiB * 2 ** 20, cpus, processes, diskBytes: diskMiB * 2 ** 20 },
      }
    },
  })
}

/** Samples with the processor time of each stretch; a counter that begins anew tells of a start in between. */
export function differences(rows: readonly ResourceRow[]): Sample[] {
  return rows.map((row, at) => {
    const before = rows[at - 1]
    const from = before?.cpu_total_ms ?? null
    const restarted = from === null || row.cpu_total_ms === null || row.cpu_total_ms < from
    return {
      at: row.at,
      cpuMs: row.cpu_total_ms === null ? null : restarted ? row.cpu_total_ms : row.cpu_total_ms - from,
      overMs: before && !restarted ? row.at - before.at : null,
      memoryBytes: row.memory_bytes,
      diskBytes: row.disk_bytes,
      processes: row.processes,
      state: row.state,
    }
  })
}

/** One for each stretch of time: sums of what was used, the most of what was held. */
export function drawnTogether(samples: readonly Sample[], stretchMs: number): Sample[] {
  const drawn: Sample[] = []
  for (const one of samples) {
    const last = drawn.at(-1)
    if (!last || Math.floor(last.at / stretchMs) !== Math.floor(one.at / stretchMs)) drawn.push({ ...one })
    else
      drawn[drawn.length - 1] = {
        ...one,
        cpuMs: sumOf(last.cpuMs, one.cpuMs),
        overMs: sumOf(last.overMs, one.overMs),
        memoryBytes: mostOf(last.memoryBytes, one.memoryBytes),
        diskBytes: mostOf(last.diskBytes, one.diskBytes),
        processes: mostOf(last.processes, one.processes),
      }
  }
  return drawn
}

const sumOf = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : a + b)
const mostOf = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))
