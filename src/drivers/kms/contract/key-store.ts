import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Clock, systemClock } from '../../../kernel/clock.ts'
import { AppError } from '../../../kernel/errors.ts'
import { clearTemporary, createDurably, syncFolder } from './durable-file.ts'
import type { DataKey } from './envelope.ts'
import { type Kms, type KmsContext, wrappedSchema } from './kms.ts'

const REGION = /^[a-z][a-z0-9-]{0,31}$/
const SUBJECT = /^[a-z][a-z0-9_-]{0,63}$/
const KEY_FILE = /^([a-z][a-z0-9_-]{0,63})\.([1-9][0-9]{0,8})\.(json|destroyed)$/

const keyObjectSchema = z.strictObject({
  v: z.literal(1),
  scheme: z.literal('borgen-key-1'),
  purpose: z.string(),
  region: z.string().regex(REGION),
  subject: z.string().regex(SUBJECT),
  version: z.number().int().min(1),
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  createdAt: z.number().int(),
  wrapped: wrappedSchema,
})

export type KeyPlace = { region: string; subject: string }
/** One wrapped key as it stands in the folder, without its plaintext. */
export type KeyListing = KeyPlace & { version: number; keyId: string | undefined; destroyed: boolean }

/**
 * A folder of wrapped data keys, one file for each: `<region>/<subject>.<version>.json`. Several processes may use one
 * folder at once. Keys are read from disk every time: a destroyed key is gone at once, also for a running process.
 */
export type KeyStore = {
  /** The newest key, or the given version; undefined when there is none; AppError `gone` when it was destroyed. */
  get(place: KeyPlace, version?: number): Promise<DataKey | undefined>
  /** Whether this version still is in the folder, asked without opening it: for whoever keeps an opened key. */
  has(place: KeyPlace, version: number): boolean
  /** The newest key, made durably first when there never was one; concurrent calls all get the same. */
  getOrCreate(place: KeyPlace): Promise<DataKey>
  /** Makes the next version; it wraps from now on, older ones still open. */
  rotate(place: KeyPlace): Promise<DataKey>
  /** What there is, sorted by region, subject and version; destroyed ones included. */
  list(region?: string): Promise<KeyListing[]>
  /** Removes every version of a subject's key, durably, leaving a mark that it is never made anew. Returns how many. */
  destroy(place: KeyPlace): Promise<number>
}

/** Opens (and makes, mode 0700) a folder of keys wrapped by the KMS for one purpose, such as `log` or `instance`. */
export function openKeyStore(given: { folder: string; kms: Kms; purpose: string; clock?: Clock }): KeyStore {
  const { folder, kms, purpose, clock = systemClock } = given

  const folderOf = (place: KeyPlace) => {
    if (!REGION.test(place.region) || !SUBJECT.test(place.subject))
      throw new AppError('bad_request', 'A key needs the name of a region and of a subject.')
    return join(folder, place.region)
  }

  async function versionsOf(place: KeyPlace): Promise<{ version: number; destroyed: boolean }[]> {
    const found = new Map<number, boolean>()
    for (const name of await namesIn(folderOf(place))) {
      const [, subject, version, ending] = KEY_FILE.exec(name) ?? []
      if (subject !== place.subject) continue
      // The mark wins over a key file that a crash left beside it.
      found.set(Number(version), ending === 'destroyed' || found.get(Number(version)) === true)
    }
    return [...found]
      .map(([version, destroyed]) => ({ version, destroyed }))
      .sort((a, b) => a.version - b.version)
  }

  async function read(place: KeyPlace, version: number): Promise<DataKey> {
    const path = join(folderOf(place), `${place.subject}.${version}.json`)
    let object: z.infer<typeof keyObjectSchema>
    try {
      object = keyObjectSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw destroyedError(place)
      throw new AppError('internal', `The key file of ${place.subject} in ${place.region} is damaged.`, {
        remedy: 'Put the file back from its second copy.',
        cause,
      })
    }
    const plaintext = await kms.decrypt(object.wrapped, contextOf(purpose, place, version, object.keyId))
    return { keyId: object.keyId, version, plaintext }
  }

  async function create(place: KeyPlace, version: number): Promise<DataKey> {
    const keyId = randomBytes(16).toString('hex')
    const { plaintext, wrapped } = await kms.generateDataKey(contextOf(purpose, place, version, keyId))
    const object: z.infer<typeof keyObjectSchema> = {
      v: 1,
      scheme: 'borgen-key-1',
      purpose,
      ...{ region: place.region, subject: place.subject },
      version,
      keyId,
      createdAt: clock.now(),
      wrapped,
    }
    const regionFolder = folderOf(place)
    if ((await mkdir(regionFolder, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(folder)
    const path = join(regionFolder, `${place.subject}.${version}.json`)
    const made = await createDurably(path, JSON.stringify(object))
    await clearTemporary(path)
    if (made) return { keyId, version, plaintext }
    plaintext.fill(0)
    return read(place, version)
  }

  return {
    async get(place, version) {
      const versions = await versionsOf(place)
      const wanted = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version)
      if (!wanted) return undefined
      if (wanted.destroyed) throw destroyedError(place)
      return read(place, wanted.version)
    },
    has: (place, version) => {
      const path = join(folderOf(place), `${place.subject}.${version}`)
      return existsSync(`${path}.json`) && !existsSync(`${path}.destroyed`)
    },
    async getOrCreate(place) {
      const newest = (await versionsOf(place)).at(-1)
      if (newest?.destroyed) throw destroyedError(place)
      if (!newest) return create(place, 1)
      await clearTemporary(join(folderOf(place), `${place.subject}.${newest.version}.json`))
      return read(place, newest.version)
    },
    async rotate(place) {
      const newest = (await versionsOf(place)).at(-1)
      if (newest?.destroyed) throw destroyedError(place)
      return create(place, (newest?.version ?? 0) + 1)
    },
    async list(region) {
      const listed: KeyListing[] = []
      const regions =
        region === undefined ? (await namesIn(folder)).filter((name) => REGION.test(name)) : [region]
      for (const place of regions)
        for (const name of await namesIn(join(folder, place))) {
          const [, subject, version, ending] = KEY_FILE.exec(name) ?? []
          if (subject === undefined) continue
          const keyId = await keyIdIn(join(folder, place, name))
          listed.push({
            region: place,
            subject,
            version: Number(version),
            keyId,
            destroyed: ending === 'destroyed',
          })
        }
      return listed.sort(
        (a, b) =>
          a.region.localeCompare(b.region) || a.subject.localeCompare(b.subject) || a.version - b.version,
      )
    },
    async destroy(place) {
      const regionFolder = folderOf(place)
      let destroyed = 0
      for (const { version } of await versionsOf(place)) {
        const path = join(regionFolder, `${place.subject}.${version}.json`)
        const keyId = (await keyIdIn(path)) ?? null
        const mark = JSON.stringify({ v: 1, keyId, destroyedAt: clock.now() })
        // Mark first: a crash between the two must not leave room for a new key under the old name.
        await createDurably(join(regionFolder, `${place.subject}.${version}.destroyed`), mark)
        if (keyId !== null) destroyed++
        await rm(path, { force: true })
        // A maker that was killed may have left the same key under another name.
        for (const ending of ['json', 'destroyed'])
          await clearTemporary(join(regionFolder, `${place.subject}.${version}.${ending}`))
      }
      if (destroyed > 0) await syncFolder(regionFolder)
      return destroyed
    },
  }
}

function contextOf(purpose: string, place: KeyPlace, version: number, keyId: string): KmsContext {
  return { keyId, purpose, region: place.region, subject: place.subject, version: String(version) }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function keyIdIn(path: string): Promise<string | undefined> {
  try {
    const { keyId } = JSON.parse(await readFile(path, 'utf8')) as { keyId?: unknown }
    return typeof keyId === 'string' ? keyId : undefined
  } catch {
    return undefined
  }
}

function destroyedError(place: KeyPlace): AppError {
  return new AppError('gone', `The key of ${place.subject} in ${place.region} was destroyed.`)
}
