import { LANGUAGES, type Language, type Words } from './pledge.ts'
import { sayDuration } from './words.ts'

/** What may stand in a sentence: a number, a text that is the same in every language, or words. */
export type Said = string | number | Words

type SlotsOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SlotsOf<Rest>
  : never
/** Nothing where the languages do not name the same values, so that the sentence does not compile. */
export type Agreeing<En extends string, Sv extends string> = [SlotsOf<En>, SlotsOf<Sv>] extends [
  SlotsOf<Sv>,
  SlotsOf<En>,
]
  ? unknown
  : never

const each = (say: (language: Language) => string): Words =>
  Object.fromEntries(LANGUAGES.map((language) => [language, say(language)])) as Words

/** The same sentence in every language, filled in from the same values: what one language leaves out does not compile. */
export function sentence<const En extends string, const Sv extends string>(
  texts: { en: En; sv: Sv } & Agreeing<En, Sv>,
  values: Readonly<Record<SlotsOf<En>, Said>>,
): Words {
  const said = values as Readonly<Record<string, Said>>
  return each((language) =>
    texts[language].replace(/\{(\w+)\}/g, (_, name: string) => sayIn(said[name]!, language)),
  )
}

/** A text that is no language's: a name, a path, what a program answered. */
export const same = (text: string): Words => each(() => text)

/** Nothing to say beside what another part says. */
export const NOTHING: Words = same('')

/** Said one after the other; what says nothing is left out. */
export const joined = (all: readonly Said[], between = ' '): Words =>
  each((language) =>
    all
      .map((one) => sayIn(one, language))
      .filter(Boolean)
      .join(between),
  )

/** `a, b, c`; beyond `atMost` how many more there are. */
export function listed(all: readonly Said[], atMost = all.length): Words {
  const shown = joined(all.slice(0, atMost), ', ')
  const more = all.length - atMost
  return more > 0
    ? sentence({ en: '{shown} and {more} more', sv: '{shown} och {more} till' }, { shown, more })
    : shown
}

/** A thing that is counted: of one, and of any other number. */
export type Noun = Readonly<Record<Language, readonly [one: string, many: string]>>

/** The noun alone, as it stands beside this number. */
export const named = (count: number, noun: Noun): Words =>
  each((language) => noun[language][count === 1 ? 0 : 1])
/** `1 address`, `2 addresses`. */
export const counted = (count: number, noun: Noun): Words => joined([count, named(count, noun)])
/** `1 of 2 addresses`. */
export const share = (some: number, all: number, noun: Noun): Words =>
  sentence({ en: '{some} of {all}', sv: '{some} av {all}' }, { some, all: counted(all, noun) })

/** A promised duration: `P14D` is "14 days" and "14 dagar". */
export const lasting = (duration: string): Words => each((language) => sayDuration(duration, language))

/** Begins with a capital letter. */
export const capital = (words: Words): Words =>
  each((language) => `${words[language].charAt(0).toUpperCase()}${words[language].slice(1)}`)
/** At most so many characters of each. */
export const cut = (words: Words, atMost: number): Words =>
  each((language) => words[language].slice(0, atMost))

function sayIn(said: Said, language: Language): string {
  if (typeof said === 'string') return said
  return typeof said === 'number' ? new Intl.NumberFormat(language).format(said) : said[language]
}
