import { readYaml, type YamlProblem } from '../kernel/yaml.ts'
import { compileOverview, OVERVIEW_LIMIT_BYTES, type Promised } from './overview.ts'
import { LANGUAGES, type Language, type Pledge } from './pledge.ts'
import { secondsOf } from './units.ts'
import { numbersInWords } from './written-numbers.ts'

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

/** Numbers that stand in words beside the values: with another value the sentence contradicts itself, with the same it will one day. */
function doubleNumbers({ pledge, values }: Promised, sentence: string, language: Language): Warning[] {
  const own = Object.entries(pledge.parameters).flatMap(([name, parameter]) => {
    const value = values[name] ?? parameter.default
    const amount =
      parameter.unit === 'duration'
        ? { seconds: secondsOf(String(value)) }
        : parameter.unit === 'count'
          ? { count: Number(value) }
          : undefined
    return amount ? [{ name, value: String(value), ...amount }] : []
  })
  const all = own.map(({ name, value }) => `{${name}} is ${value}`).join(', ')
  const slots = own.map(({ name }) => `{${name}}`).join(' or ')
  return numbersInWords(sentence, language).map(({ text, seconds, count }) => {
    const same = own.find((one) =>
      'seconds' in one ? one.seconds === seconds : one.count === count && seconds === undefined,
    )
    if (same)
      return {
        found: `“${text}” beside {${same.name}}`,
        expected: 'each number once, in its value',
        remedy: `A number stands in the words: write it as the slot {${same.name}}, so that it exists once and follows its value.`,
      }
    return {
      found: `“${text}”`,
      expected: own.length > 0 ? `no other number than its values: ${all}` : 'no number in words',
      remedy:
        own.length > 0
          ? `A number stands in the words: write it as a slot, ${slots}, so that it exists once; or leave it out.`
          : 'A number stands in the words, and this promise has no value for it: leave it out.',
    }
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
