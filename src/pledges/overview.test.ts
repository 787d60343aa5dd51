import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { REGISTER } from '../register.ts'
import { compileOverview, isDeviation, PROMISE_KEYS } from './overview.ts'
import type { Parameter } from './pledge.ts'
import { compareDurations, isDuration } from './units.ts'

const compile = (text: string) => compileOverview(text, REGISTER)
const of = (lines: string) => `overview: 1\npromises:\n${lines}`

test('an overview without deviations is the register', () => {
  const compiled = compile('overview: 1\n')
  assert.ok(compiled.ok)
  assert.equal(compiled.overview.promises.length, 34)
  for (const { pledge, values, dropped } of compiled.overview.promises) {
    assert.equal(dropped, null)
    for (const [name, value] of Object.entries(values))
      assert.deepEqual(value, pledge.parameters[name]!.default)
  }
})

test('a deviation changes its value and nothing else; the same content has the same hash', () => {
  const compiled = compile(of('  retention.cancelled:\n    after: P60D\n'))
  assert.ok(compiled.ok)
  const cancelled = compiled.overview.promises.find((one) => one.pledge.id === 'retention.cancelled')
  assert.deepEqual(cancelled?.values, { after: 'P60D', finishWithin: 'P8D' })
  const again = compile('# the same\npromises: { retention.cancelled: { after: P60D } }\noverview: 1\n')
  assert.ok(again.ok)
  assert.equal(again.overview.hash, compiled.overview.hash)
  const other = compile('overview: 1\n')
  assert.ok(other.ok)
  assert.notEqual(other.overview.hash, compiled.overview.hash)
})

describe('every damage is named with file, line, found, expected and remedy', () => {
  const damages: [what: string, text: string, line: number, found: RegExp, expected: RegExp][] = [
    ['no YAML', 'overview: [1\n', 2, /flow|bracket|\]/i, /YAML/],
    [
      'an alias',
      of('  retention.trial: &a { after: P10D }\n  retention.cancelled: *a\n'),
      4,
      /alias/,
      /plain/,
    ],
    ['a key twice', 'overview: 1\noverview: 1\n', 2, /unique/i, /YAML/],
    ['not a mapping', '- 1\n', 1, /\[1\]/, /mapping/],
    ['no version', 'promises: {}\n', 1, /nothing/, /overview: 1/],
    ['another version', 'overview: 2\n', 1, /2/, /overview: 1/],
    ['an unknown key', 'overview: 1\npledges: {}\n', 2, /pledges/, /promises/],
    ['a vendor that is a number', 'overview: 1\nvendor: 7\n', 2, /7/, /name/],
    ['promises as a list', 'overview: 1\npromises: [retention.trial]\n', 2, /retention\.trial/, /mapping/],
    ['an unknown promise', of('  retention.canceled: { after: P60D }\n'), 3, /canceled/, /id of a promise/],
    ['an unknown parameter', of('  retention.trial: { afer: P12D }\n'), 3, /afer/, /after/],
    ['a missing number', of('  retention.trial:\n    after:\n'), 4, /null/, /value/],
    ['a promise with nothing', of('  retention.trial:\n'), 3, /nothing/, /dropped/],
    ['a bad unit', of('  retention.trial: { after: 12 days }\n'), 3, /12 days/, /ISO 8601/],
    ['a bare number', of('  retention.trial: { after: 12 }\n'), 3, /12/, /ISO 8601/],
    ['a negative duration', of('  retention.trial: { after: -P12D }\n'), 3, /-P12D/, /ISO 8601/],
    ['a duration of nothing', of('  retention.trial: { after: P0D }\n'), 3, /P0D/, /ISO 8601/],
    ['more than the law allows', of('  breach.notified: { within: P9D }\n'), 3, /P9D/, /at most PT72H/],
    ['less than can be', of('  retention.trial: { finishWithin: PT1H }\n'), 3, /PT1H/, /at least P1D/],
    ['a contradiction', of('  backups.restorable:\n    window: P60D\n'), 4, /kept: P35D/, /window/],
    [
      'a count that is no number',
      of('  engineering.reviewed: { reviewers: two }\n'),
      3,
      /two/,
      /whole number/,
    ],
    ['no reviewer', of('  engineering.reviewed: { reviewers: 0 }\n'), 3, /0/, /at least 1/],
    [
      'an unknown choice',
      of('  retention.payment-failure: { closureAnchor: never }\n'),
      3,
      /never/,
      /suspension/,
    ],
    ['an unknown region', of('  location.pinned: { regions: [mars] }\n'), 3, /mars/, /eu-ireland/],
    ['a region twice', of('  location.pinned: { regions: [uk, uk] }\n'), 3, /uk/, /once/],
    ['dropped without a reason', of('  premises.cctv: { dropped: yes }\n'), 3, /yes/, /reason/],
    [
      'dropped and changed',
      of('  premises.cctv: { dropped: We own no premises., kept: P9D }\n'),
      3,
      /dropped/,
      /one of both/,
    ],
    ['proved every blink', of('  retention.trial: { every: PT1S }\n'), 3, /PT1S/, /at least PT10S/],
    ['proved once a quarter', of('  retention.trial: { every: P92D }\n'), 3, /P92D/, /at most P31D/],
    ['proved every month', of('  retention.trial: { every: P1M }\n'), 3, /P1M/, /days, hours/],
    ['proved hourly in words', of('  retention.trial: { every: hourly }\n'), 3, /hourly/, /ISO 8601/],
    [
      'evidence staler than its renewal',
      of('  retention.trial: { every: PT1H, freshness: PT30M }\n'),
      3,
      /PT30M/,
      /at least PT1H/,
    ],
    [
      'proved more seldom than its sentence tells of attacks',
      of('  isolation.single-tenant:\n    every: P7D\n'),
      4,
      /every: P7D/,
      /at most PT1H, the value of \{probes\}/,
    ],
    [
      'attacks promised oftener than it is proved',
      of('  isolation.single-tenant:\n    probes: PT10M\n'),
      4,
      /every: PT1H, which is the default/,
      /at most PT10M/,
    ],
    [
      'proved more seldom than a witness confirms it',
      of('  logs.isolated: { every: P31D }\n'),
      3,
      /every: P31D/,
      /at most PT5M/,
    ],
    [
      'proved more seldom than it is rehearsed',
      of('  backups.restorable:\n    drill: P7D\n    every: P8D\n'),
      5,
      /every: P8D/,
      /at most P7D, the value of \{drill\}/,
    ],
    ['two documents', 'overview: 1\n---\noverview: 1\n', 2, /second document/, /one document/],
    [
      'a sentence that lost its number',
      of('  encryption.fields:\n    says:\n      en: All is encrypted.\n'),
      5,
      /without \{rotate\}/,
      /\{rotate\}/,
    ],
    [
      'a translation that lost its number',
      of(
        '  encryption.fields:\n    says:\n      en: "New keys {rotate:every}."\n      sv: Nya nycklar ofta.\n',
      ),
      6,
      /without \{rotate\}/,
      /\{rotate\}/,
    ],
    [
      'a slot that stands for nothing',
      of('  encryption.fields: { says: { en: "Keys {rotat:every}, {rotate}." } }\n'),
      3,
      /\{rotat\}/,
      /\{rotate\}/,
    ],
    [
      'a brace too many',
      of('  encryption.fields: { says: { en: "New keys {rotate:every}}." } }\n'),
      3,
      /stray/,
      /braces/,
    ],
    ['words in no language', of('  retention.trial: { says: { de: Alles weg. } }\n'), 3, /de/, /en or sv/],
    ['too long', `overview: 1\n# ${'x'.repeat(300_000)}\n`, 1, /bytes/, /at most/],
  ]
  for (const [what, text, line, found, expected] of damages)
    test(what, () => {
      const compiled = compile(text)
      assert.ok(!compiled.ok)
      const problem = compiled.problems[0]!
      assert.equal(problem.file, 'overview.yaml')
      assert.equal(problem.line, line, JSON.stringify(compiled.problems))
      assert.match(problem.found, found)
      assert.match(problem.expected, expected)
      assert.ok(problem.remedy.length > 5)
    })
})

test('how often a promise is proved is read, and is a deviation', () => {
  const compiled = compile(
    of('  transport.tls: { every: PT30S }\n  logs.isolated: { every: PT1M, freshness: PT5M }\n'),
  )
  assert.ok(compiled.ok)
  const rhythm = (id: string) => {
    const { every, freshness } = compiled.overview.promises.find((one) => one.pledge.id === id)!
    return { every, freshness }
  }
  assert.deepEqual(rhythm('transport.tls'), { every: 'PT30S', freshness: undefined })
  assert.deepEqual(rhythm('logs.isolated'), { every: 'PT1M', freshness: 'PT5M' })
  assert.deepEqual(compiled.overview.promises.filter(isDeviation).length, 2)
})

test('what bounds how seldom a promise is proved is one of its durations, and the register keeps to it', () => {
  const bounded = REGISTER.filter((pledge) => pledge.provedAtLeast !== undefined)
  assert.deepEqual(bounded.map(({ id }) => id).sort(), [
    'backups.restorable',
    'isolation.single-tenant',
    'logs.isolated',
  ])
  for (const { id, provedAtLeast: by = '', parameters, every } of bounded) {
    const parameter: Parameter | undefined = parameters[by as keyof typeof parameters]
    const atMost = parameter?.unit === 'duration' ? parameter.default : by
    assert.ok(isDuration(atMost), id)
    assert.ok(compareDurations(every, atMost) <= 0, id)
  }
  assert.ok(compile(of('  isolation.single-tenant: { probes: PT10M, every: PT10M }\n')).ok)
  assert.ok(compile(of('  isolation.single-tenant: { probes: P1D, every: PT12H }\n')).ok)
  assert.ok(compile(of('  isolation.single-tenant: { dropped: We serve one customer alone. }\n')).ok)
})

test('no parameter is called as what every promise may say of itself', () => {
  for (const pledge of REGISTER)
    for (const key of PROMISE_KEYS) assert.ok(!(key in pledge.parameters), `${pledge.id}: ${key}`)
})

test('whatever text it is given, it answers', () => {
  for (const text of [
    '',
    '\0',
    'null',
    '"x"',
    '[]',
    '{}',
    'a: b: c',
    '\ud800',
    '%YAML 9.9',
    '!!js/function x',
    '- - - -',
  ])
    assert.equal(compile(text).ok, false, JSON.stringify(text))
})
