import { z } from 'zod'

/** The same thing said in each language. */
export const words = z.object({ en: z.string(), sv: z.string() }).meta({ id: 'Words' })

/** One problem of a file of ours, as the compilers report it. */
export const problemSchema = z
  .object({
    file: z.string(),
    line: z.number(),
    at: z.string(),
    found: z.string(),
    expected: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'YamlProblem' })

/** One thing that an overview says otherwise than the one before. */
export const changeSchema = z
  .object({
    promise: z.string().nullable().describe('null: of no single promise'),
    what: z.enum(['value', 'words', 'dropped', 'taken up', 'vendor']),
    parameter: z.string().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    sentence: words,
  })
  .meta({ id: 'PromiseChange' })

/** A person or a token, by id and name. */
export const who = z.object({ id: z.string(), name: z.string() })
