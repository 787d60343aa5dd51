import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteContext } from '../changes/context.ts'
import type { Language } from '../pledges/pledge.ts'
import { type PublicLineRow, publicLines } from '../pledges/store.ts'
import { assetRoutes } from './assets.ts'
import { missingPage } from './console-pages.ts'
import { type Html, html } from './html.ts'
import { pageHeaders, pageOf } from './page.ts'

const LINES_AT_MOST = 1000
const WORDS = {
  en: {
    title: 'What we promise, and what we changed',
    lead: 'Whether each promise is kept has not been published here yet. Every change of what is promised is: its line stays for good.',
    changes: 'Every change so far',
    none: 'No promise has been changed yet.',
    other: html`<a href="/?lang=sv" hreflang="sv" lang="sv">Svenska</a>`,
  },
  sv: {
    title: 'Vad vi lovar, och vad vi har ändrat',
    lead: 'Om varje löfte hålls har ännu inte publicerats här. Varje ändring av vad som lovas står här: dess rad finns kvar för gott.',
    changes: 'Alla ändringar hittills',
    none: 'Inget löfte har ändrats ännu.',
    other: html`<a href="/?lang=en" hreflang="en" lang="en">English</a>`,
  },
} as const

/** What strangers and customers see: every change of what is promised, and nothing that nobody published. */
export function publicRoutes(
  { app, changes: { db } }: RouteContext,
  hosts: { trustHost: string; portalHost: string },
): void {
  const send = (reply: FastifyReply, body: Html, status = 200) =>
    reply.code(status).headers(pageHeaders()).send(body.text)
  const on = (host: string) => ({
    constraints: { host },
    config: { kind: 'public' as const },
    schema: { hide: true },
  })
  for (const host of [hosts.trustHost, hosts.portalHost]) {
    assetRoutes(app, host)
    app.get('/*', on(host), (_, reply) => send(reply, missingPage('Go to the front page'), 404))
  }
  app.get('/', on(hosts.trustHost), async (request, reply) =>
    send(reply, trustPage(languageOf(request), await publicLines(db, { limit: LINES_AT_MOST }))),
  )
  // The machine-readable twin of the page. Who approved is a matter of the vendor's own.
  app.get('/changes.json', on(hosts.trustHost), async (_, reply) => {
    const lines = await publicLines(db, { limit: LINES_AT_MOST })
    return reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).send({
      items: lines.map((one) => ({
        at: one.at,
        promise: one.pledge,
        what: one.what,
        line: { en: one.line_en, sv: one.line_sv },
      })),
    })
  })
  app.get('/', on(hosts.portalHost), (_, reply) =>
    send(
      reply,
      pageOf({
        title: 'For customers',
        narrow: true,
        main: html`<h1>For customers</h1><p>There is nothing to sign in to here yet.</p><p>This page will show customers where their data is, how it is backed up and who looked at it. Your application is at its own address.</p>`,
      }),
    ),
  )
}

function trustPage(language: Language, lines: readonly PublicLineRow[]): Html {
  const words = WORDS[language]
  const list = lines.map((one) => html`<li>${language === 'sv' ? one.line_sv : one.line_en}</li>`)
  return pageOf({
    title: words.title,
    language,
    narrow: true,
    aside: words.other,
    main: html`<h1>${words.title}</h1><p>${words.lead}</p><h2>${words.changes}</h2>${list.length > 0 ? html`<ul>${list}</ul>` : html`<p>${words.none}</p>`}`,
  })
}

/** As asked for in the address, else as the browser prefers (outside text). */
function languageOf(request: FastifyRequest): Language {
  const { lang } = request.query as { lang?: unknown }
  if (lang === 'en' || lang === 'sv') return lang
  return /^\s*sv\b/i.test(String(request.headers['accept-language'] ?? '')) ? 'sv' : 'en'
}
