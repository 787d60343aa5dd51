import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { missingOptionals } from '../../bin/complete-lockfile.mjs'

const checkout = join(import.meta.dirname, '..', '..')
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
})

const namesMissing = (lock: unknown) => missingOptionals(lockSchema.parse(lock)).map(({ name }) => name)

test('the lockfile names every platform package, so that `npm ci` takes a fresh clone', () => {
  const lock: unknown = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8'))
  assert.deepEqual(namesMissing(lock), [], 'run: node bin/complete-lockfile.mjs')
})

test('a lockfile without one is noticed', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { '@a/linux-x64': '1.0.0', '@a/linux-arm64': '1.0.0' } },
  }
  assert.deepEqual(namesMissing({ packages: { ...packages, 'node_modules/@a/linux-x64': {} } }), [
    '@a/linux-arm64',
  ])
  const nested = { 'node_modules/a/node_modules/@a/linux-arm64': {}, 'node_modules/@a/linux-x64': {} }
  assert.deepEqual(namesMissing({ packages: { ...packages, ...nested } }), [])
})
