import { z } from 'zod'
import type { RouteContext } from '../../../changes/context.ts'
import { readRoute } from '../../../changes/route.ts'
import { ownersOf } from '../../../fleet/instances/store.ts'
import { REGIONS } from '../../../fleet/regions/model.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import { attestationsInForce } from '../../../pledges/attestations/store.ts'
import { COORDINATES } from './places.ts'
import { pinned } from './pledges.ts'
import { countArtefacts, listArtefacts, type RegionCount } from './store.ts'

const KINDS = ['database', 'files', 'log', 'key', 'release', 'session', 'stray'] as const
const artefact = z
  .object({
    instance: z.string().nullable(),
    account: z.string().nullable(),
    company: z.string().nullable(),
    kind: z.enum(KINDS),
    where: z.object({
      store: z.string(),
      path: z.string().describe('under the data folder'),
      region: z.string().nullable().describe('the region of the store it was seen in'),
      place: z.string().nullable(),
    }),
    region: z.string().nullable().describe('where it was promised to stay'),
    isInside: z.boolean().nullable(),
    reason: z.object({ en: z.string(), sv: z.string() }).nullable(),
    sizeBytes: z.number().nullable(),
    seenAt: z.number(),
  })
  .meta({ id: 'Artefact' })
const region = z
  .object({
    id: z.string(),
    name: z.string(),
    place: z.object({ lat: z.number(), lon: z.number(), label: z.string() }),
    simulated: z.boolean().describe('it stands for a place, as in a demo world'),
    attestedUntil: z.number().nullable().describe('until when somebody answers for where it is'),
    counts: z.object({
      artefacts: z.number(),
      instances: z.number(),
      outside: z.number(),
      untold: z.number(),
      byKind: z.record(z.string(), z.number()),
    }),
  })
  .meta({ id: 'RegionOnMap' })

/** What the proof of places last saw; nothing is looked at for the page. */
export function locationRoutes(context: RouteContext, { db, clock }: { db: Db; clock: Clock }): void {
  readRoute(context, {
    url: '/v1/artefacts',
    action: 'instance.list',
    summary: 'List where every artefact of every customer lies',
    shapes: {
      query: z.object({
        region: z.string().max(64).optional(),
        instance: z.string().max(64).optional(),
        outside: z.stringbool().optional(),
        after: z.string().max(400).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      reply: z.object({
        items: z.array(artefact),
        next: z.string().nullable(),
        total: z.number(),
        regions: z.array(region),
      }),
    },
    async handle({ query }) {
      const [page, counts, attested] = await Promise.all([
        listArtefacts(db, query),
        countArtefacts(db),
        attestationsInForce(db, pinned.id, clock.now()),
      ])
      const owners = new Map(
        (await ownersOf(db, [...new Set(page.rows.flatMap(({ instance }) => instance ?? []))])).map((one) => [
          one.id,
          one,
        ]),
      )
      const items = page.rows.map((row) => {
        const owner = row.instance === null ? undefined : owners.get(row.instance)
        return {
          ...{ instance: row.instance, account: owner?.account ?? null, company: owner?.company ?? null },
          kind: KINDS.find((one) => one === row.kind) ?? ('stray' as const),
          where: {
            ...{ store: row.store, path: row.path, region: row.observed },
            place: REGIONS.find(({ id }) => id === row.observed)?.place ?? null,
          },
          ...{ region: row.promised, isInside: row.is_inside, reason: row.reason },
          ...{ sizeBytes: row.size_bytes, seenAt: row.seen_at },
        }
      })
      const regions = REGIONS.map(({ id, title, place }) => {
        const signed = attested.find((one) => regionIn(one.subject) === id)
        return {
          ...{ id, name: title, place: { ...COORDINATES[id], label: place } },
          ...{ simulated: signed?.simulated ?? false, attestedUntil: signed?.expires_at ?? null },
          counts: sum(counts.filter((one) => one.region === id)),
        }
      })
      const last = page.rows.at(-1)
      const next = last && page.rows.length === query.limit ? last.place : null
      return { items, next, total: page.total, regions }
    },
  })
}

/** An attestation's subject is a region's id, with or without the word before it. */
export const regionIn = (subject: string) => subject.replace(/^region:/, '')

function sum(counts: readonly RegionCount[]) {
  const of = (field: 'artefacts' | 'outside' | 'untold') => counts.reduce((all, one) => all + one[field], 0)
  return {
    ...{ artefacts: of('artefacts'), outside: of('outside'), untold: of('untold') },
    instances: Math.max(0, ...counts.map((one) => one.instances)),
    byKind: Object.fromEntries(counts.map((one) => [one.kind, one.artefacts])),
  }
}
