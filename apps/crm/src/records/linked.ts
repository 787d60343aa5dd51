import * as z from 'zod'
import { optionalId } from './fields.ts'
import { byColumn } from './resource.ts'

/** Notes, activities and documents hang on organisations, contacts and deals in the same way. */
export const linkFields = { organisationId: optionalId, contactId: optionalId, dealId: optionalId }

export const linkFilters = {
  ...byColumn('organisationId', z.uuid()),
  ...byColumn('contactId', z.uuid()),
  ...byColumn('dealId', z.uuid()),
}

export const linkColumns = `u.name as owner_name, o.name as organisation_name, d.title as deal_title,
  nullif(trim(concat_ws(' ', c.given_name, c.family_name)), '') as contact_name`

export const linkJoins = `left join users u on u.id = r.owner_id
  left join organisations o on o.id = r.organisation_id
  left join contacts c on c.id = r.contact_id
  left join deals d on d.id = r.deal_id`
