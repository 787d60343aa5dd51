import * as z from 'zod'
import { Problem } from '../http/problem.ts'
import { optionalCountry, optionalId, optionalText, optionalWebsite, text } from './fields.ts'
import { byColumn, type Resource, resourceRoutes } from './resource.ts'

export const organisations: Resource = {
  entity: 'organisation',
  table: 'organisations',
  path: 'organisations',
  select: `select r.*, u.name as owner_name,
      (select count(*) from contacts c where c.organisation_id = r.id) as contact_count,
      (select count(*) from deals d join stages s on s.id = d.stage
       where d.organisation_id = r.id and s.kind = 'open') as open_deal_count
    from organisations r left join users u on u.id = r.owner_id`,
  searched: `concat_ws(' ', r.name, r.industry, r.city, r.org_number, r.website)`,
  sorts: { name: 'lower(r.name)', createdAt: 'r.created_at', city: 'lower(r.city)' },
  defaultSort: 'name',
  filters: { ...byColumn('ownerId', z.uuid()), ...byColumn('country', z.string().length(2)) },
  fields: z.strictObject({
    name: text(200),
    industry: optionalText(100),
    website: optionalWebsite,
    orgNumber: optionalText(40),
    vatNumber: optionalText(40),
    street: optionalText(200),
    postalCode: optionalText(20),
    city: optionalText(100),
    country: optionalCountry,
    ownerId: optionalId,
  }),
  attachedBy: 'organisation_id',
  async beforeDelete(tx, id) {
    const [kept] = await tx.query<{ sent: number }>(
      `select count(*) as sent from invoices where organisation_id = $1 and status <> 'draft'`,
      [id],
    )
    if (kept && kept.sent > 0) {
      throw new Problem(
        409,
        `This organisation has sent invoices (${kept.sent}), which bookkeeping must keep.`,
      )
    }
    await tx.query('delete from invoices where organisation_id = $1', [id])
  },
}

export const organisationRoutes = resourceRoutes(organisations)
