import type { Problem } from '../kernel/http.ts'
import { html } from './html.ts'
import { pageOf } from './page.ts'

/** Where only the API runs: nothing built the console's pages. */
export const unbuiltPage = () =>
  pageOf({
    title: 'Not built',
    narrow: true,
    main: html`<h1>The console’s pages are not built here</h1><p>The API answers at <code>/v1</code>. <code>npx borgen up</code> builds the pages when it starts.</p>`,
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
