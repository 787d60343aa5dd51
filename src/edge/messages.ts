import { z } from 'zod'

const certificatesSchema = z.array(z.object({ zone: z.string(), certPem: z.string(), keyPem: z.string() }))
const ticketKeysSchema = z.string().regex(/^[0-9a-f]{96}$/)

/** What the edge's first process tells its workers. They never get the authority's key. */
export const toWorkerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    domains: z.object({ planeDomain: z.string(), appsDomain: z.string() }),
    bindAddress: z.string(),
    httpsPort: z.number().int(),
    httpPort: z.number().int(),
    serverSocket: z.string(),
    edgeToken: z.string(),
    probeToken: z.string(),
    certificates: certificatesSchema,
    ticketKeys: ticketKeysSchema,
  }),
  z.object({ kind: z.literal('certificates'), certificates: certificatesSchema }),
  z.object({ kind: z.literal('tickets'), ticketKeys: ticketKeysSchema }),
  z.object({ kind: z.literal('stop') }),
])
export type ToWorker = z.infer<typeof toWorkerSchema>

/** What a worker, which faces the outside, tells back. */
export const fromWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('activity'),
    items: z.array(
      z.object({
        instance: z.string().min(1).max(100),
        lastRequestAt: z.number().int(),
        lastUsedAt: z.number().int().nullable(),
        openRequests: z.number().int().min(0),
      }),
    ),
  }),
])
export type FromWorker = z.infer<typeof fromWorkerSchema>
