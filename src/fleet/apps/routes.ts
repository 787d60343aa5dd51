import multipart from '@fastify/multipart'
import { z } from 'zod'
import { authorise } from '../../access/authorise.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import { allowLongBody } from '../../kernel/body-deadline.ts'
import { sqlState } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { parseManifest } from './manifest.ts'
import { insertApp, insertRelease, listApps, releaseOf } from './store.ts'
import { RELEASE_LIMITS, removeHalfUnpacked, unpackRelease } from './unpack.ts'

/** For four gigabytes over ten megabits a second. */
const UPLOAD_WITHIN_MS = 3_600_000

const releaseSchema = z
  .object({
    app: z.string(),
    version: z.string(),
    release: z.string(),
    sha256: z.string(),
    sizeBytes: z.number(),
    createdAt: z.number(),
  })
  .meta({ id: 'Release' })
const problemSchema = z.object({
  file: z.string(),
  line: z.number(),
  at: z.string(),
  found: z.string(),
  expected: z.string(),
  remedy: z.string(),
})

export function appRoutes(context: RouteContext, { releases }: { releases: string }): void {
  const { db } = context.changes
  context.app.addHook('onReady', () => removeHalfUnpacked(releases))
  void context.app.register(multipart, {
    limits: {
      fileSize: RELEASE_LIMITS.bytes,
      files: 1,
      fields: 1,
      fieldSize: 64 * 1024 + 1,
      headerPairs: 50,
    },
  })

  readRoute(context, {
    url: '/v1/apps',
    action: 'app.list',
    summary: 'List apps',
    shapes: { reply: z.object({ items: z.array(releaseSchema) }) },
    handle: async () => ({
      items: (await listApps(db)).map((row) => ({
        app: row.app,
        version: row.version,
        release: row.id,
        sha256: row.sha256,
        sizeBytes: row.size_bytes,
        createdAt: row.created_at,
      })),
    }),
  })

  context.app.post(
    '/v1/apps/check',
    {
      config: { kind: 'read', action: 'app.list' },
      schema: {
        summary: 'Check a manifest',
        operationId: 'CheckAManifest',
        tags: ['app'],
        security: [{ token: [] }],
        body: z.strictObject({ manifest: z.string().max(256 * 1024), file: z.string().max(1024).optional() }),
        response: { 200: z.object({ ok: z.boolean(), problems: z.array(problemSchema) }) },
      },
    },
    async (request) => {
      authorise(await context.authenticate(request), 'app.list', { type: 'World', id: 'world' })
      const { manifest, file } = request.body as { manifest: string; file?: string }
      const result = parseManifest(manifest, file)
      return { ok: result.ok, problems: result.ok ? [] : result.problems }
    },
  )

  changeRoute(context, {
    method: 'POST',
    url: '/v1/apps',
    action: 'app.add',
    summary: 'Add a release of an app',
    status: 201,
    shapes: { reply: releaseSchema },
    prepare: async ({ request }) => {
      if (!request.isMultipart())
        throw new AppError(
          'bad_request',
          'A release is sent as multipart/form-data: `manifest`, then `release`.',
          {
            remedy: 'Use `borgen app add`.',
          },
        )
      allowLongBody(request, UPLOAD_WITHIN_MS)
      const file = await request.file()
      const field = file?.fields.manifest
      const text = field && !Array.isArray(field) && field.type === 'field' ? String(field.value) : undefined
      if (file?.fieldname !== 'release' || text === undefined)
        throw new AppError(
          'bad_request',
          'The parts `manifest` (text) and `release` (a tar archive) are needed, in this order.',
          {
            remedy: 'Use `borgen app add`.',
          },
        )
      const parsed = parseManifest(text)
      if (!parsed.ok) {
        file.file.resume()
        throw new AppError(
          'bad_request',
          `The manifest has ${parsed.problems.length} problem(s); nothing was added.`,
          {
            remedy: 'Mend them; `borgen app check` shows them too.',
            detail: { problems: parsed.problems },
          },
        )
      }
      const { manifest } = parsed
      const unpacked = await unpackRelease(file.file, releases)
      if (file.file.truncated)
        throw new AppError('too_large', `A release is at most ${RELEASE_LIMITS.bytes} bytes.`, {
          remedy: 'Leave out what is not needed to run.',
        })
      const found = await releaseOf(db, manifest.name, manifest.version)
      if (found && found.sha256 !== unpacked.sha256)
        throw new AppError('conflict', `${manifest.name} ${manifest.version} exists with other content.`, {
          remedy: 'Give the new content a new version.',
        })
      const id = found?.id ?? newId('rel')
      return {
        resource: { type: 'Release', id },
        subject: 'plane',
        region: 'plane',
        // the body was a stream; its content is what makes a repetition the same request
        fingerprint: unpacked.sha256,
        intent: { app: manifest.name, version: manifest.version, sha256: unpacked.sha256 },
        effect: async (tx, { now }) => {
          const row = {
            id,
            app: manifest.name,
            version: manifest.version,
            sha256: unpacked.sha256,
            manifest,
            size_bytes: unpacked.sizeBytes,
            created_at: found?.created_at ?? now,
          }
          if (!found) {
            await insertApp(tx, manifest.name, now)
            try {
              await insertRelease(tx, row)
            } catch (error) {
              if (sqlState(error) !== '23505') throw error
              throw new AppError('conflict', 'Somebody added this version at the same moment.', {
                remedy: 'Repeat the request.',
              })
            }
          }
          return {
            status: 201,
            body: {
              app: row.app,
              version: row.version,
              release: id,
              sha256: row.sha256,
              sizeBytes: row.size_bytes,
              createdAt: row.created_at,
            },
            type: 'app.release-added',
            event: { app: row.app, version: row.version, release: id, sha256: row.sha256 },
          }
        },
      }
    },
  })
}
