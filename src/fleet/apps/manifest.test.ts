import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest } from './manifest.ts'

const least = [
  'name: shop',
  'version: 1.0.0',
  'start: [./server]',
  'database: postgres',
  'listen: { port: 8080 }',
  'health: /',
]

/** The manifest of the six needed lines, with these in their place or after them. */
function parse(...lines: string[]) {
  const names = lines.map((line) => line.split(':')[0])
  return parseManifest([...least.filter((line) => !names.includes(line.split(':')[0])), ...lines].join('\n'))
}
function problemsOf(...lines: string[]) {
  const result = parse(...lines)
  return result.ok
    ? []
    : result.problems.map(({ line, at, found, expected }) => ({ line, at, found, expected }))
}

test('six lines are enough', () => {
  const result = parse()
  assert.ok(result.ok)
  assert.equal(result.manifest.release, '.')
})

test('the database can be named in the program’s own words, and at a port', () => {
  const result = parse(
    'databasePort: 5432',
    'startLimit: PT3M',
    'environment: { database__connection__host: "${database.host}", HOME: /files, PGHOST: "${database.host}" }',
  )
  assert.deepEqual(result.ok && [result.manifest.databasePort, result.manifest.startLimit], [5432, 'PT3M'])
})

test('without a database there is nothing to name', () => {
  assert.deepEqual(
    problemsOf('database: none', 'databasePort: 5432', 'environment: { A: "${database.url}" }'),
    [
      { line: 7, at: 'databasePort', found: '5432', expected: 'nothing, or `database: postgres`' },
      {
        line: 8,
        at: 'environment.A',
        found: '"${database.url}"',
        expected: 'no placeholder of a database, or `database: postgres`',
      },
    ],
  )
})

test('each mistake is named with its line, what was found and what is expected', () => {
  for (const [line, at, expected] of [
    ['startLimit: PT1H', 'startLimit', /PT1S to PT10M/],
    ['startLimit: 60', 'startLimit', /text; in quotes/],
    ['databasePort: 80', 'databasePort', /1024/],
    ['databasePort: 8080', 'databasePort', /another port/],
    ['environment: { A: "${database.pasword}" }', 'environment.A', /database\.password/],
    ['environment: { PATH: /x }', 'environment.PATH', /name that Borgen does not set/],
    ['environment: { 1A: x }', 'environment.1A', /letters, digits/],
    ['environment: { DEBUG: true }', 'environment.DEBUG', /text; in quotes/],
    ['start: node server.js', 'start', /a list: the program/],
    ['listen: 8080', 'listen', /port: 8080/],
    ['listen: { port: 80 }', 'listen.port', /1024/],
    ['memory: 12', 'memory', /^one of name, version/],
    ['limits: { memoryMiB: 32 }', 'limits.memoryMiB', /64/],
  ] as const) {
    const [problem, ...others] = problemsOf(line)
    assert.deepEqual(others, [], line)
    assert.equal(problem?.at, at, line)
    assert.match(problem?.expected ?? '', expected, line)
    assert.equal(problem?.line, /^(start|listen):/.test(line) ? 6 : 7, line)
  }
})
