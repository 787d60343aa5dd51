import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../kernel/errors.ts'

/** What a token may do; to cosign is to hand over what a witness said, which its own key vouches for. Nobody may alter or delete: there is no such right. */
export type Right = 'append' | 'read' | 'cosign'

const tokensSchema = z.record(
  z.string().regex(/^[0-9a-f]{64}$/),
  z.strictObject({ process: z.string().min(1), may: z.array(z.enum(['append', 'read', 'cosign'])) }),
)
export type Tokens = z.infer<typeof tokensSchema>

/** Who came with which token; AppError `unauthenticated` or `forbidden` unless the token is known and has the right. */
export type Authorise = (authorization: string | undefined, right: Right) => { process: string }

/** Reads the map of token hashes; throws, without quoting it, when it has another form. */
export function parseTokens(text: string): Tokens {
  try {
    return tokensSchema.parse(JSON.parse(text))
  } catch {
    throw new Error('The secret `tokens` of the ledger is not {"<sha256 of token>":{"process","may":[…]}}.')
  }
}

/** Checks bearer tokens against their hashes, all of them each time, so that time tells nothing. */
export function createAuthoriser(tokens: Tokens): Authorise {
  const known = Object.entries(tokens).map(([hash, who]) => ({ hash: Buffer.from(hash, 'hex'), ...who }))
  return (authorization, right) => {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization ?? '')?.[1] ?? ''
    const given = createHash('sha256').update(token).digest()
    let found: (typeof known)[number] | undefined
    for (const one of known) if (timingSafeEqual(one.hash, given)) found = one
    if (token === '' || !found)
      throw new AppError('unauthenticated', 'The log does not know this token.', {
        remedy: 'Send `Authorization: Bearer` with the token that the supervisor handed to this process.',
      })
    if (!found.may.includes(right)) throw new AppError('forbidden', `This token may not ${right} the log.`)
    return { process: found.process }
  }
}
