import { isoOf } from '../kernel/clock.ts'
import type { Problem } from '../kernel/http.ts'
import { type Html, html } from './html.ts'
import { pageOf } from './page.ts'
import type { Status } from './status.ts'

export type InstanceLine = {
  slug: string
  company: string
  url: string
  region: string
  observed: string
  app: string
  version: string
}
export type PasskeyLine = { name: string; createdAtMs: number; lastUsedAtMs: number | null }

const minute = (ms: number) => `${isoOf(ms).slice(0, 16).replace('T', ' ')} UTC`
const count = (of: number, one: string, many = `${one}s`) => `${of} ${of === 1 ? one : many}`

export const signInPage = () =>
  pageOf({
    title: 'Sign in',
    narrow: true,
    script: true,
    main: html`<h1>Sign in to the console</h1>
<p><button id="passkey-sign-in">Sign in with a passkey</button></p>
<p id="passkey-message" class="problem" role="status"></p>
<h2>No passkey yet?</h2>
<p>Open a link that works once. <code>borgen up</code> printed one when it started; this command makes another:</p>
<pre tabindex="0">npx borgen sign-in-link --email you@example.com</pre>`,
  })

// Opening a link uses nothing up: mail scanners and previews open links too.
export const linkPage = (token: string) =>
  pageOf({
    title: 'Sign in',
    narrow: true,
    main: html`<h1>Sign in to the console</h1>
<p>This link works once. You then stay signed in on this browser for 12 hours.</p>
<form method="post" action="/sign-in/${token}"><button>Sign in</button></form>`,
  })

/** Commands stand between backticks in sentences that a terminal shows too. */
const withCode = (sentence: string) =>
  sentence.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))

export const problemPage = (problem: Problem) =>
  pageOf({
    title: problem.title,
    narrow: true,
    main: html`<h1>${problem.detail}</h1>${problem.remedy ? html`<p>${withCode(problem.remedy)}</p>` : null}
<p><a href="/">Go to the console</a></p>
<p class="quiet small">Status ${problem.status}${problem.instance ? html`, request <code>${problem.instance}</code>` : null}</p>`,
  })

export const missingPage = (back: string) =>
  pageOf({
    title: 'Not found',
    narrow: true,
    main: html`<h1>There is no such page</h1><p>Check the spelling of the address, or start again.</p><p><a href="/">${back}</a></p>`,
  })

/** Answers one question: what runs here, and does it run as it should? */
export function overviewPage(
  name: string,
  status: Status,
  instances: InstanceLine[],
  passkeys: PasskeyLine[],
): Html {
  const demo = status.world.demo ? html`<span class="mark">Demo world</span>` : null
  return pageOf({
    title: 'What runs here',
    script: true,
    aside: html`${demo}<form method="post" action="/sign-out"><span class="quiet">${name}</span><button class="plain">Sign out</button></form>`,
    main: html`<h1>What runs here</h1>${summaryOf(status)}${figures(status)}${customers(status, instances)}${processes(status)}${log(status)}${limitations(status)}${passkeyList(passkeys)}`,
  })
}

/** The page in one sentence, worst news first, with what to do about it. */
function summaryOf({ instances, processes, log }: Status): Html {
  const down = processes.filter((one) => one.state !== 'up').map((one) => one.name)
  const news = [
    log.state === 'up' ? '' : 'The log takes no entries: changes are refused until it does.',
    down.length > 0 ? `Not up: ${down.join(', ')}; their own words stand in logs/ of the data folder.` : '',
    instances.failed > 0
      ? `${count(instances.failed, 'instance')} failed to start: \`npx borgen instance logs NAME\` says why.`
      : '',
  ].filter((text) => text !== '')
  if (news.length > 0) return html`<p class="lead problem">${withCode(news.join(' '))}</p>`
  const ok =
    instances.total === 0
      ? 'Everything is up, and waits for the first customer.'
      : `Everything is up: ${count(processes.length, 'process', 'processes')}, ${count(instances.total, 'instance')}, and the log takes entries.`
  return html`<p class="lead">${ok}</p>`
}

const grouped = (value: number) => value.toLocaleString('en').replaceAll(',', '\u202f')

const figures = ({ instances, log }: Status) =>
  html`<dl class="figures">${(
    [
      ['instances', grouped(instances.total)],
      ['awake', grouped(instances.awake)],
      ['asleep', grouped(instances.asleep)],
      ['entries in the log', log.state === 'down' ? '?' : grouped(log.size)],
    ] as const
  ).map(([label, value]) => html`<div><dd>${value}</dd><dt>${label}</dt></div>`)}</dl>`

function customers(status: Status, instances: InstanceLine[]): Html {
  if (instances.length === 0)
    return html`<section aria-labelledby="customers"><h2 id="customers">Customers</h2><p>None yet. This makes the first one, with an instance of its own:</p>
<pre tabindex="0">npx borgen account sign-up --company Acme --email ann@acme.test --country SE --region eu-frankfurt</pre></section>`
  const rows = instances.map(
    (one) =>
      html`<tr><th scope="row">${one.company}</th><td class="whole">${one.region}</td><td><span class="state ${one.observed}">${one.observed}</span></td><td class="whole">${one.app} ${one.version}</td><td class="address"><a href="${one.url}">${one.url.replace('https://', '')}</a></td></tr>`,
  )
  const more = status.instances.total - instances.length
  return html`<section aria-labelledby="customers"><h2 id="customers">Customers</h2>
<p class="quiet">Each has an instance of its own: database, files, keys and sandbox, in its region. Those asleep wake when somebody opens them.</p>
<table class="stack"><thead><tr><th>Customer</th><th>Region</th><th>Instance</th><th>Application</th><th>Address</th></tr></thead><tbody>${rows}</tbody></table>
${more > 0 ? html`<p class="quiet">${count(more, 'more instance')}: <code>npx borgen instance list</code></p>` : null}
${status.world.demo ? html`<p class="quiet small">Who may sign in to the demo customers was printed by <code>borgen up</code>, and stands in <code>demo/customers.json</code> of the data folder.</p>` : null}</section>`
}

const DUTIES: Record<string, string> = {
  database: 'what the plane knows: accounts, instances, sessions',
  ledger: 'the log: append and prove, never alter',
  warden: 'starts and stops sandboxes; the only one with privilege',
  server: 'the API and these pages',
  worker: 'brings each instance to the state it should be in',
  edge: 'HTTPS for every name; wakes who is asleep',
}

function processes(status: Status): Html {
  const rows = status.processes.map(
    (one) =>
      html`<tr><th scope="row">${one.name}</th><td class="duty">${DUTIES[one.name] ?? ''}</td><td><span class="state ${one.state}">${one.state}</span></td><td class="number" data-label="user">${one.uid ?? '–'}</td><td class="number" data-label="pid">${one.pid ?? '–'}</td><td class="number" data-label="restarts">${one.restarts}</td></tr>`,
  )
  return html`<section aria-labelledby="processes"><h2 id="processes">Processes</h2>
<table class="stack"><thead><tr><th>Process</th><th>Does</th><th>State</th><th class="number">User</th><th class="number">PID</th><th class="number">Restarts</th></tr></thead><tbody>${rows}</tbody></table></section>`
}

const log = ({ log }: Status) =>
  html`<section aria-labelledby="log"><h2 id="log">The log</h2>
<p>Everything that changes anything is written here first, and cannot be altered unnoticed. ${log.state === 'up' ? '' : 'It takes no entries now.'}</p>
${log.root ? html`<p class="root"><span class="quiet small">Root of the tree over ${count(log.size, 'entry', 'entries')}</span><code>${log.root}</code></p>` : null}
<pre tabindex="0">npx borgen log tail
npx borgen log verify</pre></section>`

const limitations = ({ limitations }: Status) =>
  limitations.length === 0
    ? html``
    : html`<section aria-labelledby="limits"><h2 id="limits">What this machine cannot give</h2><ul>${limitations.map((one) => html`<li>${one}</li>`)}</ul></section>`

const passkeyList = (passkeys: PasskeyLine[]) =>
  html`<section id="passkeys" aria-labelledby="your-passkeys"><h2 id="your-passkeys">Your passkeys</h2>
<p>${passkeys.length === 0 ? 'None yet. A passkey signs you in without a link.' : 'Each signs you in without a link.'}</p>
${
  passkeys.length === 0
    ? null
    : html`<table class="stack"><thead><tr><th>Device</th><th>Added</th><th>Last used</th></tr></thead><tbody>${passkeys.map(
        (one) =>
          html`<tr><th scope="row">${one.name}</th><td data-label="added">${minute(one.createdAtMs)}</td><td data-label="last used">${one.lastUsedAtMs === null ? 'never' : minute(one.lastUsedAtMs)}</td></tr>`,
      )}</tbody></table>`
}
<p><button id="passkey-add" class="plain">Add a passkey for this device</button></p><p id="passkey-message" role="status"></p></section>`
