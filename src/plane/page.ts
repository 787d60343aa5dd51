import { type Html, html } from './html.ts'

/** Where each page's own files lie; the same on every name of the plane. */
export const ASSETS = '/assets'

// Of all that a browser can do for a page, only passkeys.
const PERMISSIONS = [
  ...['accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'magnetometer', 'microphone'],
  ...['midi', 'payment', 'screen-wake-lock', 'usb', 'xr-spatial-tracking'],
]
  .map((feature) => `${feature}=()`)
  .concat('publickey-credentials-create=(self)', 'publickey-credentials-get=(self)')
  .join(', ')

/** What every page of the plane is sent with: only its own files, no frame around it, nothing kept, no word to other sites. */
export const pageHeaders = (policy = '') => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'${policy}`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': PERMISSIONS,
})

/** A whole page: the wall and the name at its head, `aside` beside them, one `main` below. */
export function pageOf(page: {
  title: string
  main: Html
  aside?: Html
  narrow?: boolean
  language?: string
}) {
  return html`<!doctype html>
<html lang="${page.language ?? 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · Borgen</title><link rel="icon" type="image/svg+xml" href="${ASSETS}/wall.svg">
<link rel="stylesheet" href="${ASSETS}/console.css"></head>
<body><header><a class="brand" href="/"><img src="${ASSETS}/wall.svg" alt="" width="24" height="24">Borgen</a>${page.aside ?? null}</header>
<main${page.narrow ? html` class="narrow"` : null}>${page.main}</main></body></html>`
}
