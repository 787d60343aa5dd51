import * as z from 'zod'
import type { Row } from '../database.ts'
import { optionalDate, optionalId, optionalText, text } from './fields.ts'
import { linkColumns, linkFields, linkFilters, linkJoins } from './linked.ts'
import { byColumn, type Resource, resourceRoutes } from './resource.ts'

const kind = z.enum(['call', 'meeting', 'task'], 'One of call, meeting, task.')

export const activities: Resource = {
  entity: 'activity',
  table: 'activities',
  path: 'activities',
  select: `select r.*, r.done_at is not null as done,
      coalesce(r.done_at is null and r.due_on < current_date, false) as overdue, ${linkColumns}
    from activities r ${linkJoins}`,
  searched: `concat_ws(' ', r.subject, r.body, o.name, c.given_name, c.family_name, d.title)`,
  sorts: { dueOn: 'r.due_on', createdAt: 'r.created_at', doneAt: 'r.done_at' },
  defaultSort: 'dueOn',
  filters: {
    ...linkFilters,
    ...byColumn('ownerId', z.uuid()),
    ...byColumn('kind', kind),
    state: {
      schema: z.enum(['open', 'done', 'overdue']),
      sql: (mark) =>
        `case ${mark}::text when 'open' then r.done_at is null when 'done' then r.done_at is not null
         else r.done_at is null and r.due_on < current_date end`,
    },
  },
  fields: z.strictObject({
    kind,
    subject: text(200),
    body: optionalText(5_000),
    dueOn: optionalDate,
    done: z.boolean('true or false.').optional(),
    ownerId: optionalId,
    ...linkFields,
  }),
  toRow: ({ done, ...row }: Row) => ({
    ...row,
    ...(done !== undefined && { doneAt: done ? new Date() : null }),
  }),
}

export const activityRoutes = resourceRoutes(activities)
