import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANGUAGES } from './pledge.ts'
import { numbersInWords } from './written-numbers.ts'

const HOUR = 3600
const DAY = 24 * HOUR

test('numbers are found in digits and in words, with their unit, in both languages', () => {
  const written: [language: 'en' | 'sv', sentence: string, ...found: (string | number)[]][] = [
    ['en', 'Read by at least {reviewers}, that is by three reviewers; 99.9% of it.', 'by three', '99.9%'],
    ['en', 'We tell within {within}, in fact within forty-eight hours or 24h.', 'forty-eight hours', '24h'],
    ['en', 'Within 72 h, 2 wks, 30 min, 15m or 10s.', '72 h', '2 wks', '30 min', '15m', '10s'],
    ['en', 'Kept for one hundred and twenty days.', 'one hundred and twenty days'],
    ['en', 'By at least one reviewer, within one day.', 'at least one', 'one day'],
    ['en', 'Proved every other day, twice a year, once a month.', 'every other day', 'twice', 'once a month'],
    ['en', 'Gone in half an hour, a fortnight, a dozen.', 'half an hour', 'fortnight', 'dozen'],
    ['en', 'Within P30D or PT8H, on the 30th, 1,000 times.', 'P30D', 'PT8H', '30th', '1,000'],
    ['en', 'A 90-day period; 3-5 people; since 2019.', '90-day', '3', '5', '2019'],
    ['en', 'For TLS 1.2 connections, 5 of them.', '5'],
    ['en', 'Three people.{within}7', 'Three', '7'],
    ['sv', 'Inom tjugofyra timmar, 24 tim eller ett dygn.', 'tjugofyra timmar', '24 tim', 'ett dygn'],
    ['sv', 'Läses av minst {reviewers}, alltså av fyra granskare.', 'fyra'],
    ['sv', 'Minst en granskare, högst två gånger.', 'Minst en', 'högst två'],
    ['sv', 'Inom fjortondagars frist, en 48-timmarsfrist, 3 v.', 'fjortondagars', '48-timmarsfrist', '3 v'],
    ['sv', 'Etthundratjugo dagar, 99,9 procent, 6 mån.', 'Etthundratjugo dagar', '99,9 procent', '6 mån'],
    ['sv', 'Var tredje dag, en gång om året, ett halvår.', 'Var tredje dag', 'en gång om året', 'ett halvår'],
    ['sv', 'Var 30:e dag; en halvtimme.', '30:e', 'en halvtimme'],
  ]
  for (const [language, sentence, ...found] of written)
    assert.deepEqual(
      numbersInWords(sentence, language).map(({ text }) => text),
      found,
      sentence,
    )
})

test('what a number amounts to is known, whichever way it is written', () => {
  const amounts: [language: 'en' | 'sv', text: string, amount: { seconds?: number; count?: number }][] = [
    ['en', 'forty-eight hours', { seconds: 48 * HOUR }],
    ['en', '2 days', { seconds: 2 * DAY }],
    ['en', '2 wks', { seconds: 14 * DAY }],
    ['en', '72 h', { seconds: 72 * HOUR }],
    ['en', 'PT48H', { seconds: 48 * HOUR }],
    ['en', 'one hundred and twenty', { count: 120 }],
    ['en', 'two thousand five hundred', { count: 2500 }],
    ['en', '99.9%', {}],
    ['en', 'one year', { seconds: 365 * DAY }],
    ['sv', 'tjugofyra timmar', { seconds: DAY }],
    ['sv', 'etthundratjugofem dygn', { seconds: 125 * DAY }],
    ['sv', '24 tim', { seconds: DAY }],
    ['sv', 'fjortondagars', { seconds: 14 * DAY }],
    ['sv', 'sjuttiosju', { count: 77 }],
    ['sv', 'sex veckor', { seconds: 42 * DAY }],
  ]
  for (const [language, text, amount] of amounts)
    assert.deepEqual(numbersInWords(`x ${text}.`, language), [{ text, ...amount }], text)
})

test('names that hold digits, articles and pronouns are no numbers', () => {
  const names = [
    'AES-256, SHA-512, RSA-4096, X.509, IPv6, HTTP/2, OAuth2, S3, UTF-8, CVE-2024-3094.',
    'TLS 1.2, TLS 1.2/1.3, TLS 1.2 or 1.3, TLS 1.2 eller 1.3, TLS 1.3.',
    'ISO 27001, ISO/IEC 27001:2022, ISO27001, SOC 2 Type 2, PCI DSS 4.0, NIST SP 800-53, FIPS 140-3, RFC 9110.',
    '24×7, 24x7, 24/7, 24×7×365; GDPR Article 33, (EU) 2016/679, SFS 2018:218, § 7, OWASP Top 10, A.8.24.',
    'See https://vendor.se/2024/30-days or mailto:ciso24@vendor.se, with 256-bit keys and two-factor sign-in.',
    '{within}, {a:every} and {reviewers}.',
  ]
  for (const sentence of names)
    for (const language of LANGUAGES) assert.deepEqual(numbersInWords(sentence, language), [], sentence)
  assert.deepEqual(
    numbersInWords('When one of these ends, no one knows; critical ones too, someone, often.', 'en'),
    [],
  )
  assert.deepEqual(
    numbersInWords(
      'En kund har en egen instans och ett eget utrymme; tvåfaktorsinloggning, tredje part.',
      'sv',
    ),
    [],
  )
})
