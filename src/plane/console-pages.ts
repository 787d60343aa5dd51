import type { Problem } from '../kernel/http.ts'
import { Html, html } from './html.ts'
import type { Status } from './status.ts'

type InstanceLine = {
  slug: string
  company: string
  url: string
  region: string
  observed: string
  app: string
  version: string
}

const layout = (title: string, body: Html, signedIn?: { name: string }) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Borgen</title><link rel="stylesheet" href="/console.css"><script type="module" src="/console.js"></script></head><body><header><strong>Borgen</strong>${
    signedIn
      ? html`<form method="post" action="/sign-out"><span class="quiet">${signedIn.name}</span> <button class="plain">Sign out</button></form>`
      : new Html('')
  }</header>${body}</body></html>`

export const signInPage = () =>
  layout(
    'Sign in',
    html`<main class="narrow"><h1>Sign in</h1><p>With a passkey, or with a one-time link.</p><p><button id="passkey-sign-in">Sign in with a passkey</button></p><p id="passkey-message" class="problem" role="status"></p><p class="quiet">No passkey yet? <code>borgen sign-in-link --email you@example.com</code> makes a link that works once.</p></main>`,
  )

// Opening a link uses nothing up: mail scanners and previews open links too.
export const linkPage = (token: string) =>
  layout(
    'Sign in',
    html`<main class="narrow"><h1>Sign in to Borgen</h1><p>This link works once.</p><form method="post" action="/sign-in/${token}"><button>Sign in</button></form></main>`,
  )

export const problemPage = (problem: Problem) =>
  layout(
    problem.title,
    html`<main class="narrow"><h1>${problem.detail}</h1><p>${problem.remedy ?? ''}</p><p><a href="/">To the console</a></p></main>`,
  )

export function overviewPage(name: string, status: Status, instances: InstanceLine[]): Html {
  const processes = status.processes.map(
    (one) =>
      html`<tr><td><span class="state ${one.state}">${one.name}</span></td><td>${one.state}</td><td>${one.pid ?? '–'}</td><td>${one.uid ?? '–'}</td><td>${one.restarts}</td></tr>`,
  )
  const rows = instances.map(
    (one) =>
      html`<tr><td>${one.company}</td><td>${one.region}</td><td><span class="state ${one.observed}">${one.observed}</span></td><td>${one.app} ${one.version}</td><td><a href="${one.url}">${one.url.replace('https://', '')}</a></td></tr>`,
  )
  const log = status.log
  return layout(
    'Overview',
    html`<main><h1>What runs here</h1><p class="quiet">${status.instances.total} instances, ${status.instances.awake} awake, ${status.instances.asleep} asleep. The log ${
      log.state === 'up'
        ? `holds ${log.size} entries.`
        : 'cannot be reached: changes are refused until it is back.'
    }</p>
<h2>Instances</h2>${
      rows.length === 0
        ? html`<p>None yet. <code>borgen account sign-up --company Acme --email ann@acme.test --country SE</code> makes the first one.</p>`
        : html`<div class="scroll"><table><thead><tr><th>Customer</th><th>Region</th><th>State</th><th>App</th><th>Address</th></tr></thead><tbody>${rows}</tbody></table></div>`
    }
<h2>Processes</h2><div class="scroll"><table><thead><tr><th>Process</th><th>State</th><th>PID</th><th>User</th><th>Restarts</th></tr></thead><tbody>${processes}</tbody></table></div>
<h2>Your passkeys</h2><p>A passkey signs you in without a link.</p><p><button id="passkey-add" class="plain">Add a passkey for this device</button></p><p id="passkey-message" role="status"></p></main>`,
    { name },
  )
}
