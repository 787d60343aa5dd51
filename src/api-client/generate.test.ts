import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeApi, typesOf } from './generate.ts'

const checkout = join(import.meta.dirname, '..', '..')
const committed = (name: string) => readFileSync(join(checkout, name), 'utf8')

test('openapi.json and schema.ts are what the routes say (npm run generate)', async () => {
  const openapi = await describeApi()
  assert.ok(openapi === committed('openapi.json'), 'openapi.json is stale: run `npm run generate`')
  const types = await typesOf(openapi)
  assert.ok(types === committed('src/api-client/schema.ts'), 'schema.ts is stale: run `npm run generate`')
})

test('every operation has a name of its own, a summary, a tag, and an error that is a problem document', async () => {
  const { paths } = JSON.parse(committed('openapi.json'))
  const names = new Set<string>()
  for (const [path, operations] of Object.entries<Record<string, Record<string, unknown>>>(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const { operationId, summary, tags } = operation
      assert.ok(typeof operationId === 'string' && !names.has(operationId), `${method} ${path}`)
      names.add(operationId)
      assert.ok(typeof summary === 'string' && summary !== '', `${method} ${path}`)
      assert.ok(Array.isArray(tags) && tags.length === 1, `${method} ${path}`)
    }
})
