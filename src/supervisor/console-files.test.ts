import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { layout } from '../kernel/layout.ts'
import { ensureConsoleFiles, hashOfConsoleSources } from './console-files.ts'

const root = mkdtempSync(join(tmpdir(), 'bconsole-files-'))
after(() => rmSync(root, { recursive: true }))

// A checkout whose build takes no time: what is built says how often it was.
const BUILD = `
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const [into] = process.argv.slice(2)
if (readFileSync(import.meta.dirname + '/main.tsx', 'utf8') === 'broken') throw new Error('main.tsx cannot be parsed')
mkdirSync(into, { recursive: true })
writeFileSync(into + '/index.html', readFileSync(import.meta.dirname + '/main.tsx'))
`
let count = 0
let codeDir: string
let dataDir: string
const ensure = () => ensureConsoleFiles({ codeDir, dataDir, nodePath: process.execPath })
const page = () => readFileSync(join(layout.consoleFiles(dataDir), 'index.html'), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(codeDir, path), text)

beforeEach(() => {
  count += 1
  codeDir = join(root, `code ${count}`)
  dataDir = join(root, `data ${count}`)
  for (const folder of ['web/ui', 'src/api-client']) mkdirSync(join(codeDir, folder), { recursive: true })
  mkdirSync(dataDir)
  write('web/build.ts', BUILD)
  write('web/main.tsx', 'one')
  write('src/api-client/schema.ts', '')
  write('package-lock.json', '{}')
})

describe('the console’s pages', () => {
  test('are built at the first start, and at the second not again', async () => {
    assert.equal(await ensure(), true)
    assert.equal(page(), 'one')
    assert.equal(await ensure(), false)
  })

  test('are built again when any source changed, a test aside', async () => {
    await ensure()
    write('web/ui/wall.test.ts', 'a test')
    assert.equal(await ensure(), false)
    write('web/main.tsx', 'two')
    assert.equal(await ensure(), true)
    assert.equal(page(), 'two')
    write('src/api-client/schema.ts', 'export {}')
    assert.equal(await ensure(), true)
  })

  test('that another world built from the same sources are taken as they are', async () => {
    await ensure()
    const first = dataDir
    dataDir = join(root, `data ${count} b`)
    mkdirSync(dataDir)
    assert.equal(await ensure(), false)
    assert.equal(page(), 'one')
    assert.ok(existsSync(layout.consoleFiles(first)))
  })

  test('are built for this world alone where the checkout cannot be written to', async () => {
    // A file in the place of the folder refuses root too.
    write('web/dist', 'not a folder')
    const other = join(root, `code ${count} b`)
    cpSync(codeDir, other, { recursive: true })
    assert.equal(await ensure(), true)
    assert.equal(page(), 'one')
    assert.equal(await ensure(), false)
  })

  test('that cannot be built say why, leave no half, and what was there stays', async () => {
    await ensure()
    write('web/main.tsx', 'broken')
    await assert.rejects(ensure(), /could not be built.*main\.tsx cannot be parsed/s)
    assert.equal(page(), 'one')
  })

  test('have a hash that knows names as well as contents', () => {
    const before = hashOfConsoleSources(codeDir)
    write('web/ui/a.ts', 'x')
    const a = hashOfConsoleSources(codeDir)
    rmSync(join(codeDir, 'web/ui/a.ts'))
    write('web/ui/b.ts', 'x')
    assert.equal(new Set([before, a, hashOfConsoleSources(codeDir)]).size, 3)
  })
})
