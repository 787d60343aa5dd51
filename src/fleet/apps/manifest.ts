import { RE2JS } from 're2js'
import { z } from 'zod'
import { readYaml, type YamlProblem } from '../../kernel/yaml.ts'
import { isCronLine } from './schedule.ts'

const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const DURATION = /^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/
const RESERVED_ENV = ['PATH', 'FILES_DIR', 'TMPDIR', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS']

const DATABASE_DETAILS = ['url', 'host', 'port', 'name', 'user', 'password'] as const

/** Values that `environment` may refer to as `${…}`; `secret.<name>` is made once per instance and sealed. */
export const PLACEHOLDERS = [
  'instance.id',
  'instance.host',
  'instance.url',
  'account.id',
  'account.company',
  'region',
  'owner.email',
  'owner.password',
  ...DATABASE_DETAILS.map((detail) => `database.${detail}`),
]

/** Which detail of the database `database.…` asks for; undefined for every other placeholder. */
export const databaseDetail = (name: string) => DATABASE_DETAILS.find((one) => name === `database.${one}`)

const path = z.string().regex(/^\/[\x21-\x7e]{0,1023}$/, 'a path that begins with / and holds no spaces')
const linearRegex = z.string().max(512).refine(isLinearRegex, 'a regular expression in RE2 syntax')
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a lower-case SQL name')

const port = z.number().int().min(1024).max(65535)
const duration = z.string().regex(DURATION, 'an ISO 8601 duration such as PT5M')

const START = 'a list: the program, then its arguments, such as [node, server.js]'

const fields = z.strictObject({
  name: z.string().regex(NAME, 'lower-case letters, digits and hyphens, at most 40, beginning with a letter'),
  version: z.string().regex(VERSION, 'a version such as 1.4.2'),
  release: z.string().min(1).max(1024).default('.'),
  start: z.array(z.string().min(1).max(4096), START).min(1, START).max(64),
  database: z.enum(['postgres', 'none'], 'postgres or none'),
  databasePort: port.optional(),
  listen: z.union(
    [
      z.strictObject({ socket: z.string().regex(ENV_NAME, 'the name of an environment variable') }),
      z.strictObject({
        port,
        env: z.string().regex(ENV_NAME, 'the name of an environment variable').optional(),
      }),
    ],
    '{ port: 8080 } or { socket: SOCKET_PATH }',
  ),
  health: path,
  startLimit: duration
    .refine((text) => durationMs(text) >= 1000 && durationMs(text) <= 600_000, 'from PT1S to PT10M')
    .optional(),
  environment: z
    .record(
      z
        .string()
        .regex(ENV_NAME, 'letters, digits and underscores, not beginning with a digit')
        .refine((name) => !RESERVED_ENV.includes(name), 'a name that Borgen does not set itself'),
      z.string().max(4096).refine(hasKnownPlaceholders, `text in which \${…} is one of ${placeholderList()}`),
    )
    .refine((all) => Object.keys(all).length <= 200, 'at most 200 variables')
    .default({}),
  fields: z
    .array(z.strictObject({ table: identifier, column: identifier }))
    .max(500)
    .default([]),
  limits: z
    .strictObject({
      memoryMiB: z.number().int().min(64).max(65536).default(256),
      cpus: z.number().min(0.05).max(64).default(1),
      processes: z.number().int().min(8).max(4096).default(64),
      diskMiB: z.number().int().min(64).max(1_048_576).default(1024),
    })
    .prefault({}),
  activity: z
    .strictObject({
      method: z
        .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
        .min(1)
        .optional(),
      path: linearRegex.optional(),
      status: z
        .tuple([z.number().int().min(100).max(599), z.number().int().min(100).max(599)])
        .refine(([from, to]) => from <= to, 'a range [from, to]')
        .optional(),
      cookie: z
        .string()
        .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'the name of a cookie')
        .optional(),
    })
    .optional(),
  sleep: z.enum(['idle', 'never']).default('idle'),
  idleAfter: duration.refine((text) => durationMs(text) >= 10_000, 'at least PT10S').default('PT5M'),
  schedule: z
    .array(z.string().max(200).refine(isCronLine, 'five cron fields that come due, such as "0 6 * * 1"'))
    .max(24)
    .default([]),
  egress: z
    .array(
      z.strictObject({
        host: z.string().regex(HOST, 'a host name in lower case'),
        port: z.number().int().min(1).max(65535),
      }),
    )
    .max(64)
    .default([]),
})

/** What an app's `borgen.app.yaml` says; unknown fields are errors. Durations are ISO 8601, sizes are in MiB. */
export const manifestSchema = fields.superRefine(
  ({ database, databasePort, listen, environment }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (databasePort !== undefined && 'port' in listen && listen.port === databasePort)
      wrong(['databasePort'], 'another port than `listen.port`')
    if (database !== 'none') return
    if (databasePort !== undefined) wrong(['databasePort'], 'nothing, or `database: postgres`')
    for (const [name, text] of Object.entries(environment))
      if (namesIn(text).some(databaseDetail))
        wrong(['environment', name], 'no placeholder of a database, or `database: postgres`')
  },
)

export type Manifest = z.infer<typeof manifestSchema>

/** Where something is wrong, what stands there, what should, and what to do. */
export type ManifestProblem = YamlProblem

export type ManifestResult = { ok: true; manifest: Manifest } | { ok: false; problems: ManifestProblem[] }

const SIZE_LIMIT_BYTES = 64 * 1024
const PROBLEMS_AT_MOST = 20

/** Parses a manifest; never throws on bad text. */
export function parseManifest(text: string, file = 'borgen.app.yaml'): ManifestResult {
  const read = readYaml(text, { file, limitBytes: SIZE_LIMIT_BYTES })
  if (!read.ok) return read
  const parsed = manifestSchema.safeParse(read.value)
  if (parsed.success) return { ok: true, manifest: parsed.data }
  const problems = flatten(parsed.error.issues).map((issue): ManifestProblem => {
    const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const at = unknownKey === undefined ? issue.path : [...issue.path, unknownKey]
    const value = valueAt(read.value, at)
    const place = at.length === 0 ? 'the document' : `\`${at.join('.')}\``
    return {
      file,
      line: read.lineOf(at),
      at: at.join('.') || '(document)',
      found: shown(value),
      expected: unknownKey === undefined ? expectedBy(issue.message) : knownKeys(issue.path),
      remedy:
        unknownKey === undefined
          ? `${value === undefined ? 'Add' : 'Mend'} ${place}; the manifest's fields are described in docs/app-manifest.md.`
          : `Remove \`${unknownKey}\` or correct its spelling.`,
    }
  })
  return { ok: false, problems: problems.slice(0, PROBLEMS_AT_MOST) }
}

/** Length of a duration of days, hours, minutes and seconds; only for idle times, never for promised dates. */
export function durationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!match) return Number.NaN
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

function flatten(issues: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ ...inner, path: issue.path }))
    if (issue.code !== 'invalid_union') return [issue]
    const isOfAnotherKind = issue.errors.every((inner) =>
      inner.every((one) => one.code === 'invalid_type' && one.path.length === 0),
    )
    if (isOfAnotherKind) return [issue]
    // the alternative that got furthest says most about what was meant
    const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? []
    return flatten(nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })))
  })
}

function knownKeys(path: PropertyKey[]): string {
  return path.length === 0
    ? `one of ${Object.keys(manifestSchema.shape).join(', ')}`
    : 'only what docs/app-manifest.md names here'
}

function expectedBy(message: string): string {
  const wanted = message.replace(/^Invalid input: expected (\w+), received .*$/, '$1')
  return (
    {
      string: 'text; in quotes where it looks like something else',
      object: 'fields and their values',
      record: 'fields and their values',
      array: 'a list',
    }[wanted] ?? wanted
  )
}

function valueAt(value: unknown, at: PropertyKey[]): unknown {
  let node = value
  for (const key of at) node = (node as Record<PropertyKey, unknown> | undefined | null)?.[key]
  return node
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function isLinearRegex(text: string): boolean {
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}

function hasKnownPlaceholders(text: string): boolean {
  return namesIn(text).every(
    (name) => PLACEHOLDERS.includes(name) || /^secret\.[a-z][a-z0-9-]{0,31}$/.test(name),
  )
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name!)
}

function placeholderList(): string {
  return [...PLACEHOLDERS, 'secret.<name>'].join(', ')
}
