import { listApprovals } from '../access/approvals/store.ts'
import { scheduleDue, sleepDue } from '../fleet/instances/due.ts'
import type { Db } from '../kernel/db.ts'
import type { Due } from '../kernel/jobs.ts'
import { listAttestations } from '../pledges/attestations/store.ts'

const LOOKED_AT = 500

type MayFallDue = { nextDue(now: number): Promise<Due | undefined> }

/** What ends by itself at its moment, without a job that has to do it: approvals that nobody gave, and what people signed. */
export function lapses(db: Db): MayFallDue[] {
  return [
    {
      nextDue: async (now) => {
        const open = await listApprovals(db, { open: true, now, limit: LOOKED_AT })
        return first(open.map((one) => ({ at: one.expires_at, what: 'an approval that nobody gave lapses' })))
      },
    },
    {
      nextDue: async (now) => {
        const signed = (await listAttestations(db, LOOKED_AT)).filter(
          (one) => one.withdrawn_at === null && one.expires_at > now,
        )
        return first(
          signed.map((one) => ({ at: one.expires_at, what: `what was signed for ${one.pledge} runs out` })),
        )
      },
    },
  ]
}

/** Everything that falls due in a demo world. */
export const everythingDue = (db: Db): MayFallDue[] => [
  { nextDue: () => sleepDue(db) },
  { nextDue: (now) => scheduleDue(db, now) },
  ...lapses(db),
]

const first = (due: readonly Due[]): Due | undefined => due.toSorted((a, b) => a.at - b.at)[0]
