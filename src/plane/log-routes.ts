import { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { RouteContext } from '../changes/context.ts'
import { readRoute } from '../changes/route.ts'
import type { LedgerClient } from '../ledger/client/client.ts'
import { logPageSchema, readPage } from '../ledger/client/page.ts'

const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
const PAGE_LIMIT = 100
const WORLD = { type: 'World', id: 'world' }
const index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const proof = z.object({ format: z.string(), hashes: z.array(z.string()) }).loose()

/** The log as people and verifiers read it; reading events is itself logged, reading proofs and tiles is not. */
export function logRoutes(context: RouteContext, ledger: LedgerClient): void {
  readRoute(context, {
    url: '/v1/log/entries',
    action: 'log.read',
    summary: 'Read the log',
    logged: true,
    shapes: {
      query: z.object({
        subject: z.string().max(64).optional(),
        stream: z.enum(STREAMS).optional(),
        type: z.string().max(65).optional().describe('with an asterisk at its end: all that begin so'),
        text: z.string().trim().max(100).optional().describe('part of the type, subject, region or stream'),
        since: index.optional().describe('not before; milliseconds since 1970'),
        until: index.optional().describe('not after; milliseconds since 1970'),
        from: index.optional().describe('first index; with `reverse` the last'),
        limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
        reverse: z.enum(['true', 'false']).default('false'),
      }),
      reply: logPageSchema,
    },
    handle: async ({ query: { reverse, ...query } }) =>
      readPage(ledger, { ...query, reverse: reverse === 'true' }),
  })

  readRoute(context, {
    url: '/v1/log/entries/:index',
    action: 'log.read',
    summary: 'Export an entry of the log',
    logged: true,
    resource: ({ params }) => ({ type: 'LogEntry', id: String(params.index) }),
    shapes: {
      params: z.object({ index }),
      reply: z
        .object({
          format: z.string(),
          origin: z.string(),
          index: z.number(),
          leaf: z.string(),
          salt: z.string().nullable(),
          event: z.string().nullable(),
          proof,
          checkpoint: z.string(),
        })
        .describe('docs/evidence-format.md, section 6.3'),
    },
    handle: ({ params }) => ledger.exportEntry(params.index),
  })

  readRoute(context, {
    url: '/v1/log',
    action: 'status.read',
    summary: 'Show the log',
    shapes: {
      reply: z.object({
        origin: z.string(),
        vkey: z.string(),
        size: z.number(),
        root: z.string(),
        checkpoint: z.string().describe('C2SP signed note'),
      }),
    },
    handle: async () => {
      const [{ origin, vkey, size, root }, checkpoint] = await Promise.all([
        ledger.health(),
        ledger.checkpoint(),
      ])
      return { origin, vkey, size, root, checkpoint }
    },
  })

  readRoute(context, {
    url: '/v1/log/proofs/inclusion',
    action: 'status.read',
    summary: 'Prove that an entry is in the log',
    shapes: { query: z.object({ index, size: index.optional() }), reply: proof },
    handle: ({ query }) => ledger.inclusionProof(query.index, query.size),
  })

  readRoute(context, {
    url: '/v1/log/proofs/consistency',
    action: 'status.read',
    summary: 'Prove that the log only grew',
    shapes: { query: z.object({ from: index, to: index.optional() }), reply: proof },
    handle: ({ query }) => ledger.consistencyProof(query.from, query.to),
  })

  context.app.get(
    '/v1/log/tile/*',
    { config: { kind: 'read', action: 'status.read' }, schema: { hide: true } },
    async (request, reply) => {
      const actor = await context.authenticate(request)
      authorise(actor, 'status.read', WORLD)
      const path = `tile/${(request.params as { '*': string })['*']}`
      return reply.type('application/octet-stream').send(await ledger.tile(path))
    },
  )

  context.app.get(
    '/v1/log/check',
    { config: { kind: 'read', action: 'log.read' }, schema: { hide: true } },
    async (request, reply) => {
      const actor = await context.authenticate(request)
      authorise(actor, 'log.read', WORLD)
      return reply.type('application/x-ndjson').send(await ledger.fsck())
    },
  )
}
