import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { z } from 'zod'
import { desktop, phone, wide } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures of pages go; no part of the repository. */
export const screenshots = resolve(
  process.env.BORGEN_SCREENSHOTS ?? join(import.meta.dirname, '..', '..', '.screenshots'),
)
const violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()) })) }),
)

/** A page whose every complaint and every request to somebody else is kept. */
export type WatchedPage = {
  page: Page
  /** Fails when the console or a script complained, or anything was asked of another host, since the last call. */
  mustBeQuiet(allowed?: RegExp): void
}

export async function openPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`console: ${message.text()} ${message.location().url}`)
  })
  // Of the context: what a service worker asks for counts too.
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'blob:' && !hostname.endsWith('.localhost'))
      complaints.push(`asked a third party: ${request.url()}`)
  })
  return {
    page,
    mustBeQuiet(allowed) {
      const found = complaints.splice(0).filter((one) => !allowed?.test(one))
      assert.deepEqual(found, [])
    },
  }
}

type Look = { viewport: { width: number; height: number }; colorScheme: 'light' | 'dark' }

/** Every rule of axe, and no sideways scrolling, on a desktop in the light and on a phone in the dark. */
export async function mustBeAccessible(page: Page): Promise<void> {
  await mustBeAccessibleIn(page, { viewport: desktop, colorScheme: 'light' })
  await mustBeAccessibleIn(page, { viewport: phone, colorScheme: 'dark' })
  await page.setViewportSize(desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}

/** As mustBeAccessible, on phone and wide screen, each in the light and in the dark; each leaves a picture of this name. */
export async function mustBeSoundEverywhere(page: Page, name: string): Promise<void> {
  for (const viewport of [wide, phone])
    for (const colorScheme of ['light', 'dark'] as const) {
      await mustBeAccessibleIn(page, { viewport, colorScheme })
      await page.screenshot({
        path: join(screenshots, `${name}-${viewport.width}-${colorScheme}.png`),
        fullPage: true,
      })
    }
  await page.setViewportSize(desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}

async function mustBeAccessibleIn(page: Page, { viewport, colorScheme }: Look): Promise<void> {
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  // What measures itself is laid anew in the frame after.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  const where = `${page.url()} at ${viewport.width} px, ${colorScheme}`
  assert.ok(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    `scrolls sideways: ${where}`,
  )
  // Not a script element: the policy of the page would refuse that.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  const found = violations.parse(
    await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then((done) => done.violations)'),
  )
  const told = found.map(
    (one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`,
  )
  assert.deepEqual(told, [], where)
}

/** A script that somebody smuggled into the page does not run, nor does one from elsewhere load. */
export async function mustRefuseForeignScripts(page: Page): Promise<void> {
  const refused = await page.evaluate(`new Promise((resolve) => {
    const refused = []
    document.addEventListener('securitypolicyviolation', (event) => {
      refused.push(event.effectiveDirective)
      if (refused.length === 2) resolve(refused.sort())
    })
    const inline = document.createElement('script')
    inline.textContent = 'window.smuggled = true'
    const foreign = document.createElement('script')
    foreign.src = 'https://foreign.localhost/script.js'
    document.body.append(inline, foreign)
  })`)
  assert.deepEqual(refused, ['script-src-elem', 'script-src-elem'])
  assert.equal(await page.evaluate('window.smuggled'), undefined)
}

/** Moves with the Tab key alone until the control with this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed++) {
    await page.keyboard.press('Tab')
    const label = String(
      await page.evaluate(
        'document.activeElement?.getAttribute("aria-label") || document.activeElement?.labels?.[0]?.textContent || document.activeElement?.textContent || ""',
      ),
    ).trim()
    if (typeof name === 'string' ? label === name : name.test(label)) return
  }
  throw new Error(`the Tab key never came to ${name}`)
}
