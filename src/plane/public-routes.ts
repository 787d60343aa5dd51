import { readFileSync } from 'node:fs'
import type { FastifyReply } from 'fastify'
import type { RouteContext } from '../changes/context.ts'
import { type Html, html } from './html.ts'

/** What strangers and customers see before anything was published for them. */
export function publicRoutes({ app }: RouteContext, hosts: { trustHost: string; portalHost: string }): void {
  const page = (title: string, sentence: string) =>
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="stylesheet" href="/page.css"></head><body><main class="narrow"><h1>${title}</h1><p>${sentence}</p></main></body></html>`
  const send = (reply: FastifyReply, body: Html) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
      })
      .send(body.text)
  const css = readFileSync(new URL('./console.css', import.meta.url), 'utf8')
  for (const [host, title, sentence] of [
    [
      hosts.trustHost,
      'Promises',
      'Nothing has been published here yet. Nothing becomes public except by a deliberate act.',
    ],
    [
      hosts.portalHost,
      'Customers',
      'There is nothing to sign in to here yet. Your application is at its own address.',
    ],
  ] as const) {
    const options = { constraints: { host }, config: { kind: 'public' as const }, schema: { hide: true } }
    app.get('/page.css', options, (_, reply) => reply.type('text/css').send(css))
    app.get('/', options, (_, reply) => send(reply, page(title, sentence)))
  }
}
