import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { z } from 'zod'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'

/**
 * MDN's HTTP Observatory looks at the plane's names as it would from outside: on ports 80 and 443, which a network namespace of
 * the world's own gives, with nothing changed in the scanner but where names lead (to loopback).
 */
const SCANNER = '@mdn/mdn-http-observatory'
const VERSION = '1.4.8'
/** What a site can reach that sets no cookie, runs no script of others, and stands on no browser's preload list. */
const PLAIN = 130
const FOR_INTEGRITY = 5
const FOR_PRELOAD = 5

const run = promisify(execFile)
const scanSchema = z.object({
  scan: z.object({
    score: z.number(),
    grade: z.string(),
    testsFailed: z.number(),
    testsQuantity: z.number(),
  }),
  tests: z.record(z.string(), z.object({ pass: z.boolean(), result: z.string(), scoreModifier: z.number() })),
})

describe('MDN HTTP Observatory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-observatory-'))
  const scanner = join(folder, 'node_modules', ...SCANNER.split('/'))
  const dataDir = worldFolder()
  let world: RunningWorld

  before(async () => {
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', [...install, '--prefix', folder, `${SCANNER}@${VERSION}`], { timeout: 300_000 })
    // Its install script would fetch these two lists.
    mkdirSync(join(scanner, 'conf'), { recursive: true })
    writeFileSync(join(scanner, 'conf', 'tld-list.json'), '[]')
    writeFileSync(
      join(folder, 'names.mjs'),
      `import dns from 'node:dns'
const { lookup } = dns
dns.lookup = (_, options, done) => lookup('127.0.0.1', options, done)
`,
    )
    world = startWorld(dataDir, {
      through: ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'],
      args: ['--https-port', '443', '--http-port', '80'],
    })
    await world.said(fullyUp)
  })

  after(async () => {
    await world?.end('SIGTERM')
    clearWorld(dataDir)
    rmSync(folder, { recursive: true, force: true })
  })

  async function scan(host: string, preloaded: Record<string, unknown>) {
    writeFileSync(join(scanner, 'conf', 'hsts-preload.json'), JSON.stringify(preloaded))
    const inside = ['--target', String(world.child.pid), '--net', '--', process.execPath]
    const { stdout } = await run(
      'nsenter',
      [...inside, '--import', join(folder, 'names.mjs'), join(scanner, 'src', 'scan.js'), host],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(dataDir, 'ca.crt') }, timeout: 60_000 },
    )
    return scanSchema.parse(JSON.parse(stdout))
  }

  for (const [name, reaches] of [
    ['console', PLAIN + FOR_INTEGRITY],
    ['trust', PLAIN],
    ['portal', PLAIN],
  ] as const) {
    test(`${name}: nothing fails, and at least ${reaches} points; ${FOR_PRELOAD} more once browsers know the domain`, async (t) => {
      const host = `${name}.borgen.localhost`
      const plain = await scan(host, {})
      const points = Object.entries(plain.tests).map(
        ([id, one]) => `${id} ${one.result} ${one.scoreModifier}`,
      )
      t.diagnostic(`${name}: ${plain.scan.score} ${plain.scan.grade}\n${points.join('\n')}`)
      assert.deepEqual(
        Object.entries(plain.tests).filter(([, one]) => !one.pass),
        [],
      )
      assert.equal(plain.scan.testsFailed, 0)
      assert.ok(plain.scan.score >= reaches, `${plain.scan.score}: ${points.join(', ')}`)
      // What a vendor gets by handing the domain in at hstspreload.org: the header already says what that asks for.
      const domain = { mode: 'force-https', includeSubDomains: true, includeSubDomainsForPinning: true }
      const listed = await scan(host, { 'borgen.localhost': domain })
      assert.equal(listed.scan.score, plain.scan.score + FOR_PRELOAD)
    })
  }
})
