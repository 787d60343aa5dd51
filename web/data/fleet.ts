import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type components } from './api.ts'
import { pollUnlessLive } from './live.ts'

export type Account = components['schemas']['Account']
export type Instance = components['schemas']['Instance']
export type ResourceSample = components['schemas']['ResourceSample']

export const REGIONS = [
  'us',
  'uk',
  'eu-ireland',
  'eu-frankfurt',
  'australia',
  'singapore',
  'japan',
  'india',
] as const
export type RegionId = (typeof REGIONS)[number]
export const PLANS = ['trial', 'free', 'paid'] as const
export const INSTANCE_STATES = [
  'awake',
  'asleep',
  'starting',
  'stopping',
  'suspended',
  'failed',
  'absent',
  'destroyed',
] as const
export type InstanceState = (typeof INSTANCE_STATES)[number]
export const INSTANCE_COLUMNS = ['company', 'state', 'region', 'app', 'used', 'created'] as const
export const ACCOUNT_COLUMNS = ['company', 'country', 'region', 'plan', 'state', 'created'] as const

export type Sort<Column extends string> = Column | `-${Column}`
export const sortsOf = <Column extends string>(columns: readonly Column[]): Sort<Column>[] =>
  columns.flatMap((column): Sort<Column>[] => [column, `-${column}`])

/** What a person calls its state: a suspended one does not merely sleep. */
export function stateOf({ desired, observed }: Pick<Instance, 'desired' | 'observed'>): InstanceState {
  return desired === 'suspended' && (observed === 'asleep' || observed === 'absent') ? 'suspended' : observed
}

export type InstanceFilter = {
  q?: string
  state?: InstanceState
  region?: RegionId
  app?: string
  sort?: Sort<(typeof INSTANCE_COLUMNS)[number]>
}
export type AccountFilter = {
  q?: string
  plan?: (typeof PLANS)[number]
  region?: RegionId
  sort?: Sort<(typeof ACCOUNT_COLUMNS)[number]>
}

/** Rows that are asked for at once; small, so that a page of them is drawn between two frames. */
const PAGE = 200

export const instanceListQuery = (filter: InstanceFilter) =>
  infiniteQueryOptions({
    queryKey: ['instance-list', filter],
    queryFn: ({ pageParam }) =>
      api.get('/v1/instances', {
        params: { query: { ...filter, limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

export const accountListQuery = (filter: AccountFilter) =>
  infiniteQueryOptions({
    queryKey: ['account-list', filter],
    queryFn: ({ pageParam }) =>
      api.get('/v1/accounts', {
        params: { query: { ...filter, limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

export type AccountDetail = Awaited<ReturnType<typeof readAccount>>
const readAccount = (account: string) => api.get('/v1/accounts/{account}', { params: { path: { account } } })
export const accountQuery = (account: string) =>
  queryOptions({
    queryKey: ['accounts', account],
    queryFn: () => readAccount(account),
    refetchInterval: pollUnlessLive,
  })

export const instanceQuery = (instance: string) =>
  queryOptions({
    queryKey: ['instances', instance],
    queryFn: () => api.get('/v1/instances/{instance}', { params: { path: { instance } } }),
    refetchInterval: pollUnlessLive,
  })

export const HOURS = [1, 24, 168] as const
export type Resources = Awaited<ReturnType<typeof readResources>>
const readResources = (instance: string, hours: number) =>
  api.get('/v1/instances/{instance}/resources', { params: { path: { instance }, query: { hours } } })
export const resourcesQuery = (instance: string, hours: (typeof HOURS)[number]) =>
  queryOptions({
    queryKey: ['resources', instance, hours],
    queryFn: () => readResources(instance, hours),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  })

/** Names of the applications there are. */
export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: async () => [...new Set((await api.get('/v1/apps')).items.map((one) => one.app))],
  staleTime: 60_000,
})
