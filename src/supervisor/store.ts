import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import pg from 'pg'

const iterations = 4096
const planeRoles = ['borgen_owner', 'borgen_server', 'borgen_worker', 'borgen_prover'] as const

/**
 * Brings the plane's roles and database into being as a superuser (or one who may create both), repeatably: each role
 * can log in with its password and owns nothing it should not; `borgen_owner` owns the database `borgen`.
 */
export async function prepareRoles(superuserUrl: string, passwords: Record<string, string>): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const known = await readVerifiers(client)
    for (const role of planeRoles) {
      const password = passwords[role]
      if (password === undefined) throw new Error(`There is no password for the role ${role}.`)
      if (known.has(role) && matches(known.get(role) ?? '', password)) continue
      const verb = known.has(role) ? 'alter' : 'create'
      // Only the verifier goes over: the password stands in no statement that PostgreSQL could log.
      await client.query(
        `${verb} role ${role} login nosuperuser nocreatedb nocreaterole password '${scramOf(password)}'`,
      )
    }
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'borgen'`)
    if (rowCount === 0) {
      await client.query(`create database borgen owner borgen_owner`)
      await client.query(`revoke all on database borgen from public`)
      await client.query(`grant connect on database borgen to borgen_server, borgen_worker, borgen_prover`)
    }
  } finally {
    await client.end()
  }
}

async function readVerifiers(client: pg.Client): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname like 'borgen\\_%'`,
  )
  const found = new Map<string, string | null>(rows.map(({ rolname }) => [rolname, null]))
  try {
    const verifiers = await client.query<{ rolname: string; rolpassword: string | null }>(
      `select rolname, rolpassword from pg_authid where rolname like 'borgen\\_%'`,
    )
    for (const { rolname, rolpassword } of verifiers.rows) found.set(rolname, rolpassword)
  } catch (error) {
    // Of an outside PostgreSQL we may not be superuser; then passwords are set again each time.
    if (!(error instanceof pg.DatabaseError && error.code === '42501')) throw error
  }
  return found
}

/** The SCRAM-SHA-256 verifier of a password (RFC 5803), as PostgreSQL stores it. The password must be ASCII. */
export function scramOf(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}

function matches(verifier: string, password: string): boolean {
  const salt = /^SCRAM-SHA-256\$4096:([A-Za-z0-9+/=]+)\$/.exec(verifier)?.[1]
  if (salt === undefined) return false
  const expected = Buffer.from(scramOf(password, Buffer.from(salt, 'base64')))
  const found = Buffer.from(verifier)
  return found.length === expected.length && timingSafeEqual(found, expected)
}
