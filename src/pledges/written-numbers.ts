import type { Language } from './pledge.ts'
import { isDuration, secondsOf } from './units.ts'
import { SLOT } from './words.ts'

/** A number that stands in a sentence as text: a span of time in seconds, or a bare count; neither for what is no whole number. */
export type WrittenNumber = { text: string; seconds?: number; count?: number }

type Numerals = Readonly<Record<string, number>>

const NUMERALS: Readonly<Record<Language, Numerals>> = {
  en: numerals(
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
    'twenty thirty forty fifty sixty seventy eighty ninety',
    { hundred: 100, thousand: 1000, million: 1_000_000, dozen: 12, twice: 2, thrice: 3 },
  ),
  sv: numerals(
    'noll ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton',
    'tjugo trettio fyrtio femtio sextio sjuttio åttio nittio',
    { en: 1, hundra: 100, tusen: 1000, miljon: 1_000_000, miljoner: 1_000_000, dussin: 12 },
  ),
}

function numerals(ones: string, tens: string, others: Numerals): Numerals {
  return {
    ...Object.fromEntries(ones.split(' ').map((word, at) => [word, at])),
    ...Object.fromEntries(tens.split(' ').map((word, at) => [word, 20 + 10 * at])),
    ...others,
  }
}

/** Units as they are written in either language, whole and short, with their seconds. */
const UNITS: readonly [words: string, short: string, seconds: number][] = [
  ['seconds?|secs?|sekund(?:er|ers)?|sek', 's', 1],
  ['minutes?|mins?|minut(?:er|ers)?', 'm', 60],
  ['hours?|hrs?|timm(?:e|ar|ars|es)|tim', 'h', 3600],
  ['(?:calendar |business |working )?days?|dag(?:ar|ars|s)?|dgr|dygns?|arbetsdagar', 'd', 86_400],
  ['weeks?|wks?|veck(?:a|or|ors)', 'w|v', 7 * 86_400],
  ['months?|mths?|mos?|månad(?:er|ers|s)?|mån', '', secondsOf('P1M')],
  ['years?|yrs?|års?', 'y', secondsOf('P1Y')],
]
const WORD_UNITS = UNITS.map(([words]) => words).join('|')
const SHORT_UNITS = UNITS.flatMap(([, short]) => short || []).join('|')
const RATIOS = '%|‰|percent|per cent|procent|promille'
const NOT_WITHIN = '(?<![\\p{L}\\p{N}])'
const ENDS = '(?![\\p{L}\\p{N}])'

/** What has digits and is a name: standards, versions, protocols, articles of law, `24×7`; and what is no text to read, as a link. */
const NAMES: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/\S+|\bmailto:\S+|\bwww\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+/giu,
  /(?<![\p{L}\p{N}])24 ?[×x*/] ?7(?: ?[×x*/] ?365)?(?![\p{L}\p{N}])/giu,
  // A name with numbers after it, and what follows by “or”: TLS 1.2 or 1.3, ISO/IEC 27001:2022, NIST SP 800-53, GDPR Article 33(1).
  /(?<![\p{L}\p{N}])(?:TLS|SSL|DTLS|HTTP|SSH|SMB|ISO(?:\/IEC)?|IEC|EN|SS(?:-EN)?|BS|SOC|RFC|BCP|PCI(?: |-)DSS|NIST|SP|CSF|FIPS|AES|SHA|RSA|OWASP Top|ASVS|CIS(?: Controls?)?(?: v)?|Version|GDPR|DORA|NIS|OAuth|OpenID Connect|Windows|Ubuntu|Debian|PostgreSQL|Node(?:\.js)?|[Aa]rticles?|[Aa]rt\.?|[Aa]rtik(?:el|lar(?:na)?)|Annex|[Bb]ilaga|[Tt]ype|[Tt]yp|[Ll]evel|[Nn]ivå|[Tt]ier|[Cc]lause|[Ss]ection|[Kk]apitel|[Aa]vsnitt|§§?) ?\d[\d.:()]*(?:-\d+)?(?:(?: ?[/,–-] ?| (?:or|and|to|eller|och|till) )\d+\.\d+|\/\d[\d.]*)*(?! ?[%‰])(?![\p{L}\p{N}])/gu,
  // A word in capitals that holds its number: AES-256, SHA-512, IPv6, X.509, HTTP/3, A.8.24, OAuth2, S3, ISO27001:2022, CVE-2024-3094.
  /(?<![\p{L}\p{N}])(?!P(?:\d|T\d))\p{Lu}[\p{L}]*[-./]?\d[\p{L}\p{N}.:/-]*/gu,
  // An act of law: (EU) 2016/679, SFS 2018:218. The size of a key: 256-bit.
  /(?<![\p{L}\p{N}])\d{4}[:/]\d{2,4}(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])v\d[\d.]*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])\d+-bit(?:s|ars)?(?![\p{L}\p{N}])/giu,
  // Numbers that are part of a word of their own.
  /(?<![\p{L}\p{N}])(?:(?:one|two|three)-(?:factor|step|way|time)|third[- ]part\p{L}+|(?:två|tre|fler)(?:faktor|stegs)\p{L}*|one another|one by one|ett hundra procent)(?![\p{L}\p{N}])/giu,
]

/**
 * Every number that stands in a sentence outside its slots, in digits or in words and with its unit, in the order of the sentence.
 * Identifiers with digits in them are none; `one`, `en` and `ett` are only where they count.
 */
export function numbersInWords(sentence: string, language: Language): WrittenNumber[] {
  const blank = (match: string) => '\u{1}'.repeat(match.length)
  let plain = sentence.replace(SLOT, blank)
  for (const name of NAMES)
    plain = plain.replace(name, (match) => (/\bP\d/.test(match) ? match : blank(match)))
  const found: (WrittenNumber & { at: number })[] = []
  for (const [pattern, read] of PATTERNS[language])
    plain = plain.replace(pattern, (...match: unknown[]) => {
      const last = match.at(-1)
      const groups = (typeof last === 'object' ? last : {}) as Groups
      const [text, at] = [String(match[0]), Number(match.find((one) => typeof one === 'number'))]
      const number = read(groups, language)
      if (!number) return text
      found.push({ text: text.trim(), ...number, at })
      return blank(text)
    })
  return found.sort((a, b) => a.at - b.at).map(({ at: _, ...number }) => number)
}

type Groups = Partial<Record<'number' | 'unit' | 'short' | 'iso' | 'ratio' | 'lead' | 'of', string>>
type Read = (groups: Groups, language: Language) => Omit<WrittenNumber, 'text'> | undefined

const spelled = (language: Language) => {
  const words = byLength(Object.keys(NUMERALS[language]))
  const between = language === 'en' ? '[ -](?:(?<=(?:hundred|thousand|million) )and )?' : ' ?'
  return `(?:${words})(?:${between}(?:${words}))*`
}

/** The longest first, so that `tre` does not take the place of `tretton`. */
function byLength(words: readonly string[]): string {
  return words.toSorted((a, b) => b.length - a.length).join('|')
}

// A Swedish time limit is one word: `48-timmarsfrist`.
const UNIT_ENDS = `(?:frist\\p{L}*)?${ENDS}`
const DIGITS: readonly [RegExp, Read] = [
  new RegExp(
    `${NOT_WITHIN}(?<number>\\d(?:[\\d.,\\u00a0\\u202f:/]*\\d)?)(?:(?:[ \\u00a0-]?(?<unit>${WORD_UNITS})|[ \\u00a0]?(?<ratio>${RATIOS})|[ \\u00a0]?(?<short>${SHORT_UNITS}))${UNIT_ENDS}|(?:st|nd|rd|th|:e|:a)?(?!\\p{N}))`,
    'giu',
  ),
  ({ number = '', unit, short, ratio }) =>
    amount(Number(number.replace(/[\u00a0\u202f]/g, '').replace(',', '.')), unit ?? short, ratio),
]
const ISO: readonly [RegExp, Read] = [
  new RegExp(`${NOT_WITHIN}(?<iso>P(?:\\d+[YMWD]){0,4}(?:T(?:\\d+[HMS]){1,3})?)${ENDS}`, 'gu'),
  ({ iso = '' }) => (isDuration(iso) ? { seconds: secondsOf(iso) } : undefined),
]

const PATTERNS: Readonly<Record<Language, readonly (readonly [RegExp, Read])[]>> = {
  en: [
    ISO,
    DIGITS,
    [
      new RegExp(
        `${NOT_WITHIN}(?:half (?:an? |of an? |the )?|(?:one|two) and a half )(?:${WORD_UNITS})${ENDS}`,
        'giu',
      ),
      () => ({}),
    ],
    [
      new RegExp(
        `${NOT_WITHIN}every (?:other|second|third|fourth|fifth|sixth|seventh|tenth) (?:${WORD_UNITS})${ENDS}|${NOT_WITHIN}once (?:a|an|per|each|every) (?:${WORD_UNITS})${ENDS}|${NOT_WITHIN}fortnight(?:s|ly)?${ENDS}`,
        'giu',
      ),
      () => ({}),
    ],
    [spelledWithUnit('en'), readSpelled],
    [
      new RegExp(
        `${NOT_WITHIN}(?<lead>(?:at least|at most|exactly|only|more than|less than|fewer than|up to|by) )?(?<number>${spelled('en')})(?![\\p{L}\\p{N}]|-\\p{L})(?<of> of| another)?`,
        'giu',
      ),
      readSpelled,
    ],
  ],
  sv: [
    ISO,
    DIGITS,
    [
      new RegExp(
        `${NOT_WITHIN}(?:(?:en |ett )?halv(?:t|a)? ?(?:${WORD_UNITS})|(?:en|ett|två) och en halv (?:${WORD_UNITS})|(?:en )?kvart)${ENDS}`,
        'giu',
      ),
      () => ({}),
    ],
    [
      new RegExp(
        `${NOT_WITHIN}(?:var(?:je|t)? (?:annan|annat|tredje|fjärde|femte|sjätte|sjunde|tionde) (?:${WORD_UNITS})|en gång (?:per|om|i|var|varje) ?(?:${WORD_UNITS})(?:en|et|n)?)${ENDS}`,
        'giu',
      ),
      () => ({}),
    ],
    [spelledWithUnit('sv'), readSpelled],
    [
      new RegExp(
        `${NOT_WITHIN}(?<lead>(?:minst|högst|exakt|endast|upp till) )?(?<number>${spelled('sv')})(?![\\p{L}\\p{N}]|-\\p{L})(?<of> av| annan| annat)?`,
        'giu',
      ),
      readSpelled,
    ],
  ],
}

function spelledWithUnit(language: Language): RegExp {
  const between = language === 'en' ? '[ -]' : '[ -]?'
  return new RegExp(
    `${NOT_WITHIN}(?<number>${spelled(language)})(?:${between}(?<unit>${WORD_UNITS})|[ -](?<ratio>${RATIOS}))${UNIT_ENDS}`,
    'giu',
  )
}

function readSpelled({ number = '', unit, ratio, lead, of }: Groups, language: Language) {
  const count = countOf(number.toLowerCase(), NUMERALS[language])
  // One of them, an instance: an article or a pronoun, unless it counts.
  const isArticle = /^(one|en|ett)( (one|en|ett))*$/i.test(number)
  if (isArticle && !unit && !ratio && (!lead || of)) return undefined
  return amount(count, unit, ratio)
}

function amount(count: number, unit: string | undefined, ratio?: string): Omit<WrittenNumber, 'text'> {
  if (ratio !== undefined || !Number.isFinite(count)) return {}
  if (unit === undefined) return Number.isInteger(count) ? { count } : {}
  const known = UNITS.find(([words, short]) =>
    new RegExp(short ? `^(?:${words}|${short})$` : `^(?:${words})$`, 'iu').test(unit),
  )
  return known ? { seconds: count * known[2] } : {}
}

function countOf(text: string, known: Numerals): number {
  const pieces = text.match(new RegExp(byLength(Object.keys(known)), 'gu')) ?? []
  let [total, group] = [0, 0]
  for (const piece of pieces) {
    const value = known[piece] ?? 0
    if (value === 100) group = Math.max(1, group) * value
    else if (value >= 1000) [total, group] = [total + Math.max(1, group) * value, 0]
    else group += value
  }
  return total + group
}
