import { z } from 'zod'

/** Longest request line in bytes; one more byte and the connection is closed unread. */
export const requestLimitBytes = 256 * 1024
const environmentLimitBytes = 128 * 1024
const databasePartLength = 128

const noNul = (text: string) => !text.includes('\0')
const text = (max: number) => z.string().max(max).refine(noNul, 'holds a NUL')
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)
const port = z.number().int().min(1).max(65535)
const token = z.string().max(256).optional()

/** `ins_` and 26 letters of Crockford's base32: the only form in which an instance can be named, so no path fits in. */
export const instanceId = z.string().regex(/^ins_[0-9a-hjkmnp-tv-z]{26}$/)

const databasePart = z.strictObject({ database: z.enum(['url', 'host', 'port', 'name', 'user', 'password']) })
const part = z.union([text(32 * 1024), z.strictObject({ filled: text(32 * 1024) }), databasePart])
const environmentValue = z.union([text(32 * 1024), z.array(part).max(256)])
export type EnvironmentValue = z.infer<typeof environmentValue>

const environment = z
  .record(variableName, environmentValue)
  .refine((all) => Object.keys(all).length <= 256, 'has more than 256 variables')
  .refine(
    (all) =>
      Object.entries(all).reduce((sum, [key, value]) => sum + key.length + lengthOf(value) * 3, 0) <=
      environmentLimitBytes,
    'is too large',
  )

function lengthOf(value: EnvironmentValue): number {
  if (typeof value === 'string') return value.length
  const lengths = value.map((one) =>
    typeof one === 'string' ? one.length : 'filled' in one ? one.filled.length : databasePartLength,
  )
  return lengths.reduce((sum, length) => sum + length, 0)
}

/** The warden's own view of the spec; `InstanceSpec` of the drivers' contract must stay assignable to it. */
export const specSchema = z.strictObject({
  instance: instanceId,
  region: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  release: z.string().regex(/^[0-9a-f]{64}$/),
  start: z.array(text(4096).min(1)).min(1).max(64),
  listen: z.union([
    z.strictObject({ socket: variableName }),
    z.strictObject({ port, env: variableName.optional() }),
  ]),
  database: z.enum(['postgres', 'none']),
  databasePort: port.min(1024).optional(),
  health: z.string().regex(/^\/[\x21-\x7e]{0,1023}$/),
  startLimitMs: z.number().int().min(1000).max(600_000).optional(),
  environment,
  limits: z.strictObject({
    memoryMiB: z
      .number()
      .int()
      .min(64)
      .max(1024 * 1024),
    cpus: z.number().min(0.05).max(1024),
    processes: z.number().int().min(4).max(32768),
    diskMiB: z
      .number()
      .int()
      .min(64)
      .max(64 * 1024 * 1024),
  }),
  egress: z.array(z.strictObject({ host: z.string().regex(/^[a-zA-Z0-9.:-]{1,253}$/), port })).max(64),
})
export type Spec = z.infer<typeof specSchema>

const requestSchema = z.discriminatedUnion('request', [
  z.strictObject({ request: z.literal('start'), token, spec: specSchema }),
  z.strictObject({ request: z.literal('stop'), token, instance: instanceId }),
  z.strictObject({ request: z.literal('destroy'), token, instance: instanceId }),
])
export type WardenRequest = z.infer<typeof requestSchema>

/** The fourth word, the prover's: each kind of probe is a fixed program of the warden's and takes no more than a name. */
const probeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    request: z.literal('probe'),
    token,
    kind: z.literal('instance'),
    instance: instanceId,
  }),
  z.strictObject({
    request: z.literal('probe'),
    token,
    kind: z.literal('inventory'),
    store: z.enum(['data-folder', 'instances', 'keyring', 'segments', 'log-keys', 'trash', 'surroundings']),
    /** The name after which to go on, as the answer before this one gave it. */
    after: z
      .string()
      .regex(/^[A-Za-z0-9_.:/-]{1,200}$/)
      .optional(),
    /** Of which instances the sizes are wanted too; that takes a look at each of their files. */
    sizesOf: z.array(instanceId).max(32).optional(),
  }),
  z.strictObject({ request: z.literal('probe'), token, kind: z.literal('log-store') }),
  z.strictObject({
    request: z.literal('probe'),
    token,
    kind: z.literal('streams'),
    instances: z.array(instanceId).max(64),
  }),
])
export type ProbeRequest = z.infer<typeof probeSchema>

export type Refusal = {
  ok: false
  code: 'bad_request' | 'forbidden' | 'unavailable' | 'internal'
  message: string
  detail?: object
}
export type Answer = { ok: true; result: unknown } | Refusal

export type Parsed<R> = { request: R } | { refused: string }

/** A start, stop or destroy out of a line from outside, or why not, naming fields and never values (they may be secrets). */
export function parseRequest(line: string): Parsed<WardenRequest> {
  return parse(line, requestSchema, 'start, stop or destroy')
}

/** A probe out of a line from outside, or why not. */
export function parseProbe(line: string): Parsed<ProbeRequest> {
  return parse(line, probeSchema, 'probe')
}

function parse<R>(line: string, schema: z.ZodType<R>, words: string): Parsed<R> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return { refused: 'not JSON' }
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { request: parsed.data }
  const places = parsed.error.issues.slice(0, 8).map((issue) => issue.path.join('.') || '(request)')
  return { refused: `not ${words} in the exact form; wrong in: ${[...new Set(places)].join(', ')}` }
}
