import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './api.ts'
import type { RegionId } from './fleet.ts'
import { pollUnlessLive } from './live.ts'

export type ArtefactPage = Awaited<ReturnType<typeof readArtefacts>>
export type Artefact = ArtefactPage['items'][number]
export type RegionOnMap = ArtefactPage['regions'][number]

type Query = { region?: string; outside?: 'true'; after?: string; limit?: number }
const readArtefacts = (query: Query) => api.get('/v1/artefacts', { params: { query } })

/** Most of what is asked for at once; of more than these the first are named. */
const NAMED_AT_MOST = 1000

/** Regions with how much lies in each, what lies outside its own, and of how many nobody can tell. */
export const mapQuery = queryOptions({
  queryKey: ['promises', 'map'],
  queryFn: async () => {
    const [whole, doubtful] = await Promise.all([
      readArtefacts({ limit: 1 }),
      readArtefacts({ outside: 'true', limit: NAMED_AT_MOST }),
    ])
    const wrong = whole.regions.reduce((sum, one) => sum + one.counts.outside, 0)
    return {
      regions: whole.regions,
      total: whole.total,
      seenAt: whole.items[0]?.seenAt ?? null,
      outside: doubtful.items.filter((one) => one.isInside === false),
      wrong,
      untold: doubtful.total - wrong,
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
