import * as z from 'zod'
import { Problem } from '../http/problem.ts'
import { text } from './fields.ts'
import { linkColumns, linkFields, linkFilters, linkJoins } from './linked.ts'
import { type Resource, resourceRoutes } from './resource.ts'

const body = text(10_000)

export const notes: Resource = {
  entity: 'note',
  table: 'notes',
  path: 'notes',
  select: `select r.*, ${linkColumns} from notes r ${linkJoins}`,
  searched: 'r.body',
  sorts: { createdAt: 'r.created_at' },
  defaultSort: '-createdAt',
  filters: linkFilters,
  fields: z.strictObject({ body, ...linkFields }),
  changeable: z.strictObject({ body: body.optional() }),
  async complete(row) {
    if (row.organisationId || row.contactId || row.dealId) return row
    const message = 'Say what the note is about: organisationId, contactId or dealId.'
    throw new Problem(422, message, [{ field: 'organisationId', message }])
  },
}

export const noteRoutes = resourceRoutes(notes)
