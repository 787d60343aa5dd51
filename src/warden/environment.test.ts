import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseAddress, environmentOfNobody, resolveEnvironment } from './environment.ts'

const environment = {
  PLAIN: 'as-it-is',
  FLAG: ['false'],
  DSN: ['host=', { database: 'host' as const }, ' password=', { database: 'password' as const }],
  TITLE: ['CRM of ', { filled: 'Acme ${database.password}' }],
  EMPTY: [],
}

test('parts are joined, and what a customer wrote is never taken for a placeholder', () => {
  assert.deepEqual(resolveEnvironment(environment, databaseAddress({}, 'pw')), {
    PLAIN: 'as-it-is',
    FLAG: 'false',
    DSN: 'host=/run/pg password=pw',
    TITLE: 'CRM of Acme ${database.password}',
    EMPTY: '',
  })
})

test('the database is named by its Unix socket, or by a loopback port where the spec wants one', () => {
  assert.equal(databaseAddress({}, 'pw').url, 'postgres://app:pw@/app?host=%2Frun%2Fpg')
  assert.deepEqual(databaseAddress({ databasePort: 5433 }, 'pw'), {
    url: 'postgres://app:pw@127.0.0.1:5433/app',
    host: '127.0.0.1',
    port: '5433',
    name: 'app',
    user: 'app',
    password: 'pw',
  })
})

test('for nobody only the manifest’s own text and the database’s details remain', () => {
  const left = environmentOfNobody({ ...environment, MAIL: [{ filled: 'ann@acme.test' }] })
  assert.deepEqual(left.FLAG, ['false'])
  assert.deepEqual(left.DSN, environment.DSN)
  assert.doesNotMatch(JSON.stringify(left), /as-it-is|Acme|acme\.test/)
})
