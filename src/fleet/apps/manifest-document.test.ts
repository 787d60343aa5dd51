import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { manifestSchema, PLACEHOLDERS, parseManifest } from './manifest.ts'

const text = readFileSync(new URL('../../../docs/app-manifest.md', import.meta.url), 'utf8')

test('the example in docs/app-manifest.md is a manifest', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(text)![1]!
  assert.deepEqual(parseManifest(example).ok, true)
})

test('docs/app-manifest.md names every field and every placeholder', () => {
  for (const name of [...Object.keys(manifestSchema.shape), ...PLACEHOLDERS.map((one) => `\${${one}}`)])
    assert.ok(text.includes(`\`${name}\``), name)
})
