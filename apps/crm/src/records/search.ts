import * as z from 'zod'
import { parse } from '../http/body.ts'
import { ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { likePattern, searchWords } from './sql.ts'

const PER_KIND = 8

type Found = { kind: string; id: string; title: string; detail: string | null }

/** What is looked through, with the text that is searched, what is shown, and where a hit of a note leads. */
const SOURCES = [
  `select 'organisation' as kind, id, name as title, concat_ws(', ', industry, city) as detail, updated_at,
     concat_ws(' ', name, industry, city, org_number, website) as searched from organisations`,
  `select 'contact' as kind, c.id, trim(concat_ws(' ', given_name, family_name)), concat_ws(', ', title, o.name),
     c.updated_at, concat_ws(' ', given_name, family_name, title, email, phone,
       regexp_replace(phone, '[^0-9+]', '', 'g'), o.name)
   from contacts c left join organisations o on o.id = c.organisation_id`,
  `select 'deal' as kind, d.id, title, concat_ws(', ', s.name, o.name), d.updated_at, concat_ws(' ', title, o.name)
   from deals d join stages s on s.id = d.stage left join organisations o on o.id = d.organisation_id`,
  `select 'activity' as kind, id, subject, due_on::text, updated_at, concat_ws(' ', subject, body) from activities`,
  `select case when deal_id is not null then 'deal' when contact_id is not null then 'contact' else 'organisation' end,
     coalesce(deal_id, contact_id, organisation_id), left(body, 120), 'Note', updated_at, body from notes`,
  `select 'document' as kind, id, name, media_type, updated_at, name from documents`,
  `select 'invoice' as kind, i.id, coalesce(number, 'Draft'), concat_ws(', ', o.name, i.status), i.updated_at,
     concat_ws(' ', number, reference, o.name) from invoices i join organisations o on o.id = i.organisation_id`,
]

async function search(context: SignedIn): Promise<Reply> {
  const { q } = parse(z.strictObject({ q: z.string().max(200) }), Object.fromEntries(context.query), 400)
  const patterns = searchWords(q.replaceAll('\0', '')).map(likePattern)
  if (patterns.length === 0) return ok({ items: [] })
  const sql = SOURCES.map(
    (source) =>
      `(select kind, id, title, detail from (${source}) as s (kind, id, title, detail, updated_at, searched)
        where searched ilike all ($1::text[])
        order by (title ilike $2) desc, updated_at desc limit ${PER_KIND})`,
  ).join(' union all ')
  const items = await context.app.database.query<Found>(sql, [patterns, patterns[0]!.slice(1)])
  return ok({ items })
}

export const searchRoutes = [route('member', 'GET', '/api/search', search)]
