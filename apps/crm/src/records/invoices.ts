import * as z from 'zod'
import type { Queryable, Row } from '../database.ts'
import { notFound, Problem } from '../http/problem.ts'
import { created, ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from './change.ts'
import { currency, date, id, MAX_MINOR, optionalDate, optionalId, optionalText, text } from './fields.ts'
import { invoiceTotals, type Line, lineNet } from './invoice-totals.ts'
import { byColumn, deleteRecord, listRecords, type Resource, readBody, recordId } from './resource.ts'
import { camelRow, insertSql, updateSql } from './sql.ts'

const whole = (value: number) => Math.abs(value - Math.round(value)) < 1e-6

const line = z.strictObject({
  description: text(500),
  quantity: z
    .number('A number.')
    .min(-1_000_000, 'Too small.')
    .max(1_000_000, 'Too large.')
    .refine((value) => whole(value * 1000), 'At most three decimals.'),
  unitMinor: z
    .int('A whole number of öre or cents.')
    .min(-MAX_MINOR, 'Too small.')
    .max(MAX_MINOR, 'Too large.'),
  vatRate: z
    .number('A percentage.')
    .min(0, 'From 0 to 100 percent.')
    .max(100, 'From 0 to 100 percent.')
    .refine((value) => whole(value * 100), 'At most two decimals.'),
})

const fields = z.strictObject({
  organisationId: id,
  dealId: optionalId,
  currency: currency.optional(),
  reference: optionalText(200),
  note: optionalText(2_000),
  dueOn: optionalDate,
  lines: z.array(line, 'A list of lines.').max(200, 'At most 200 lines.').optional(),
})

export const invoices: Resource = {
  entity: 'invoice',
  table: 'invoices',
  path: 'invoices',
  select: `select r.*, coalesce(r.customer->>'name', o.name) as organisation_name, d.title as deal_title,
      u.name as owner_name, coalesce(r.status = 'sent' and r.due_on < current_date, false) as overdue
    from invoices r join organisations o on o.id = r.organisation_id
      left join deals d on d.id = r.deal_id left join users u on u.id = r.owner_id`,
  searched: `concat_ws(' ', r.number, r.reference, o.name)`,
  sorts: { number: 'r.number', dueOn: 'r.due_on', total: 'r.total_minor', createdAt: 'r.created_at' },
  defaultSort: '-createdAt',
  filters: {
    ...byColumn('organisationId', z.uuid()),
    ...byColumn('dealId', z.uuid()),
    ...byColumn('status', z.enum(['draft', 'sent', 'paid'])),
  },
  fields,
  async beforeDelete(tx, invoiceId) {
    await lockDraft(tx, invoiceId, 'A sent invoice is bookkeeping and stays. Send a credit instead.')
  },
}

export type InvoiceLine = z.infer<typeof line>

type StoredLine = Line & { description: string }

const toStored = (input: z.infer<typeof line>): StoredLine => ({
  description: input.description,
  quantityMilli: Math.round(input.quantity * 1000),
  unitMinor: input.unitMinor,
  vatBasisPoints: Math.round(input.vatRate * 100),
})

export async function readInvoice(db: Queryable, invoiceId: string): Promise<Row> {
  const [row] = await db.query(`${invoices.select} where r.id = $1`, [invoiceId])
  if (!row) throw notFound()
  const rows = await db.query('select * from invoice_lines where invoice_id = $1 order by position', [
    invoiceId,
  ])
  const lines = rows.map((found) => camelRow<StoredLine>(found))
  return {
    ...camelRow(row),
    lines: lines.map((stored) => ({
      description: stored.description,
      quantity: stored.quantityMilli / 1000,
      unitMinor: stored.unitMinor,
      vatRate: stored.vatBasisPoints / 100,
      netMinor: lineNet(stored),
    })),
    vatGroups: invoiceTotals(lines).groups.map(({ vatBasisPoints, ...group }) => ({
      vatRate: vatBasisPoints / 100,
      ...group,
    })),
  }
}

async function lockDraft(tx: Queryable, invoiceId: string, otherwise: string): Promise<void> {
  const [row] = await tx.query<{ status: string }>('select status from invoices where id = $1 for update', [
    invoiceId,
  ])
  if (!row) throw notFound()
  if (row.status !== 'draft') throw new Problem(409, otherwise)
}

export async function writeLines(tx: Queryable, invoiceId: string, input: InvoiceLine[]): Promise<void> {
  const lines = input.map(toStored)
  const totals = invoiceTotals(lines)
  if (Math.abs(totals.netMinor) > MAX_MINOR || lines.some((l) => Math.abs(lineNet(l)) > MAX_MINOR)) {
    throw new Problem(422, 'Check lines.', [
      { field: 'lines', message: 'The total is larger than this system counts.' },
    ])
  }
  await tx.query('delete from invoice_lines where invoice_id = $1', [invoiceId])
  await tx.query(
    `insert into invoice_lines (invoice_id, position, description, quantity_milli, unit_minor, vat_basis_points)
     select $1, row_number() over (), * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::int[])`,
    [
      invoiceId,
      lines.map((l) => l.description),
      lines.map((l) => l.quantityMilli),
      lines.map((l) => l.unitMinor),
      lines.map((l) => l.vatBasisPoints),
    ],
  )
  await tx.query('update invoices set net_minor = $2, vat_minor = $3, total_minor = $4 where id = $1', [
    invoiceId,
    totals.netMinor,
    totals.vatMinor,
    totals.totalMinor,
  ])
}

async function createInvoice(context: SignedIn): Promise<Reply> {
  const { lines, ...input } = await readBody(context, fields)
  const record = await change(context, async (tx, record) => {
    const [settings] = await tx.query('select currency from settings')
    const row = { ownerId: context.user.id, ...input, currency: input.currency ?? settings!.currency }
    const { sql, values } = insertSql('invoices', row)
    const invoiceId = String((await tx.query(sql, values))[0]!.id)
    await writeLines(tx, invoiceId, lines ?? [])
    await record({ action: 'created', entity: 'invoice', id: invoiceId })
    return readInvoice(tx, invoiceId)
  })
  return { ...created(record), headers: { location: `/api/invoices/${record.id}` } }
}

async function updateInvoice(context: SignedIn): Promise<Reply> {
  const invoiceId = recordId(context)
  const { lines, ...input } = await readBody(context, fields.partial())
  const names = Object.keys({ ...input, ...(lines && { lines }) })
  const record = await change(context, async (tx, record) => {
    await lockDraft(tx, invoiceId, 'This invoice was sent and can no longer be changed.')
    const { sql, values } = updateSql('invoices', invoiceId, input)
    await tx.query(sql, values)
    if (lines) await writeLines(tx, invoiceId, lines)
    if (names.length > 0) await record({ action: 'updated', entity: 'invoice', id: invoiceId, fields: names })
    return readInvoice(tx, invoiceId)
  })
  return ok(record)
}

const sendBody = z.strictObject({ issuedOn: date.optional() })

/** Draws the number, fixes the dates and keeps both parties as they are today. */
export async function markSent(tx: Queryable, invoiceId: string, issuedOn: string | null): Promise<void> {
  const [drawn] = await tx.query<{ year: number; last: number }>(
    `insert into invoice_counters (year, last)
     values (extract(year from coalesce($1::date, current_date))::int, 1)
     on conflict (year) do update set last = invoice_counters.last + 1 returning year, last`,
    [issuedOn],
  )
  const number = `${drawn!.year}-${String(drawn!.last).padStart(4, '0')}`
  const address = (alias: string) =>
    `jsonb_build_object('orgNumber', ${alias}.org_number, 'vatNumber', ${alias}.vat_number,
       'street', ${alias}.street, 'postalCode', ${alias}.postal_code, 'city', ${alias}.city, 'country', ${alias}.country)`
  await tx.query(
    `update invoices i set status = 'sent', number = $2, issued_on = coalesce($3::date, current_date),
       due_on = greatest(coalesce(i.due_on, coalesce($3::date, current_date) + s.payment_days),
                         coalesce($3::date, current_date)),
       customer = jsonb_build_object('name', o.name) || ${address('o')},
       seller = jsonb_build_object('name', s.company_name, 'iban', s.iban, 'email', s.email) || ${address('s')},
       updated_at = now()
     from organisations o, settings s where i.id = $1 and o.id = i.organisation_id`,
    [invoiceId, number, issuedOn],
  )
}

async function sendInvoice(context: SignedIn): Promise<Reply> {
  const invoiceId = recordId(context)
  const { issuedOn } = await readBody(context, sendBody)
  const record = await change(context, async (tx, record) => {
    await lockDraft(tx, invoiceId, 'This invoice was sent already.')
    const lines = await tx.query('select from invoice_lines where invoice_id = $1', [invoiceId])
    if (lines.length === 0) {
      throw new Problem(422, 'Check lines.', [
        { field: 'lines', message: 'Add at least one line before sending.' },
      ])
    }
    await markSent(tx, invoiceId, issuedOn ?? null)
    await record({ action: 'sent', entity: 'invoice', id: invoiceId })
    return readInvoice(tx, invoiceId)
  })
  return ok(record)
}

const payBody = z.strictObject({ paidOn: date.nullable().optional() })

/** `paidOn: null` takes it back, for payments booked on the wrong invoice. */
async function payInvoice(context: SignedIn): Promise<Reply> {
  const invoiceId = recordId(context)
  const { paidOn } = await readBody(context, payBody)
  const record = await change(context, async (tx, record) => {
    const from = paidOn === null ? 'paid' : 'sent'
    const rows = await tx.query(
      `update invoices set status = $2, paid_on = ${paidOn === null ? 'null' : 'coalesce($4::date, current_date)'},
         updated_at = now()
       where id = $1 and status = $3 ${paidOn === null ? 'and $4::date is null' : ''} returning id`,
      [invoiceId, paidOn === null ? 'sent' : 'paid', from, paidOn ?? null],
    )
    if (rows.length === 0) {
      await readInvoice(tx, invoiceId)
      throw new Problem(409, `Only a ${from} invoice can be marked so.`)
    }
    await record({ action: 'paid', entity: 'invoice', id: invoiceId, fields: ['status'] })
    return readInvoice(tx, invoiceId)
  })
  return ok(record)
}

export const invoiceRoutes = [
  route('member', 'GET', '/api/invoices', (context) => listRecords(context, invoices)),
  route('member', 'POST', '/api/invoices', createInvoice),
  route('member', 'GET', '/api/invoices/:id', async (context) =>
    ok(await readInvoice(context.app.database, recordId(context))),
  ),
  route('member', 'PATCH', '/api/invoices/:id', updateInvoice),
  route('member', 'DELETE', '/api/invoices/:id', (context) => deleteRecord(context, invoices)),
  route('member', 'POST', '/api/invoices/:id/send', sendInvoice),
  route('member', 'POST', '/api/invoices/:id/pay', payInvoice),
]
