/** The languages in which every sentence is written; more by adding words, never by translating at run time. */
export const LANGUAGES = ['en', 'sv'] as const
export type Language = (typeof LANGUAGES)[number]
/** The same thing said in each language. */
export type Words = Readonly<Record<Language, string>>

export const HEADINGS = [
  'organisation-security',
  'physical-security',
  'operational-security',
  'data-security',
  'incident-management',
] as const
export type Heading = (typeof HEADINGS)[number]

/** We make it so; we observe somebody else's state; a person signs that it was done, with evidence and an expiry. */
export type Kind = 'enforced' | 'watched' | 'attested'

/** A number that a customer can read. It stands here once; every sentence, plan and proof takes it from here. */
export type Parameter =
  /** ISO 8601 duration, such as P90D or PT8H. */
  | { unit: 'duration'; default: string; atLeast?: string; atMost?: string; says: Words }
  | { unit: 'count'; default: number; atLeast?: number; atMost?: number; says: Words }
  | { unit: 'choice'; default: string; of: Readonly<Record<string, Words>>; says: Words }
  /** At least one of these. */
  | { unit: 'list'; default: readonly string[]; of: Readonly<Record<string, Words>>; says: Words }

export type ValueOf<P extends Parameter> = P extends { unit: 'count' }
  ? number
  : P extends { unit: 'list' }
    ? readonly string[]
    : string
export type Parameters = Readonly<Record<string, Parameter>>
export type ValuesOf<P extends Parameters> = { readonly [name in keyof P]: ValueOf<P[name]> }
export type Values = Readonly<Record<string, string | number | readonly string[]>>

/** Identifiers of the framework controls that a promise answers. */
export type Controls = Readonly<{
  iso27001: readonly string[]
  soc2: readonly string[]
  csf: readonly string[]
  cis: readonly string[]
}>

/** Two values that cannot both hold, and how to mend it. */
export type Contradiction = { parameter: string; found: string; expected: string }

export type Pledge<P extends Parameters = Parameters> = {
  /** Reads as a sentence: `retention.cancelled`. */
  id: string
  /** Its place in the register and in the wall, from 1. */
  number: number
  heading: Heading
  kind: Kind
  /** A name of two to five words. */
  title: Words
  /** What is promised; `{name}` is a parameter, rendered from its value in every language. */
  says: Words
  parameters: P
  /**
   * What the sentence consists of, each part to be shown on its own: a part that is neither proved nor shown to be absent
   * makes the whole `unknown`.
   */
  parts: Readonly<Record<string, Words>>
  /** How often it is proved, and how old evidence may be (default: twice that); ISO 8601 durations of fixed length. */
  every: string
  freshness?: string
  /**
   * Where the sentence promises an act of proof, how seldom it may be proved at most: the parameter that says how often, where the
   * proof is that act or has to see each one; a duration of fixed length, where others act all the time and the proof looks at them.
   */
  provedAtLeast?: string
  controls: Controls
  /** What two of its values may not say together. */
  contradiction?(values: ValuesOf<P>): Contradiction | undefined
}

/** Declares a promise; the types of its values follow from its parameters. */
export function declarePledge<const P extends Parameters>(
  pledge: Pledge<P> & { provedAtLeast?: Extract<keyof P, string> | `P${string}` },
): Pledge<P> {
  return pledge
}
