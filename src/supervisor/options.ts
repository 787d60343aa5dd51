import { parseArgs } from 'node:util'
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'

const portOption = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().min(0).max(65535))
const domainOption = z
  .string()
  .regex(/^(?=.{3,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/)

/** `URL=KEY`: where a witness is reached, and the key by which it is known. */
const witnessOption = z
  .string()
  .regex(/^(https?:\/\/[^\s=]+|unix:\/[^\s=]+)=[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/)
  .transform((text) => {
    const at = text.indexOf('=')
    return { url: text.slice(0, at).replace(/\/$/, ''), key: text.slice(at + 1) }
  })

/** What can be said to `borgen up`. Ports: 0 means any free one; a port or address given once is kept in the world. */
export const upOptionsSchema = z.strictObject({
  demo: z.boolean().default(false),
  dataDir: z.string().min(1).default('.borgen'),
  systemPackages: z.boolean().default(true),
  httpsPort: portOption.optional(),
  httpPort: portOption.optional(),
  bindAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  planeDomain: domainOption.optional(),
  appsDomain: domainOption.optional(),
  witness: z.array(witnessOption).optional(),
  /** An overview.yaml, as a path that can be resolved from the working folder. */
  overview: z.string().min(1).max(4096).optional(),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
})
export type UpOptions = z.infer<typeof upOptionsSchema>

const flags = {
  demo: { type: 'boolean' },
  data: { type: 'string' },
  'no-system-packages': { type: 'boolean' },
  'https-port': { type: 'string' },
  'http-port': { type: 'string' },
  bind: { type: 'string' },
  'plane-domain': { type: 'string' },
  'apps-domain': { type: 'string' },
  overview: { type: 'string' },
  witness: { type: 'string', multiple: true },
} as const

/**
 * Reads the arguments after `up`. Throws `bad_request` naming the argument that is wrong. A database's URL holds a
 * password and so comes from the environment (`BORGEN_DATABASE_URL`), never from the arguments.
 */
export function parseUpArguments(args: readonly string[], env: NodeJS.ProcessEnv): UpOptions {
  let values: ReturnType<typeof parseFlags>
  try {
    values = parseFlags(args)
  } catch (cause) {
    throw new AppError('bad_request', cause instanceof Error ? cause.message : 'Unknown argument.', { cause })
  }
  return checkUpOptions({
    demo: values.demo,
    dataDir: values.data,
    systemPackages: values['no-system-packages'] === true ? false : undefined,
    httpsPort: values['https-port'],
    httpPort: values['http-port'],
    bindAddress: values.bind,
    planeDomain: values['plane-domain'],
    appsDomain: values['apps-domain'],
    overview: values.overview,
    witness: values.witness,
    databaseUrl: env.BORGEN_DATABASE_URL || undefined,
  })
}

/** Checks options that come from a command line; throws `bad_request` naming each option that is wrong. */
export function checkUpOptions(options: Record<string, unknown>): UpOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const parsed = upOptionsSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const named = parsed.error.issues.map((issue) => {
    const option = String(issue.path[0] ?? '')
    // The URL may hold a password: it is named, never shown.
    if (option === 'databaseUrl') return 'the database URL must begin with postgresql://'
    return `--${flagOf[option] ?? option} ${JSON.stringify(given[option])} is not valid (${issue.message})`
  })
  throw new AppError('bad_request', `${named.join('; ')}.`, {
    remedy: '`borgen up --help` lists the options.',
  })
}

const flagOf: Record<string, string> = {
  dataDir: 'data',
  httpsPort: 'https-port',
  httpPort: 'http-port',
  bindAddress: 'bind',
  planeDomain: 'plane-domain',
  appsDomain: 'apps-domain',
}

function parseFlags(args: readonly string[]) {
  return parseArgs({ args: [...args], options: flags, allowPositionals: false, strict: true }).values
}
