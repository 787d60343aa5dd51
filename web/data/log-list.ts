import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { usePulse } from '../ui/pulse.ts'
import { type LogEntry, type LogFilter, logQuery } from './log.ts'

type Page = { items: LogEntry[]; next: number | null }

/** Drawn at the top only while that is in sight; further down they would push away what is being read. */
const NEAR_TOP_PX = 400

/**
 * Entries newest first. While it is followed, new ones are put on top; an empty page that has a next one is walked past, since a
 * filter may let nothing of many thousands through.
 */
export function useLogList(filter: LogFilter, isFollowed: boolean) {
  const client = useQueryClient()
  const options = logQuery(filter)
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } =
    useInfiniteQuery(options)
  const pages = data?.pages
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])

  usePulse('log', () => {
    if (!isFollowed || filter.to !== undefined || !data || window.scrollY > NEAR_TOP_PX) return
    const ask = options.queryFn as unknown as (of: { pageParam: number }) => Promise<Page>
    void ask({ pageParam: -1 }).then(
      (fresh) =>
        client.setQueryData<InfiniteData<Page, number>>(options.queryKey as never, (old) => {
          if (!old) return old
          const known = old.pages[0]?.items[0]?.index ?? -1
          const more = fresh.items.filter((one) => one.index > known)
          if (more.length === 0) return old
          // more than a page of news: what lies between would be missing
          if (more.length === fresh.items.length && known >= 0) {
            void refetch()
            return old
          }
          const [first, ...rest] = old.pages
          return {
            ...old,
            pages: [{ next: first?.next ?? null, items: [...more, ...(first?.items ?? [])] }, ...rest],
          }
        }),
      () => {}, // it is asked for again at the next entry
    )
  })
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return { rows, error, isPending, hasMore: hasNextPage, more, again: () => void refetch() }
}
