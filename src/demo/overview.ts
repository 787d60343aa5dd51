import { readFileSync } from 'node:fs'
import { recordInTransaction } from '../changes/outbox.ts'
import { outboxOfType } from '../changes/store.ts'
import { REGIONS } from '../fleet/regions/model.ts'
import { type Clock, isoOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import type { LedgerClient } from '../ledger/client/client.ts'
import { bringIntoForce, newOverview } from '../plane/overview/carrier.ts'
import { standingNow } from '../plane/overview/standing.ts'
import { attestationsInForce, insertAttestation } from '../pledges/attestations/store.ts'
import { compileOverview } from '../pledges/overview.ts'
import { insertOverview, lockOverviews } from '../pledges/store.ts'
import { REGISTER } from '../register.ts'

const BY = 'process:demo'
const LIFE_MS = 366 * 86_400_000

/**
 * Brings the demo's own overview into force where none ever was, and attests its places, both logged as the demo's own and
 * labelled so wherever they are seen. Called in demo worlds alone; can be repeated.
 */
export async function prepareDemoPromises(given: {
  db: Db
  ledger: Pick<LedgerClient, 'read'>
  clock: Clock
}): Promise<void> {
  const { db, ledger, clock } = given
  const now = clock.now()
  const text = readFileSync(new URL('./overview.yaml', import.meta.url), 'utf8')
  const compiled = compileOverview(text, REGISTER, 'src/demo/overview.yaml')
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  await db.transaction().execute(async (tx) => {
    await lockOverviews(tx)
    const before = await standingNow(tx, REGISTER)
    const isWaiting = (await outboxOfType(tx, 'overview.approved')).length > 0
    const { entries } = await ledger.read({ type: 'overview.approved', limit: 1 })
    if (before.row || isWaiting || entries.length > 0) return
    const row = newOverview(text, compiled.overview, {
      id: newId('ovw'),
      by: BY,
      now,
      approval: null,
      basedOn: null,
    })
    await insertOverview(tx, row)
    const event = await bringIntoForce(tx, { row, before }, { by: BY, at: now, manner: 'demo' }, REGISTER)
    await record(tx, `${row.id}:demo`, 'overview.approved', event, now)
  })
  await attestPlaces(db, now)
}

/** A demo's regions are folders of one machine: somebody says which place each stands for, and that it is simulated. */
async function attestPlaces(db: Db, now: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockOverviews(tx)
    const there = await attestationsInForce(tx, 'location.pinned', now + LIFE_MS / 2)
    for (const { id: region, place } of REGIONS) {
      if (there.some((one) => one.subject === region && one.simulated)) continue
      const id = newId('att')
      const statement = `In this demo world what lies in the stores of region ${region} stands for what would lie in ${place}.`
      await insertAttestation(tx, {
        id,
        pledge: 'location.pinned',
        part: null,
        subject: region,
        statement,
        evidence_hash: null,
        evidence_name: null,
        evidence_bytes: null,
        signed_by: BY,
        signed_at: now,
        approval: null,
        approved_by: BY,
        approved_at: now,
        expires_at: now + LIFE_MS,
        simulated: true,
        withdrawn_by: null,
        withdrawn_at: null,
        withdrawn_because: null,
      })
      const about = {
        attestation: id,
        promise: 'location.pinned',
        subject: region,
        statement,
        simulated: true,
      }
      await record(tx, id, 'attestation.approved', { ...about, expiresAt: isoOf(now + LIFE_MS) }, now)
    }
  })
}

const record = (tx: Db, key: string, type: string, event: Record<string, unknown>, now: number) =>
  recordInTransaction(
    tx,
    [{ key, stream: 'audit', subject: 'plane', region: 'plane', type, event: { ...event, at: isoOf(now) } }],
    now,
  )
