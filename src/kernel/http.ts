import { chmodSync, rmSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { limitBodies } from './body-deadline.ts'
import { AppError, STATUS_OF } from './errors.ts'
import { newId } from './ids.ts'
import type { Logger } from './log.ts'

const BODY_LIMIT_BYTES = 1024 * 1024
const DEPTH_LIMIT = 32
const HEADERS_WITHIN_MS = 30_000
const BODY_WITHIN_MS = 30_000

/** RFC 9457 problem document; `code` is one of the closed list in errors.ts. */
export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  remedy?: string
  instance?: string
  errors?: { at: string; found: string; expected: string }[]
  more?: Record<string, unknown>
}

/**
 * A Fastify server that validates with zod, answers errors as problem documents and bounds what comes in. A body comes within
 * `bodyWithinMs`, unless its route calls `allowLongBody`.
 */
export function createHttpServer({
  logger,
  bodyWithinMs = BODY_WITHIN_MS,
}: {
  logger: Logger
  bodyWithinMs?: number
}): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: false,
    genReqId: () => newId('req'),
    routerOptions: { maxParamLength: 256 },
    requestTimeout: 0,
    exposeHeadRoutes: false,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.server.headersTimeout = HEADERS_WITHIN_MS
  limitBodies(app, bodyWithinMs)
  app.addHook('preValidation', async (request) => {
    if (typeof request.body === 'object' && request.body !== null && depthOf(request.body) > DEPTH_LIMIT)
      throw new AppError('bad_request', `The body is nested deeper than ${DEPTH_LIMIT} levels.`, {
        remedy: 'Send a flatter document.',
      })
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error, request.id)
    if (problem.status >= 500)
      logger.error('request failed', { request: request.id, route: request.routeOptions.url, error })
    reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  })
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(new AppError('not_found', 'There is nothing at this address.'), request.id)
    reply.code(404).type('application/problem+json').send(JSON.stringify(problem))
  })
  return app
}

export function problemOf(error: unknown, requestId?: string): Problem {
  const base = (code: keyof typeof STATUS_OF, detail: string): Problem => ({
    type: `urn:borgen:error:${code}`,
    title: STATUS_CODES[STATUS_OF[code]] ?? 'Error',
    status: STATUS_OF[code],
    code,
    detail,
    ...(requestId ? { instance: requestId } : {}),
  })
  if (error instanceof AppError)
    return {
      ...base(error.code, error.message),
      ...(error.remedy ? { remedy: error.remedy } : {}),
      ...(error.detail ? { more: error.detail } : {}),
    }
  if (hasZodFastifySchemaValidationErrors(error))
    return {
      ...base('bad_request', 'The request does not have the expected form.'),
      remedy: 'Mend the fields named in `errors`; nothing was changed.',
      errors: error.validation.slice(0, 20).map((issue) => ({
        at: `${error.validationContext ?? 'request'}${issue.instancePath || '/'}`,
        found: 'invalid',
        expected: issue.message ?? 'another value',
      })),
    }
  const status = (error as { statusCode?: number }).statusCode
  if (status === 413) return base('too_large', `The body is larger than ${BODY_LIMIT_BYTES} bytes.`)
  if (status !== undefined && status >= 400 && status < 500)
    return {
      ...base('bad_request', (error as Error).message),
      status,
      title: STATUS_CODES[status] ?? 'Error',
    }
  return {
    ...base('internal', 'Something went wrong on our side; nothing was promised.'),
    remedy: 'Try again; if it stays, look at the process log with the request id.',
  }
}

function depthOf(value: object): number {
  let deepest = 0
  const open: [object, number][] = [[value, 1]]
  for (let item = open.pop(); item; item = open.pop()) {
    const [node, depth] = item
    deepest = Math.max(deepest, depth)
    if (depth > DEPTH_LIMIT) return depth
    for (const child of Object.values(node))
      if (typeof child === 'object' && child !== null) open.push([child, depth + 1])
  }
  return deepest
}

/** Listens on a Unix socket with the given file mode, after removing a stale one. */
export async function listenUnix(app: FastifyInstance, socketPath: string, mode: number): Promise<void> {
  rmSync(socketPath, { force: true })
  const umaskBefore = process.umask(0o177)
  try {
    await app.listen({ path: socketPath })
  } finally {
    process.umask(umaskBefore)
  }
  chmodSync(socketPath, mode)
}
