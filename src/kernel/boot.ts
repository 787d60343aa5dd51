import { closeSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { z } from 'zod'
import { closeInheritedDescriptors } from './inherited-descriptors.ts'

const bootFd = 3

const port = z.number().int().min(1).max(65535)
const id = z.number().int().min(0)

/** What is fixed for a world when its data folder is made, and where it listens. */
export const worldConfigSchema = z.object({
  worldId: z.string().min(1),
  demo: z.boolean(),
  planeDomain: z.string().min(1),
  appsDomain: z.string().min(1),
  httpsPort: port,
  httpPort: port,
  bindAddress: z.string().min(1),
  /** The public key of the witness on this machine; absent until it was made. */
  localWitness: z.string().optional(),
  /** Witnesses elsewhere, as `borgen up --witness URL=KEY` named them. */
  witnesses: z.array(z.object({ url: z.string(), key: z.string() })).optional(),
})
export type WorldConfig = z.infer<typeof worldConfigSchema>

/**
 * Users of the processes. With `distinct: false` every field holds the one user they all share; `plane` is the group
 * of those who may reach the plane's sockets; instances get uids from `instancesFrom` upwards.
 */
export const uidsSchema = z
  .object({
    distinct: z.boolean(),
    plane: id,
    database: id,
    ledger: id,
    server: id,
    worker: id,
    prover: id,
    edge: id,
    warden: id,
    // A world made before there was one has an id free for it in its block.
    witness: id.optional(),
    instancesFrom: id,
  })
  .transform((uids) => ({ ...uids, witness: uids.witness ?? (uids.distinct ? uids.plane + 7 : uids.ledger) }))
export type Uids = z.infer<typeof uidsSchema>

const bootSchema = z.object({
  process: z.string().min(1),
  dataDir: z.string().startsWith('/'),
  codeDir: z.string().startsWith('/'),
  nodePath: z.string().startsWith('/'),
  config: worldConfigSchema,
  uids: uidsSchema,
  secrets: z.record(z.string(), z.string()),
})

/** What the supervisor hands to one process: where things are, who is who, and that process's own secrets. */
export type Boot = z.infer<typeof bootSchema>

/**
 * Reads this process's boot document from file descriptor 3, once, and closes it with everything else that was handed
 * down beyond the standard three; the secrets are never in argv, in the
 * environment or in a file that another process can open. Throws when the process was not started by `borgen up`.
 */
export function readBoot(): Boot {
  let text: string
  try {
    text = readFileSync(bootFd, 'utf8')
    closeSync(bootFd)
  } catch (cause) {
    throw new Error('No boot document on file descriptor 3: this process is started by `borgen up`.', {
      cause,
    })
  }
  closeInheritedDescriptors()
  return parseBoot(text)
}

/** Parses a boot document; throws naming the fields that are wrong, never their values. */
export function parseBoot(text: string): Boot {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    throw new Error('The boot document on file descriptor 3 is not JSON.')
  }
  const parsed = bootSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || '(document)')
  throw new Error(`The boot document on file descriptor 3 is wrong in: ${[...new Set(fields)].join(', ')}.`)
}

/** The secret of this name; throws (naming it, not its value) when the supervisor did not hand it to this process. */
export function secretOf(boot: Boot, name: string): string {
  const secret = boot.secrets[name]
  if (secret === undefined)
    throw new Error(`The process ${boot.process} was started without its secret ${name}.`)
  return secret
}

/** A process that exits with this will not start however often it is tried; its last line in its log says why. */
export const REFUSES_TO_START = 78

/**
 * Calls `stop` once at the first SIGTERM or SIGINT and exits 0 after it (1 when it throws); further signals change
 * nothing, since the supervisor itself kills what takes too long.
 */
export function onShutdown(stop: () => Promise<void>): void {
  let stopping = false
  const begin = () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(
          `${JSON.stringify({ level: 'error', msg: 'stopping failed', error: String(error) })}\n`,
        )
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', begin)
  process.on('SIGINT', begin)
}

/** Tells the supervisor that this process can do its work now; call it when the socket is listening. */
export function reportReady(): void {
  process.stdout.write('READY\n')
  // Written now and not only at exit, so that a start after kill -9 is quick as well.
  setImmediate(() => module.flushCompileCache())
}
