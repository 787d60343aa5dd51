import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../kernel/errors.ts'
import { LOG_LIMITS } from '../../kernel/log-limits.ts'
import { consistencyPath, inclusionPath } from '../tree/prove.ts'
import { parseTilePath } from '../tree/tile-path.ts'
import { parseBatch, STREAMS } from './entry.ts'
import { fsck } from './fsck.ts'
import type { Log } from './log.ts'
import { exportEntry, readEntries } from './query.ts'
import type { Authorise, Right } from './tokens.ts'

const APPEND_LIMIT_BYTES = LOG_LIMITS.batchBytes
const PAGE_LIMIT = 1_000
const RIGHT_TO_POST: Record<string, Right> = { '/append': 'append', '/cosignatures': 'cosign' }

const index = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/)
  .transform(Number)
  .refine(Number.isSafeInteger)
const inclusionQuery = z.strictObject({ index, size: index.optional() })
const consistencyQuery = z.strictObject({ from: index, to: index.optional() })
const entriesQuery = z.strictObject({
  subject: z.string().max(64).optional(),
  region: z.string().max(32).optional(),
  stream: z.enum(STREAMS).optional(),
  type: z.string().max(65).optional(),
  text: z.string().max(100).optional(),
  since: index.optional(),
  until: index.optional(),
  from: index.optional(),
  limit: index.pipe(z.number().min(1).max(PAGE_LIMIT)).default(100),
  reverse: z
    .enum(['true', 'false', '1', '0'])
    .default('false')
    .transform((text) => text === 'true' || text === '1'),
})

/** All that can be asked of the log. There is no way to alter or to delete anything, for whatever token. */
export function addRoutes(app: FastifyInstance, log: Log, authorise: Authorise): void {
  app.addHook('onRequest', async (request) => {
    const right = request.method === 'POST' ? (RIGHT_TO_POST[request.url] ?? 'read') : 'read'
    authorise(request.headers.authorization, right)
  })

  app.register(async (appending) => {
    // Parsed by hand (see parseBatch), so that a large batch is walked once.
    appending.removeContentTypeParser('application/json')
    appending.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: APPEND_LIMIT_BYTES },
      (_, body, done) => done(null, body),
    )
    appending.post('/append', { bodyLimit: APPEND_LIMIT_BYTES }, async (request, reply) => {
      const entries = await log.append(parseBatch(parseJson(request.body)))
      return reply.type('application/json').send(JSON.stringify({ entries }))
    })
  })

  app.get('/checkpoint', async (_, reply) => reply.type('text/plain; charset=utf-8').send(log.checkpoint()))

  app.get('/tile/*', async (request, reply) => {
    const tile = parseTilePath(request.url.slice(1))
    const bytes = tile && (await log.tiles.read(tile))
    if (!bytes) throw new AppError('not_found', 'The log has no such tile.')
    return reply.type('application/octet-stream').send(bytes)
  })

  app.get('/proof/inclusion', { schema: { querystring: inclusionQuery } }, async (request) => {
    const query = request.query as z.infer<typeof inclusionQuery>
    const size = sizeUpTo(log, query.size)
    if (query.index >= size)
      throw new AppError('bad_request', `Entry ${query.index} is not in a tree of ${size}.`)
    const hashes = await inclusionPath(query.index, size, log.tiles.hashes)
    return { format: 'borgen-inclusion-1', index: query.index, size, hashes: hashes.map(hex) }
  })

  app.get('/proof/consistency', { schema: { querystring: consistencyQuery } }, async (request) => {
    const { from, to: asked } = request.query as z.infer<typeof consistencyQuery>
    const to = sizeUpTo(log, asked)
    if (from === 0 || from > to)
      throw new AppError('bad_request', `Nothing can be proved from size ${from} to size ${to}.`, {
        remedy: 'Ask from at least 1 to at least the same.',
      })
    const hashes = await consistencyPath(from, to, log.tiles.hashes)
    return { format: 'borgen-consistency-1', from, to, hashes: hashes.map(hex) }
  })

  app.get('/entries', { schema: { querystring: entriesQuery } }, async (request) =>
    readEntries(log, request.query as z.infer<typeof entriesQuery>),
  )

  app.get('/entries/:index/export', { schema: { params: z.object({ index }) } }, async (request) =>
    exportEntry(log, (request.params as { index: number }).index),
  )

  app.get('/health', async () => {
    const { size, root } = log.head()
    const { refusing, publishedSize, publishedAt, freeBytes } = log.state()
    return {
      origin: log.signer.origin,
      vkey: log.signer.vkey,
      size,
      root: hex(root),
      publishedSize,
      checkpointAt: publishedAt ?? null,
      disk: { freeBytes: freeBytes ?? null },
      appends: refusing === undefined ? 'taken' : 'refused',
      ...(refusing === undefined ? {} : { refusing }),
    }
  })

  // One JSON object a line: progress and findings as they come, the result last.
  app.get('/fsck', async (_, reply) =>
    reply.type('application/x-ndjson').send(
      Readable.from(
        (async function* () {
          for await (const step of fsck(log)) yield `${JSON.stringify(step)}\n`
        })(),
      ),
    ),
  )
}

function sizeUpTo(log: Log, asked: number | undefined): number {
  const size = log.tiles.size
  if (asked !== undefined && asked > size)
    throw new AppError('bad_request', `The log has only ${size} entries yet.`)
  return asked ?? size
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex')
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '')
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not JSON.', {
      remedy: 'Send {"entries":[…]} as JSON.',
      cause,
    })
  }
}
