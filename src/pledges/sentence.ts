import type { Language } from './pledge.ts'

/** What may stand in a sentence. */
export type Said = string | number

type SlotsOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SlotsOf<Rest>
  : never

/** A sentence filled in; for now in English. */
export function sentence<const En extends string>(
  texts: { en: En; sv: string },
  values: Readonly<Record<SlotsOf<En>, Said>>,
): string {
  const said = values as Readonly<Record<string, Said>>
  return texts.en.replace(/\{(\w+)\}/g, (_, name: string) => `${said[name]!}`)
}

export const same = (text: string): string => text

/** `a, b, c`; beyond `atMost` how many more there are. */
export function listed(all: readonly Said[], atMost = all.length): string {
  const shown = all.slice(0, atMost).join(', ')
  return all.length > atMost ? `${shown} and ${all.length - atMost} more` : shown
}

/** A thing that is counted: of one, and of any other number. */
export type Noun = Readonly<Record<Language, readonly [one: string, many: string]>>
export const named = (count: number, noun: Noun): string => noun.en[count === 1 ? 0 : 1]
export const counted = (count: number, noun: Noun): string => `${count} ${named(count, noun)}`
export const share = (some: number, all: number, noun: Noun): string => `${some} of ${counted(all, noun)}`
