// node shot.mjs DATA LINK OUT path:name[:width[:theme]] ...
import { chromium } from 'playwright-core'
import { readFileSync, mkdirSync } from 'node:fs'
const [link, out, ...pages] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--ignore-certificate-errors', '--host-resolver-rules=MAP *.localhost 127.0.0.1'] })
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } })
const page = await context.newPage()
page.on('console', (m) => { if (m.type() === 'error') console.log('console:', m.text()) })
page.on('pageerror', (e) => console.log('pageerror', e.message))
const origin = new URL(link).origin
if (link.includes('/sign-in/')) {
await page.goto(link)
await page.getByRole('button').first().click()
await page.waitForTimeout(1500)
await context.storageState({ path: out + '/state.json' }) } else { await context.addCookies(JSON.parse(readFileSync(out + '/state.json','utf8')).cookies) }
for (const spec of pages) {
  const [path, name, width = '1440', theme = 'light'] = spec.split('|')
  await page.emulateMedia({ colorScheme: theme })
  await page.setViewportSize({ width: Number(width), height: 900 })
  await page.goto(origin + path)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: `${out}/${name}-${width}-${theme}.png`, fullPage: true })
}
await browser.close()
