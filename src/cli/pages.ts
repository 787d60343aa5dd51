type Page<Item> = { items: Item[]; next: string | null }

const PAGE_LIMIT = 100

/** Items of a list that comes in pages, up to `limit`; `next` is where the rest begins, null at the end. */
export async function readPages<Item>(
  limit: number | undefined,
  read: (asked: { after?: string; limit: number }) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const most = limit ?? Number.POSITIVE_INFINITY
  const items: Item[] = []
  let next: string | null = null
  do {
    const asked = { limit: Math.min(PAGE_LIMIT, most - items.length) }
    const page: Page<Item> = await read(next === null ? asked : { ...asked, after: next })
    items.push(...page.items)
    next = page.next
  } while (next !== null && items.length < most)
  return { items, next }
}
