import { createHash } from 'node:crypto'
import { distance } from 'fastest-levenshtein'
import { readYaml, type YamlProblem } from '../kernel/yaml.ts'
import { LANGUAGES, type Language, type Parameter, type Pledge, type Values, type Words } from './pledge.ts'
import type { OverviewContent } from './store.ts'
import { compareDurations, hasFixedLength, isDuration } from './units.ts'
import { SLOT, slotsOf } from './words.ts'

/** One promise as this vendor makes it. */
export type Promised = {
  pledge: Pledge
  values: Values
  says: Words
  /** Why it is not made; the public history keeps the line. */
  dropped: string | null
  /** How often it is proved and how old its evidence may be; undefined: as the register has it. */
  every: string | undefined
  freshness: string | undefined
}

/** Whether a promise is made otherwise than the register has it, or not at all. */
export function isDeviation({ pledge, values, says, dropped, every, freshness }: Promised): boolean {
  return (
    dropped !== null ||
    every !== undefined ||
    freshness !== undefined ||
    LANGUAGES.some((language) => says[language] !== pledge.says[language]) ||
    Object.entries(pledge.parameters).some(
      ([name, parameter]) => JSON.stringify(values[name]) !== JSON.stringify(parameter.default),
    )
  )
}

export type Overview = {
  vendor: string | null
  /** By register number. */
  promises: readonly Promised[]
  /** SHA-256 of what it promises, the same for every text that says the same. */
  hash: string
}

/** What an overview promises, as it is kept: every promise in full, so that a later register changes none that was approved. */
export function contentOfOverview({ promises }: Pick<Overview, 'promises'>): OverviewContent {
  return Object.fromEntries(
    promises.map(({ pledge, values, says, dropped, every, freshness }) => [
      pledge.id,
      {
        values,
        says,
        dropped,
        every: every ?? pledge.every,
        freshness: freshness ?? freshnessOf(pledge, every),
      },
    ]),
  )
}

const freshnessOf = (pledge: Pledge, every: string | undefined) =>
  every === undefined ? pledge.freshness : undefined

export type Compiled = { ok: true; overview: Overview } | { ok: false; problems: YamlProblem[] }

/** The whole text stands in one entry of the log, which takes 64 KiB of JSON. */
export const OVERVIEW_LIMIT_BYTES = 40 * 1024
/** How often a promise may be proved: oftener would be all that the machine does, more seldom would show nothing. */
const EVERY = { atLeast: 'PT10S', atMost: 'P31D' }
const FRESHNESS_AT_MOST = 'P62D'
/** Keys of a promise that are none of its parameters. */
export const PROMISE_KEYS = ['says', 'dropped', 'every', 'freshness'] as const
const PROBLEMS_AT_MOST = 50
const TEXT_LIMIT = 1000

/**
 * Reads `overview.yaml`, which says only where a vendor deviates from the register; never throws on bad text. Every problem names
 * its line, what stands there, what should, and what to do.
 */
export function compileOverview(text: string, register: readonly Pledge[], file = 'overview.yaml'): Compiled {
  const read = readYaml(text, { file, limitBytes: OVERVIEW_LIMIT_BYTES })
  if (!read.ok) return read
  const problems: YamlProblem[] = []
  const report = (path: readonly string[], found: string, expected: string, remedy: string) =>
    problems.push({
      file,
      line: read.lineOf(path),
      at: path.join('.') || '(document)',
      found,
      expected,
      remedy,
    })
  const expectMap = (value: unknown, path: readonly string[]): Record<string, unknown> => {
    if (value === null || value === undefined) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
    report(path, shown(value), 'a mapping of names to values', 'Write `name: value` lines, indented.')
    return {}
  }

  const document = expectMap(read.value, [])
  for (const key of Object.keys(document))
    if (!['overview', 'vendor', 'promises'].includes(key))
      report(
        [key],
        `\`${key}\``,
        'overview, vendor or promises',
        nearest(key, ['overview', 'vendor', 'promises']),
      )
  if (document.overview !== 1)
    report(
      'overview' in document ? ['overview'] : [],
      shown(document.overview),
      '`overview: 1`',
      'Name the version of the format: `overview: 1`.',
    )
  const vendor = document.vendor ?? null
  if (vendor !== null && (typeof vendor !== 'string' || vendor.trim() === '' || vendor.length > 200))
    report(
      ['vendor'],
      shown(vendor),
      'the name of your company',
      'Write the name that customers know, in quotes.',
    )

  const said = expectMap(document.promises, ['promises'])
  const ids = register.map((pledge) => pledge.id)
  for (const id of Object.keys(said))
    if (!ids.includes(id))
      report(
        ['promises', id],
        `\`${id}\``,
        'the id of a promise',
        `${nearest(id, ids)} \`borgen promise list\` shows all.`,
      )

  const promises = [...register]
    .sort((a, b) => a.number - b.number)
    .map((pledge) => promisedOf(pledge, said[pledge.id], ['promises', pledge.id]))

  function promisedOf(pledge: Pledge, value: unknown, path: readonly string[]): Promised {
    const given = expectMap(value, path)
    if (value === null)
      report(
        path,
        'nothing',
        'its values, or `dropped: why`',
        `Give its values, or remove the line \`${pledge.id}:\`.`,
      )
    const dropped = given.dropped ?? null
    if (
      dropped !== null &&
      (typeof dropped !== 'string' || dropped.trim().length < 10 || dropped.length > TEXT_LIMIT)
    )
      report(
        [...path, 'dropped'],
        shown(dropped),
        'the reason, in a sentence',
        'Say why it is not promised; customers will read it.',
      )
    if (dropped !== null && Object.keys(given).length > 1)
      report(
        [...path, 'dropped'],
        'values and `dropped`',
        'one of both',
        'Remove the values of a promise that is not made, or `dropped`.',
      )
    const values: Record<string, Values[string]> = {}
    for (const [name, parameter] of Object.entries(pledge.parameters)) {
      values[name] = parameter.default
      if (name in given)
        values[name] = readValue(parameter, given[name], [...path, name]) ?? parameter.default
    }
    for (const name of Object.keys(given))
      if (!(name in pledge.parameters) && !(PROMISE_KEYS as readonly string[]).includes(name)) {
        const names = [...Object.keys(pledge.parameters), ...PROMISE_KEYS]
        report([...path, name], `\`${name}\``, `one of ${names.join(', ')}`, nearest(name, names))
      }
    const contradiction = pledge.contradiction?.(values as never)
    if (contradiction)
      report(
        contradiction.parameter in given ? [...path, contradiction.parameter] : path,
        `${contradiction.parameter}: ${contradiction.found}`,
        contradiction.expected,
        'Change one of the two; both stand in the same sentence.',
      )
    const { every, freshness } = rhythmOf(pledge, values, given, path)
    return {
      pledge,
      values,
      says: wordsOf(pledge, given.says, [...path, 'says']),
      dropped: typeof dropped === 'string' ? dropped : null,
      every: every === pledge.every ? undefined : every,
      freshness,
    }
  }

  function rhythmOf(pledge: Pledge, values: Values, given: Record<string, unknown>, path: readonly string[]) {
    const read = (name: 'every' | 'freshness', atLeast: string, atMost: string, remedy: string) => {
      if (!(name in given)) return undefined
      const value = given[name]
      const wrong = (expected: string) => void report([...path, name], shown(value), expected, remedy)
      if (typeof value !== 'string' || !isDuration(value) || !hasFixedLength(value))
        return wrong('an ISO 8601 duration of days, hours, minutes or seconds, such as PT1H')
      if (compareDurations(value, atLeast) < 0) return wrong(`at least ${atLeast}`)
      if (compareDurations(value, atMost) > 0) return wrong(`at most ${atMost}`)
      return value
    }
    const often = `For example \`every: ${pledge.every}\`, which is how often it is proved by default.`
    const every = read('every', EVERY.atLeast, EVERY.atMost, often)
    const least = every ?? pledge.every
    checkProvedAtLeast(pledge, values, { every, given }, path)
    const fresh = `Evidence is renewed every ${least}: give it at least that long, or leave the line out for twice as long.`
    return { every, freshness: read('freshness', least, FRESHNESS_AT_MOST, fresh) }
  }

  /** No promise is proved more seldom than its own sentence promises an act of proof. */
  function checkProvedAtLeast(
    pledge: Pledge,
    values: Values,
    { every, given }: { every: string | undefined; given: Record<string, unknown> },
    path: readonly string[],
  ): void {
    const { provedAtLeast: by } = pledge
    if (by === undefined) return
    const parameter = by in pledge.parameters ? by : undefined
    const atMost = parameter === undefined ? by : String(values[parameter])
    if (compareDurations(every ?? pledge.every, atMost) <= 0) return
    const at = every !== undefined ? 'every' : parameter !== undefined && parameter in given ? parameter : ''
    const why = parameter === undefined ? 'as its sentence promises proof' : `the value of {${parameter}}`
    report(
      at ? [...path, at] : path,
      every === undefined ? `every: ${pledge.every}, which is the default` : `every: ${every}`,
      `at most ${atMost}, ${why}`,
      `Its sentence promises an act of proof at least that often: write \`every: ${atMost}\` or less${
        parameter === undefined ? '' : `, or change \`${parameter}\``
      }.`,
    )
  }

  function wordsOf(pledge: Pledge, value: unknown, path: readonly string[]): Words {
    if (value === undefined) return pledge.says
    const given = expectMap(value, path)
    const words: Record<Language, string> = { ...pledge.says }
    for (const [language, sentence] of Object.entries(given)) {
      if (!(LANGUAGES as readonly string[]).includes(language))
        report(
          [...path, language],
          `\`${language}\``,
          LANGUAGES.join(' or '),
          'Remove it; other languages are added in the product.',
        )
      else if (typeof sentence !== 'string' || sentence.trim() === '' || sentence.length > TEXT_LIMIT)
        report([...path, language], shown(sentence), 'a sentence', 'Write the sentence in quotes.')
      else {
        checkSlots(pledge, language as Language, sentence, [...path, language])
        words[language as Language] = sentence
      }
    }
    return words
  }

  /** A sentence names every number that the register's sentence names, and no other: none may get lost in a translation. */
  function checkSlots(pledge: Pledge, language: Language, sentence: string, path: readonly string[]): void {
    const [said, due] = [slotsOf(sentence), slotsOf(pledge.says[language])]
    const list = (names: readonly string[]) => names.map((name) => `{${name}}`).join(', ') || 'no {slot}'
    for (const name of new Set(said))
      if (!(name in pledge.parameters))
        report(
          path,
          `{${name}}`,
          `only ${list(Object.keys(pledge.parameters))}`,
          nearest(name, Object.keys(pledge.parameters)),
        )
    for (const name of new Set(due))
      if (!said.includes(name))
        report(
          path,
          `a sentence without {${name}}`,
          `${list(due)} in every language`,
          `Put {${name}} where the number belongs; it is filled in from its value.`,
        )
    for (const [slot, name] of sentence.matchAll(/\{([^{}]*):every\}/g))
      if (pledge.parameters[name!] && pledge.parameters[name!]!.unit !== 'duration')
        report(path, slot, `{${name}}`, 'Only a duration can be said as “every …”.')
    const stray = sentence.replace(SLOT, '').match(/[{}]/)
    if (stray)
      report(
        path,
        `a stray ${stray[0]}`,
        'braces around the name of a parameter',
        `Write {name} or leave it out.`,
      )
  }

  function readValue(
    parameter: Parameter,
    value: unknown,
    path: readonly string[],
  ): Values[string] | undefined {
    const example = Array.isArray(parameter.default)
      ? `[${parameter.default.join(', ')}]`
      : String(parameter.default)
    const wrong = (expected: string) =>
      void report(
        path,
        shown(value),
        expected,
        `For example \`${path.at(-1)}: ${example}\`, which is the default.`,
      )
    if (value === null) return wrong('a value')
    if (parameter.unit === 'duration') {
      if (typeof value !== 'string' || !isDuration(value))
        return wrong('an ISO 8601 duration, such as P90D or PT8H')
      if (parameter.atLeast && compareDurations(value, parameter.atLeast) < 0)
        return wrong(`at least ${parameter.atLeast}`)
      if (parameter.atMost && compareDurations(value, parameter.atMost) > 0)
        return wrong(`at most ${parameter.atMost}`)
      return value
    }
    if (parameter.unit === 'count') {
      if (!Number.isSafeInteger(value)) return wrong('a whole number')
      if (Number(value) < (parameter.atLeast ?? 0)) return wrong(`at least ${parameter.atLeast ?? 0}`)
      if (parameter.atMost !== undefined && Number(value) > parameter.atMost)
        return wrong(`at most ${parameter.atMost}`)
      return Number(value)
    }
    const known = Object.keys(parameter.of)
    if (parameter.unit === 'choice')
      return typeof value === 'string' && known.includes(value) ? value : wrong(`one of ${known.join(', ')}`)
    if (!Array.isArray(value) || value.length === 0 || !value.every((one) => known.includes(one)))
      return wrong(`a list of some of ${known.join(', ')}`)
    if (new Set(value).size < value.length) return wrong('each of them once')
    return value as string[]
  }

  if (problems.length > 0)
    return { ok: false, problems: problems.sort((a, b) => a.line - b.line).slice(0, PROBLEMS_AT_MOST) }
  return {
    ok: true,
    overview: {
      vendor: typeof vendor === 'string' ? vendor : null,
      promises,
      hash: hashOf(vendor, promises),
    },
  }
}

function hashOf(vendor: unknown, promises: readonly Promised[]): string {
  const content = promises.map(({ pledge, values, says, dropped, every, freshness }) => [
    pledge.id,
    values,
    says,
    dropped,
    every ?? null,
    freshness ?? null,
  ])
  return createHash('sha256')
    .update(JSON.stringify([vendor, content]))
    .digest('hex')
}

function nearest(wrong: string, known: readonly string[]): string {
  const [best] = known.toSorted((a, b) => distance(wrong, a) - distance(wrong, b))
  return best !== undefined && distance(wrong, best) <= Math.max(2, wrong.length / 3)
    ? `Did you mean \`${best}\`?`
    : `Remove \`${wrong}\`.`
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}
