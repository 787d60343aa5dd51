import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { REGISTER } from '../register.ts'
import { lintOverview } from './lint.ts'
import { LANGUAGES } from './pledge.ts'

const of = (lines: string) => `overview: 1\npromises:\n${lines}`
const said = (en: string, sv: string, values = '') =>
  of(
    `  encryption.fields:\n${values}    says:\n      en: ${JSON.stringify(en)}\n      sv: ${JSON.stringify(sv)}\n`,
  )
const [en, sv] = ['Keys are renewed {rotate:every}.', 'Nycklar förnyas {rotate:every}.']
const lint = (text: string) => lintOverview(text, REGISTER)

test('a plain overview has nothing to complain of', () => {
  assert.deepEqual(lint(said(en, sv)), [])
  assert.deepEqual(lint('overview: 1\n'), [])
})

test('the register’s own words pass', () => {
  for (const pledge of REGISTER) {
    const says = LANGUAGES.map(
      (language) => `      ${language}: ${JSON.stringify(pledge.says[language])}`,
    ).join('\n')
    assert.deepEqual(lint(of(`  ${pledge.id}:\n    says:\n${says}\n`)), [], pledge.id)
  }
})

describe('every complaint names its line, what was found, what is expected and what to do', () => {
  const complaints: [what: string, text: string, line: number, found: RegExp, expected: RegExp][] = [
    ['a vague span', said(`Regularly. ${en}`, sv), 5, /Regularly/, /how often/],
    ['a vague effort', said(`We strive. ${en}`, sv), 5, /strive/, /certain/],
    ['a vague measure', said(`Appropriate measures. ${en}`, sv), 5, /Appropriate/, /what is done/],
    ['a vague standard', said(`By best practice. ${en}`, sv), 5, /best practice/, /standard/],
    ['a vague Swedish span', said(en, `Löpande. ${sv}`), 6, /Löpande/, /hur ofta/],
    ['a vague Swedish time', said(en, `Utan onödigt dröjsmål. ${sv}`), 6, /dröjsmål/, /tid/],
    ['a vague Swedish measure', said(en, `Lämpliga åtgärder. ${sv}`), 6, /Lämpliga/, /vad som görs/],
    [
      'vague Swedish words that begin with å',
      said(en, `Det sker återkommande. ${sv}`),
      6,
      /återkommande/,
      /hur ofta/,
    ],
    [
      'a vague reason for dropping',
      of('  premises.cctv: { dropped: We do this where possible ourselves. }\n'),
      3,
      /where possible/,
      /certain/,
    ],
    ['a number beside its value', said(`Every 1 year. ${en}`, sv), 5, /1 year.*beside \{rotate\}/, /once/],
    [
      'a number that says otherwise than its value',
      said(`Within 90 days. ${en}`, sv, '    rotate: P30D\n'),
      6,
      /90 days/,
      /\{rotate\} is P30D/,
    ],
    [
      'a Swedish number in letters',
      said(en, `Inom sextio dagar. ${sv}`),
      6,
      /sextio dagar/,
      /\{rotate\} is P1Y/,
    ],
    ['a number in words', said(en, `Efter tjugofyra timmar. ${sv}`), 6, /tjugofyra timmar/, /is P1Y/],
    ['a short form', said(`Within 24h. ${en}`, sv), 5, /24h/, /\{rotate\} is P1Y/],
    ['the same number in other words', said(`Within 365 d. ${en}`, sv), 5, /365 d.*\{rotate\}/, /once/],
    [
      'a count beside its value',
      of(
        `  engineering.reviewed:\n    reviewers: 3\n    says:\n      en: By {reviewers}, that is three people.\n      sv: Av {reviewers}.\n`,
      ),
      6,
      /three.*beside \{reviewers\}/,
      /once/,
    ],
    [
      'a share',
      of(
        `  engineering.reviewed:\n    says:\n      en: By {reviewers}; 99.9% of it.\n      sv: Av {reviewers}.\n`,
      ),
      5,
      /99\.9%/,
      /\{reviewers\} is 1/,
    ],
    [
      'a number where there is no value',
      of(`  encryption.disks: { says: { en: On 12 servers., sv: På servrar. } }\n`),
      3,
      /12/,
      /no number/,
    ],
    ['a relative link', said(`${en} See [the policy](docs/policy.md).`, sv), 5, /docs\/policy\.md/, /https/],
    ['an empty link', said(`${en} See [the policy]().`, sv), 5, /\(\)/, /https/],
    [
      'a link to this machine',
      said(`${en} See https://localhost:8443/x.`, sv),
      5,
      /localhost/,
      /customers reach/,
    ],
    [
      'a link into the office',
      said(`${en} See https://wiki.corp.local/x.`, sv),
      5,
      /corp\.local/,
      /customers reach/,
    ],
    ['a link without encryption', said(`${en} See http://vendor.se/x.`, sv), 5, /http:\/\/vendor/, /https:/],
    ['a link without a scheme', said(`${en} See www.vendor.se.`, sv), 5, /www\.vendor\.se/, /https/],
    ['a link to no host', said(`${en} See https://.`, sv), 5, /https:\/\//, /https/],
    ['words in one language', of(`  encryption.fields: { says: { en: "${en}" } }\n`), 3, /en alone/, /sv/],
    ['words that were not translated', said(en, en), 5, /two languages/, /translation/],
  ]
  for (const [what, text, line, found, expected] of complaints)
    test(what, () => {
      const [first, ...others] = lint(text)
      assert.ok(first, 'nothing was found')
      assert.deepEqual(others, [])
      assert.equal(first.line, line)
      assert.match(first.found, found)
      assert.match(first.expected, expected)
      assert.ok(first.remedy.length > 10)
    })
})

test('every remedy for a number names the slot to write, or to leave it out', () => {
  const remedies = (text: string) => lint(text).map(({ remedy }) => remedy)
  assert.match(
    remedies(said(`Within 24h. ${en}`, sv))[0]!,
    /write it as a slot, \{rotate\}, so that it exists once/,
  )
  assert.match(remedies(said(`Every 1 year. ${en}`, sv))[0]!, /write it as the slot \{rotate\}/)
  const text = 'By {reviewers}, that is by three reviewers; 99.9%, within forty-eight hours or 24h.'
  assert.equal(
    lint(of(`  engineering.reviewed:\n    says:\n      en: ${text}\n      sv: Av {reviewers}.\n`)).length,
    4,
  )
})

test('a good link and words that only look vague pass', () => {
  assert.deepEqual(lint(said(`${en} See [the policy](https://vendor.se/policy).`, sv)), [])
  assert.deepEqual(
    lint(said(`${en} Ask mailto:security@vendor.se.`, `${sv} Softast handskarna, ettor och nollor.`)),
    [],
  )
})
