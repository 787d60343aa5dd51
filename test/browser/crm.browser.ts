import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { demoCustomers, startBrowser, type TestBrowser } from '../support/browser.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import {
  mustBeAccessible,
  mustRefuseForeignScripts,
  openPage,
  tabTo,
  type WatchedPage,
} from '../support/watched-page.ts'
import { runCli } from '../support/world-clients.ts'

type Customer = ReturnType<typeof demoCustomers>[number]

describe('the CRM of a demo customer, as its people use it', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let chromium: TestBrowser
  let [first, second]: Customer[] = []
  let context: BrowserContext
  let watched: WatchedPage
  let page: Page
  let planted = ''

  before(async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
    ;[first, second] = demoCustomers(dataDir)
    chromium = await startBrowser(`${dataDir}/ca.crt`)
    context = await chromium.context()
    watched = await openPage(context)
    page = watched.page
  })
  after(async () => {
    await chromium?.close()
    if (world && world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })

  const open = async (path: string) => {
    await page.goto(`${first!.url}/app/${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('[aria-busy]').waitFor({ state: 'detached' })
  }
  const dialog = () => page.getByRole('dialog')
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const pick = async (scope: Pick<Page, 'getByLabel'>, label: string, name: string) => {
    await scope.getByLabel(label, { exact: true }).fill(name)
    await page.getByRole('option', { name }).click()
  }

  test('a wrong password is refused in words; the right one signs in, by keyboard alone', async () => {
    await page.goto(first!.url)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await mustBeAccessible(page)
    await tabTo(page, 'E-mail')
    await page.keyboard.type(first!.email)
    await tabTo(page, 'Password')
    await page.keyboard.type('not the password')
    await page.keyboard.press('Enter')
    await page.getByText('E-mail and password do not belong together.').waitFor()
    await mustBeAccessible(page)
    watched.mustBeQuiet(/status of 401/)
    await page.getByLabel('Password').fill(first!.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Due within a week' }).waitFor()
    watched.mustBeQuiet()
  })

  test('an organisation, a contact and a deal are made', async () => {
    await open('organisations')
    await page.getByRole('button', { name: 'Add organisation' }).click()
    await dialog().getByLabel('Name').fill('Zebrafinch Vogelhaltungsgesellschaft mbH')
    await dialog().getByLabel('Country').selectOption('Germany')
    await dialog().getByRole('button', { name: 'Add organisation' }).click()
    await heading('Zebrafinch Vogelhaltungsgesellschaft mbH')

    await open('contacts')
    await page.getByRole('button', { name: 'Add contact' }).click()
    await dialog().getByRole('button', { name: 'Add contact' }).click()
    await dialog().getByText('Fill this in.').first().waitFor()
    await mustBeAccessible(page)
    watched.mustBeQuiet(/status of 422/)
    await dialog().getByLabel('Given name').fill('Zoë')
    await dialog().getByLabel('Family name').fill('Quittenbaum')
    await pick(dialog(), 'Organisation', 'Zebrafinch')
    await dialog().getByRole('button', { name: 'Add contact' }).click()
    await heading('Zoë Quittenbaum')
    planted = new URL(page.url()).pathname

    await open('deals')
    await page.getByRole('button', { name: 'Add deal' }).click()
    await dialog().getByLabel('Title').fill('Aviary, phase one')
    await dialog().getByLabel('Amount').fill('12 500,50')
    await dialog().getByLabel('Currency').selectOption('EUR')
    await pick(dialog(), 'Organisation', 'Zebrafinch')
    await dialog().getByRole('button', { name: 'Add deal' }).click()
    await page.getByRole('region', { name: 'Lead' }).getByText('Aviary, phase one').waitFor()
    watched.mustBeQuiet()
  })

  test('the deal moves through the pipeline, by pointer and by keyboard', async () => {
    const column = (name: string) => page.getByRole('region', { name })
    const card = (name: string) => column(name).getByRole('listitem').filter({ hasText: 'Aviary' })
    await open('deals')
    await card('Lead').dragTo(column('Qualified'))
    // Said once the server has it.
    await page.getByText('Aviary, phase one: Qualified').waitFor()
    await card('Qualified').getByLabel('Stage of Aviary, phase one').focus()
    await page.keyboard.press('N')
    await card('Negotiation').waitFor()
    await page.getByText('Aviary, phase one: Negotiation').waitFor()
    await mustBeAccessible(page)
    await open('deals')
    await card('Negotiation').waitFor()
    watched.mustBeQuiet()
  })

  test('an activity and a note stand on the contact, and the activity is ticked off', async () => {
    await page.goto(first!.url + planted)
    await page.getByRole('button', { name: 'Add activity' }).click()
    await dialog().getByLabel('What').fill('Ring about the aviary')
    await dialog().getByRole('button', { name: 'Add activity' }).click()
    // Ticked, it goes away from under the pointer, into the list of what is done.
    await page.getByRole('checkbox', { name: /Ring about the aviary/ }).click()
    await page.getByText('Done: Ring about the aviary').waitFor()
    await page.getByText('1 done').waitFor()
    await page.getByLabel('Note about Zoë Quittenbaum').fill('Prefers <b>mornings</b> & tea')
    await page.getByRole('button', { name: 'Add note' }).click()
    await page.getByText('Prefers <b>mornings</b> & tea').waitFor()
    await mustBeAccessible(page)
    watched.mustBeQuiet()
  })

  test('a document is uploaded, and comes down again byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256))
    const name = 'Ritning åäö (1) & co.pdf'
    await page
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'application/pdf', buffer: content })
    await page.getByText('Uploaded 1 document').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name }).click(),
    ])
    assert.equal(download.suggestedFilename(), name)
    assert.deepEqual(readFileSync(await download.path()), content)
    watched.mustBeQuiet()
  })

  test('an invoice is drafted, sent with a number, and paid', async () => {
    await open('invoices/new')
    await mustBeAccessible(page)
    await pick(page, 'Organisation', 'Zebrafinch')
    await page.getByLabel('Description, line 1').fill('Perches')
    await page.getByLabel('Quantity, line 1').fill('3')
    await page.getByLabel('Price, line 1').fill('1 000')
    await page.getByText('total 3,750 SEK').waitFor()
    await page.getByRole('button', { name: 'Save draft' }).click()
    await page.getByRole('button', { name: 'Send…' }).click()
    await dialog().getByRole('button', { name: 'Give it its number' }).click()
    await page.getByRole('heading', { level: 1, name: /Invoice \d{4}-\d{4}/ }).waitFor()
    await mustBeAccessible(page)
    await page.getByRole('button', { name: 'Mark as paid' }).click()
    await page.getByText(/^Paid/).first().waitFor()
    watched.mustBeQuiet()
  })

  test('search finds what was made, from any page', async () => {
    await open('documents')
    await page.keyboard.press('/')
    await page.keyboard.type('aviary')
    await page.getByRole('link', { name: 'Aviary, phase one' }).waitFor()
    await page.getByRole('link', { name: 'Ring about the aviary' }).waitFor()
    await mustBeAccessible(page)
    await open('search?q=quitten')
    await page.getByRole('link', { name: 'Zoë Quittenbaum' }).waitFor()
    watched.mustBeQuiet()
  })

  test('every page is accessible, in light and dark, on desktop and phone, also with nothing to show', async () => {
    const pages = [
      '',
      'contacts',
      'organisations',
      'deals',
      'activities',
      'activities?state=done',
      'documents',
    ]
    const more = ['invoices', 'search', 'contacts?q=nobody-at-all', 'search?q=nobody-at-all']
    const settings = ['account', 'people', 'company', 'import'].map((tab) => `settings/${tab}`)
    for (const path of [...pages, ...more, ...settings]) {
      await open(path)
      await mustBeAccessible(page)
    }
    watched.mustBeQuiet()
    for (const path of ['nothing', 'contacts/00000000-0000-4000-8000-000000000000']) {
      await page.goto(`${first!.url}/app/${path}`)
      await page.getByRole('link', { name: 'Go to today' }).waitFor()
      await mustBeAccessible(page)
    }
    watched.mustBeQuiet(/status of 404/)
  })

  test('it can be installed, and no foreign script runs in it', async () => {
    await open('')
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
    const devtools = await context.newCDPSession(page)
    const manifest = await devtools.send('Page.getAppManifest')
    assert.deepEqual(manifest.errors, [])
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
    // Contexts of Playwright are private windows, and those never install.
    const left = installabilityErrors.filter((one) => one.errorId !== 'in-incognito')
    assert.deepEqual(left, [])
    watched.mustBeQuiet()
    await mustRefuseForeignScripts(page)
    watched.mustBeQuiet(/Content Security Policy/)
  })

  test('the other customer sees nothing of it', async () => {
    const other = await openPage(context)
    await other.page.goto(`${second!.url}/app/`)
    // One browser, one person, two customers: being signed in at the first is nothing at the second.
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await other.page.getByLabel('E-mail').fill(second!.email)
    await other.page.getByLabel('Password').fill(second!.password)
    await other.page.keyboard.press('Enter')
    await other.page.getByRole('heading', { name: 'Due within a week' }).waitFor()
    other.mustBeQuiet()
    for (const word of ['aviary', 'Zebrafinch', 'Quittenbaum']) {
      await other.page.goto(`${second!.url}/app/search?q=${word}`)
      await other.page.getByText('Nothing found.').waitFor()
    }
    other.mustBeQuiet()
    await other.page.goto(second!.url + planted)
    await other.page.getByText('There is nothing here, or no longer.').waitFor()
    other.mustBeQuiet(/status of 404/)
    await other.page.close()
    await open('')
    await page.getByRole('heading', { name: 'Due within a week' }).waitFor()
  })

  test('asleep, it wakes for whoever comes back; a page holds the place while it takes long', async () => {
    const [name] = new URL(first!.url).hostname.split('.')
    const asleep = async () => {
      // a page that is still loading something would wake it at once
      await page.goto('about:blank')
      const slept = await runCli(dataDir, ['instance', 'sleep', name!, '--json'])
      assert.equal(slept.code, 0, slept.stderr)
      const shown = await runCli(dataDir, ['instance', 'show', name!, '--json'])
      assert.match(shown.stdout, /"asleep"/)
    }
    await asleep()
    await open('')
    await page.getByRole('heading', { name: 'Due within a week' }).waitFor()
    watched.mustBeQuiet()

    await asleep()
    // Nobody is there to wake it: the holding page must come, and go by itself.
    const worker = world.pidOf('worker')
    process.kill(worker, 'SIGSTOP')
    try {
      await open('')
      await page.getByRole('heading', { name: 'Starting' }).waitFor()
    } finally {
      process.kill(worker, 'SIGCONT')
    }
    await until('the page is back', async () =>
      page.getByRole('heading', { name: 'Due within a week' }).isVisible(),
    )
    watched.mustBeQuiet(/status of 503/)
  })

  test('signed out, nothing of it is left in the browser', async () => {
    await page.getByRole('button', { name: /Sign out/ }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.deepEqual(await context.cookies(first!.url), [])
    await page.goto(first!.url + planted)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    watched.mustBeQuiet(/status of 401/)
  })
})
