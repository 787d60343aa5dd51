import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'

/** A Chromium that knows a world's names and trusts its authority, and no other world's. */
export type TestBrowser = {
  browser: Browser
  /** A context of its own: own cookies, own storage. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>
  close(): Promise<void>
}

export const desktop = { width: 1280, height: 800 }
export const wide = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium. */
export function chromiumPath(): string {
  const found = process.env.CHROMIUM ?? programs.find((path) => existsSync(path))
  if (!found) throw new Error('no Chromium was found: apt-get install chromium, or set CHROMIUM')
  return found
}

/**
 * Starts the system's Chromium with a home of its own, into whose store of certificates the world's authority goes as a person
 * would put it there. Nothing is told to ignore certificates, since passkeys would then be refused.
 */
export async function startBrowser(caPath: string): Promise<TestBrowser> {
  const executablePath = chromiumPath()
  const home = mkdtempSync(join(tmpdir(), 'borgen-browser-'))
  const store = join(home, '.pki', 'nssdb')
  mkdirSync(store, { recursive: true })
  const certutil = (...args: string[]) => {
    try {
      execFileSync('certutil', ['-d', `sql:${store}`, ...args])
    } catch (cause) {
      throw new Error('certutil failed or is missing: apt-get install libnss3-tools', { cause })
    }
  }
  certutil('-N', '--empty-password')
  certutil('-A', '-n', 'world', '-t', 'C,,', '-i', caPath)
  const browser = await chromium.launch({
    executablePath,
    // Playwright would otherwise hand its own environment on, and with it the person's own store.
    env: {
      ...process.env,
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
    },
    args: [
      '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      '--no-first-run',
      // Chromium's own sandbox refuses root; what it shows here is ours.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  return {
    browser,
    context: (options = {}) => browser.newContext({ viewport: desktop, locale: 'en-GB', ...options }),
    async close() {
      await browser.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The names that are the same in every world of the demo, and who signs in where. */
export function demoCustomers(
  dataDir: string,
): { url: string; email: string; password: string; company: string }[] {
  return JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8'))
}

/** Gives the pages of this context a passkey of the device: always there, never asking. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page)
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
}
