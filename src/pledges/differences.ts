import type { PledgeInForce } from './in-force.ts'
import { LANGUAGES, type Language, type Words } from './pledge.ts'
import type { Manner, PublicLineRow } from './store.ts'
import { say, sayDuration, sayEvery, sayValue, textOf } from './words.ts'

/** One thing that a new overview says otherwise than the one before, in each language from the same values. */
export type Difference = {
  /** Null: of no single promise. */
  promise: string | null
  what: PublicLineRow['what']
  parameter?: string
  from?: string
  to?: string
  sentence: Words
}

type Before = { vendor: string | null; promises: readonly PledgeInForce[] }

/** What changes from one overview to another, by register number; empty when both say the same. */
export function differencesBetween(before: Before, after: Before): Difference[] {
  const vendor =
    before.vendor === after.vendor
      ? []
      : [
          {
            promise: null,
            what: 'vendor' as const,
            ...(before.vendor === null ? {} : { from: before.vendor }),
            ...(after.vendor === null ? {} : { to: after.vendor }),
            sentence: {
              en: `The promises are made by ${after.vendor ?? 'a vendor who is not named'}.`,
              sv: `Löftena ges av ${after.vendor ?? 'en leverantör som inte nämns'}.`,
            },
          },
        ]
  return [
    ...vendor,
    ...after.promises.flatMap((now) => {
      const then = before.promises.find((one) => one.pledge.id === now.pledge.id)
      return then ? differencesOf(then, now) : []
    }),
  ]
}

function differencesOf(then: PledgeInForce, now: PledgeInForce): Difference[] {
  const { pledge } = now
  const promise = pledge.id
  const titled = (en: string, sv: string): Words => ({
    en: `${pledge.title.en} – ${en}`,
    sv: `${pledge.title.sv} – ${sv}`,
  })
  if (now.dropped !== null) {
    if (then.dropped === now.dropped) return []
    const because = now.dropped
    const sentence = titled(`no longer promised: ${because}`, `utlovas inte längre: ${because}`)
    return [
      { promise, what: 'dropped', ...(then.dropped ? { from: then.dropped } : {}), to: because, sentence },
    ]
  }
  if (then.dropped !== null) {
    const sentence = titled(`promised again: “${said(now, 'en')}”`, `utlovas åter: ”${said(now, 'sv')}”`)
    return [{ promise, what: 'taken up', from: then.dropped, sentence }]
  }
  const found: Difference[] = []
  for (const [name, parameter] of Object.entries(pledge.parameters)) {
    const [from, to] = [then.values[name], now.values[name]]
    if (from === undefined || to === undefined || JSON.stringify(from) === JSON.stringify(to)) continue
    const [a, b] = [
      both((language) => sayValue(parameter, from, language)),
      both((language) => sayValue(parameter, to, language)),
    ]
    const { en, sv } = parameter.says
    const sentence = titled(`${en}: from ${a.en} to ${b.en}.`, `${sv}: från ${a.sv} till ${b.sv}.`)
    found.push({ promise, what: 'value', parameter: name, from: String(from), to: String(to), sentence })
  }
  if (then.every !== now.every) {
    const [a, b] = [
      both((language) => sayEvery(then.every, language)),
      both((language) => sayEvery(now.every, language)),
    ]
    const sentence = titled(`proved ${b.en}, before ${a.en}.`, `prövas ${b.sv}, tidigare ${a.sv}.`)
    found.push({ promise, what: 'value', parameter: 'every', from: then.every, to: now.every, sentence })
  }
  // Twice as long as between two proofs goes without saying.
  const isUsual = (one: PledgeInForce) => one.freshnessMs === 2 * one.everyMs
  if (now.freshness !== then.freshness && !(isUsual(now) && isUsual(then))) {
    const [a, b] = [
      both((language) => sayDuration(then.freshness, language)),
      both((language) => sayDuration(now.freshness, language)),
    ]
    const sentence = titled(
      `evidence counts for ${b.en}, before ${a.en}.`,
      `bevis gäller i ${b.sv}, tidigare ${a.sv}.`,
    )
    const [from, to] = [then.freshness, now.freshness]
    found.push({ promise, what: 'value', parameter: 'freshness', from, to, sentence })
  }
  if (LANGUAGES.some((language) => then.says[language] !== now.says[language])) {
    const sentence = titled(
      `worded anew: “${said(now, 'en')}”, before “${said(then, 'en')}”.`,
      `ny lydelse: ”${said(now, 'sv')}”, tidigare ”${said(then, 'sv')}”.`,
    )
    found.push({ promise, what: 'words', from: said(then, 'en'), to: said(now, 'en'), sentence })
  }
  return found
}

/** What a person who approves is shown: each change, and each sentence as it will then stand. */
export function previewOf(differences: readonly Difference[], after: readonly PledgeInForce[]): Words[] {
  const sentences = after
    .filter((one) => one.dropped === null)
    .filter((one) => differences.some(({ promise, what }) => promise === one.pledge.id && what === 'value'))
    .map((one) => both((language) => `${WILL_SAY[language]} ${said(one, language)}`))
  return [...differences.map((one) => one.sentence), ...sentences]
}

const WILL_SAY: Words = { en: 'It will then say:', sv: 'Då står det:' }

const MANNERS: Readonly<Record<Manner, Words>> = {
  'second person': { en: 'Approved by a second person.', sv: 'Godkänt av en andra person.' },
  'one person': { en: 'Approved by one person.', sv: 'Godkänt av en enda person.' },
  demo: { en: 'Set by the demo world.', sv: 'Satt av demovärlden.' },
}

/** The lines that stand in public from then on: dated, and with who agreed. */
export function publicLinesOf(
  differences: readonly Difference[],
  { overview, by, at, manner }: { overview: string; by: string; at: number; manner: Manner },
): Omit<PublicLineRow, 'position'>[] {
  const dated = (sentence: string, language: Language) =>
    `${dateIn(language).format(at)}: ${sentence} ${MANNERS[manner][language]}`
  return differences.map(({ promise, what, parameter, from, to, sentence }) => ({
    overview,
    pledge: promise,
    what,
    parameter: parameter ?? null,
    from_value: from ?? null,
    to_value: to ?? null,
    line_en: dated(sentence.en, 'en'),
    line_sv: dated(sentence.sv, 'sv'),
    manner,
    by,
    at,
  }))
}

const dateIn = (language: Language) =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' })

const said = ({ pledge, says, values }: PledgeInForce, language: Language) =>
  textOf(say({ parameters: pledge.parameters, says }, values, language))

const both = (of: (language: Language) => string): Words => ({ en: of('en'), sv: of('sv') })
