import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { uidsSchema, worldConfigSchema } from '../kernel/boot.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { newerFolder } from '../kernel/migrations.ts'
import { writeDurably } from './durable-file.ts'
import type { UpOptions } from './options.ts'

const defaults = {
  planeDomain: 'borgen.localhost',
  appsDomain: 'apps.localhost',
  httpsPort: 8443,
  httpPort: 8080,
  bindAddress: '127.0.0.1',
}

const worldFileSchema = worldConfigSchema.extend({
  format: z.literal(1),
  uids: uidsSchema.optional(),
  /** Names of the secrets that were ever made: one that is listed and missing was lost, not new. */
  secrets: z.array(z.string()),
  /** The last migration of the version that was last fully up here; absent before that. */
  newestMigration: z.string().optional(),
})

/** `config.json` of a data folder. `uids` is absent until the block has been chosen. */
export type WorldFile = z.infer<typeof worldFileSchema>

/** Reads `config.json`; undefined when the folder holds no world yet; throws naming the file and what is wrong in it. */
export function readWorld(dataDir: string): WorldFile | undefined {
  const file = layout.config(dataDir)
  if (!existsSync(file)) return undefined
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new AppError('internal', `${file} cannot be read as JSON.`, {
      remedy: 'Restore it from a backup.',
      cause,
    })
  }
  const parsed = worldFileSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new AppError('internal', `${file} is not a configuration this version knows (${wrong}).`, {
    remedy: 'Correct it, restore it from a backup, or start the version of Borgen that wrote it.',
  })
}

/** Throws when a version that knows more migrations than these has been up in this folder. */
export function refuseNewer(found: WorldFile | undefined, migrations: readonly string[]): void {
  const newest = found?.newestMigration
  if (newest !== undefined && newest > (migrations.at(-1) ?? '')) throw newerFolder(newest)
}

/**
 * The world that these options ask for: a new one with an id of its own, or the one there is with the ports and the
 * address given. What was fixed when the world was made (demo or not, domains) is never changed: asking for it throws.
 */
export function settleWorld(found: WorldFile | undefined, options: UpOptions): WorldFile {
  if (found === undefined) {
    const planeDomain = options.planeDomain ?? defaults.planeDomain
    const appsDomain = options.appsDomain ?? defaults.appsDomain
    if (`.${planeDomain}`.endsWith(`.${appsDomain}`) || `.${appsDomain}`.endsWith(`.${planeDomain}`))
      throw new AppError('bad_request', `${planeDomain} and ${appsDomain} lie one within the other.`, {
        remedy: 'Choose two unrelated domains, so that no customer instance shares cookies with the console.',
      })
    return {
      format: 1,
      worldId: randomUUID(),
      demo: options.demo,
      planeDomain,
      appsDomain,
      httpsPort: options.httpsPort || defaults.httpsPort,
      httpPort: options.httpPort || defaults.httpPort,
      bindAddress: options.bindAddress ?? defaults.bindAddress,
      secrets: [],
      ...withWitnesses(undefined, options.witness),
    }
  }
  if (options.demo && !found.demo)
    throw new AppError('conflict', 'This data folder holds a real world; a demo cannot be started in it.', {
      remedy: 'Start without --demo, or give the demo its own folder with --data DIR.',
    })
  for (const key of ['planeDomain', 'appsDomain'] as const)
    if (options[key] !== undefined && options[key] !== found[key])
      throw new AppError(
        'conflict',
        `This world's names are under ${found[key]}; that is fixed when it is made.`,
        {
          remedy: 'Start without the domain option, or make another world with --data DIR.',
        },
      )
  return {
    ...found,
    httpsPort: options.httpsPort || found.httpsPort,
    httpPort: options.httpPort || found.httpPort,
    bindAddress: options.bindAddress ?? found.bindAddress,
    ...withWitnesses(found.witnesses, options.witness),
  }
}

/** Those there were, and those named now; one named again with another key has that from now on. */
function withWitnesses(
  known: WorldFile['witnesses'],
  named: UpOptions['witness'],
): Pick<WorldFile, 'witnesses'> {
  if (named === undefined) return known === undefined ? {} : { witnesses: known }
  const others = (known ?? []).filter((one) => named.every(({ url }) => url !== one.url))
  return { witnesses: [...others, ...named] }
}

/** Writes `config.json` (0644), whole or not at all. */
export function writeWorld(dataDir: string, world: WorldFile): void {
  writeDurably(layout.config(dataDir), `${JSON.stringify(world, null, 2)}\n`, 0o644)
}
