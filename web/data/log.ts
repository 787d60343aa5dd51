import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type components } from './api.ts'
import { pollUnlessLive } from './live.ts'

export type LogEntry = components['schemas']['LogEntry']
export const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
export type Stream = (typeof STREAMS)[number]

export type LogFilter = {
  q?: string
  stream?: Stream
  type?: string
  subject?: string
  /** Calendar days in the reader's own time zone. */
  from?: string
  to?: string
}

const dayStart = (date: string) => new Date(`${date}T00:00:00`).getTime()
const dayEnd = (date: string) => {
  const end = new Date(`${date}T00:00:00`)
  end.setDate(end.getDate() + 1)
  return end.getTime() - 1
}

const LINES = 100

/** Newest first, page by page towards the beginning. */
export const logQuery = ({ q, from, to, ...same }: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ['log-list', { q, from, to, ...same }],
    queryFn: ({ pageParam }) =>
      api.get('/v1/log/entries', {
        params: {
          query: {
            ...same,
            ...(q === undefined ? {} : { text: q }),
            ...(from === undefined ? {} : { since: dayStart(from) }),
            ...(to === undefined ? {} : { until: dayEnd(to) }),
            ...(pageParam === -1 ? {} : { from: pageParam }),
            limit: LINES,
            reverse: 'true' as const,
          },
        },
      }),
    initialPageParam: -1,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  })

/** The newest output of an instance, newest first. */
export const outputQuery = (instance: string) =>
  queryOptions({
    queryKey: ['log', 'output', instance],
    queryFn: async () =>
      (
        await api.get('/v1/instances/{instance}/logs', {
          params: { path: { instance }, query: { limit: 60, reverse: 'true' } },
        })
      ).items,
    refetchInterval: pollUnlessLive,
  })

export type ExportedEntry = Awaited<ReturnType<typeof readEntry>>
const readEntry = (index: number) => api.get('/v1/log/entries/{index}', { params: { path: { index } } })
export const entryQuery = (index: number) =>
  queryOptions({
    queryKey: ['log-entry', index],
    queryFn: () => readEntry(index),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const logHeadQuery = queryOptions({
  queryKey: ['log', 'head'],
  queryFn: () => api.get('/v1/log'),
  refetchInterval: pollUnlessLive,
})
