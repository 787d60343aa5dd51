import { Readable } from 'node:stream'
import type { Queryable } from '../database.ts'
import { readText } from '../http/body.ts'
import { type FieldError, Problem } from '../http/problem.ts'
import { ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from './change.ts'
import { contactFields } from './contacts.ts'
import { CsvError, type CsvRow, readCsv, writeRow } from './csv.ts'

const MIB = 1024 * 1024
const MAX_ROWS = 5_000

const COLUMNS = [
  'givenName',
  'familyName',
  'title',
  'email',
  'phone',
  'personalNumber',
  'organisation',
] as const
type Column = (typeof COLUMNS)[number]

const HEADINGS: Record<Column, string> = {
  givenName: 'Given name',
  familyName: 'Family name',
  title: 'Title',
  email: 'E-mail',
  phone: 'Phone',
  personalNumber: 'Personal number',
  organisation: 'Organisation',
}

// What other systems, and Swedish ones, call the same columns.
const SYNONYMS: Record<string, Column> = {
  firstname: 'givenName',
  förnamn: 'givenName',
  name: 'givenName',
  lastname: 'familyName',
  surname: 'familyName',
  efternamn: 'familyName',
  jobtitle: 'title',
  titel: 'title',
  epost: 'email',
  telephone: 'phone',
  mobile: 'phone',
  telefon: 'phone',
  personnummer: 'personalNumber',
  organization: 'organisation',
  company: 'organisation',
  företag: 'organisation',
}

const plain = (heading: string): string => heading.toLowerCase().replaceAll(/[^a-zåäö]/g, '')

export function columnOf(heading: string): Column | null {
  const name = plain(heading)
  return COLUMNS.find((c) => plain(c) === name || plain(HEADINGS[c]) === name) ?? SYNONYMS[name] ?? null
}

async function* exportRows(db: Queryable): AsyncGenerator<string> {
  yield `\ufeff${writeRow(COLUMNS.map((column) => HEADINGS[column]))}`
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await db.query<Record<Column | 'id', string | null>>(
      `select c.id, given_name as "givenName", family_name as "familyName", title, email, phone,
         personal_number as "personalNumber", o.name as organisation
       from contacts c left join organisations o on o.id = c.organisation_id
       where c.id > $1 order by c.id limit 500`,
      [after],
    )
    for (const row of rows) yield writeRow(COLUMNS.map((column) => row[column] ?? ''))
    if (rows.length < 500) return
    after = rows.at(-1)!.id!
  }
}

/** Everybody's data in one file: for admins, and never without a line in the log. */
async function exportContacts(context: SignedIn): Promise<Reply> {
  await change(context, (_tx, record) => record({ action: 'exported', entity: 'contact', id: null }))
  return {
    status: 200,
    stream: Readable.from(exportRows(context.app.database)),
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="contacts.csv"',
    },
  }
}

type Contact = { line: number; values: Record<string, unknown>; organisation: string }

function parseRows(rows: readonly CsvRow[]): { contacts: Contact[]; errors: FieldError[] } {
  const [head, ...body] = rows
  const columns = (head?.cells ?? []).map(columnOf)
  if (!columns.includes('givenName')) {
    throw new Problem(422, 'The first line must name the columns, and one of them must be “Given name”.')
  }
  if (body.length > MAX_ROWS) throw new Problem(413, `More than ${MAX_ROWS} rows. Import them in parts.`)
  const contacts: Contact[] = []
  const errors: FieldError[] = []
  for (const { line, cells } of body) {
    const named = columns.flatMap((column, i) => (column ? [[column, cells[i] ?? ''] as const] : []))
    const { organisation = '', ...values } = Object.fromEntries(named) as Partial<Record<Column, string>>
    const result = contactFields.safeParse(values)
    if (result.success && organisation.length <= 200) {
      contacts.push({ line, values: result.data, organisation: organisation.trim() })
    } else {
      const issues = result.success
        ? [{ path: ['organisation'], message: 'At most 200 characters.' }]
        : result.error.issues
      for (const issue of issues) {
        errors.push({
          field: `line ${line}`,
          message: `${HEADINGS[issue.path[0] as Column]}: ${issue.message}`,
        })
      }
    }
  }
  return { contacts, errors }
}

/** All or nothing. Who is here already, by e-mail address, is left as they are. */
async function importContacts(context: SignedIn): Promise<Reply> {
  const text = await readText(context.request, ['text/csv'], 2 * MIB)
  const { contacts, errors } = parseRows(readRows(text))
  if (errors.length > 0) {
    throw new Problem(422, `Nothing was imported: ${errors.length} cells need mending.`, errors.slice(0, 50))
  }
  const dryRun = context.query.get('dryRun') === 'true'
  const plan = async (tx: Queryable) => {
    const emails = contacts.map(({ values }) => String(values.email ?? '').toLowerCase()).filter(Boolean)
    const rows = await tx.query<{ email: string }>(
      'select lower(email) as email from contacts where lower(email) = any ($1)',
      [emails],
    )
    const known = new Set(rows.map((row) => row.email))
    return contacts.filter(({ values }) => {
      const email = String(values.email ?? '').toLowerCase()
      const fresh = !email || !known.has(email)
      known.add(email)
      return fresh
    })
  }
  if (dryRun) {
    const fresh = await plan(context.app.database)
    return ok({
      rows: contacts.length,
      created: fresh.length,
      skipped: contacts.length - fresh.length,
      dryRun,
    })
  }
  const made = await change(context, async (tx, record) => {
    const fresh = await plan(tx)
    const organisations = await organisationIds(tx, fresh, context.user.id)
    for (const { values, organisation } of fresh) {
      await tx.query(
        `insert into contacts (given_name, family_name, title, email, phone, personal_number, organisation_id, owner_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          values.givenName,
          values.familyName ?? '',
          values.title,
          values.email,
          values.phone,
          values.personalNumber,
          organisations.get(organisation.toLowerCase()) ?? null,
          context.user.id,
        ],
      )
    }
    await record({ action: 'imported', entity: 'contact', id: null })
    return fresh.length
  })
  return ok({ rows: contacts.length, created: made, skipped: contacts.length - made, dryRun })
}

function readRows(text: string): CsvRow[] {
  try {
    return readCsv(text)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Problem(422, `Line ${error.line}: ${error.message}`)
  }
}

async function organisationIds(
  tx: Queryable,
  contacts: readonly Contact[],
  ownerId: string,
): Promise<Map<string, string>> {
  const names = new Map(
    contacts.filter((c) => c.organisation).map((c) => [c.organisation.toLowerCase(), c.organisation]),
  )
  const ids = new Map<string, string>()
  for (const [key, name] of names) {
    const [found] = await tx.query<{ id: string }>(
      'select id from organisations where lower(name) = $1 limit 1',
      [key],
    )
    const [made] = found
      ? [found]
      : await tx.query<{ id: string }>(
          'insert into organisations (name, owner_id) values ($1, $2) returning id',
          [name, ownerId],
        )
    ids.set(key, made!.id)
  }
  return ids
}

// Before the routes of single contacts: `export` is not an id.
export const contactCsvRoutes = [
  route('admin', 'GET', '/api/contacts/export', exportContacts),
  route('member', 'POST', '/api/contacts/import', importContacts),
]
