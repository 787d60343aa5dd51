import { readYaml, type YamlProblem } from '../kernel/yaml.ts'
import { compileOverview, OVERVIEW_LIMIT_BYTES, type Promised } from './overview.ts'
import { LANGUAGES, type Language, type Pledge } from './pledge.ts'
import { SLOT, sayValue } from './words.ts'

/** What compiles and should be said otherwise: each with its line, what stands there, what should, and what to do. */
export function lintOverview(
  text: string,
  register: readonly Pledge[],
  file = 'overview.yaml',
): YamlProblem[] {
  const compiled = compileOverview(text, register, file)
  const read = readYaml(text, { file, limitBytes: OVERVIEW_LIMIT_BYTES })
  if (!compiled.ok || !read.ok) return []
  const given =
    (read.value as { promises?: Record<string, { says?: Partial<Record<Language, string>> }> }).promises ?? {}
  const found: YamlProblem[] = []
  for (const promised of compiled.overview.promises) {
    const says = given[promised.pledge.id]?.says
    const base = ['promises', promised.pledge.id]
    const add = (path: readonly string[], warnings: readonly Warning[]) => {
      for (const one of warnings) found.push({ file, line: read.lineOf(path), at: path.join('.'), ...one })
    }
    if (promised.dropped !== null)
      add([...base, 'dropped'], [...vagueWords(promised.dropped, LANGUAGES), ...deadLinks(promised.dropped)])
    if (!says) continue
    add([...base, 'says'], translations(promised, says))
    for (const language of LANGUAGES) {
      const sentence = says[language]
      if (sentence === undefined) continue
      add(
        [...base, 'says', language],
        [
          ...vagueWords(sentence, [language]),
          ...doubleNumbers(promised, sentence, language),
          ...deadLinks(sentence),
        ],
      )
    }
  }
  return found.sort((a, b) => a.line - b.line)
}

type Warning = Pick<YamlProblem, 'found' | 'expected' | 'remedy'>

/** Words that promise nothing, with what is wrong with each; a stem and its endings. */
const VAGUE: Readonly<Record<Language, readonly [words: string, why: string][]>> = {
  en: [
    [
      'regular|regularly|periodic|periodically|from time to time|frequent|frequently|often',
      'how often it is',
    ],
    [
      'as soon as possible|promptly|timely|in a timely manner|without (undue )?delay|quickly|immediately',
      'within which time',
    ],
    [
      'reasonabl[ey]|appropriate|appropriately|adequate|adequately|sufficient|sufficiently|suitable|commercially',
      'what is done',
    ],
    [
      'best efforts?|endeavou?rs?|strives?|aims? to|try to|tries to|where(ver)? possible|if possible|as far as possible',
      'what is certain',
    ],
    [
      'industry[- ]standard|best practices?|state[- ]of[- ]the[- ]art|military[- ]grade|bank[- ]grade|world[- ]class',
      'which standard it is',
    ],
    ['generally|normally|usually|typically|mostly|may be|might', 'when it does not hold'],
    ['and so on|etc|among other things|including but not limited to', 'what belongs to it'],
  ],
  sv: [
    ['regelbund\\p{L}*|återkommande|periodvis|då och då|ofta|kontinuerlig\\p{L}*|löpande', 'hur ofta'],
    [
      'så snart som möjligt|snarast|skyndsam\\p{L}*|utan (onödigt )?dröjsmål|omgående|snabbt|i god tid',
      'inom vilken tid',
    ],
    [
      'rimlig\\p{L}*|lämplig\\p{L}*|tillräcklig\\p{L}*|adekvat\\p{L}*|skälig\\p{L}*|erforderlig\\p{L}*',
      'vad som görs',
    ],
    [
      'strävar|försöker|om möjligt|i möjligaste mån|så långt (det är )?möjligt|vår ambition',
      'vad som är säkert',
    ],
    ['branschstandard|bästa praxis|spjutspets\\p{L}*|militärklass\\p{L}*|i världsklass', 'vilken standard'],
    ['vanligtvis|normalt|i regel|oftast|i allmänhet|huvudsakligen|kan komma att', 'när det inte gäller'],
    ['osv|m\\.? ?m|etc|bland annat|med mera', 'vad som ingår'],
  ],
}

function vagueWords(sentence: string, languages: readonly Language[]): Warning[] {
  return languages.flatMap((language) =>
    VAGUE[language].flatMap(([words, why]) =>
      [...sentence.matchAll(new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})`, 'giu'))].map(([found]) => ({
        found: `“${found}”`,
        expected: language === 'en' ? `a sentence that says ${why}` : `en mening som säger ${why}`,
        remedy:
          'A reader cannot tell when this is broken: say the number, the thing or the standard, or leave it out.',
      })),
    ),
  )
}

const NUMBER_WORDS: Readonly<Record<Language, Readonly<Record<string, number>>>> = {
  en: {
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    twelve: 12,
    thirty: 30,
    sixty: 60,
    ninety: 90,
  },
  sv: {
    en: 1,
    ett: 1,
    två: 2,
    tre: 3,
    fyra: 4,
    fem: 5,
    sex: 6,
    sju: 7,
    åtta: 8,
    nio: 9,
    tio: 10,
    tolv: 12,
    trettio: 30,
    sextio: 60,
    nittio: 90,
  },
}
const SPANS: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\w-])(\d+|[a-z]+)[ -](second|minute|hour|day|week|month|year)s?\b/gi,
  sv: /(?<![\wåäö-])(\d+|[a-zåäö]+)[ -](sekund|minut|timm|dag|dygn|veck|månad|år)(er|ar|en|et|or|e|a|s)?(?![a-zåäö])/gi,
}

/** Numbers that stand in words beside the values: with another value the sentence contradicts itself, with the same it will one day. */
function doubleNumbers({ pledge, values }: Promised, sentence: string, language: Language): Warning[] {
  const plain = sentence.replace(SLOT, ' ')
  const durations = Object.entries(pledge.parameters).filter(([, parameter]) => parameter.unit === 'duration')
  return [...plain.matchAll(SPANS[language])].flatMap(([found, written = '', unit = '']) => {
    const count = /^\d+$/.test(written) ? Number(written) : NUMBER_WORDS[language][written.toLowerCase()]
    if (count === undefined) return []
    const same = durations.find(([name, parameter]) => {
      const said = sayValue(parameter, values[name] ?? parameter.default, language).toLowerCase()
      return said.startsWith(`${count} ${unit.toLowerCase().slice(0, 3)}`)
    })
    const slots = durations.map(
      ([name, parameter]) => `{${name}} is ${String(values[name] ?? parameter.default)}`,
    )
    if (same)
      return [
        {
          found: `“${found}” beside {${same[0]}}`,
          expected: 'each number once, in its value',
          remedy: `Write {${same[0]}} there: it follows when the value changes.`,
        },
      ]
    return [
      {
        found: `“${found}”`,
        expected:
          slots.length > 0 ? `no other number than its values: ${slots.join(', ')}` : 'no number in words',
        remedy:
          'A number that a customer can read stands once, in a value: write its {name}, or leave the number out.',
      },
    ]
  })
}

/** Links that lead nowhere as far as can be told without following them: customers read the sentence on another page. */
function deadLinks(sentence: string): Warning[] {
  const targets = [
    ...[...sentence.matchAll(/\]\(([^)\s]*)\)/g)].map((match) => match[1] ?? ''),
    ...[...sentence.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s)"'<>]*/gi)].map(([match]) =>
      match.replace(/[.,;:!?]+$/, ''),
    ),
    ...[...sentence.matchAll(/(?<![\w/:.])www\.[^\s)"'<>]+/gi)].map(([match]) =>
      match.replace(/[.,;:!?]+$/, ''),
    ),
  ]
  return [...new Set(targets)].flatMap((target) => {
    const why = deadBecause(target)
    return why === undefined ? [] : [{ found: `the link ${target || '()'}`, ...why }]
  })
}

const PRIVATE_HOST =
  /^(localhost|.*\.(localhost|local|internal|test|invalid|example|lan)|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|0\.0\.0\.0|\[.*\])$/i

function deadBecause(target: string): Pick<Warning, 'expected' | 'remedy'> | undefined {
  const whole = {
    expected: 'an address that begins with https://',
    remedy: 'Write the whole address, as a customer would open it.',
  }
  const url = URL.parse(target)
  if (!url || !/^[a-z][a-z0-9+.-]*:/i.test(target)) return whole
  if (url.protocol === 'mailto:') return /^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/.test(target) ? undefined : whole
  if (url.protocol !== 'https:')
    return {
      expected: 'https:',
      remedy: 'Link to what customers can open safely, or name it without a link.',
    }
  if (PRIVATE_HOST.test(url.hostname) || !url.hostname.includes('.'))
    return {
      expected: 'a host that customers reach',
      remedy: 'This name exists on your machines alone: link to a public page.',
    }
  return undefined
}

/** A sentence that is worded anew in one language alone, or twice in the same. */
function translations({ pledge }: Promised, says: Partial<Record<Language, string>>): Warning[] {
  const missing = LANGUAGES.filter((language) => says[language] === undefined)
  const given = LANGUAGES.filter((language) => says[language] !== undefined)
  if (given.length > 0 && missing.length > 0)
    return [
      {
        found: `words in ${given.join(', ')} alone`,
        expected: `the same in ${missing.join(', ')}`,
        remedy: `In ${missing.join(', ')} it goes on saying: “${pledge.says[missing[0]!]}”`,
      },
    ]
  const [first, ...others] = LANGUAGES.map((language) => says[language]?.trim())
  return first !== undefined && others.includes(first)
    ? [
        {
          found: 'the same words in two languages',
          expected: 'a translation',
          remedy: 'Write each sentence in its own language.',
        },
      ]
    : []
}
