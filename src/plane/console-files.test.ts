import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { createHttpServer } from '../kernel/http.ts'
import { consoleFileRoutes, readConsoleFiles } from './console-files.ts'

const host = 'console.borgen.localhost:8443'
const folder = mkdtempSync(join(tmpdir(), 'bconsole-'))
mkdirSync(join(folder, 'assets'))
const written = {
  'index.html': '<!doctype html><script type="module" src="/assets/index-abc.js"></script>',
  'index.html.br': 'small',
  'assets/index-abc.js': 'export {}',
  'assets/index-abc.js.gz': 'zipped',
  'before-paint.js': ';',
  'pages.json': '["", "promises"]',
  'manifest.json': '{}',
  'sources.sha256': 'abc',
}
for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text)

const files = readConsoleFiles(folder)!
const app = createHttpServer({ logger: silentLogger })
consoleFileRoutes(app, host, files)
app.get('/', (request, reply) => files.sendPage(request, reply))
const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { host, ...headers } })
after(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

describe('the console’s built files', () => {
  test('with a hash in their name never change; the others are asked for again', async () => {
    const cacheOf = async (url: string) => (await get(url)).headers['cache-control']
    assert.equal(await cacheOf('/assets/index-abc.js'), 'public, max-age=31536000, immutable')
    assert.equal(await cacheOf('/before-paint.js'), 'no-cache')
    assert.equal(await cacheOf('/'), 'no-cache')
  })

  test('go out as they were compressed, to who takes that', async () => {
    const page = await get('/', { 'accept-encoding': 'gzip, br' })
    assert.equal(page.headers['content-encoding'], 'br')
    assert.equal(page.body, 'small')
    const script = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip, br' })
    assert.equal(script.headers['content-encoding'], 'gzip')
    assert.equal((await get('/')).headers['content-encoding'], undefined)
    assert.equal(script.headers.vary, 'accept-encoding')
  })

  test('run no script that does not come from here', async () => {
    const policy = String((await get('/')).headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'/)
    assert.match(policy, /script-src 'self'(;|$)/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
  })

  test('nothing else of the folder is served, and nothing on another name', async () => {
    for (const url of ['/pages.json', '/manifest.json', '/sources.sha256', '/assets/../pages.json'])
      assert.equal((await get(url)).statusCode, 404, url)
    assert.equal((await get('/assets/index-abc.js', { host: 'trust.borgen.localhost:8443' })).statusCode, 404)
  })

  test('only what pages.json names is a page', () => {
    assert.ok(['/', '/promises/backups.daily', '/?verdict=kept', '/promises?x=/'].every(files.isPage))
    assert.ok(!['/nothing', '/v1/status', '/promisesx'].some(files.isPage))
  })

  test('are absent where nothing was built', () => {
    assert.equal(readConsoleFiles(join(folder, 'nothing')), undefined)
  })
})
