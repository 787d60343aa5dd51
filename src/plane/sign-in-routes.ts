import { readFileSync } from 'node:fs'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Authentication, SESSION_COOKIE } from '../access/authenticate.ts'
import {
  beginRegistration,
  beginSignIn,
  finishRegistration,
  finishSignIn,
  type PasskeySettings,
} from '../access/passkeys.ts'
import { openSession, signInWithLink } from '../access/sign-in.ts'
import { endSession, personById } from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { isoOf } from '../kernel/clock.ts'
import { AppError, isAppError } from '../kernel/errors.ts'
import { problemOf } from '../kernel/http.ts'
import { newId } from '../kernel/ids.ts'
import { linkPage, overviewPage, problemPage, signInPage } from './console-pages.ts'
import type { Html } from './html.ts'
import type { Status } from './status.ts'

const asset = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
const token = z.object({ token: z.string().regex(/^bgl_[A-Za-z0-9_-]{43}$/, 'a whole link') })
// what a browser's PublicKeyCredential.toJSON() gives; the library checks the rest
const credential = z
  .object({ id: z.string().max(1024), response: z.object({ clientDataJSON: z.string().max(4096) }).loose() })
  .loose()

export type ConsoleSettings = {
  /** As browsers send it: with the port where it is not 443. */
  consoleHost: string
  /** WebAuthn relying party: the host without its port. */
  rpId: string
  consoleOrigin: string
  authentication: Authentication
  readStatus(): Promise<Status>
  listForConsole(): Promise<Parameters<typeof overviewPage>[2]>
}

/** The console's own pages: signing in and out, passkeys, and one page that shows what runs. */
export function signInRoutes(context: RouteContext, settings: ConsoleSettings): void {
  const { app, changes } = context
  const { db, clock } = changes
  const { authentication, consoleOrigin } = settings
  const passkeys: PasskeySettings = { db, clock, origin: consoleOrigin, rpId: settings.rpId }
  const css = asset('console.css')
  const js = asset('console.js')

  const page = (reply: FastifyReply, body: Html, status = 200) =>
    reply
      .code(status)
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
      })
      .send(body.text)

  const record = async (type: string, person: string, data: Record<string, unknown> = {}) =>
    changes.append([
      {
        key: newId('evt'),
        stream: 'audit',
        subject: 'plane',
        region: 'plane',
        type,
        event: { person, at: isoOf(clock.now()), ...data },
      },
    ])

  const sameOrigin = (request: FastifyRequest) => {
    if (request.headers.origin !== consoleOrigin)
      throw new AppError('forbidden', 'This request did not come from the console itself.', {
        remedy: 'Open the console and repeat it there.',
      })
  }
  const withCookie = (reply: FastifyReply, session: string) =>
    reply.header(
      'set-cookie',
      `${SESSION_COOKIE}=${session}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200`,
    )
  const signedIn = async (request: FastifyRequest) => {
    const session = await authentication.sessionOf(request)
    if (!session) throw new AppError('unauthenticated', 'Nobody is signed in.', { remedy: 'Sign in first.' })
    return session
  }
  const onConsole = {
    constraints: { host: settings.consoleHost },
    config: { kind: 'public' as const },
    schema: { hide: true },
  }

  app.get('/console.css', onConsole, (_, reply) =>
    reply.type('text/css').header('cache-control', 'max-age=300').send(css),
  )
  app.get('/console.js', onConsole, (_, reply) =>
    reply.type('text/javascript').header('cache-control', 'max-age=300').send(js),
  )

  app.get('/', onConsole, async (request, reply) => {
    const session = await authentication.sessionOf(request)
    if (!session) return page(reply, signInPage())
    return page(
      reply,
      overviewPage(session.name, await settings.readStatus(), await settings.listForConsole()),
    )
  })

  app.get('/sign-in/:token', { ...onConsole, schema: { hide: true, params: token } }, (request, reply) =>
    page(reply, linkPage((request.params as { token: string }).token)),
  )

  app.post(
    '/sign-in/:token',
    { ...onConsole, schema: { hide: true, params: token } },
    async (request, reply) => {
      sameOrigin(request)
      try {
        await record('person.sign-in-attempted', 'unknown', { method: 'link' })
        const { person, session } = await signInWithLink(
          db,
          (request.params as { token: string }).token,
          clock,
        )
        await record('person.signed-in', person, { method: 'link' }).catch(() => {})
        return withCookie(reply, session).redirect('/', 303)
      } catch (error) {
        if (!isAppError(error)) throw error
        const problem = problemOf(error, request.id)
        return page(reply, problemPage(problem), problem.status)
      }
    },
  )

  app.post('/sign-out', onConsole, async (request, reply) => {
    sameOrigin(request)
    const session = await authentication.sessionOf(request)
    if (session) {
      await endSession(db, session.id, clock.now())
      await record('person.signed-out', session.person).catch(() => {})
    }
    reply.header('set-cookie', `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`)
    return reply.redirect('/', 303)
  })

  app.post('/sign-in/passkey/begin', onConsole, async (request) => {
    sameOrigin(request)
    return beginSignIn(passkeys)
  })

  app.post(
    '/sign-in/passkey',
    { ...onConsole, schema: { hide: true, body: credential } },
    async (request, reply) => {
      sameOrigin(request)
      await record('person.sign-in-attempted', 'unknown', { method: 'passkey' })
      const person = await finishSignIn(passkeys, request.body as AuthenticationResponseJSON)
      const session = await openSession(db, person, 'passkey', clock.now())
      await record('person.signed-in', person, { method: 'passkey' }).catch(() => {})
      return withCookie(reply, session).send({ signedIn: true })
    },
  )

  app.post('/passkeys/begin', onConsole, async (request) => {
    sameOrigin(request)
    const session = await signedIn(request)
    const person = (await personById(db, session.person))!
    return beginRegistration(passkeys, person)
  })

  app.post('/passkeys', { ...onConsole, schema: { hide: true, body: credential } }, async (request) => {
    sameOrigin(request)
    const session = await signedIn(request)
    await record('person.passkey-intended', session.person)
    await finishRegistration(
      passkeys,
      session.person,
      request.body as unknown as RegistrationResponseJSON,
      'This device',
    )
    await record('person.passkey-added', session.person).catch(() => {})
    return { added: true }
  })
}
