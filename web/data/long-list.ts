import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import { usePulse } from '../ui/pulse.ts'

type Page<Row> = { items: Row[]; next: string | null; total: number }

/** Of more pages than this only those in sight are asked for again. */
const ALL_AGAIN = 2

/**
 * A list that comes page by page as somebody scrolls. When something of its kind changes, what is in sight is asked for again,
 * and not the ten thousand rows above it.
 */
export function useLongList<Row>(
  what: 'instances' | 'accounts' | 'promises',
  options: { queryKey: readonly unknown[]; queryFn?: unknown },
): {
  rows: Row[]
  total: number
  isPending: boolean
  isStale: boolean
  error: unknown
  again(): void
  more(): void
  onSeen(first: number, last: number): void
} {
  const client = useQueryClient()
  const seen = useRef({ first: 0, last: 0 })
  const {
    data,
    error,
    isPending,
    isPlaceholderData,
    refetch,
    fetchNextPage,
    hasNextPage,
    isFetchingNextPage,
  } = useInfiniteQuery(options as never) as ReturnType<
    typeof useInfiniteQuery<Page<Row>, Error, InfiniteData<Page<Row>, string>>
  >
  const pages = data?.pages
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])

  usePulse(what, () => {
    if (!data || data.pages.length <= ALL_AGAIN) return void refetch()
    const size = data.pages[0]!.items.length || 1
    const wanted = new Set([0])
    for (let at = Math.floor(seen.current.first / size); at <= Math.floor(seen.current.last / size); at++)
      if (at < data.pages.length) wanted.add(at)
    const ask = options.queryFn as (of: { pageParam: string }) => Promise<Page<Row>>
    void Promise.all(
      [...wanted].map(async (at) => [at, await ask({ pageParam: data.pageParams[at]! })] as const),
    ).then(
      (fresh) => {
        const by = new Map(fresh)
        client.setQueryData<InfiniteData<Page<Row>, string>>(
          options.queryKey,
          (old) => old && { ...old, pages: old.pages.map((page, at) => by.get(at) ?? page) },
        )
      },
      () => {}, // it is asked for again at the next change
    )
  })
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const onSeen = useCallback((first: number, last: number) => {
    seen.current = { first, last }
  }, [])
  return {
    rows,
    total: pages?.[0]?.total ?? 0,
    isPending,
    isStale: isPlaceholderData,
    error,
    again: () => void refetch(),
    more,
    onSeen,
  }
}
