import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { systemClock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { alteredFiles } from '../tree/published-files.ts'
import { parseTilePath } from '../tree/tile-path.ts'
import type { CosignedCheckpoints } from './cosigned.ts'
import type { Log } from './log.ts'
import type { Planted } from './planted.ts'
import { foldersOf } from './recover.ts'
import { createSealedRounds } from './sealed-rounds.ts'

const NOTE_LIMIT = 65_536
/** How long one look goes on with the round over all sealed events. */
const SEALED_BUDGET_MS = 750
const cosignatureBody = z.strictObject({ checkpoint: z.string().max(NOTE_LIMIT) })

/** What witnesses and proofs ask of the log: what was said of it, and what lies on its disk, read with fresh eyes. */
export function addWitnessRoutes(
  app: FastifyInstance,
  log: Log,
  { cosigned, planted }: { cosigned: CosignedCheckpoints; planted: Planted },
): void {
  const { tree } = foldersOf(log.folder)

  app.post('/cosignatures', { schema: { body: cosignatureBody } }, async (request) =>
    shown(await cosigned.add((request.body as z.infer<typeof cosignatureBody>).checkpoint)),
  )

  app.get('/cosigned', async () => ({ items: cosigned.list().map(shown) }))

  // What a stranger would get who copies the folder: never what this process remembers of it.
  app.get('/published/*', async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (path !== 'checkpoint' && !parseTilePath(path))
      throw new AppError('not_found', 'Only the checkpoint and tiles are published.')
    const bytes = await readFile(join(tree, path)).catch(() => undefined)
    if (!bytes) throw new AppError('not_found', 'There is no such file in the published tree.')
    return reply.type('application/octet-stream').send(bytes)
  })

  app.get('/altered', async () => ({ items: alteredFiles(tree) }))

  const rounds = createSealedRounds(log, systemClock)
  app.get('/sealed', async () => rounds.look(SEALED_BUDGET_MS))

  app.get('/planted', async () => {
    // Whoever proves looks at the disk: what was read of it before is not kept.
    log.tiles.forget()
    return planted.look(systemClock.now())
  })
}

function shown({ timeSeconds, ...one }: ReturnType<CosignedCheckpoints['list']>[number]) {
  return { ...one, at: timeSeconds * 1000 }
}
