import * as z from 'zod'
import { parse } from '../http/body.ts'
import { ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { activities } from './activities.ts'
import { camelRow } from './sql.ts'

async function dashboard(context: SignedIn): Promise<Reply> {
  const db = context.app.database
  const [pipeline, won, due, receivable, recent, counts] = await Promise.all([
    db.query(
      `select s.id, s.name, d.currency, count(*) as count, sum(d.amount_minor)::bigint as amount_minor
       from deals d join stages s on s.id = d.stage where s.kind = 'open'
       group by s.id, d.currency order by s.position, d.currency`,
    ),
    db.query(
      `select d.currency, count(*) as count, sum(d.amount_minor)::bigint as amount_minor
       from deals d join stages s on s.id = d.stage
       where s.kind = 'won' and d.closed_at > now() - interval '90 days' group by d.currency order by 3 desc`,
    ),
    db.query(
      `${activities.select} where r.done_at is null and r.due_on <= current_date + 7
       order by r.due_on, r.created_at limit 20`,
    ),
    db.query(
      `select currency, count(*) as count, sum(total_minor)::bigint as amount_minor,
         count(*) filter (where due_on < current_date) as overdue,
         coalesce(sum(total_minor) filter (where due_on < current_date), 0)::bigint as overdue_minor
       from invoices where status = 'sent' group by currency order by 3 desc`,
    ),
    db.query(`${HISTORY} where h.action not in ('read', 'exported') and h.entity not in ('user', 'settings')
       order by h.id desc limit 12`),
    db.query(
      `select (select count(*) from organisations) as organisations, (select count(*) from contacts) as contacts,
         (select count(*) from activities where done_at is null and due_on < current_date) as overdue`,
    ),
  ])
  const list = (rows: Record<string, unknown>[]) => rows.map((row) => camelRow(row))
  return ok({
    pipeline: list(pipeline),
    won: list(won),
    due: list(due),
    receivable: list(receivable),
    recent: list(recent),
    counts: counts[0],
  })
}

/** Names are looked up when asked for: history itself keeps no personal data, so what is deleted is really gone. */
const HISTORY = `select h.id, h.at, h.action, h.entity, h.entity_id, h.fields, u.name as actor_name,
    case h.entity
      when 'organisation' then o.name when 'deal' then d.title when 'activity' then a.subject
      when 'contact' then case when c.id is null then null else trim(concat_ws(' ', c.given_name, c.family_name)) end
      when 'document' then f.name when 'invoice' then case when i.id is null then null else coalesce(i.number, 'Draft') end
      when 'note' then left(n.body, 80) end as title
  from history h left join users u on u.id = h.actor_id
    left join organisations o on h.entity = 'organisation' and o.id = h.entity_id
    left join contacts c on h.entity = 'contact' and c.id = h.entity_id
    left join deals d on h.entity = 'deal' and d.id = h.entity_id
    left join activities a on h.entity = 'activity' and a.id = h.entity_id
    left join documents f on h.entity = 'document' and f.id = h.entity_id
    left join invoices i on h.entity = 'invoice' and i.id = h.entity_id
    left join notes n on h.entity = 'note' and n.id = h.entity_id`

const historyQuery = z.strictObject({ entity: z.string().max(30), id: z.uuid('Not an id.') })

async function history(context: SignedIn): Promise<Reply> {
  const { entity, id } = parse(historyQuery, Object.fromEntries(context.query), 400)
  const rows = await context.app.database.query(
    `${HISTORY} where h.entity = $1 and h.entity_id = $2 order by h.id desc limit 50`,
    [entity, id],
  )
  return ok({ items: rows.map((row) => camelRow(row)) })
}

export const dashboardRoutes = [
  route('member', 'GET', '/api/dashboard', dashboard),
  route('member', 'GET', '/api/history', history),
]
