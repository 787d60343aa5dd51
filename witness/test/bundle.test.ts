// bin/borgen-witness.mjs is this program in one file, for any Node from 20.12 on: made by
// `UPDATE_BUNDLE=1 node --test witness/test/bundle.test.ts`, committed, and compared here.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'

test('bin/borgen-witness.mjs is what the source makes, and needs nothing but Node', async () => {
  const folder = join(import.meta.dirname, '..')
  const built = await build({
    entryPoints: [join(folder, 'src', 'borgen-witness.ts')],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    charset: 'utf8',
    write: false,
    logLevel: 'silent',
  })
  const note = '// Made from src/ by test/bundle.test.ts; do not edit.\n'
  const text = `#!/usr/bin/env node\n${note}${built.outputFiles[0]!.text.replace(/^#!.*\n/, '')}`
  const file = join(folder, 'bin', 'borgen-witness.mjs')
  if (process.env.UPDATE_BUNDLE) writeFileSync(file, text, { mode: 0o755 })
  assert.ok(
    readFileSync(file, 'utf8') === text,
    `${file} is stale: UPDATE_BUNDLE=1 node --test ${import.meta.filename}`,
  )
  const outside = [...text.matchAll(/^\s*import .* from "([^"]+)"|\brequire\(|\bimport\(/gm)].map((m) => m[1])
  assert.ok(outside.length > 0 && outside.every((from) => from?.startsWith('node:')), `${outside}`)
})
