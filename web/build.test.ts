import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildConsole } from './build.ts'

const FIRST_LOAD_LIMIT_BYTES = 180 * 1024

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; css?: string[] }

describe('the console, built', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bweb-'))
  let chunks: Record<string, Chunk>
  before(async () => {
    await buildConsole(folder)
    chunks = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('the scripts of the first load come to at most 180 KB, compressed by gzip', (context) => {
    const first = new Set<string>()
    const take = (name: string) => {
      const chunk = chunks[name]
      if (!chunk || first.has(chunk.file)) return
      first.add(chunk.file)
      for (const one of chunk.imports ?? []) take(one)
    }
    for (const [name, chunk] of Object.entries(chunks)) if (chunk.isEntry) take(name)
    const sizeOf = (ending: string) =>
      [...first].reduce((sum, file) => {
        const path = join(folder, file)
        return sum + statSync(existsSync(path + ending) ? path + ending : path).size
      }, 0)
    context.diagnostic(`first load: ${sizeOf('.gz')} bytes by gzip, ${sizeOf('.br')} by brotli`)
    assert.ok(first.size > 0)
    assert.ok(sizeOf('.gz') <= FIRST_LOAD_LIMIT_BYTES, `${sizeOf('.gz')} bytes`)
  })

  test('nothing stands inline: the pages’ policy would refuse it', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8')
    assert.doesNotMatch(page, /<style|\sstyle=|<script(?![^>]*\ssrc=)/)
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address!, /^\//)
  })

  test('no file speaks of another host', () => {
    for (const name of readdirSync(join(folder, 'assets')).filter((one) => one.endsWith('.css')))
      assert.doesNotMatch(
        readFileSync(join(folder, 'assets', name), 'utf8'),
        /url\((?:"|')?(?:https?:|data:)/,
      )
  })
})
