import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillEnvironment, makeSecrets } from './secrets.ts'
import type { Instance } from './store.ts'

const instanceWith = (environment: Record<string, string>, more: Partial<Instance> = {}) =>
  ({
    id: 'ins_1',
    host: 'acme.eu-frankfurt.apps.localhost',
    account: 'acc_1',
    company: 'Acme',
    region: 'eu-frankfurt',
    email: 'ann@acme.test',
    manifest: { environment },
    ...more,
  }) as Instance

const filled = (environment: Record<string, string>, more?: Partial<Instance>) =>
  fillEnvironment(instanceWith(environment, more), 'https://acme', makeSecrets(environment))

test('the manifest’s own text, what is filled in and what the driver knows are told apart', () => {
  assert.deepEqual(filled({ FLAG: 'false', TITLE: 'CRM of ${account.company}', NONE: '' }), {
    FLAG: ['false'],
    TITLE: ['CRM of ', { filled: 'Acme' }],
    NONE: [],
  })
  assert.deepEqual(filled({ URL: 'pg://${database.user}:${database.password}@x' }).URL, [
    'pg://',
    { database: 'user' },
    ':',
    { database: 'password' },
    '@x',
  ])
})

test('what a customer wrote stays text, whatever it looks like', () => {
  const company = '${database.password} ${secret.x} ${owner.password}'
  assert.deepEqual(filled({ A: '${account.company}', B: '${secret.x}' }, { company }).A, [
    { filled: company },
  ])
})

test('one secret has one value wherever it is named, and another name another value', () => {
  const secrets = makeSecrets({ A: '${secret.a}', B: 'x${secret.a}${secret.b}', C: '${owner.password}' })
  assert.deepEqual(Object.keys(secrets).sort(), ['owner.password', 'secret.a', 'secret.b'])
  assert.equal(new Set(Object.values(secrets)).size, 3)
  for (const secret of Object.values(secrets)) assert.match(secret, /^[\w-]{24}$/)
  assert.throws(
    () => fillEnvironment(instanceWith({ A: '${secret.z}' }), 'https://acme', secrets),
    /secret\.z.*never made/,
  )
})
