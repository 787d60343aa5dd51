import { connect } from 'node:net'
import { z } from 'zod'
import { AppError } from '../../../kernel/errors.ts'

/** For everything that the warden does beside waiting for an application to get healthy. */
const answerLimitMs = 120_000

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.enum(['bad_request', 'forbidden', 'unavailable', 'internal']),
    message: z.string(),
    detail: z.record(z.string(), z.unknown()).optional(),
  }),
])

/** One request to the warden: a line of JSON each way over its socket. Throws AppError with the warden's own words. */
export async function askWarden(
  socketPath: string,
  request: object,
  startLimitMs = 60_000,
): Promise<unknown> {
  const limitMs = answerLimitMs + startLimitMs
  const text = await exchange(socketPath, `${JSON.stringify(request)}\n`, limitMs).catch((cause: unknown) => {
    throw new AppError('unavailable', 'The warden does not answer.', {
      remedy: 'See `borgen status`; the request can be repeated as soon as the warden runs.',
      cause,
    })
  })
  const answer = answerSchema.parse(JSON.parse(text))
  if (answer.ok) return answer.result
  throw new AppError(answer.code, answer.message, answer.detail ? { detail: answer.detail } : {})
}

function exchange(socketPath: string, line: string, limitMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(socketPath)
  let said = ''
  socket.setEncoding('utf8')
  socket.setTimeout(limitMs, () => socket.destroy(new Error('no answer in time')))
  socket.on('connect', () => socket.write(line))
  socket.on('data', (text: string) => {
    said += text
  })
  socket.on('end', () => {
    socket.end()
    if (said.endsWith('\n')) resolve(said)
    else reject(new Error('the connection ended before the answer'))
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the connection was closed')))
  return promise
}
