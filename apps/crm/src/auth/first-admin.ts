import type { Database } from '../database.ts'
import { hashPassword } from './password.ts'

/** Creates the first admin exactly once, however many ask at the same time; null when there is one already. */
export async function createFirstAdmin(
  database: Database,
  admin: { email: string; password: string; name: string },
): Promise<string | null> {
  const hash = await hashPassword(admin.password)
  return database.transaction(async (tx) => {
    await tx.query('select from settings for update')
    const rows = await tx.query<{ id: string }>(
      `insert into users (email, name, role, password_hash)
       select lower($1), $2, 'admin', $3
       where not exists (select from users where password_hash is not null)
       on conflict (email) do update set role = 'admin', password_hash = excluded.password_hash
       returning id`,
      [admin.email, admin.name, hash],
    )
    return rows[0]?.id ?? null
  })
}
