import { z } from 'zod'
import { AppError, type ErrorCode, isAppError, STATUS_OF } from '../../kernel/errors.ts'
import { unixRequest } from '../../kernel/unix-request.ts'

export type LedgerStream = 'event' | 'audit' | 'error' | 'administrator' | 'operator'

/** An entry to append. `event` is sealed; all else but `key` becomes public. `key` makes repeating harmless. */
export type LedgerEntry = {
  key: string
  stream: LedgerStream
  /** `plane`, or the id of an instance or account, whose key seals the event. */
  subject: string
  region: string
  type: string
  event: Record<string, unknown>
}

const size = z.number().int().min(0)
const hashes = z.array(z.string().regex(/^[0-9a-f]{64}$/))
const appendedSchema = z.object({ index: size, time: size, duplicate: z.boolean() })
const appendSchema = z.object({ entries: z.array(appendedSchema) })
const entrySchema = z.object({
  index: size,
  time: size,
  stream: z.enum(['event', 'audit', 'error', 'administrator', 'operator']),
  subject: z.string(),
  region: z.string(),
  type: z.string(),
  event: z.record(z.string(), z.unknown()).nullable(),
  salt: z.string().nullable(),
})
const pageSchema = z.object({ entries: z.array(entrySchema), next: size.nullable() })
const inclusionSchema = z.object({ format: z.literal('borgen-inclusion-1'), index: size, size, hashes })
const consistencySchema = z.object({
  format: z.literal('borgen-consistency-1'),
  from: size,
  to: size,
  hashes,
})
const exportSchema = z.object({
  format: z.literal('borgen-event-1'),
  origin: z.string(),
  index: size,
  leaf: z.string(),
  salt: z.string().nullable(),
  event: z.string().nullable(),
  proof: inclusionSchema,
  checkpoint: z.string(),
})
const healthSchema = z.object({
  origin: z.string(),
  vkey: z.string(),
  size,
  root: z.string(),
  publishedSize: z.number(),
  /** When the checkpoint on disk was written, epoch ms. */
  checkpointAt: size.nullable(),
  disk: z.object({ freeBytes: z.number().nullable() }),
  appends: z.enum(['taken', 'refused']),
  refusing: z.string().optional(),
})
const cosignedSchema = z.object({
  name: z.string(),
  key: z.string(),
  size,
  /** By the witness's own clock, epoch ms (whole seconds). */
  at: size,
  /** The checkpoint with the log's signature and this witness's. */
  note: z.string(),
})
const alteredSchema = z.object({ path: z.string(), keptAs: z.string(), wasMissing: z.boolean() })
const plantedSchema = z.object({ isThere: z.boolean(), isAsPlanted: z.boolean(), plantedAt: size })
const sealedSchema = z.object({
  size,
  cannot: z.string().nullable(),
  segments: size,
  newest: size,
  round: z.object({ since: size }).nullable(),
  whole: z.object({ endedAt: size, size, sealedEvents: size, erasedFrames: size }).nullable(),
  findings: z.array(z.object({ place: z.string(), index: size.optional(), what: z.string() })),
})
const problemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  remedy: z.string().optional(),
  more: z.record(z.string(), z.unknown()).optional(),
})

export type Appended = z.infer<typeof appendedSchema>
export type ReadLedgerEntry = z.infer<typeof entrySchema>
export type LedgerPage = z.infer<typeof pageSchema>
export type InclusionProof = z.infer<typeof inclusionSchema>
export type ConsistencyProof = z.infer<typeof consistencySchema>
export type ExportedEntry = z.infer<typeof exportSchema>
export type LedgerHealth = z.infer<typeof healthSchema>
export type CosignedCheckpoint = z.infer<typeof cosignedSchema>
export type AlteredFile = z.infer<typeof alteredSchema>
export type PlantedSegment = z.infer<typeof plantedSchema>
export type SealedCheck = z.infer<typeof sealedSchema>
export type LedgerQuestion = {
  subject?: string
  region?: string
  stream?: LedgerStream
  /** With an asterisk at its end: all that begin so. */
  type?: string
  /** Somewhere in type, subject, region or stream. */
  text?: string
  /** Epoch ms, by the log's clock; both included. */
  since?: number
  until?: number
  /** First index of the page (with `reverse`: the last); the `next` of the page before. */
  from?: number
  /** 1 to 1,000; 100 unless given. */
  limit?: number
  reverse?: boolean
}

/**
 * What other processes know of the log. Every method throws AppError: `log_unavailable` with the remedy when the log does
 * not answer or cannot write, otherwise the code that the log gave.
 */
export type LedgerClient = {
  /** At most 10,000 entries and 8 MiB; answers, in the same order, when all of them are durable. All or none. */
  append(entries: LedgerEntry[]): Promise<Appended[]>
  read(question?: LedgerQuestion): Promise<LedgerPage>
  /** What a stranger needs to check one entry offline. */
  exportEntry(index: number): Promise<ExportedEntry>
  inclusionProof(index: number, size?: number): Promise<InclusionProof>
  consistencyProof(from: number, to?: number): Promise<ConsistencyProof>
  /** The newest signed checkpoint, a C2SP note. */
  checkpoint(): Promise<string>
  /** A tile by its C2SP path, such as `tile/0/000.p/12`. */
  tile(path: string): Promise<Buffer>
  health(): Promise<LedgerHealth>
  /** Hands over a checkpoint of this log with a witness's line; only the worker's token may. */
  addCosignature(checkpoint: string): Promise<CosignedCheckpoint>
  /** The newest checkpoint that each witness cosigned. */
  cosigned(): Promise<CosignedCheckpoint[]>
  /** A file of the published tree as it lies on the disk (`checkpoint`, `tile/…`); undefined when it is not there. */
  published(path: string): Promise<Buffer | undefined>
  /** Files of the tree that somebody changed on the disk, as the log found them. */
  altered(): Promise<AlteredFile[]>
  /** What stands where the log planted a segment for a proof. */
  planted(): Promise<PlantedSegment>
  /** The log's own look at its sealed events: each newest segment, the newest entries, and the next piece of all others. */
  sealed(): Promise<SealedCheck>
  /** The log's own check of everything, one JSON object a line; the last one has `"step":"done"`. */
  fsck(): Promise<string>
}

/** A client over the log's socket. */
export function createLedgerClient(given: {
  socketPath: string
  token: string
  timeoutMs?: number
}): LedgerClient {
  const { socketPath, token, timeoutMs = 30_000 } = given
  const headers = { authorization: `Bearer ${token}` }

  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    waitMs = timeoutMs,
  ): Promise<Buffer> {
    const response = await unixRequest({ socketPath, method, path, headers, body, timeoutMs: waitMs }).catch(
      (cause: unknown) => {
        throw isAppError(cause, 'unavailable') ? unreachable(cause) : cause
      },
    )
    if (response.status === 200) return response.body
    throw errorOf(response.status, response.body)
  }
  const json = async <T>(schema: z.ZodType<T>, body: Promise<Buffer>): Promise<T> => {
    const text = (await body).toString('utf8')
    try {
      return schema.parse(JSON.parse(text))
    } catch (cause) {
      throw new AppError('log_unavailable', 'The log gave an answer of another form.', {
        remedy: REMEDY,
        cause,
      })
    }
  }

  return {
    append: async (entries) =>
      entries.length === 0 ? [] : (await json(appendSchema, call('POST', '/append', { entries }))).entries,
    read: (question = {}) => json(pageSchema, call('GET', `/entries${queryOf(question)}`)),
    exportEntry: (index) => json(exportSchema, call('GET', `/entries/${index}/export`)),
    inclusionProof: (index, upTo) =>
      json(inclusionSchema, call('GET', `/proof/inclusion${queryOf({ index, size: upTo })}`)),
    consistencyProof: (from, to) =>
      json(consistencySchema, call('GET', `/proof/consistency${queryOf({ from, to })}`)),
    checkpoint: async () => (await call('GET', '/checkpoint')).toString('utf8'),
    tile: (path) => call('GET', `/${path}`),
    health: () => json(healthSchema, call('GET', '/health')),
    addCosignature: (checkpoint) => json(cosignedSchema, call('POST', '/cosignatures', { checkpoint })),
    cosigned: async () =>
      (await json(z.object({ items: z.array(cosignedSchema) }), call('GET', '/cosigned'))).items,
    async published(path) {
      try {
        return await call('GET', `/published/${path}`)
      } catch (error) {
        if (isAppError(error, 'not_found')) return undefined
        throw error
      }
    },
    altered: async () =>
      (await json(z.object({ items: z.array(alteredSchema) }), call('GET', '/altered'))).items,
    planted: () => json(plantedSchema, call('GET', '/planted')),
    sealed: () => json(sealedSchema, call('GET', '/sealed')),
    fsck: async () => (await call('GET', '/fsck', undefined, 3_600_000)).toString('utf8'),
  }
}

const REMEDY = 'Start the log again (`borgen status` shows it), then repeat: nothing was changed without it.'

function unreachable(cause: unknown): AppError {
  return new AppError('log_unavailable', 'The log does not answer, so nothing that must be logged is done.', {
    remedy: REMEDY,
    cause,
  })
}

function errorOf(status: number, body: Buffer): AppError {
  let problem: z.infer<typeof problemSchema>
  try {
    problem = problemSchema.parse(JSON.parse(body.toString('utf8')))
  } catch (cause) {
    return unreachable(cause)
  }
  const code: ErrorCode = problem.code in STATUS_OF ? (problem.code as ErrorCode) : 'internal'
  return new AppError(code, problem.detail, {
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(problem.more === undefined ? {} : { detail: problem.more }),
    cause: new Error(`the log answered ${status}`),
  })
}

function queryOf(question: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(question).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}
