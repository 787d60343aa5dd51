import * as z from 'zod'
import type { Queryable, Row } from '../database.ts'
import { notFound } from '../http/problem.ts'
import { ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from './change.ts'
import { amountMinor, currency, optionalDate, optionalId, text } from './fields.ts'
import { byColumn, findRecord, type Resource, readBody, recordId, resourceRoutes } from './resource.ts'
import { camelRow } from './sql.ts'

const stage = z.enum(
  ['lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost'],
  'One of lead, qualified, proposal, negotiation, won, lost.',
)

export const deals: Resource = {
  entity: 'deal',
  table: 'deals',
  path: 'deals',
  select: `select r.*, s.name as stage_name, s.kind as stage_kind, o.name as organisation_name, u.name as owner_name,
      nullif(trim(concat_ws(' ', c.given_name, c.family_name)), '') as contact_name
    from deals r join stages s on s.id = r.stage
      left join organisations o on o.id = r.organisation_id
      left join contacts c on c.id = r.contact_id left join users u on u.id = r.owner_id`,
  searched: `concat_ws(' ', r.title, o.name, c.given_name, c.family_name)`,
  sorts: {
    title: 'lower(r.title)',
    amount: 'r.amount_minor',
    expectedOn: 'r.expected_on',
    createdAt: 'r.created_at',
    updatedAt: 'r.updated_at',
  },
  defaultSort: '-updatedAt',
  filters: {
    ...byColumn('organisationId', z.uuid()),
    ...byColumn('contactId', z.uuid()),
    ...byColumn('ownerId', z.uuid()),
    ...byColumn('stage', stage),
  },
  fields: z.strictObject({
    title: text(200),
    stage: stage.optional(),
    amountMinor: amountMinor.optional(),
    currency: currency.optional(),
    expectedOn: optionalDate,
    organisationId: optionalId,
    contactId: optionalId,
    ownerId: optionalId,
  }),
  attachedBy: 'deal_id',
  async complete(row, tx) {
    const [settings] = await tx.query('select currency from settings')
    return { stage: 'lead', currency: settings!.currency, ...row }
  },
  async afterWrite(tx, id, row) {
    if (row.stage !== undefined) await placeInStage(tx, id, String(row.stage), 0)
  },
}

/** Puts the deal at `index` of the stage's column and renumbers the column; the stage's row is the lock for that. */
async function placeInStage(tx: Queryable, id: string, stage: string, index: number): Promise<void> {
  await tx.query('select from stages where id = $1 for update', [stage])
  const rows = await tx.query<{ id: string }>(
    'select id from deals where stage = $1 and id <> $2 order by position, created_at desc',
    [stage, id],
  )
  const order = rows.map((row) => row.id)
  order.splice(Math.min(index, order.length), 0, id)
  await tx.query(
    `update deals set position = wanted.position
     from unnest($1::uuid[]) with ordinality as wanted (id, position)
     where deals.id = wanted.id and deals.position <> wanted.position`,
    [order],
  )
  await tx.query(
    `update deals set stage = $2, updated_at = now(),
       closed_at = case when s.kind = 'open' then null else coalesce(closed_at, now()) end
     from stages s where s.id = $2 and deals.id = $1`,
    [id, stage],
  )
}

const moveBody = z.strictObject({ stage, index: z.int().min(0).max(100_000).optional() })

async function moveDeal(context: SignedIn): Promise<Reply> {
  const id = recordId(context)
  const { stage, index } = await readBody(context, moveBody)
  const record = await change(context, async (tx, record) => {
    const rows = await tx.query('select from deals where id = $1 for update', [id])
    if (rows.length === 0) throw notFound()
    await placeInStage(tx, id, stage, index ?? 0)
    await record({ action: 'moved', entity: 'deal', id, fields: ['stage'] })
    return findRecord(tx, deals, id)
  })
  return ok(record)
}

const COLUMN_LIMIT = 200

/** The board. What was closed more than 60 days ago has left it, and a column shows at most its first 200. */
async function pipeline(context: SignedIn): Promise<Reply> {
  const db = context.app.database
  const [stages, totals, cards] = await Promise.all([
    db.query('select id, name, kind from stages order by position'),
    db.query<{ stage: string; currency: string; count: number; amount_minor: number }>(
      `select stage, currency, count(*) as count, sum(amount_minor)::bigint as amount_minor from deals
       where closed_at is null or closed_at > now() - interval '60 days' group by stage, currency order by 4 desc`,
    ),
    db.query(
      `select * from (${deals.select}
         where r.closed_at is null or r.closed_at > now() - interval '60 days') as card
       where position <= $1 order by position, created_at desc limit 1200`,
      [COLUMN_LIMIT],
    ),
  ])
  const columns = stages.map((column) => {
    const sums = totals.filter((sum) => sum.stage === column.id)
    return {
      ...column,
      count: sums.reduce((count, sum) => count + sum.count, 0),
      totals: sums.map((sum) => ({ currency: sum.currency, amountMinor: sum.amount_minor })),
      deals: cards.filter((card) => card.stage === column.id).map((card) => camelRow<Row>(card)),
    }
  })
  return ok({ stages: columns })
}

export const dealRoutes = [
  ...resourceRoutes(deals),
  route('member', 'POST', '/api/deals/:id/move', moveDeal),
  route('member', 'GET', '/api/pipeline', pipeline),
]
