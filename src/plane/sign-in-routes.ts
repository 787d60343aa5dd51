import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
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
import { assetRoutes } from './assets.ts'
import { type ConsoleFiles, consoleFileRoutes } from './console-files.ts'
import { linkPage, missingPage, problemPage, unbuiltPage } from './console-pages.ts'
import { deviceOf } from './device.ts'
import type { Html } from './html.ts'
import { pageHeaders } from './page.ts'

const token = z.object({ token: z.string().regex(/^bgl_[A-Za-z0-9_-]{43}$/, 'a whole link') })
// what a browser's PublicKeyCredential.toJSON() gives; the library checks the rest
const credential = z
  .object({ id: z.string().max(1024), response: z.object({ clientDataJSON: z.string().max(4096) }).loose() })
  .loose()

/** A new passkey, and the touch of one that they have where that is asked for. */
const enrolment = z.strictObject({ credential, proof: credential.nullish() })

export type ConsoleSettings = {
  /** As browsers send it: with the port where it is not 443. */
  consoleHost: string
  /** WebAuthn relying party: the host without its port. */
  rpId: string
  consoleOrigin: string
  authentication: Authentication
  /** The built pages; without them there is only the way to sign in by a link. */
  files: ConsoleFiles | undefined
}

/** The console's own pages: signing in and out, passkeys, and one page that shows what runs. */
export function signInRoutes(context: RouteContext, settings: ConsoleSettings): void {
  const { app, changes } = context
  const { db, clock } = changes
  const { authentication, consoleOrigin } = settings
  const passkeys: PasskeySettings = { db, clock, origin: consoleOrigin, rpId: settings.rpId }

  const page = (reply: FastifyReply, body: Html, status = 200) =>
    reply.code(status).headers(pageHeaders("; form-action 'self'")).send(body.text)

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
    const { origin, 'sec-fetch-site': site } = request.headers
    // A form on a page without referrer has the origin `null`; the browser itself then says where it stood.
    const ours = origin === consoleOrigin || (origin === 'null' && site === 'same-origin')
    if (!ours)
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

  assetRoutes(app, settings.consoleHost)

  const { files } = settings
  if (files) consoleFileRoutes(app, settings.consoleHost, files)

  app.get('/', onConsole, (request, reply) =>
    files ? files.sendPage(request, reply) : page(reply, unbuiltPage()),
  )

  // For people alone: a program that asks for what is not there gets a problem document, as everywhere.
  app.get('/*', onConsole, (request, reply) => {
    if (!String(request.headers.accept).includes('text/html'))
      throw new AppError('not_found', 'There is nothing at this address.')
    if (files?.isPage(request.url)) return files.sendPage(request, reply)
    return page(reply, missingPage('Go to the console'), 404)
  })

  app.get('/sign-in/:token', { ...onConsole, schema: { hide: true, params: token } }, (request, reply) =>
    page(reply, linkPage((request.params as { token: string }).token)),
  )

  const formRoutes = (forms: FastifyInstance) => {
    forms.post(
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

    forms.post('/sign-out', onConsole, async (request, reply) => {
      sameOrigin(request)
      const session = await authentication.sessionOf(request)
      if (session) {
        await endSession(db, session.id, clock.now())
        await record('person.signed-out', session.person).catch(() => {})
      }
      reply.header('set-cookie', `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`)
      return reply.redirect('/', 303)
    })
  }
  // Browsers send forms in this type. Only the two forms of these pages are taken in it: no other route of the API is
  // within reach of a form on somebody else's page.
  app.register((forms: FastifyInstance, _, done) => {
    const type = 'application/x-www-form-urlencoded'
    forms.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 1024 }, (_, _body, parsed) =>
      parsed(null, {}),
    )
    formRoutes(forms)
    done()
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
      const { person, behind } = await finishSignIn(passkeys, request.body as AuthenticationResponseJSON)
      const session = await openSession(db, { person, method: 'passkey', behind, now: clock.now() })
      await record('person.signed-in', person, { method: 'passkey' }).catch(() => {})
      return withCookie(reply, session).send({ signedIn: true })
    },
  )

  app.post('/passkeys/begin', onConsole, async (request) => {
    sameOrigin(request)
    const session = await signedIn(request)
    const person = (await personById(db, session.person))!
    return beginRegistration(passkeys, person, session)
  })

  app.post('/passkeys', { ...onConsole, schema: { hide: true, body: enrolment } }, async (request) => {
    sameOrigin(request)
    const session = await signedIn(request)
    const { credential, proof } = request.body as z.infer<typeof enrolment>
    await record('person.passkey-intended', session.person, { session: session.id, behind: session.behind })
    const added = await finishRegistration(passkeys, session, {
      credential: credential as unknown as RegistrationResponseJSON,
      ...(proof ? { proof: proof as unknown as AuthenticationResponseJSON } : {}),
      name: deviceOf(request.headers['user-agent'] ?? ''),
    })
    await record('person.passkey-added', session.person, {
      passkey: added.credential,
      behind: added.behind,
    }).catch(() => {})
    return { added: true }
  })
}
