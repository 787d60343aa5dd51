// bin/*.mjs are this package in one file each, for any Node from 20.12 on: made by
// `UPDATE_BUNDLE=1 node --test verify/src/cli/bundle.test.ts`, committed, and compared here.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'

const source = path.join(import.meta.dirname, '..')
const bin = path.join(source, '..', 'bin')
const entries = { 'borgen-verify.mjs': 'cli/borgen-verify.ts', 'index.mjs': 'index.ts' }

for (const [name, entry] of Object.entries(entries)) {
  test(`bin/${name} is what the source makes`, async () => {
    const built = await build({
      entryPoints: [path.join(source, entry)],
      absWorkingDir: path.join(source, '..'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.12',
      charset: 'utf8',
      write: false,
      logLevel: 'silent',
    })
    const shebang = name === 'borgen-verify.mjs' ? '#!/usr/bin/env node\n' : ''
    const note = '// Made from src/ by src/cli/bundle.test.ts; do not edit.\n'
    const text = shebang + note + built.outputFiles[0]!.text.replace(/^#!.*\n/, '')
    const file = path.join(bin, name)
    if (process.env.UPDATE_BUNDLE) fs.writeFileSync(file, text, { mode: 0o755 })
    assert.ok(
      fs.readFileSync(file, 'utf8') === text,
      `${file} is stale: UPDATE_BUNDLE=1 node --test ${import.meta.filename}`,
    )
    const outside = [
      ...text.matchAll(/^\s*(?:import|export) .* from "([^"]+)"|\brequire\(|\bimport\(/gm),
    ].map((m) => m[1])
    assert.ok(
      outside.length > 0 && outside.every((from) => from?.startsWith('node:')),
      `only node: is imported: ${outside}`,
    )
  })
}
