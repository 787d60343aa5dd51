import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './api.ts'
import type { RegionId } from './fleet.ts'
import { pollUnlessLive } from './live.ts'

export type ArtefactPage = Awaited<ReturnType<typeof readArtefacts>>
export type Artefact = ArtefactPage['items'][number]
export type RegionOnMap = ArtefactPage['regions'][number]

type Query = { region?: string; outside?: boolean; after?: string; limit?: number }
const readArtefacts = (query: Query) => api.get('/v1/artefacts', { params: { query } })

/** Artefacts that are named one by one on the map; more than these would be a disaster of another kind. */
const OUTSIDE_AT_MOST = 200

/** Regions with how much lies in each, and every artefact that lies outside its own. */
export const mapQuery = queryOptions({
  queryKey: ['promises', 'map'],
  queryFn: async () => {
    const [whole, outside] = await Promise.all([
      readArtefacts({ limit: 1 }),
      readArtefacts({ outside: true, limit: OUTSIDE_AT_MOST }),
    ])
    return {
      regions: whole.regions,
      total: whole.total,
      seenAt: whole.items[0]?.seenAt ?? null,
      outside: outside.items,
    }
  },
  refetchInterval: pollUnlessLive,
})

export const artefactListQuery = (region: RegionId | undefined) =>
  infiniteQueryOptions({
    queryKey: ['artefact-list', region],
    queryFn: ({ pageParam }) =>
      readArtefacts({
        ...(region === undefined ? {} : { region }),
        ...(pageParam ? { after: pageParam } : {}),
        limit: 200,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

/** The shapes of the land as one SVG path; loaded only where a map is drawn. */
export const landQuery = queryOptions({
  queryKey: ['land'],
  queryFn: async () => (await import('../ui/land.ts')).landPath(),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
})
