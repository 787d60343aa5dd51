import * as z from 'zod'
import type { Queryable, Row } from '../database.ts'
import { removeFile } from '../files.ts'
import { parse, readJson } from '../http/body.ts'
import { notFound } from '../http/problem.ts'
import {
  type Context,
  created,
  noContent,
  ok,
  type Reply,
  type Route,
  route,
  type SignedIn,
} from '../http/route.ts'
import { audit, change } from './change.ts'
import { isId } from './fields.ts'
import { camelRow, insertSql, likePattern, searchWords, snakeCase, updateSql } from './sql.ts'

export type Filter = { schema: z.ZodType; sql: (mark: string) => string }

/** What differs between one kind of record and the next; the rest is the same for all. */
export type Resource = {
  entity: string
  table: string
  path: string
  /** `select … from … ` with its joins; the record's own table is called `r`. */
  select: string
  /** The text that the filter `q` looks in. */
  searched: string
  sorts: Record<string, string>
  defaultSort: string
  filters: Record<string, Filter>
  fields: z.ZodObject
  /** Looking at one is itself worth an audit line. */
  auditReads?: boolean
  /** What may be changed later, when that is not everything. */
  changeable?: z.ZodObject
  /** From the words of the API to columns, where they differ. */
  toRow?: (input: Row) => Row
  /** Fills in what a new record needs and the input left out. */
  complete?: (row: Row, tx: Queryable) => Promise<Row>
  /** In the transaction, after the row was written. */
  afterWrite?: (tx: Queryable, id: string, row: Row) => Promise<void>
  beforeDelete?: (tx: Queryable, id: string) => Promise<void>
  /** The column by which notes, activities and documents are attached to this kind of record, and go with it. */
  attachedBy?: 'organisation_id' | 'contact_id' | 'deal_id'
  /** The record's id is also the name of a file. */
  isFile?: boolean
}

export const byColumn = (name: string, schema: z.ZodType): Record<string, Filter> => ({
  [name]: { schema, sql: (mark) => `r.${snakeCase(name)} = ${mark}` },
})

export const readBody = <T extends z.ZodType>(context: Context, schema: T): Promise<z.infer<T>> =>
  readJson(context.request, schema)

export const recordId = (context: Context): string => {
  const { id = '' } = context.params
  if (!isId(id)) throw notFound()
  return id
}

export async function findRecord(db: Queryable, resource: Resource, id: string): Promise<Row> {
  const [row] = await db.query(`${resource.select} where r.id = $1`, [id])
  if (!row) throw notFound()
  return camelRow(row)
}

export async function listRecords(context: SignedIn, resource: Resource): Promise<Reply> {
  const schema = z.strictObject({
    limit: z.coerce.number().int().min(1).max(100).optional(),
    offset: z.coerce.number().int().min(0).max(100_000).optional(),
    sort: z.enum(Object.keys(resource.sorts).flatMap((name) => [name, `-${name}`])).optional(),
    q: z.string().max(200).optional(),
    ...Object.fromEntries(
      Object.entries(resource.filters).map(([name, filter]) => [name, filter.schema.optional()]),
    ),
  })
  const query: Row = parse(schema, Object.fromEntries(context.query), 400)
  const values: unknown[] = []
  const mark = (value: unknown) => `$${values.push(value)}`
  const conditions = searchWords(String(query.q ?? '')).map(
    (word) => `${resource.searched} ilike ${mark(likePattern(word.replaceAll('\0', '')))}`,
  )
  for (const [name, filter] of Object.entries(resource.filters)) {
    if (query[name] !== undefined) conditions.push(filter.sql(mark(query[name])))
  }
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
  const sort = String(query.sort ?? resource.defaultSort)
  const order = resource.sorts[sort.replace(/^-/, '')]!.split(', ')
    .map((column) => `${column} ${sort.startsWith('-') ? 'desc nulls last' : 'asc nulls last'}`)
    .join(', ')
  const limit = Number(query.limit ?? 50)
  const offset = Number(query.offset ?? 0)
  const countValues = [...values]
  const [items, [count]] = await Promise.all([
    context.app.database.query(
      `${resource.select}${where} order by ${order}, r.id limit ${mark(limit)} offset ${mark(offset)}`,
      values,
    ),
    context.app.database.query<{ total: number }>(
      `select count(*) as total from (${resource.select}${where}) as found`,
      countValues,
    ),
  ])
  return ok({ items: items.map((row) => camelRow(row)), total: count!.total, limit, offset })
}

export async function getRecord(context: SignedIn, resource: Resource): Promise<Reply> {
  const id = recordId(context)
  const record = await findRecord(context.app.database, resource, id)
  if (resource.auditReads) audit(context, { action: 'read', entity: resource.entity, id })
  if (!resource.attachedBy) return ok(record)
  return ok({ ...record, attached: await countAttached(context.app.database, resource.attachedBy, id) })
}

/** What a deletion would take along, for the question before it. */
async function countAttached(db: Queryable, column: string, id: string): Promise<Row | undefined> {
  const counts = await db.query(
    `select (select count(*) from notes where ${column} = $1) as notes,
            (select count(*) from activities where ${column} = $1) as activities,
            (select count(*) from documents where ${column} = $1) as documents`,
    [id],
  )
  return counts[0]
}

async function createRecord(context: SignedIn, resource: Resource): Promise<Reply> {
  const input: Row = await readBody(context, resource.fields)
  const record = await change(context, async (tx, record) => {
    const given = { ownerId: context.user.id, ...(resource.toRow?.(input) ?? input) }
    const row = (await resource.complete?.(given, tx)) ?? given
    const { sql, values } = insertSql(resource.table, row)
    const id = String((await tx.query(sql, values))[0]!.id)
    await resource.afterWrite?.(tx, id, row)
    await record({ action: 'created', entity: resource.entity, id })
    return findRecord(tx, resource, id)
  })
  return { ...created(record), headers: { location: `/api/${resource.path}/${record.id}` } }
}

async function updateRecord(context: SignedIn, resource: Resource): Promise<Reply> {
  const id = recordId(context)
  const input: Row = await readBody(context, resource.changeable ?? resource.fields.partial())
  const fields = Object.keys(input).filter((name) => input[name] !== undefined)
  const record = await change(context, async (tx, record) => {
    const row = resource.toRow?.(input) ?? input
    const { sql, values } = updateSql(resource.table, id, row)
    if ((await tx.query(sql, values)).length === 0) throw notFound()
    await resource.afterWrite?.(tx, id, row)
    if (fields.length > 0) await record({ action: 'updated', entity: resource.entity, id, fields })
    return findRecord(tx, resource, id)
  })
  return ok(record)
}

/** Rows go in the transaction, files after it: a crash between leaves a file that nobody can reach, never a dead row. */
export async function deleteRecord(context: SignedIn, resource: Resource): Promise<Reply> {
  const id = recordId(context)
  const files = await change(context, async (tx, record) => {
    await resource.beforeDelete?.(tx, id)
    const attached = resource.attachedBy
      ? await tx.query<{ id: string }>(
          `delete from documents where ${resource.attachedBy} = $1 returning id`,
          [id],
        )
      : []
    const gone = await tx.query(`delete from ${resource.table} where id = $1 returning id`, [id])
    if (gone.length === 0) throw notFound()
    await record({ action: 'deleted', entity: resource.entity, id })
    return [...attached.map((row) => row.id), ...(resource.isFile ? [id] : [])]
  })
  for (const file of files) await removeFile(context.app.config.filesDir, file)
  return noContent()
}

export function resourceRoutes(resource: Resource): Route[] {
  const all = `/api/${resource.path}`
  const one = `${all}/:id`
  return [
    route('member', 'GET', all, (context) => listRecords(context, resource)),
    route('member', 'POST', all, (context) => createRecord(context, resource)),
    route('member', 'GET', one, (context) => getRecord(context, resource)),
    route('member', 'PATCH', one, (context) => updateRecord(context, resource)),
    route('member', 'DELETE', one, (context) => deleteRecord(context, resource)),
  ]
}
