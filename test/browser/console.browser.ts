import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext } from 'playwright-core'
import { addAuthenticator, startBrowser, type TestBrowser } from '../support/browser.ts'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'
import {
  mustBeAccessible,
  mustRefuseForeignScripts,
  openPage,
  tabTo,
  type WatchedPage,
} from '../support/watched-page.ts'
import { runCli } from '../support/world-clients.ts'

const BOARD = 'Are we keeping our word?'

describe('the console, as an operator meets it', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let chromium: TestBrowser
  let context: BrowserContext
  let watched: WatchedPage
  const at = (name: string, path = '/') =>
    `https://${name}.borgen.localhost:${world.config().httpsPort}${path}`

  before(async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
    chromium = await startBrowser(`${dataDir}/ca.crt`)
    context = await chromium.context()
    watched = await openPage(context)
    await addAuthenticator(context, watched.page)
  })
  after(async () => {
    await chromium?.close()
    if (world && world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })
  const link = () => /https:\S+\/sign-in\/\S+/.exec(world.output())![0]
  /** Made on the host: a link that somebody makes at the console leads back to them. */
  const linkFor = async (email: string) => {
    const { code, stdout, stderr } = await runCli(dataDir, ['sign-in-link', '--email', email])
    assert.equal(code, 0, stderr)
    return stdout.trim()
  }
  const board = () => watched.page.getByRole('heading', { name: BOARD, level: 1 }).waitFor()
  const stones = () => watched.page.locator('[data-stone]')
  const focused = async () =>
    String(await watched.page.evaluate('document.activeElement?.getAttribute("data-stone") ?? ""'))
  const signOut = async () => {
    await watched.page.getByRole('button', { name: 'Operator' }).click()
    await watched.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await watched.page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
  }

  test('nobody signed in: every page says how, and shows nothing else', async () => {
    const { page } = watched
    for (const path of ['/', '/promises/transport.tls', '/accounts']) {
      await page.goto(at('console', path))
      await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
    }
    await mustBeAccessible(page)
    // The API says 401 to who is not signed in, and Chromium notes it.
    watched.mustBeQuiet(/status of 401/)
    await mustRefuseForeignScripts(page)
    watched.mustBeQuiet(/Content Security Policy|status of 401/)
  })

  test('the watch itself sees what is planted', async () => {
    const { page } = watched
    await page.evaluate('document.querySelector("main").append(document.createElement("button"))')
    await assert.rejects(mustBeAccessible(page), /button-name/)
    await page.evaluate('console.error("planted")')
    assert.throws(() => watched.mustBeQuiet(/status of 401/), /planted/)
    await page.evaluate('fetch("https://third.example/").catch(() => undefined)')
    assert.throws(() => watched.mustBeQuiet(/status of 401/), /Content Security Policy/)
  })

  test('the link of the start signs in once, by keyboard alone', async () => {
    const { page } = watched
    await page.goto(link())
    await mustBeAccessible(page)
    await page.reload()
    await tabTo(page, 'Sign in')
    await page.keyboard.press('Enter')
    await board()
    const [cookie] = await context.cookies()
    assert.equal(cookie?.name, '__Host-borgen')
    assert.ok(cookie.secure && cookie.httpOnly)
    watched.mustBeQuiet()
  })

  test('the wall has a stone for each of 34 promises, and says in one sentence how it stands', async () => {
    const { page } = watched
    await stones().first().waitFor()
    assert.equal(await stones().count(), 34)
    assert.match(
      (await page.locator('main').textContent()) ?? '',
      /\d+ of 34 kept\.|All 34 promises are kept\./,
    )
    // No stone is drawn as standing that the API does not call kept.
    const { items } = (await page.evaluate('fetch("/v1/promises").then((answer) => answer.json())')) as {
      items: { id: string; verdict: string }[]
    }
    for (const { id, verdict } of items)
      assert.equal(await page.locator(`[data-stone="${id}"]`).getAttribute('data-verdict'), verdict, id)
    await mustRefuseForeignScripts(page)
    watched.mustBeQuiet(/Content Security Policy/)
  })

  test('arrow keys move between stones, Enter opens one, and the address leads back', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await stones().first().focus()
    const first = await focused()
    await page.keyboard.press('ArrowRight')
    assert.notEqual(await focused(), first)
    await page.keyboard.press('ArrowLeft')
    assert.equal(await focused(), first)
    await page.keyboard.press('ArrowDown')
    const below = await focused()
    assert.notEqual(below, first)
    await page.keyboard.press('Enter')
    await page.waitForURL(at('console', `/promises/${below}`))
    await page.getByRole('heading', { name: 'What the sentence says, part by part' }).waitFor()
    await page.goBack()
    await board()
    watched.mustBeQuiet()
  })

  test('which verdicts are shown stands in the address', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await page.getByRole('link', { name: /\d+\s*unknown/ }).click()
    await page.waitForURL(at('console', '/?verdict=unknown'))
    const list = page.getByRole('region', { name: 'Every promise' })
    assert.equal(await list.getByText('kept', { exact: true }).count(), 0)
    await page.reload()
    await board()
    assert.equal(await list.getByText('kept', { exact: true }).count(), 0)
    watched.mustBeQuiet()
  })

  test('a promise is proved anew by a button, and shows the evidence', async () => {
    const { page } = watched
    await page.goto(at('console', '/promises/transport.tls'))
    await page.getByRole('button', { name: 'Prove now' }).click()
    await page.getByText('Proved just now').waitFor()
    assert.match((await page.locator('main').textContent()) ?? '', /14 days/)
    await page.getByRole('rowheader', { name: 'console.borgen.localhost' }).first().waitFor()
    watched.mustBeQuiet()
  })

  test('the palette leads anywhere by keyboard, and the list of keys is one key away', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await board()
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox')
    await field.fill('modern TLS')
    await page.getByRole('option', { name: /Only modern TLS/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(at('console', '/promises/transport.tls'))
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('b')
    await board()
    watched.mustBeQuiet()
  })

  test('language and appearance are chosen once, and kept', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await page.getByRole('button', { name: 'Svenska' }).click()
    await page.getByRole('heading', { name: 'Håller vi vad vi lovar?' }).waitFor()
    await page.getByRole('button', { name: /^Utseende/ }).click()
    await page.reload()
    await page.getByRole('heading', { name: 'Håller vi vad vi lovar?' }).waitFor()
    assert.equal(await page.evaluate('document.documentElement.lang'), 'sv')
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: /^Appearance/ }).click()
    await page.getByRole('button', { name: /^Appearance/ }).click()
    assert.equal(await page.evaluate('document.documentElement.dataset.theme ?? "system"'), 'system')
    watched.mustBeQuiet()
  })

  test('a passkey is added, and signs in after signing out', async () => {
    const { page } = watched
    await page.goto(at('console', '/start?step=passkey'))
    await page.getByRole('button', { name: 'Add a passkey for this device' }).click()
    await page.getByText('You have one already.').waitFor()
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await board()
    watched.mustBeQuiet(/status of 401/)
  })

  test('a changed number waits for a second person, and then stands everywhere', async () => {
    const { page } = watched
    await page.goto(at('console', '/overview'))
    const text = page.getByRole('textbox', { name: 'The overview, in YAML' })
    const propose = page.getByRole('button', { name: 'Propose this and ask for approval' })
    const inForce = await text.inputValue()
    await text.fill(`${inForce.trimEnd()}\n  retention.cancelled: { after: 60 }\n`)
    await page
      .getByRole('button', { name: /^line \d+$/ })
      .first()
      .waitFor()
    assert.ok(await propose.isDisabled())
    await text.fill(`${inForce.trimEnd()}\n  retention.cancelled: { after: P60D }\n`)
    await page.getByText('It would change').waitFor()
    await propose.click()
    await page.waitForURL(/\/approvals/)
    await page.getByText('Exactly this is agreed to').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve with a passkey' }).count(), 0)
    await page.goto(at('console', '/promises/retention.cancelled'))
    await page.locator('[data-parameter="after"]').getByText('90 days').waitFor()

    const second = await chromium.context()
    const other = await openPage(second)
    await addAuthenticator(second, other.page)
    await other.page.goto(await linkFor('disa@borgen.localhost'))
    await other.page.getByRole('button', { name: 'Sign in' }).click()
    await other.page.getByRole('heading', { name: BOARD, level: 1 }).waitFor()
    await other.page.goto(at('console', '/start?step=passkey'))
    await other.page.getByRole('button', { name: 'Add a passkey for this device' }).click()
    await other.page.getByText('You have one already.').waitFor()
    await other.page.goto(at('console', '/approvals'))
    await other.page.getByRole('button', { name: 'Approve with a passkey' }).click()
    await other.page.getByText('Approved. It takes effect now.').waitFor()
    other.mustBeQuiet()
    await second.close()

    // The page that is open hears of it by itself.
    await page.locator('[data-parameter="after"]').getByText('60 days').waitFor()
    await page.getByRole('heading', { name: 'How the promise itself changed' }).waitFor()
    await page.getByRole('button', { name: 'Svenska' }).click()
    await page.locator('[data-parameter="after"]').getByText('60 dagar').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    watched.mustBeQuiet()
  })

  test('what is broken on purpose falls out of the wall, and is set again when mended', async () => {
    const { page } = watched
    page.setDefaultTimeout(120_000)
    await page.goto(at('console'))
    await page.getByRole('button', { name: 'Break something' }).click()
    const tls = page.getByRole('complementary').getByRole('listitem').filter({ hasText: 'certificates' })
    const stone = (verdict: string) => page.locator(`[data-stone="transport.tls"][data-verdict="${verdict}"]`)
    await stone('kept').waitFor()
    await tls.getByRole('button', { name: 'Break it' }).click()
    await stone('broken').waitFor()
    await page.getByText(/broken: .*only modern TLS/).waitFor()
    await tls.getByRole('button', { name: 'Mend it' }).click()
    await stone('kept').waitFor()
    page.setDefaultTimeout(20_000)
    watched.mustBeQuiet(/ERR_|certificate/)
  })

  test('a used link says so and what to do; a page that is not there leads back', async () => {
    const { page } = watched
    await signOut()
    await page.goto(link())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /used before/ }).waitFor()
    await mustBeAccessible(page)
    await page.goto(at('console', '/nothing/here'))
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await mustBeAccessible(page)
    await page.getByRole('link', { name: 'Go to the console' }).click()
    await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
    watched.mustBeQuiet(/status of 40[14]/)
  })

  test('trust page, portal and an address of nobody are whole pages', async () => {
    const { page } = watched
    const nobody = `https://nobody.uk.apps.localhost:${world.config().httpsPort}/`
    for (const url of [at('trust'), at('portal'), nobody]) {
      await page.goto(url)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await mustBeAccessible(page)
    }
    watched.mustBeQuiet(/status of 404/)
  })

  test('plain HTTP leads to HTTPS', async () => {
    const { page } = watched
    await page.goto(`http://console.borgen.localhost:${world.config().httpPort}/`)
    assert.equal(page.url(), at('console'))
  })
})
