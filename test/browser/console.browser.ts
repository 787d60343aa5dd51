import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext } from 'playwright-core'
import { demoCustomers, startBrowser, type TestBrowser } from '../support/browser.ts'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'
import {
  mustBeAccessible,
  mustRefuseForeignScripts,
  openPage,
  tabTo,
  type WatchedPage,
} from '../support/watched-page.ts'

describe('the console, as an operator meets it', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let chromium: TestBrowser
  let context: BrowserContext
  let watched: WatchedPage
  const at = (name: string) => `https://${name}.borgen.localhost:${world.config().httpsPort}/`

  before(async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
    chromium = await startBrowser(`${dataDir}/ca.crt`)
    context = await chromium.context()
    watched = await openPage(context)
    const devtools = await context.newCDPSession(watched.page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
  })
  after(async () => {
    await chromium?.close()
    if (world && world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })
  const link = () => /https:\S+\/sign-in\/\S+/.exec(world.output())![0]
  const signOut = () => watched.page.getByRole('button', { name: 'Sign out' }).click()

  test('nobody signed in: one page, which says how', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
    await mustBeAccessible(page)
    watched.mustBeQuiet()
    await mustRefuseForeignScripts(page)
    watched.mustBeQuiet(/Content Security Policy/)
  })

  test('the watch itself sees what is planted', async () => {
    const { page } = watched
    await page.evaluate('document.querySelector("main").append(document.createElement("button"))')
    await assert.rejects(mustBeAccessible(page), /button-name/)
    await page.evaluate('console.error("planted")')
    assert.throws(() => watched.mustBeQuiet(), /planted/)
    await page.evaluate('fetch("https://third.example/").catch(() => undefined)')
    assert.throws(() => watched.mustBeQuiet(), /Content Security Policy/)
  })

  test('the link of the start signs in once, by keyboard alone', async () => {
    const { page } = watched
    await page.goto(link())
    await mustBeAccessible(page)
    await page.reload()
    await tabTo(page, 'Sign in')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What runs here' }).waitFor()
    const [cookie] = await context.cookies()
    assert.equal(cookie?.name, '__Host-borgen')
    assert.ok(cookie.secure && cookie.httpOnly)
    watched.mustBeQuiet()
  })

  test('both demo customers, every process and the log are there', async () => {
    const { page } = watched
    const customers = demoCustomers(dataDir)
    assert.equal(customers.length, 2)
    for (const { company, url } of customers) {
      const row = page.getByRole('row').filter({ hasText: company })
      assert.equal(await row.getByRole('link').getAttribute('href'), url)
      assert.match((await row.textContent()) ?? '', /awake|asleep/)
    }
    for (const { name } of world.record().processes.filter((one) => one.state === 'ready'))
      await page.getByRole('rowheader', { name, exact: true }).waitFor()
    assert.match((await page.getByText(/Root of the tree/).textContent()) ?? '', /over \d+ entries/)
    await mustBeAccessible(page)
    watched.mustBeQuiet()
    await mustRefuseForeignScripts(page)
    watched.mustBeQuiet(/Content Security Policy/)
  })

  test('a passkey is added, and signs in after signing out', async () => {
    const { page } = watched
    await page.goto(at('console'))
    await page.getByRole('button', { name: 'Add a passkey for this device' }).click()
    await page.getByRole('rowheader', { name: 'Chrome on Linux' }).waitFor()
    await mustBeAccessible(page)
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'What runs here' }).waitFor()
    const known = page.getByRole('row').filter({ hasText: 'Chrome on Linux' })
    assert.doesNotMatch((await known.textContent()) ?? '', /never/)
    watched.mustBeQuiet()
  })

  test('a used link says so and what to do; a page that is not there leads back', async () => {
    const { page } = watched
    await signOut()
    await page.goto(link())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /used before/ }).waitFor()
    await mustBeAccessible(page)
    await page.goto(`${at('console')}nothing/here`)
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
