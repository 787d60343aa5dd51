import { z } from 'zod'
import { recordInTransaction } from '../../changes/outbox.ts'
import { outboxOfType } from '../../changes/store.ts'
import { type Clock, isoOf } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/log.ts'
import type { LedgerClient, ReadLedgerEntry } from '../../ledger/client/client.ts'
import { publicLinesOf } from '../../pledges/differences.ts'
import { compileOverview } from '../../pledges/overview.ts'
import type { Pledge } from '../../pledges/pledge.ts'
import {
  addPublicLines,
  annulOverview,
  insertOverview,
  lockOverviews,
  type OverviewContent,
  type OverviewRow,
  overviewAt,
  overviewsInForce,
  type PublicLineRow,
} from '../../pledges/store.ts'
import { planOf, standingOf } from './standing.ts'

const APPROVED = 'overview.approved'
const PAGE = 100

const manner = z.enum(['second person', 'one person', 'demo'])
const value = z.union([z.string(), z.number(), z.array(z.string())])
const approvedSchema = z.object({
  overview: z.string(),
  hash: z.string(),
  text: z.string(),
  values: z.record(
    z.string(),
    z.object({
      values: z.record(z.string(), value),
      dropped: z.string().nullable(),
      every: z.string().optional(),
      freshness: z.string().optional(),
    }),
  ),
  basedOn: z.string().nullable(),
  proposedBy: z.string(),
  proposedAt: z.number(),
  approvedBy: z.string(),
  approvedAt: z.number(),
  manner,
})
type Approved = z.infer<typeof approvedSchema>
const lineSchema = z.object({
  overview: z.string(),
  index: z.number(),
  promise: z.string().nullable(),
  what: z.enum(['value', 'words', 'dropped', 'taken up', 'vendor']),
  parameter: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  line: z.object({ en: z.string(), sv: z.string() }),
  manner,
  by: z.string(),
  at: z.string(),
})

export type Restored = { restored: string[]; annulled: string[] }

/**
 * Makes the overviews in the database those that the log knows: the log leads, rows are its projection. One that is missing (the
 * database was set back) is brought back with its text, its instant and its public lines; one that was altered is annulled and
 * brought back; one that the log never heard of is annulled. An approval on its way into the log is left alone. Can be repeated.
 */
export async function followLog(given: {
  db: Db
  ledger: Pick<LedgerClient, 'read'>
  clock: Clock
  logger: Logger
  register: readonly Pledge[]
}): Promise<Restored> {
  const { db, ledger, clock, logger, register } = given
  const done = await db.transaction().execute(async (tx) => {
    await lockOverviews(tx)
    // Before the log is read: what leaves the outbox meanwhile is then found there.
    const waiting = new Set(
      (await outboxOfType(tx, APPROVED)).map((row) => String((row.event as { overview?: unknown }).overview)),
    )
    const known = (await entriesOf(ledger, APPROVED)).flatMap(
      (entry) => approvedSchema.safeParse(entry.event).data ?? [],
    )
    const restored: string[] = []
    const annulled: string[] = []
    const now = clock.now()
    const annul = async (row: OverviewRow, because: string) => {
      await annulOverview(tx, row.id, now, because)
      annulled.push(row.id)
      await note(tx, 'overview.annulled', { overview: row.id, hash: row.hash, because }, now)
    }
    for (const row of await overviewsInForce(tx)) {
      const said = known.find((one) => one.overview === (row.restores ?? row.id))
      if (said && !isAs(row, said)) await annul(row, 'It says something else than the log.')
      else if (!said && !waiting.has(row.id)) await annul(row, 'The log knows of no approval of it.')
    }
    const there = new Set((await overviewsInForce(tx)).map((row) => row.restores ?? row.id))
    const missing = known.filter((one) => !there.has(one.overview))
    const lines = missing.length > 0 ? await linesInLog(ledger) : []
    for (const said of missing) {
      const isAltered = annulled.includes(said.overview)
      const row = rowOf(said, isAltered ? newId('ovw') : said.overview, register)
      const before = await overviewAt(tx, said.approvedAt - 1)
      await insertOverview(tx, row)
      const ofIt = lines.filter((line) => line.overview === said.overview)
      // Lines of an altered row stand in the table already: nothing public disappears.
      if (!isAltered) await addPublicLines(tx, ofIt.length > 0 ? ofIt : linesAnew(row, before, register))
      restored.push(said.overview)
      await note(tx, 'overview.restored', { overview: said.overview, hash: said.hash, as: row.id }, now)
    }
    return { restored, annulled }
  })
  if (done.restored.length > 0 || done.annulled.length > 0)
    logger.error('the database did not hold the overviews that the log knows; the log won', done)
  return done
}

const isAs = (row: OverviewRow, said: Approved): boolean =>
  row.hash === said.hash &&
  row.text === said.text &&
  row.approved_at === said.approvedAt &&
  Object.entries(row.content).every(([pledge, { says: _, ...rest }]) => isSame(rest, said.values[pledge])) &&
  Object.keys(row.content).length === Object.keys(said.values).length

/** Equal whatever the order of names: PostgreSQL's jsonb keeps none. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.every((name) => isSame(Reflect.get(a, name), Reflect.get(b, name)))
}

function rowOf(said: Approved, id: string, register: readonly Pledge[]): OverviewRow {
  const compiled = compileOverview(said.text, register)
  const content: OverviewContent = Object.fromEntries(
    Object.entries(said.values).flatMap(([pledge, one]) => {
      const promised = compiled.ok
        ? compiled.overview.promises.find((promise) => promise.pledge.id === pledge)
        : undefined
      const says = promised?.says ?? register.find((known) => known.id === pledge)?.says
      return says ? [[pledge, { ...one, says }]] : []
    }),
  )
  return {
    id,
    hash: said.hash,
    text: said.text,
    content,
    proposed_by: said.proposedBy,
    proposed_at: said.proposedAt,
    approved_by: said.approvedBy,
    approved_at: said.approvedAt,
    approval: null,
    manner: said.manner,
    based_on: said.basedOn,
    restores: id === said.overview ? null : said.overview,
    annulled_at: null,
    annulled_because: null,
  }
}

type Line = Omit<PublicLineRow, 'position'>

async function linesInLog(ledger: Pick<LedgerClient, 'read'>): Promise<Line[]> {
  const entries = await entriesOf(ledger, 'promise.changed')
  return entries
    .flatMap((entry) => lineSchema.safeParse(entry.event).data ?? [])
    .sort((a, b) => a.index - b.index)
    .map((one) => ({
      overview: one.overview,
      pledge: one.promise,
      what: one.what,
      parameter: one.parameter,
      from_value: one.from,
      to_value: one.to,
      line_en: one.line.en,
      line_sv: one.line.sv,
      manner: one.manner,
      by: one.by,
      at: Date.parse(one.at),
    }))
}

/** The lines from the text, where they had not reached the log before the database was set back. */
function linesAnew(row: OverviewRow, before: OverviewRow | undefined, register: readonly Pledge[]): Line[] {
  const compiled = compileOverview(row.text, register)
  if (!compiled.ok) return []
  const { differences } = planOf(standingOf(before, register), compiled.overview, register)
  const { approved_by: by, approved_at: at, manner: how } = row
  return publicLinesOf(differences, { overview: row.id, by: by!, at: at!, manner: how! })
}

async function entriesOf(ledger: Pick<LedgerClient, 'read'>, type: string): Promise<ReadLedgerEntry[]> {
  const found: ReadLedgerEntry[] = []
  let from: number | undefined
  for (;;) {
    const { entries, next } = await ledger.read({
      type,
      limit: PAGE,
      ...(from === undefined ? {} : { from }),
    })
    found.push(...entries)
    if (next === null || entries.length === 0) return found
    from = next
  }
}

const note = (tx: Db, type: string, event: Record<string, unknown>, now: number) =>
  recordInTransaction(
    tx,
    [
      {
        key: newId('evt'),
        stream: 'audit',
        subject: 'plane',
        region: 'plane',
        type,
        event: { ...event, at: isoOf(now) },
      },
    ],
    now,
  )
