import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Database, Queryable, Row } from '../database.ts'
import { removeFile, storeFile } from '../files.ts'
import { markSent, writeLines } from '../records/invoices.ts'
import { insertSql, snakeCase, updateSql } from '../records/sql.ts'
import type { DemoData } from './demo-data.ts'
import { harbour } from './harbour.ts'
import { nordwind } from './nordwind.ts'

const VARIANTS = { nordwind, harbour }

/** Into an empty CRM, once in the life of the database; false when it was done before or somebody has begun to work. */
export async function seedDemo(
  database: Database,
  variant: keyof typeof VARIANTS,
  filesDir: string,
): Promise<boolean> {
  const files: string[] = []
  try {
    return await database.transaction(async (tx) => {
      const [settings] = await tx.query<{ used: boolean; named: boolean }>(
        `select demo_seeded_at is not null
                  or exists (select from organisations) or exists (select from contacts)
                  or exists (select from deals) or exists (select from invoices) as used,
                company_name <> 'Our company' as named
         from settings for update`,
      )
      if (settings!.used) return false
      const { companyName, ...others } = VARIANTS[variant].settings
      const own = settings!.named ? others : { ...others, companyName: companyName! }
      await plant(tx, { ...VARIANTS[variant], settings: own }, filesDir, files)
      await tx.query('update settings set demo_seeded_at = now()')
      return true
    })
  } catch (error) {
    for (const file of files) await removeFile(filesDir, file)
    throw error
  }
}

async function insert(tx: Queryable, table: string, row: Row): Promise<string> {
  const { sql, values } = insertSql(table, row)
  return String((await tx.query(sql, values))[0]!.id)
}

async function plant(tx: Queryable, data: DemoData, filesDir: string, files: string[]): Promise<void> {
  const [clock] = await tx.query<{ today: string }>('select current_date as today')
  const day = (offset: number): string => {
    const date = new Date(`${clock!.today}T00:00:00Z`)
    date.setUTCDate(date.getUTCDate() + offset)
    return date.toISOString().slice(0, 10)
  }
  const names = Object.keys(data.settings)
  const sets = names.map((name, i) => `${snakeCase(name)} = $${i + 1}`).join(', ')
  await tx.query(
    `update settings set ${sets}`,
    names.map((name) => data.settings[name]),
  )

  const users: string[] = []
  for (const user of data.users) users.push(await insert(tx, 'users', user))
  let turn = 0
  const owner = () => users[turn++ % users.length]!
  const record = async (entity: string, id: string, ownerId: string, daysAgo: number, action = 'created') =>
    tx.query(
      `insert into history (at, actor_id, action, entity, entity_id) values (now() - make_interval(days => $1), $2, $3, $4, $5)`,
      [daysAgo, ownerId, action, entity, id],
    )
  const aged = (ownerId: string, daysAgo: number) => {
    const at = new Date(`${day(-daysAgo)}T09:${String(10 + (turn % 45)).padStart(2, '0')}:00Z`)
    return { ownerId, createdAt: at, updatedAt: at }
  }

  const organisations = new Map<string, string>()
  for (const [
    i,
    [name, industry, website, orgNumber, street, postalCode, city, country],
  ] of data.organisations.entries()) {
    const by = owner()
    const row = {
      name,
      industry,
      website,
      orgNumber,
      street,
      postalCode,
      city,
      country,
      ...aged(by, 200 - i * 9),
    }
    organisations.set(name, await insert(tx, 'organisations', row))
  }
  const contacts = new Map<string, string>()
  for (const [i, contact] of data.contacts.entries()) {
    const [givenName, familyName, title, organisation, email, phone, personalNumber] = contact
    const organisationId = organisations.get(organisation)
    const row = {
      givenName,
      familyName,
      title,
      organisationId,
      email,
      phone,
      personalNumber,
      ...aged(owner(), 150 - i * 7),
    }
    contacts.set(familyName, await insert(tx, 'contacts', row))
  }
  for (const [i, [title, organisation, contact, stage, amount, currency, expected]] of data.deals.entries()) {
    const by = owner()
    const closedAt = stage === 'won' || stage === 'lost' ? new Date(`${day(expected)}T14:00:00Z`) : null
    const id = await insert(tx, 'deals', {
      title,
      stage,
      currency,
      closedAt,
      amountMinor: amount * 100,
      position: i + 1,
      expectedOn: day(expected),
      organisationId: organisations.get(organisation),
      contactId: contacts.get(contact),
      ...aged(by, 60 - i * 3),
    })
    await record('deal', id, by, Math.max(1, 20 - i), closedAt ? 'moved' : 'created')
  }
  for (const [kind, subject, due, done, about] of data.activities) {
    const doneAt = done ? new Date(`${day(due)}T15:30:00Z`) : null
    const organisationId = organisations.get(about)
    await insert(tx, 'activities', {
      kind,
      subject,
      dueOn: day(due),
      doneAt,
      organisationId,
      ...aged(owner(), 30),
    })
  }
  for (const [i, [body, about]] of data.notes.entries()) {
    const by = owner()
    const id = await insert(tx, 'notes', {
      body,
      organisationId: organisations.get(about),
      ...aged(by, 25 - i * 3),
    })
    await record('note', id, by, Math.max(1, 8 - i))
  }
  await plantInvoices(tx, data, organisations, day, owner)
  for (const [name, mediaType, content, about] of data.documents) {
    const id = randomUUID()
    files.push(id)
    const stored = await storeFile(filesDir, id, Readable.from([Buffer.from(content)]))
    const by = owner()
    await insert(tx, 'documents', {
      id,
      name,
      mediaType,
      ...stored,
      organisationId: organisations.get(about),
      ...aged(by, 4),
    })
    await record('document', id, by, 1)
  }
}

async function plantInvoices(
  tx: Queryable,
  data: DemoData,
  organisations: ReadonlyMap<string, string>,
  day: (offset: number) => string,
  owner: () => string,
): Promise<void> {
  for (const { organisation, currency, issued, paid, reference, lines } of data.invoices) {
    const organisationId = organisations.get(organisation)
    const id = await insert(tx, 'invoices', { organisationId, currency, reference, ownerId: owner() })
    const priced = lines.map(([description, quantity, unit, vatRate]) => ({
      description,
      quantity,
      unitMinor: Math.round(unit * 100),
      vatRate,
    }))
    await writeLines(tx, id, priced)
    if (issued !== null) await markSent(tx, id, day(issued))
    if (paid !== null) {
      const { sql, values } = updateSql('invoices', id, { status: 'paid', paidOn: day(paid) })
      await tx.query(sql, values)
    }
  }
}
