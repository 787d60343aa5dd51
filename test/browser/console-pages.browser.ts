import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Route } from 'playwright-core'
import { same } from '../../src/pledges/sentence.ts'
import { NO_PROOF } from '../../src/pledges/verdict.ts'
import { addAuthenticator, startBrowser, type TestBrowser } from '../support/browser.ts'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'
import { mustBeSoundEverywhere, openPage, screenshots, type WatchedPage } from '../support/watched-page.ts'

type Promised = {
  verdict: string
  reason: object
  remedy: object | null
  population: object | null
  since: number
}

/** As the wall may stand one day; the answers are changed on their way to the page, which is what is looked at here. */
const WALLS: Record<string, Partial<Promised>> = {
  'all-kept': {
    verdict: 'kept',
    reason: {
      en: 'Each of 12,345 instances is as promised.',
      sv: 'Var och en av 12 345 instanser är som utlovat.',
    },
    remedy: null,
    population: { all: 12345, examined: 12345, kept: 12345, of: { en: 'instances', sv: 'instanser' } },
  },
  'all-broken': {
    verdict: 'broken',
    reason: same(
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG: overdue since Tuesday.',
    ),
    population: { all: 12345, examined: 12345, kept: 12001, of: { en: 'instances', sv: 'instanser' } },
  },
  'all-unknown': { verdict: 'unknown', reason: NO_PROOF, population: null },
  'all-unexercised': { verdict: 'unexercised', reason: same('Nothing has come due yet.'), population: null },
}

describe('every page of the console', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let chromium: TestBrowser
  let context: BrowserContext
  let watched: WatchedPage
  const at = (path: string) => `https://console.borgen.localhost:${world.config().httpsPort}${path}`

  before(async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
    chromium = await startBrowser(`${dataDir}/ca.crt`)
    context = await chromium.context()
    watched = await openPage(context)
    await addAuthenticator(context, watched.page)
    await watched.page.goto(/https:\S+\/sign-in\/\S+/.exec(world.output())![0])
    await watched.page.getByRole('button', { name: 'Sign in' }).click()
    await watched.page.locator('[data-stone]').first().waitFor()
  })
  after(async () => {
    await chromium?.close()
    if (world && world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })
  const settled = async () => {
    const { page } = watched
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
  }
  const firstOf = (list: 'accounts' | 'instances') =>
    watched.page.evaluate(
      `fetch('/v1/${list}?limit=1').then((answer) => answer.json()).then((answer) => answer.items[0].id)`,
    ) as Promise<string>

  const pages: [string, () => string | Promise<string>][] = [
    ['board', () => '/'],
    ['board-filtered', () => '/?verdict=unexercised'],
    ['promise', () => '/promises/transport.tls'],
    ['promise-numbers', () => '/promises/retention.payment-failure'],
    ['approvals', () => '/approvals?show=all'],
    ['overview', () => '/overview'],
    ['attestations', () => '/attestations?promise=location.pinned'],
    ['accounts', () => '/accounts'],
    ['account', async () => `/accounts/${await firstOf('accounts')}`],
    ['instances', () => '/instances'],
    ['instance', async () => `/instances/${await firstOf('instances')}`],
    ['regions', () => '/regions'],
    ['log', () => '/log'],
    ['people', () => '/people'],
    ['settings', () => '/settings'],
    ['start', () => '/start'],
    ['start-customer', () => '/start?step=customer'],
    ['missing', () => '/promises/nothing/of/this/kind'],
  ]
  for (const [name, path] of pages)
    test(`${name}: sound and accessible, narrow and wide, light and dark`, async () => {
      await watched.page.goto(at(await path()))
      await settled()
      await mustBeSoundEverywhere(watched.page, name)
      watched.mustBeQuiet(/status of 404/)
    })

  for (const [name, wall] of Object.entries(WALLS))
    test(`the board when it is ${name.replace('-', ' ')}`, async () => {
      const { page } = watched
      const change = async (route: Route) => {
        const { items } = JSON.parse(await answerTo(route)) as { items: Promised[] }
        const body = JSON.stringify({
          items: items.map((one) => ({ ...one, ...wall, since: Date.now() - 3_600_000 })),
        })
        await route.fulfill({ contentType: 'application/json', body })
      }
      const answerTo = async (route: Route) =>
        String(
          await helper.evaluate(
            `fetch(${JSON.stringify(new URL(route.request().url()).pathname)}).then((answer) => answer.text())`,
          ),
        )
      const helper = await context.newPage()
      await helper.goto(at('/assets/wall.svg'))
      await page.route('**/v1/promises', change)
      try {
        await page.goto(at('/'))
        await page.locator(`[data-stone][data-verdict="${wall.verdict}"]`).first().waitFor()
        assert.equal(await page.locator(`[data-verdict="${wall.verdict}"][data-stone]`).count(), 34)
        await mustBeSoundEverywhere(page, `board-${name}`)
        watched.mustBeQuiet()
      } finally {
        await page.unroute('**/v1/promises')
        await helper.close()
      }
    })

  test('in Swedish', async () => {
    const { page } = watched
    await page.goto(at('/'))
    await page.evaluate('localStorage.setItem("borgen.language", "sv")')
    for (const [name, path] of [
      ['board', '/'],
      ['promise', '/promises/retention.cancelled'],
    ] as const) {
      await page.goto(at(path))
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByRole('status', { name: 'Hämtar' }).first().waitFor({ state: 'detached' })
      await mustBeSoundEverywhere(page, `${name}-sv`)
    }
    await page.evaluate('localStorage.removeItem("borgen.language")')
    watched.mustBeQuiet()
  })

  test('palette, keys, menus and the demo’s workshop, opened', async () => {
    const { page } = watched
    const open = async (name: string, how: () => Promise<void>, what: string) => {
      await page.goto(at('/'))
      await settled()
      await how()
      await page.locator(what).first().waitFor()
      await mustBeSoundEverywhere(page, name)
    }
    await open('palette', () => page.keyboard.press('Control+k'), '[role=listbox]')
    await open('keys', () => page.keyboard.press('?'), '[role=dialog]')
    await open('workshop', () => page.getByRole('button', { name: 'Break something' }).click(), 'aside li')
    watched.mustBeQuiet()
  })

  test(`the pictures lie in ${screenshots}`, async () => {
    const { existsSync } = await import('node:fs')
    for (const [name] of pages)
      for (const width of [390, 1440])
        for (const theme of ['light', 'dark'])
          assert.ok(existsSync(`${screenshots}/${name}-${width}-${theme}.png`))
  })
})
