import * as z from 'zod'

// PostgreSQL refuses NUL, and lone surrogates would be stored as something else.
const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

const plain = (max: number) =>
  z
    .string('Expected text.')
    .trim()
    .max(max, `At most ${max} characters.`)
    .refine(storable, 'Holds characters that cannot be stored.')

export const text = (max: number) => plain(max).min(1, 'Fill this in.')

/** Empty means none; leaving it out means unchanged. */
export const optionalText = (max: number) =>
  plain(max)
    .nullable()
    .transform((value) => value || null)
    .optional()

const EMAIL = /^[^\s@<>"(),:;\\]{1,64}@[^\s@<>"(),:;\\]+\.[^\s@<>"(),:;\\.]+$/

export const email = plain(254).regex(EMAIL, 'Not an e-mail address; expected name@example.com.')

export const optionalEmail = plain(254)
  .refine((value) => value === '' || EMAIL.test(value), 'Not an e-mail address; expected name@example.com.')
  .nullable()
  .transform((value) => value || null)
  .optional()

export const optionalPhone = plain(40)
  .refine(
    (value) => value === '' || /^\+?[\d\s()./-]{3,}$/.test(value),
    'Not a phone number; digits, spaces and a leading + only.',
  )
  .nullable()
  .transform((value) => value || null)
  .optional()

export const optionalPersonalNumber = plain(30)
  .refine(
    (value) => value === '' || /^[\dA-Za-z][\dA-Za-z +-]{3,}$/.test(value),
    'Digits, letters, + and - only.',
  )
  .nullable()
  .transform((value) => value || null)
  .optional()

export const optionalWebsite = plain(200)
  .transform((value) => (value === '' || /^https?:\/\//i.test(value) ? value : `https://${value}`))
  .refine((value) => value === '' || /^https?:\/\/[^\s/?#]+\.[^\s]+$/i.test(value), 'Not a web address.')
  .nullable()
  .transform((value) => value || null)
  .optional()

export const id = z.uuid('Not an id.')
export const optionalId = id.nullable().optional()

export const country = z.string().regex(/^[A-Z]{2}$/, 'Two capital letters, such as SE.')
export const optionalCountry = z
  .union([country, z.literal('').transform(() => null), z.null()], 'Two capital letters, such as SE.')
  .optional()

export const CURRENCIES = ['SEK', 'EUR', 'NOK', 'DKK', 'GBP', 'USD', 'CHF', 'PLN'] as const
export const currency = z.enum(CURRENCIES, `One of ${CURRENCIES.join(', ')}.`)

/** Ten thousand million, in öre or cents. */
export const MAX_MINOR = 1_000_000_000_000
export const amountMinor = z
  .int('A whole number of öre or cents.')
  .min(0, 'Not below zero.')
  .max(MAX_MINOR, 'Larger than this system counts.')

export const date = z.iso
  .date('A date such as 2026-03-31.')
  .refine((value) => value >= '1900-01-01', 'Too long ago.')
export const optionalDate = z
  .union([date, z.literal('').transform(() => null), z.null()], 'A date such as 2026-03-31.')
  .optional()

export const password = z
  .string('Expected text.')
  .min(10, 'At least 10 characters; a sentence is easy to remember.')
  .max(200, 'At most 200 characters.')

export const isId = (value: string): boolean => id.safeParse(value).success
