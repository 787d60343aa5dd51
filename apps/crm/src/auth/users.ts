import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type Queryable, type Row, sqlState } from '../database.ts'
import { notFound, Problem } from '../http/problem.ts'
import { type Context, created, ok, publicRoute, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from '../records/change.ts'
import { email, password, text } from '../records/fields.ts'
import { readBody, recordId } from '../records/resource.ts'
import { camelRow } from '../records/sql.ts'
import { hashPassword } from './password.ts'
import { signedInReply } from './routes.ts'
import { closeSessions, hashToken } from './session.ts'

const INVITE_DAYS = 7

const SELECT = `select id, name, email, role, created_at,
    case when disabled_at is not null then 'disabled' when password_hash is null then 'invited' else 'active' end as state
  from users`

async function readUser(db: Queryable, id: string): Promise<Row> {
  const [row] = await db.query(`${SELECT} where id = $1`, [id])
  if (!row) throw notFound()
  return camelRow(row)
}

async function listUsers(context: SignedIn): Promise<Reply> {
  const rows = await context.app.database.query(`${SELECT} order by lower(name)`)
  return ok({ items: rows.map((row) => camelRow(row)), total: rows.length })
}

const role = z.enum(['admin', 'member'], 'One of admin, member.')
const createBody = z.strictObject({ name: text(100), email, role, password: password.optional() })

/** There is no mail server: whoever invites hands the link over. It is shown once; the database keeps its hash. */
async function setInvite(tx: Queryable, id: string): Promise<string> {
  const token = randomBytes(24).toString('base64url')
  await tx.query(
    `update users set invite_hash = $2, invite_expires_at = now() + make_interval(days => $3), updated_at = now()
     where id = $1`,
    [id, hashToken(token), INVITE_DAYS],
  )
  return token
}

const withInvite = (user: Row, token: string | null): Row =>
  token ? { ...user, inviteToken: token, invitePath: `/app/invite/${token}`, inviteDays: INVITE_DAYS } : user

const UNIQUE = '23505'

async function createUser(context: SignedIn): Promise<Reply> {
  const input = await readBody(context, createBody)
  const hash = input.password ? await hashPassword(input.password) : null
  try {
    const user = await change(context, async (tx, record) => {
      const [row] = await tx.query<{ id: string }>(
        'insert into users (name, email, role, password_hash) values ($1, lower($2), $3, $4) returning id',
        [input.name, input.email, input.role, hash],
      )
      const token = hash ? null : await setInvite(tx, row!.id)
      await record({ action: 'created', entity: 'user', id: row!.id, fields: ['role'] })
      return withInvite(await readUser(tx, row!.id), token)
    })
    return created(user)
  } catch (error) {
    if (sqlState(error) !== UNIQUE) throw error
    const message = 'Somebody here has this e-mail address already.'
    throw new Problem(422, 'Check email.', [{ field: 'email', message }])
  }
}

async function inviteAgain(context: SignedIn): Promise<Reply> {
  const id = recordId(context)
  const user = await change(context, async (tx, record) => {
    const found = await readUser(tx, id)
    if (found.state === 'disabled')
      throw new Problem(409, 'This person is switched off. Switch them on first.')
    const token = await setInvite(tx, id)
    await record({ action: 'updated', entity: 'user', id, fields: ['invite'] })
    return withInvite(found, token)
  })
  return ok(user)
}

const updateBody = z.strictObject({
  name: text(100).optional(),
  role: role.optional(),
  disabled: z.boolean('true or false.').optional(),
})

async function updateUser(context: SignedIn): Promise<Reply> {
  const id = recordId(context)
  const input = await readBody(context, updateBody)
  const user = await change(context, async (tx, record) => {
    // One lock for all changes of admins: two of them must not switch each other off at the same moment.
    await tx.query('select from settings for update')
    await readUser(tx, id)
    await tx.query(
      `update users set name = coalesce($2, name), role = coalesce($3, role), updated_at = now(),
         disabled_at = case $4::boolean when true then coalesce(disabled_at, now()) when false then null else disabled_at end
       where id = $1`,
      [id, input.name ?? null, input.role ?? null, input.disabled ?? null],
    )
    const [left] = await tx.query<{ admins: number }>(
      `select count(*) as admins from users
       where role = 'admin' and disabled_at is null and password_hash is not null`,
    )
    if (left!.admins === 0)
      throw new Problem(409, 'Somebody must remain administrator. Make another one first.')
    if (input.disabled) await closeSessions(tx, id)
    await record({ action: 'updated', entity: 'user', id, fields: Object.keys(input) })
    return readUser(tx, id)
  })
  return ok(user)
}

const acceptBody = z.strictObject({ token: text(100), name: text(100).optional(), password })

/** Also how a forgotten password is replaced: an admin makes a new link. */
async function acceptInvite(context: Context): Promise<Reply> {
  const input = await readBody(context, acceptBody)
  const hash = await hashPassword(input.password)
  const { database, log } = context.app
  const id = await database.transaction(async (tx) => {
    const [user] = await tx.query<{ id: string }>(
      `update users set password_hash = $2, name = coalesce($3, name), invite_hash = null, invite_expires_at = null,
         updated_at = now()
       where invite_hash = $1 and invite_expires_at > now() and disabled_at is null returning id`,
      [hashToken(input.token), hash, input.name ?? null],
    )
    if (!user)
      throw new Problem(422, 'This invitation was used, has lapsed or never was. Ask for a new link.')
    await closeSessions(tx, user.id)
    return user.id
  })
  log.audit('user.accepted', { actor: id, id, request: context.requestId })
  return signedInReply(context, id)
}

export const userRoutes = [
  route('member', 'GET', '/api/users', listUsers),
  route('admin', 'POST', '/api/users', createUser),
  route('admin', 'PATCH', '/api/users/:id', updateUser),
  route('admin', 'POST', '/api/users/:id/invite', inviteAgain),
  publicRoute('POST', '/api/accept-invite', acceptInvite),
]
