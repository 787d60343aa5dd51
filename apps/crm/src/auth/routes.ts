import * as z from 'zod'
import { clientAddress, cookie } from '../http/headers.ts'
import { Problem } from '../http/problem.ts'
import { type Context, noContent, ok, publicRoute, type Reply, route, type SignedIn } from '../http/route.ts'
import { change } from '../records/change.ts'
import { email, password, text } from '../records/fields.ts'
import { readBody } from '../records/resource.ts'
import { createFirstAdmin } from './first-admin.ts'
import { checkPassword, hashPassword } from './password.ts'
import { forgetFailures, type Key, recordFailure, refuseIfLimited } from './rate-limit.ts'
import { closeSession, closeSessions, findSession, openSession, SESSION_DAYS } from './session.ts'
import { sameSetupCode } from './setup-code.ts'

const signInBody = z.strictObject({ email, password: z.string().min(1, 'Fill this in.').max(200) })

type Account = { id: string; password_hash: string | null; disabled_at: Date | null }

async function signIn(context: Context): Promise<Reply> {
  const input = await readBody(context, signInBody)
  const { database, log, config } = context.app
  const address = input.email.toLowerCase()
  const account: Key = { kind: 'account', value: address }
  const keys: Key[] = [account, { kind: 'address', value: clientAddress(config, context.request) }]
  await refuseIfLimited(database, keys)

  const [user] = await database.query<Account>(
    'select id, password_hash, disabled_at from users where email = $1',
    [address],
  )
  const right = await checkPassword(input.password, user?.password_hash ?? null)
  if (!user || !right || user.disabled_at) {
    await recordFailure(database, keys)
    log.audit('sign-in.refused', { actor: user?.id ?? null, request: context.requestId })
    throw new Problem(401, 'E-mail and password do not belong together.', [
      { field: 'password', message: 'E-mail and password do not belong together.' },
    ])
  }
  await forgetFailures(database, account)
  return signedInReply(context, user.id)
}

export async function signedInReply(context: Context, userId: string): Promise<Reply> {
  const { database, log } = context.app
  const token = await openSession(database, userId, context.request.headers['user-agent'] ?? '')
  log.audit('sign-in.done', { actor: userId, request: context.requestId })
  return {
    status: 200,
    body: { token, user: await findSession(database, token) },
    headers: { 'set-cookie': cookie(token, context.secure, SESSION_DAYS * 86_400) },
  }
}

async function signOut(context: SignedIn): Promise<Reply> {
  if (context.token) await closeSession(context.app.database, context.token)
  context.app.log.audit('sign-out.done', { actor: context.user.id, request: context.requestId })
  return { ...noContent(), headers: { 'set-cookie': cookie('', context.secure, 0) } }
}

async function me(context: Context): Promise<Reply> {
  const { database, readiness } = context.app
  const user = context.token ? await findSession(database, context.token) : null
  const [company] = await database.query('select company_name as "name", currency, country from settings')
  // The company's name is part of the sign-in page, so that people see whose system they are about to enter.
  return ok({ user, company, firstRun: readiness.isFirstRun() })
}

const meBody = z.strictObject({
  name: text(100).optional(),
  password: password.optional(),
  currentPassword: z.string().max(200).optional(),
})

async function updateMe(context: SignedIn): Promise<Reply> {
  const input = await readBody(context, meBody)
  const { database } = context.app
  const fields = Object.keys(input).filter((name) => name !== 'currentPassword')
  let hash: string | null = null
  if (input.password !== undefined) {
    const keys: Key[] = [{ kind: 'account', value: context.user.email }]
    await refuseIfLimited(database, keys)
    const [row] = await database.query<Account>('select password_hash from users where id = $1', [
      context.user.id,
    ])
    if (!(await checkPassword(input.currentPassword ?? '', row?.password_hash ?? null))) {
      await recordFailure(database, keys)
      throw new Problem(422, 'Check currentPassword.', [
        { field: 'currentPassword', message: 'This is not your present password.' },
      ])
    }
    hash = await hashPassword(input.password)
  }
  await change(context, async (tx, record) => {
    await tx.query(
      `update users set name = coalesce($2, name), password_hash = coalesce($3, password_hash), updated_at = now()
       where id = $1`,
      [context.user.id, input.name ?? null, hash],
    )
    // A new password ends whatever somebody else had open.
    if (hash) await closeSessions(tx, context.user.id, context.token ?? undefined)
    await record({ action: 'updated', entity: 'user', id: context.user.id, fields })
  })
  return ok({ ...context.user, name: input.name ?? context.user.name })
}

const setupBody = z.strictObject({ code: text(40), name: text(100), email, password })

async function setup(context: Context): Promise<Reply> {
  const { app } = context
  const closed = () => new Problem(409, 'This CRM has an administrator already. Sign in instead.')
  if (!app.setupCode) throw closed()
  const input = await readBody(context, setupBody)
  const keys: Key[] = [{ kind: 'account', value: 'setup' }]
  await refuseIfLimited(app.database, keys)
  if (!sameSetupCode(app.setupCode, input.code)) {
    await recordFailure(app.database, keys)
    const message = 'Not the code that was printed when this CRM started.'
    throw new Problem(422, 'Check code.', [{ field: 'code', message }])
  }
  const id = await createFirstAdmin(app.database, input)
  app.setupCode = null
  app.readiness.finishFirstRun()
  if (!id) throw closed()
  app.log.audit('user.first', { actor: id, id, request: context.requestId })
  return { ...(await signedInReply(context, id)), status: 201 }
}

async function signOutEverywhere(context: SignedIn): Promise<Reply> {
  await closeSessions(context.app.database, context.user.id, context.token ?? undefined)
  context.app.log.audit('sign-out.everywhere', { actor: context.user.id, request: context.requestId })
  return noContent()
}

export const authRoutes = [
  publicRoute('POST', '/api/sign-in', signIn),
  publicRoute('POST', '/api/setup', setup),
  publicRoute('GET', '/api/me', me),
  route('member', 'PATCH', '/api/me', updateMe),
  route('member', 'POST', '/api/sign-out', signOut),
  route('member', 'POST', '/api/sign-out-everywhere', signOutEverywhere),
]
