import { z } from 'zod'
import type { RouteContext } from '../../../changes/context.ts'
import { readRoute } from '../../../changes/route.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import type { WitnessAt } from '../../../kernel/witnesses.ts'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import { shownState } from './decide.ts'
import { checkpointIntervalMs } from './interval.ts'
import { witnessRows } from './store.ts'

const shown = z
  .object({
    name: z.string(),
    key: z.string().describe('its public key; give it to `borgen-verify --witness`'),
    lastSize: z.number().nullable().describe('entries in the newest checkpoint that it cosigned'),
    lastAt: z.number().nullable().describe('when, by its own clock'),
    state: z.enum(['cosigned', 'behind', 'refused', 'silent']),
    reason: z.string().nullable(),
    onThisMachine: z.boolean().describe('it runs beside the log and falls with it: the same failure domain'),
    checkpoint: z
      .string()
      .nullable()
      .describe('the cosigned checkpoint, a C2SP signed note; keep a copy elsewhere'),
  })
  .meta({ id: 'Witness' })

/** Who cosigns the log, and what each said last. */
export function logWitnessRoutes(
  context: RouteContext,
  given: {
    db: Db
    clock: Clock
    ledger: LedgerClient
    witnesses: readonly WitnessAt[]
  },
): void {
  const { db, clock, ledger, witnesses } = given
  readRoute(context, {
    url: '/v1/log/witnesses',
    action: 'status.read',
    summary: 'Show who cosigns the log',
    shapes: {
      reply: z.object({
        items: z.array(shown),
        logKey: z.string().describe('the log’s public key, as a witness is told it'),
      }),
    },
    handle: async () => {
      const [rows, cosigned, intervalMs, health] = await Promise.all([
        witnessRows(db),
        ledger.cosigned(),
        checkpointIntervalMs(db),
        ledger.health(),
      ])
      const items = witnesses.map(({ name, key, isLocal }) => {
        const said = cosigned.find((one) => one.key === key)
        const row = rows.get(key)
        return {
          name,
          key,
          lastSize: said?.size ?? null,
          lastAt: said?.at ?? null,
          state: shownState(row, said?.at ?? null, intervalMs, clock.now()),
          reason: row?.reason ?? null,
          onThisMachine: isLocal,
          checkpoint: said?.note ?? null,
        }
      })
      return { items, logKey: health.vkey }
    },
  })
}
