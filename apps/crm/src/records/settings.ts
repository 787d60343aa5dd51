import * as z from 'zod'
import type { Queryable, Row } from '../database.ts'
import { ok, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from './change.ts'
import { country, currency, optionalEmail, optionalText, text } from './fields.ts'
import { readBody } from './resource.ts'
import { camelRow, snakeCase } from './sql.ts'

const body = z
  .strictObject({
    companyName: text(200),
    orgNumber: optionalText(40),
    vatNumber: optionalText(40),
    street: optionalText(200),
    postalCode: optionalText(20),
    city: optionalText(100),
    country,
    iban: optionalText(42),
    email: optionalEmail,
    currency,
    paymentDays: z.int('A whole number of days.').min(0, 'From 0 to 365.').max(365, 'From 0 to 365.'),
  })
  .partial()

async function readSettings(db: Queryable): Promise<Row> {
  const [row] = await db.query('select * from settings')
  const { one: _, demoSeededAt: __, ...settings } = camelRow(row!)
  return settings
}

async function updateSettings(context: SignedIn): Promise<Reply> {
  const input: Row = await readBody(context, body)
  const names = Object.keys(input).filter((name) => input[name] !== undefined)
  const settings = await change(context, async (tx, record) => {
    const sets = names.map((name, i) => `${snakeCase(name)} = $${i + 1}, `).join('')
    await tx.query(
      `update settings set ${sets}updated_at = now()`,
      names.map((name) => input[name]),
    )
    await record({ action: 'updated', entity: 'settings', id: null, fields: names })
    return readSettings(tx)
  })
  return ok(settings)
}

export const settingsRoutes = [
  route('member', 'GET', '/api/settings', async (context) => ok(await readSettings(context.app.database))),
  route('admin', 'PATCH', '/api/settings', updateSettings),
]
