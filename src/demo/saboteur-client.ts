import { z } from 'zod'
import { AppError, type ErrorCode, STATUS_OF } from '../kernel/errors.ts'
import { unixRequest } from '../kernel/unix-request.ts'
import type { BreakableName } from './breakable.ts'
import { type SaboteurState, saboteurStateSchema } from './saboteur-server.ts'

/** What the server can ask of the saboteur; each throws AppError with what the saboteur said. */
export type SaboteurClient = {
  state(): Promise<SaboteurState>
  /** Whether it is done; where not, it goes on. */
  tell(word: 'break' | 'mend', what: BreakableName): Promise<{ state: 'done' | 'doing' }>
}

const problemSchema = z.object({ code: z.string(), detail: z.string(), remedy: z.string().optional() })
const doneSchema = z.object({ state: z.enum(['done', 'doing']) })

/** A client over the saboteur's socket. */
export function createSaboteurClient(given: { socketPath: string; token: string }): SaboteurClient {
  const ask = async <T>(method: 'GET' | 'POST', path: string, answer: z.ZodType<T>): Promise<T> => {
    const { status, body } = await unixRequest({
      socketPath: given.socketPath,
      method,
      path,
      headers: { authorization: `Bearer ${given.token}` },
    })
    const json: unknown = JSON.parse(body.toString('utf8'))
    if (status === 200) return answer.parse(json)
    const { code, detail, remedy } = problemSchema.parse(json)
    const known: ErrorCode = code in STATUS_OF ? (code as ErrorCode) : 'internal'
    throw new AppError(known, detail, remedy === undefined ? {} : { remedy })
  }
  return {
    state: () => ask('GET', '/state', saboteurStateSchema),
    tell: (word, what) => ask('POST', `/${word}/${what}`, doneSchema),
  }
}
