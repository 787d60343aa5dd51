import * as z from 'zod'
import {
  optionalEmail,
  optionalId,
  optionalPersonalNumber,
  optionalPhone,
  optionalText,
  text,
} from './fields.ts'
import { byColumn, type Resource, resourceRoutes } from './resource.ts'

export const contactFields = z.strictObject({
  givenName: text(100),
  familyName: z.string('Expected text.').trim().max(100, 'At most 100 characters.').optional(),
  title: optionalText(100),
  email: optionalEmail,
  phone: optionalPhone,
  personalNumber: optionalPersonalNumber,
  organisationId: optionalId,
  ownerId: optionalId,
})

export const contacts: Resource = {
  entity: 'contact',
  table: 'contacts',
  path: 'contacts',
  select: `select r.*, o.name as organisation_name, u.name as owner_name
    from contacts r left join organisations o on o.id = r.organisation_id left join users u on u.id = r.owner_id`,
  searched: `concat_ws(' ', r.given_name, r.family_name, r.title, r.email, r.phone, o.name)`,
  sorts: {
    name: 'lower(r.family_name), lower(r.given_name)',
    organisation: 'lower(o.name)',
    createdAt: 'r.created_at',
  },
  defaultSort: 'name',
  filters: { ...byColumn('organisationId', z.uuid()), ...byColumn('ownerId', z.uuid()) },
  fields: contactFields,
  auditReads: true,
  attachedBy: 'contact_id',
}

export const contactRoutes = resourceRoutes(contacts)
