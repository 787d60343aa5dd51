import type { FastifyReply } from 'fastify'
import type { RouteContext } from '../changes/context.ts'
import { assetRoutes } from './assets.ts'
import { missingPage } from './console-pages.ts'
import { type Html, html } from './html.ts'
import { pageHeaders, pageOf } from './page.ts'

/** What strangers and customers see before anything was published for them. */
export function publicRoutes({ app }: RouteContext, hosts: { trustHost: string; portalHost: string }): void {
  const page = (title: string, sentences: string[]) =>
    pageOf({
      title,
      narrow: true,
      main: html`<h1>${title}</h1>${sentences.map((one) => html`<p>${one}</p>`)}`,
    })
  const send = (reply: FastifyReply, body: Html, status = 200) =>
    reply.code(status).headers(pageHeaders()).send(body.text)
  for (const [host, title, sentences] of [
    [
      hosts.trustHost,
      'Promises, and whether they are kept',
      [
        'Nothing has been published here yet.',
        'This page will show what the vendor promises about security, and for each promise whether it is kept, broken, unknown or not yet exercised.',
      ],
    ],
    [
      hosts.portalHost,
      'For customers',
      [
        'There is nothing to sign in to here yet.',
        'This page will show customers where their data is, how it is backed up and who looked at it. Your application is at its own address.',
      ],
    ],
  ] as const) {
    const options = { constraints: { host }, config: { kind: 'public' as const }, schema: { hide: true } }
    assetRoutes(app, host)
    app.get('/', options, (_, reply) => send(reply, page(title, [...sentences])))
    app.get('/*', options, (_, reply) => send(reply, missingPage('Go to the front page'), 404))
  }
}
